// URLs of keys, metadata and endpoints, in the one strict form that is fetched.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::identity {

// The parts of a URL; they point into it. host: a name, an IPv4 address in its usual form, or an
// IPv6 address in brackets. target: path and query, perhaps empty.
struct FetchUrl {
  bool https = false;
  std::string_view host;
  std::uint16_t port = 443;
  std::string_view target;
};

// Nothing for everything but `https://host[:port][target]` and the same with `http`: user
// information, fragments, other schemes, escapes that are malformed, characters outside RFC 3986,
// spellings of IPv4 addresses that resolvers read in different ways (`127.1`, `0x7f000001`), more
// than 2,048 bytes.
std::optional<FetchUrl> parse_fetch_url(std::string_view url) noexcept;

// Whether the host can be nothing but this machine: `localhost` (RFC 6761 section 6.3),
// 127.0.0.0/8, [::1].
bool names_loopback(std::string_view host) noexcept;

// Whether such a URL may be fetched: https; http to this machine where private addresses may be.
bool may_fetch(std::string_view url, bool private_addresses) noexcept;

// Where the metadata of an issuer may stand, in the order in which it is looked for: RFC 8414
// section 3.1, OpenID Connect Discovery 1.0 section 4.1 in the same place, and at the end of the
// path, which is what most providers serve. `{tenantid}` is asked for as `common`, which is where
// Entra ID describes all tenants.
std::vector<std::string> metadata_urls(std::string_view issuer);

}  // namespace mcpgov::identity
