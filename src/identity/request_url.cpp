// Normalizing the URLs of requests.
// Tested by tests/identity/request_url_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/request_url.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "identity/fetch_url.hpp"

namespace mcpgov::identity {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

void append_lower(std::string_view text, std::string& out) {
  std::transform(text.begin(), text.end(), std::back_inserter(out), lower);
}

unsigned hex_digit(char c) noexcept {
  return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(lower(c) - 'a') + 10;
}

bool is_unreserved(char c) noexcept {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// path: its escapes are well-formed.
std::string with_normal_escapes(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '%') {
      out += path[at];
      continue;
    }
    const char byte = static_cast<char>(hex_digit(path[at + 1]) << 4 | hex_digit(path[at + 2]));
    if (is_unreserved(byte)) {
      out += byte;
    } else {
      out += {'%', upper(path[at + 1]), upper(path[at + 2])};
    }
    at += 2;
  }
  return out;
}

// RFC 3986 section 5.2.4. path: starts with a slash.
void append_without_dots(std::string_view path, std::string& out) {
  const std::size_t root = out.size();
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up && out.size() > root) out.resize(out.rfind('/'));
    if (!up && segment != "/.") {
      out += segment;
    } else if (path.empty()) {
      out += '/';
    }
  }
}

// Without path; parts: of url.
void append_origin(const FetchUrl& parts, std::string& out) {
  out += parts.https ? "https://" : "http://";
  append_lower(parts.host, out);
  if (parts.port != (parts.https ? 443 : 80)) out += ":" + std::to_string(parts.port);
}

std::string_view without_query(std::string_view url) noexcept {
  return url.substr(0, url.find_first_of("?#"));
}

// The scheme in lower case, which is all that parse_fetch_url() asks for.
std::string with_lower_scheme(std::string_view url) {
  const std::size_t end = std::min(url.find(':'), url.size());
  std::string out;
  append_lower(url.substr(0, end), out);
  return out.append(url.substr(end));
}

Error refused(const char* what, const char* why) {
  return {ErrorCode::identity_setting, std::string(what) + why, {}, 0, 0};
}

}  // namespace

bool normalize_url(std::string_view url, std::string& out) {
  const std::string text = with_lower_scheme(without_query(url));
  const auto parts = parse_fetch_url(text);
  if (!parts) return false;
  out.clear();
  append_origin(*parts, out);
  append_without_dots(parts->target.empty() ? "/" : with_normal_escapes(parts->target), out);
  return true;
}

Result<ExternalOrigin> ExternalOrigin::from(std::string_view base_url,
                                            std::string_view resource_url) {
  ExternalOrigin external;
  const std::string_view url = base_url.empty() ? resource_url : base_url;
  if (url.empty()) return external;
  const char* what = base_url.empty() ? "the URL of the resource " : "`base_url` ";
  const std::string text = with_lower_scheme(without_query(url));
  const auto parts = parse_fetch_url(text);
  if (!parts) return refused(what, "is no http or https URL");
  const bool bare = parts->target.empty() || parts->target == "/";
  if (!base_url.empty() && (!bare || text.size() != base_url.size())) {
    return refused(what, "is scheme, host and port, without a path");
  }
  append_origin(*parts, external.origin_);
  return external;
}

bool ExternalOrigin::url_of(std::string_view url, std::string& out) const {
  if (!url.starts_with('/')) {
    if (!normalize_url(url, out)) return false;
    if (!origin_.empty()) out.replace(0, out.find('/', out.find("//") + 2), origin_);
    return true;
  }
  return !origin_.empty() && normalize_url(origin_ + std::string(url), out);
}

}  // namespace mcpgov::identity
