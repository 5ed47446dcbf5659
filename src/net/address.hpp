// Which addresses a connection may go to.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

struct sockaddr;

namespace mcpgov::net {

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

enum class Reachable : std::uint8_t {
  never = 0,  // multicast, broadcast, reserved, documentation, unspecified
  from_here,  // private, shared, link-local
  this_machine,
  everywhere,
};

// By the registries that RFC 6890 set up (IANA's IPv4 and IPv6 special-purpose addresses) and those
// of multicast. An IPv6 address that carries an IPv4 address is judged by that.
Reachable reachable(const Ipv4& address) noexcept;
Reachable reachable(const Ipv6& address) noexcept;
// never for families other than IPv4 and IPv6. address: of the family's whole size.
Reachable reachable(const sockaddr& address) noexcept;

}  // namespace mcpgov::net
