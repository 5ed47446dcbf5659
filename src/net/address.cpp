// Special-purpose addresses.
// Tested by tests/net/address_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>

namespace mcpgov::net {

namespace {

struct Block4 {
  Ipv4 network;
  unsigned bits;
  Reachable reachable;
};

constexpr Block4 kBlocks4[] = {
    {{0, 0, 0, 0}, 8, Reachable::never},           // RFC 791: this network
    {{10, 0, 0, 0}, 8, Reachable::from_here},      // RFC 1918
    {{100, 64, 0, 0}, 10, Reachable::from_here},   // RFC 6598: carriers
    {{127, 0, 0, 0}, 8, Reachable::this_machine},  // RFC 1122
    {{169, 254, 0, 0}, 16, Reachable::from_here},  // RFC 3927; metadata of cloud machines
    {{172, 16, 0, 0}, 12, Reachable::from_here},   // RFC 1918
    {{192, 0, 0, 0}, 24, Reachable::from_here},    // RFC 6890
    {{192, 0, 2, 0}, 24, Reachable::never},        // RFC 5737: documentation
    {{192, 88, 99, 0}, 24, Reachable::never},      // RFC 7526: former 6to4 relays
    {{192, 168, 0, 0}, 16, Reachable::from_here},  // RFC 1918
    {{198, 18, 0, 0}, 15, Reachable::from_here},   // RFC 2544; networks of containers, too
    {{198, 51, 100, 0}, 24, Reachable::never},     // RFC 5737
    {{203, 0, 113, 0}, 24, Reachable::never},      // RFC 5737
    {{224, 0, 0, 0}, 4, Reachable::never},         // RFC 5771: multicast
    {{240, 0, 0, 0}, 4, Reachable::never},         // RFC 1112: reserved, and broadcast
};

struct Block6 {
  std::array<std::uint8_t, 8> network;
  unsigned bits;
  Reachable reachable;
};

// The first that holds the address counts; outside all of them nothing is assigned.
constexpr Block6 kBlocks6[] = {
    {{0xfe, 0x80}, 10, Reachable::from_here},                 // RFC 4291: link-local
    {{0xfe, 0xc0}, 10, Reachable::from_here},                 // RFC 3879: former site-local
    {{0xfc}, 7, Reachable::from_here},                        // RFC 4193: unique local
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, Reachable::from_here},  // RFC 8215: NAT64 in one network
    {{0x20, 0x01}, 23, Reachable::never},                     // RFC 2928: protocols, with Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32, Reachable::never},         // RFC 3849: documentation
    {{0x20, 0x02}, 16, Reachable::never},                     // RFC 7526: 6to4
    {{0x3f, 0xff}, 20, Reachable::never},                     // RFC 9637: documentation
    {{0x20}, 3, Reachable::everywhere},                       // RFC 4291: global unicast
};

template <std::size_t Address, std::size_t Network>
bool inside(const std::array<std::uint8_t, Address>& address,
            const std::array<std::uint8_t, Network>& network, unsigned bits) noexcept {
  const std::size_t whole = bits / 8;
  if (!std::equal(network.begin(), network.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin())) {
    return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

bool starts_with(const Ipv6& address, std::span<const std::uint8_t> bytes) noexcept {
  return std::equal(bytes.begin(), bytes.end(), address.begin());
}

}  // namespace

Reachable reachable(const Ipv4& address) noexcept {
  for (const Block4& block : kBlocks4) {
    if (inside(address, block.network, block.bits)) return block.reachable;
  }
  return Reachable::everywhere;
}

Reachable reachable(const Ipv6& address) noexcept {
  constexpr Ipv6 kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291
  constexpr std::uint8_t kNat64[12] = {0, 0x64, 0xff, 0x9b};                        // RFC 6052
  if (address == kLoopback) return Reachable::this_machine;
  const Ipv4 inner = {address[12], address[13], address[14], address[15]};
  if (starts_with(address, kMapped)) return reachable(inner);
  if (starts_with(address, kNat64)) {
    // A translator elsewhere has no business with addresses of this machine.
    const Reachable answer = reachable(inner);
    return answer == Reachable::this_machine ? Reachable::never : answer;
  }
  for (const Block6& block : kBlocks6) {
    if (inside(address, block.network, block.bits)) return block.reachable;
  }
  return Reachable::never;
}

Reachable reachable(const sockaddr& address) noexcept {
  // Copied, because the bytes may not be aligned for what they are.
  if (address.sa_family == AF_INET) {
    sockaddr_in whole;
    std::memcpy(&whole, &address, sizeof whole);
    Ipv4 bytes;
    std::memcpy(bytes.data(), &whole.sin_addr, bytes.size());
    return reachable(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 whole;
    std::memcpy(&whole, &address, sizeof whole);
    Ipv6 bytes;
    std::memcpy(bytes.data(), &whole.sin6_addr, bytes.size());
    return reachable(bytes);
  }
  return Reachable::never;
}

}  // namespace mcpgov::net
