// Resource URIs and URI templates in normal form.
// Tested by tests/wire/names_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>

#include "wire/names.hpp"

namespace mcpgov::wire {
namespace {

// Classes of bytes; one byte may be of several.
enum : std::uint8_t {
  kLower = 1,
  kDigit = 2,
  kUpper = 4,
  kUnreserved = 8,  // RFC 3986 §2.3
  kAllowed = 16,    // anywhere in a URI (without the percent sign)
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes = {};
  const auto set = [&](std::string_view bytes, unsigned flags) {
    for (char c : bytes) {
      auto& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | flags);
    }
  };
  set("abcdefghijklmnopqrstuvwxyz", kLower | kUnreserved | kAllowed);
  set("ABCDEFGHIJKLMNOPQRSTUVWXYZ", kUpper | kUnreserved | kAllowed);
  set("0123456789", kDigit | kUnreserved | kAllowed);
  set("-._~", kUnreserved | kAllowed);
  set(":/?#[]@!$&'()*+,;=", kAllowed);  // RFC 3986 §2.2
  return classes;
}
constexpr auto kClasses = make_classes();

bool is(char c, unsigned flags) noexcept {
  return (kClasses[static_cast<unsigned char>(c)] & flags) != 0;
}

// The value of an upper-case hexadecimal digit, 16 for anything else.
unsigned hex(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

// Whether an escape stands for a byte that has no other spelling and no power over structure.
bool escape_is_normal(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3) return false;
  const unsigned high = hex(text[at + 1]);
  const unsigned low = hex(text[at + 2]);
  if (high > 15 || low > 15) return false;
  const char byte = static_cast<char>(high << 4 | low);
  const bool control = (high < 2) || byte == '\x7f';
  return !control && !is(byte, kUnreserved) && byte != '/' && byte != '\\';
}

bool bytes_are_normal(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is(text[at], kAllowed)) continue;
    if (text[at] != '%' || !escape_is_normal(text, at)) return false;
    at += 2;
  }
  return true;
}

bool path_is_normal(std::string_view path, bool empty_segments) noexcept {
  std::size_t start = 0;
  while (true) {
    const std::size_t slash = path.find('/', start);
    const bool last = slash == std::string_view::npos;
    const std::string_view segment = path.substr(start, last ? slash : slash - start);
    // Some servers cut parameters off before they resolve a segment: `..;v=1` (RFC 3986 §3.3).
    const std::string_view name = segment.substr(0, segment.find(';'));
    if (name == "." || name == "..") return false;
    // The first segment of an absolute path is empty, and the last one of a folder.
    if (segment.empty() && !empty_segments && start != 0 && !last) return false;
    if (last) return true;
    start = slash + 1;
  }
}

bool port_is_normal(std::string_view scheme, std::string_view port) noexcept {
  if (port.empty()) return false;
  if (!std::all_of(port.begin(), port.end(), [](char c) { return is(c, kDigit); })) return false;
  return !(scheme == "http" && port == "80") && !(scheme == "https" && port == "443");
}

bool authority_is_normal(std::string_view scheme, std::string_view authority) noexcept {
  if (scheme == "file") {
    if (authority == "localhost" || authority.find('@') != std::string_view::npos) return false;
  }
  // The last `@`: a reader that stops at the first one would see another host.
  if (std::count(authority.begin(), authority.end(), '@') > 1) return false;
  const std::size_t at = authority.find('@');
  std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  std::size_t colon = host.find(':');
  if (!host.empty() && host.front() == '[') {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view rest = host.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    colon = rest.empty() ? std::string_view::npos : close + 1;
  } else if (host.find_first_of("[]") != std::string_view::npos) {
    return false;
  }
  if (colon != std::string_view::npos) {
    if (!port_is_normal(scheme, host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  return std::none_of(host.begin(), host.end(), [](char c) { return is(c, kUpper); });
}

bool scheme_is_normal(std::string_view scheme) noexcept {
  if (scheme.empty() || !is(scheme.front(), kLower)) return false;
  return std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is(c, kLower | kDigit) || c == '+' || c == '-' || c == '.';
  });
}

bool uri_is_normal(std::string_view text) noexcept {
  if (text.size() > kUriBytes || !bytes_are_normal(text)) return false;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (!scheme_is_normal(scheme)) return false;
  std::string_view rest = text.substr(colon + 1);
  const bool file = scheme == "file";
  const std::size_t path_end = std::min(rest.find_first_of("?#"), rest.size());
  // Who cuts `file://` off and takes the rest for a path sees dot segments behind `?` as well.
  // Other schemes may have queries, but none that such a reader would walk up with.
  if (path_end != rest.size() && (file || !path_is_normal(rest.substr(path_end + 1), true))) {
    return false;
  }
  rest = rest.substr(0, path_end);
  if (rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    if (!authority_is_normal(scheme, rest.substr(0, end))) return false;
    rest.remove_prefix(end);
  } else if (file) {
    return false;
  }
  return path_is_normal(rest, !file);
}

}  // namespace

ErrorCode check_uri(std::string_view text) noexcept {
  return uri_is_normal(text) ? ErrorCode::none : ErrorCode::uri_not_normal;
}

ErrorCode check_uri_template(std::string_view text) noexcept {
  const bool sane = !text.empty() && text.size() <= kUriBytes &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
  return sane ? ErrorCode::none : ErrorCode::uri_not_normal;
}

}  // namespace mcpgov::wire
