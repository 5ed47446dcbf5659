// One pass over text for all keywords at once.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors_scan.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace mcpgov::audit {

namespace {

unsigned byte_of(char c) noexcept {
  return static_cast<unsigned char>(c);
}

bool is_letter(unsigned c) noexcept {
  return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
}

bool is_digit(unsigned c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_upper(unsigned c) noexcept {
  return c >= 'A' && c <= 'Z';
}

// How often a byte stands in text of messages, roughly, in thousandths.
unsigned share_of(unsigned c) noexcept {
  if (c >= 'a' && c <= 'z') return 24;
  if (c >= 'A' && c <= 'Z') return 5;
  if (c >= '0' && c <= '9') return 12;
  return c == ' ' || c == '"' ? 60 : c > ' ' && c < 0x7f ? 6 : 1;
}

// The bytes of a group at one position, as its tables take them: any low half with any high one.
struct HalfSets {
  std::uint32_t low = 0;
  std::uint32_t high = 0;

  void add(unsigned c) noexcept {
    low |= 1U << (c & 15U);
    high |= 1U << (c >> 4U);
  }
  std::uint64_t weight() const noexcept {
    std::uint64_t out = 0;
    for (unsigned c = 0; c < 256; ++c) {
      if ((low >> (c & 15U) & 1U) != 0 && (high >> (c >> 4U) & 1U) != 0) out += share_of(c);
    }
    return out;
  }
};
using Group = std::array<HalfSets, 4>;

double weight_of(const Group& group) noexcept {
  double out = 1;
  for (const HalfSets& each : group) out *= static_cast<double>(each.weight());
  return out;
}

}  // namespace

bool Scanner::same(const Keyword& keyword, std::string_view text) noexcept {
  const std::string_view wanted = keyword.text;
  if (text.size() < wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const unsigned a = byte_of(wanted[i]);
    const unsigned b = byte_of(text[i]);
    if (a != b && !(keyword.any_case && is_letter(a) && (a ^ b) == 0x20U)) return false;
  }
  return true;
}

Scanner::Scanner(std::vector<Keyword> keywords) : beginnings_((std::size_t{1} << kPlaceBits) / 64) {
  first_.fill(kNone);
  std::vector<Classes> fingerprints;
  for (Keyword& each : keywords) {
    Classes& classes = fingerprints.emplace_back();
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (i >= each.text.size()) {
        classes[i].fill(true);
        continue;
      }
      const unsigned c = byte_of(each.text[i]);
      classes[i][c] = true;
      if (each.any_case && is_letter(c)) classes[i][c ^ 0x20U] = true;
    }
    std::uint16_t& head = first_[slot(each.text[0], each.text[1])];
    entries_.push_back({std::move(each), head});
    head = static_cast<std::uint16_t>(entries_.size() - 1);
  }
  put_in_groups(fingerprints);
  for (const Classes& each : fingerprints) add_beginnings(each);
  use(fastest());
}

void Scanner::add_beginnings(const Classes& classes) {
  std::vector<std::uint32_t> all = {0};
  for (unsigned i = 0; i < classes.size(); ++i) {
    std::vector<std::uint32_t> longer;
    for (unsigned c = 0; c < 256; ++c) {
      if (!classes[i][c]) continue;
      for (const std::uint32_t each : all) {
        // In the order in which load() reads them.
        char bytes[4];
        std::memcpy(bytes, &each, sizeof bytes);
        bytes[i] = static_cast<char>(c);
        longer.push_back(load<std::uint32_t>(bytes));
      }
    }
    all = std::move(longer);
  }
  for (const std::uint32_t each : all) {
    const std::uint32_t place = place_of(each);
    beginnings_[place / 64] |= std::uint64_t{1} << place % 64;
  }
}

// Each fingerprint goes where it makes the group take the least more text, as a group takes any
// first byte of its members with any second one, and so on. Those that take the most choose first.
void Scanner::put_in_groups(const std::vector<Classes>& fingerprints) {
  constexpr std::size_t kGroups = 16;
  std::vector<std::pair<double, std::size_t>> order;
  std::vector<Group> sets(fingerprints.size());
  for (std::size_t n = 0; n < fingerprints.size(); ++n) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (unsigned c = 0; c < 256; ++c) {
        if (fingerprints[n][i][c]) sets[n][i].add(c);
      }
    }
    order.emplace_back(-weight_of(sets[n]), n);
  }
  std::sort(order.begin(), order.end());
  std::array<Group, kGroups> groups = {};
  for (const auto& [weight, number] : order) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::max();
    for (std::size_t group = 0; group < kGroups; ++group) {
      Group joined = groups[group];
      for (std::size_t i = 0; i < 4; ++i) {
        joined[i].low |= sets[number][i].low;
        joined[i].high |= sets[number][i].high;
      }
      const double added = weight_of(joined) - weight_of(groups[group]);
      if (added < least) {
        least = added;
        best = group;
      }
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t side = best / 8;
      const auto bit = static_cast<std::uint8_t>(1U << best % 8);
      for (unsigned c = 0; c < 256; ++c) {
        if (!fingerprints[number][i][c]) continue;
        groups[best][i].add(c);
        whole_[i][c] = static_cast<std::uint16_t>(whole_[i][c] | 1U << best);
        for (const unsigned half : {0U, 16U}) {
          low_[i][side][(c & 15U) + half] |= bit;
          high_[i][side][(c >> 4U) + half] |= bit;
        }
      }
    }
  }
}

void Scanner::read_portably(const char* block, BlockBits& out) const noexcept {
  out = {};
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    const unsigned c = byte_of(block[i]);
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto put = [&](std::uint64_t& bits, bool holds) { bits |= holds ? bit : 0; };
    put(out.quote, c == '"');
    put(out.backslash, c == '\\');
    put(out.end, c <= 0x20 || c == ',' || c == ':' || c == ']' || c == '}');
    put(out.control, c < 0x20);
    put(out.high, c >= 0x80);
    put(out.unsafe, c == 0x7f || c == 0xc2 || c == 0xe2 || c == 0xef);
    put(out.digit, is_digit(c));
    put(out.grouped, is_digit(c) || c == ' ' || c == '-');
    put(out.upper, is_upper(c));
    put(out.at_sign, c == '@');
    put(out.plus, c == '+');
    const unsigned groups = static_cast<unsigned>(whole_[0][c]) & whole_[1][byte_of(block[i + 1])] &
                            whole_[2][byte_of(block[i + 2])] & whole_[3][byte_of(block[i + 3])];
    put(out.candidate, groups != 0);
  }
}

std::size_t base64_size_portably(std::string_view text, bool escapes) noexcept {
  const auto found = std::find_if(text.begin(), text.end(), [escapes](char each) {
    const unsigned c = byte_of(each);
    return !is_letter(c) && !is_digit(c) && c != '+' && c != '/' && c != '-' && c != '_' &&
           (c != '\\' || !escapes);
  });
  return static_cast<std::size_t>(found - text.begin());
}

}  // namespace mcpgov::audit
