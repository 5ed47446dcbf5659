// The strict form of URLs that are fetched.
// Tested by tests/identity/fetch_url_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/fetch_url.hpp"

#include <algorithm>
#include <cstddef>

namespace mcpgov::identity {

namespace {

constexpr std::size_t kUrlBytes = 2048;  // longer than any endpoint, short enough for every server
constexpr std::size_t kHostBytes = 253;  // RFC 1035 section 3.1, without the final dot

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// One number of an address, without the leading zeros that some readers take for octal.
bool is_octet(std::string_view label) noexcept {
  if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0')) return false;
  unsigned value = 0;
  for (char c : label) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= 255;
}

struct Labels {
  std::size_t count = 0;
  std::size_t octets = 0;
  std::string_view last;
};

// Letters, digits, hyphens and underscores between dots. count 0: something else.
Labels labels_of(std::string_view host) noexcept {
  Labels labels;
  while (true) {
    const std::size_t dot = std::min(host.find('.'), host.size());
    const std::string_view label = host.substr(0, dot);
    const auto fits = [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_'; };
    if (label.empty() || label.size() > 63 || !std::all_of(label.begin(), label.end(), fits)) {
      return {};
    }
    ++labels.count;
    labels.octets += is_octet(label) ? 1 : 0;
    labels.last = label;
    if (dot == host.size()) return labels;
    host.remove_prefix(dot + 1);
  }
}

bool is_ipv4(const Labels& labels) noexcept {
  return labels.count == 4 && labels.octets == 4;
}

bool is_host(std::string_view host) noexcept {
  if (host.size() > kHostBytes) return false;
  if (host.starts_with('[')) {
    const std::string_view inner = host.substr(1, host.size() - 2);
    return host.ends_with(']') && inner.find(':') != std::string_view::npos &&
           std::all_of(inner.begin(), inner.end(),
                       [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  }
  const Labels labels = labels_of(host);
  if (labels.count == 0) return false;
  // A name whose last label begins with a digit is an address to many readers, and no top-level
  // domain (RFC 3696 section 2).
  return !is_digit(labels.last[0]) || is_ipv4(labels);
}

bool is_target(std::string_view target) noexcept {
  if (!target.empty() && target[0] != '/' && target[0] != '?') return false;
  for (std::size_t at = 0; at < target.size(); ++at) {
    const char c = target[at];
    if (c <= ' ' || c >= '\x7f' ||
        std::string_view("\"#<>\\^`{|}").find(c) != std::string_view::npos) {
      return false;
    }
    if (c != '%') continue;
    if (target.size() - at < 3 || !is_hex(target[at + 1]) || !is_hex(target[at + 2])) return false;
  }
  return true;
}

// 0: no port.
std::uint16_t port_of(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || text[0] == '0') return 0;
  std::uint32_t port = 0;
  for (char c : text) {
    if (!is_digit(c)) return 0;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return port <= 65'535 ? static_cast<std::uint16_t>(port) : 0;
}

}  // namespace

std::optional<FetchUrl> parse_fetch_url(std::string_view url) noexcept {
  if (url.size() > kUrlBytes) return std::nullopt;
  FetchUrl parts;
  parts.https = url.starts_with("https://");
  if (!parts.https && !url.starts_with("http://")) return std::nullopt;
  if (!parts.https) parts.port = 80;
  const std::string_view rest = url.substr(parts.https ? 8 : 7);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  parts.target = rest.substr(end);
  const std::size_t inside = authority.starts_with('[') ? authority.find(']') : 0;
  if (inside == std::string_view::npos) return std::nullopt;
  const std::size_t colon = authority.find(':', inside);
  parts.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = port_of(authority.substr(colon + 1));
  if (parts.port == 0 || !is_host(parts.host) || !is_target(parts.target)) return std::nullopt;
  return parts;
}

bool names_loopback(std::string_view host) noexcept {
  constexpr std::string_view kName = "localhost";
  const auto same = [](char a, char b) {
    return (is_letter(a) ? static_cast<char>(a | 0x20) : a) == b;
  };
  if (std::equal(host.begin(), host.end(), kName.begin(), kName.end(), same)) return true;
  if (host == "[::1]") return true;
  return host.starts_with("127.") && is_ipv4(labels_of(host));
}

bool may_fetch(std::string_view url, bool private_addresses) noexcept {
  const std::optional<FetchUrl> parts = parse_fetch_url(url);
  return parts && (parts->https || (private_addresses && names_loopback(parts->host)));
}

std::vector<std::string> metadata_urls(std::string_view issuer) {
  constexpr std::string_view kTenant = "{tenantid}";
  constexpr std::string_view kOAuth = "/.well-known/oauth-authorization-server";
  constexpr std::string_view kOpenId = "/.well-known/openid-configuration";
  std::string text(issuer);
  if (const std::size_t at = text.find(kTenant); at != std::string::npos) {
    text.replace(at, kTenant.size(), "common");
  }
  const std::optional<FetchUrl> parts = parse_fetch_url(text);
  // RFC 8414 section 2: an issuer has no query.
  if (!parts || parts->target.find('?') != std::string_view::npos) return {};
  std::string_view path = parts->target;
  const std::string origin = text.substr(0, text.size() - path.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> urls;
  urls.push_back(origin + std::string(kOAuth).append(path));
  urls.push_back(origin + std::string(kOpenId).append(path));
  if (!path.empty()) urls.push_back(origin + std::string(path).append(kOpenId));
  return urls;
}

}  // namespace mcpgov::identity
