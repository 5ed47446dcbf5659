// Addresses of peers, and which of them are trusted proxies.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// An IPv6 address in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that a
// peer is the same however its socket was opened.
using Address = std::array<std::uint8_t, 16>;

// Reads dotted decimal without leading zeros, which some readers take for octal, or RFC 4291
// section 2.2. Empty: anything else, such as a port, brackets or a zone.
std::optional<Address> parse_address(std::string_view text) noexcept;

// Addresses, blocks of them (RFC 4632 section 3.1, RFC 4291 section 2.3) and local sockets.
// Threads: immutable after construction, share freely.
class AddressSet {
 public:
  // texts: each an address, a block such as `10.1.0.0/16` whose further bits are zero, or `unix`.
  // A block of all addresses is refused: it would trust everybody.
  // Errors: identity_setting, without a place. Throws: std::bad_alloc.
  static Result<AddressSet> from(std::span<const std::string> texts);

  // peer: an address without port, or `unix`. False for whatever is neither.
  bool contains(std::string_view peer) const noexcept;

 private:
  struct Block {
    Address first{};
    unsigned bits = 128;  // of `first` that count
  };
  static std::optional<Block> parse_block(std::string_view text) noexcept;

  std::vector<Block> blocks_;
  bool local_ = false;
};

}  // namespace mcpgov::identity
