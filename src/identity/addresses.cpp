// Reading and matching addresses.
// Tested by tests/identity/addresses_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/addresses.hpp"

#include <algorithm>
#include <cstddef>

namespace mcpgov::identity {
namespace {

constexpr unsigned kMappedBits = 96;  // of the prefix ::ffff:0:0/96
constexpr std::size_t kMappedBytes = kMappedBits / 8;
constexpr std::string_view kLocal = "unix";

bool is_mapped(const Address& address) noexcept {
  return std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

// At most three digits, none of them a leading zero. 1,000: anything else.
unsigned small_number(std::string_view text) noexcept {
  constexpr unsigned kNone = 1000;
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return kNone;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return kNone;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

bool parse_v4(std::string_view text, std::uint8_t* out) noexcept {
  for (int at = 0; at < 4; ++at) {
    const std::size_t end = at < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return false;
    const unsigned value = small_number(text.substr(0, end));
    if (value > 255) return false;
    out[at] = static_cast<std::uint8_t>(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

bool parse_group(std::string_view text, std::uint8_t* out) noexcept {
  if (text.empty() || text.size() > 4) return false;
  unsigned value = 0;
  for (const char c : text) {
    const unsigned digit = hex_digit(c);
    if (digit > 15) return false;
    value = value << 4 | digit;
  }
  out[0] = static_cast<std::uint8_t>(value >> 8);
  out[1] = static_cast<std::uint8_t>(value & 0xff);
  return true;
}

// Groups divided by single colons; in the last place IPv4 may stand for two of them. Returns the
// bytes written, or 17 when text is something else.
std::size_t parse_groups(std::string_view text, bool last, Address& out) noexcept {
  constexpr std::size_t kWrong = 17;
  std::size_t size = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const bool final = colon == std::string_view::npos;
    const std::string_view group = text.substr(0, colon);
    if (size + 2 > out.size()) return kWrong;
    if (final && last && group.find('.') != std::string_view::npos) {
      if (size + 4 > out.size() || !parse_v4(group, out.data() + size)) return kWrong;
      return size + 4;
    }
    if (!parse_group(group, out.data() + size)) return kWrong;
    size += 2;
    if (final) return size;
    text.remove_prefix(colon + 1);
    if (text.empty()) return kWrong;
  }
  return size;
}

std::optional<Address> parse_v6(std::string_view text) noexcept {
  Address head{};
  const std::size_t gap = text.find("::");
  const std::size_t front = parse_groups(text.substr(0, gap), gap == std::string_view::npos, head);
  if (gap == std::string_view::npos) {
    return front == head.size() ? std::optional(head) : std::nullopt;
  }
  Address tail{};
  const std::size_t back = parse_groups(text.substr(gap + 2), true, tail);
  // The gap stands for at least one group.
  if (front + back > head.size() - 2) return std::nullopt;
  std::copy(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(back),
            head.end() - static_cast<std::ptrdiff_t>(back));
  return head;
}

bool bit(const Address& address, unsigned at) noexcept {
  return (address[at / 8] >> (7 - at % 8) & 1) != 0;
}

Error refused(const std::string& text, const char* why) {
  return {ErrorCode::identity_setting, "`" + text + "` " + why, {}, 0, 0};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) noexcept {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  Address mapped{};
  mapped[10] = mapped[11] = 0xff;
  if (!parse_v4(text, mapped.data() + kMappedBytes)) return std::nullopt;
  return mapped;
}

std::optional<AddressSet::Block> AddressSet::parse_block(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  const auto address = parse_address(first);
  if (!address) return std::nullopt;
  Block block{*address, 128};
  if (slash == std::string_view::npos) return block;
  const bool v4 = first.find(':') == std::string_view::npos;
  const unsigned length = small_number(text.substr(slash + 1));
  if (length > (v4 ? 32U : 128U)) return std::nullopt;
  block.bits = v4 ? kMappedBits + length : length;
  for (unsigned at = block.bits; at < 128; ++at) {
    if (bit(block.first, at)) return std::nullopt;
  }
  return block;
}

Result<AddressSet> AddressSet::from(std::span<const std::string> texts) {
  AddressSet set;
  for (const std::string& text : texts) {
    if (text == kLocal) {
      set.local_ = true;
      continue;
    }
    const auto block = parse_block(text);
    if (!block) {
      return refused(text,
                     "is no address, no block of addresses with all further bits zero, and "
                     "not `unix`");
    }
    if (block->bits == 0 || (block->bits == kMappedBits && is_mapped(block->first))) {
      return refused(text, "would trust every address");
    }
    set.blocks_.push_back(*block);
  }
  return set;
}

bool AddressSet::contains(std::string_view peer) const noexcept {
  if (peer == kLocal) return local_;
  const auto address = parse_address(peer);
  if (!address) return false;
  const bool mapped = is_mapped(*address);
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    // A wide block of IPv6, such as ::/8, means no IPv4.
    if (mapped && block.bits < kMappedBits) return false;
    const auto whole = static_cast<std::ptrdiff_t>(block.bits / 8);
    if (!std::equal(block.first.begin(), block.first.begin() + whole, address->begin())) {
      return false;
    }
    for (unsigned at = block.bits / 8 * 8; at < block.bits; ++at) {
      if (bit(block.first, at) != bit(*address, at)) return false;
    }
    return true;
  });
}

}  // namespace mcpgov::identity
