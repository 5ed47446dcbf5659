// What a tool name, a prompt name or a URI must look like so that every reader sees the same one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::wire {

// The MCP revisions recommend at most 128 characters; twice that many bytes admits what is in use.
inline constexpr std::size_t kNameBytes = 256;
// What RFC 9110 §4.1 asks every recipient of a URI to support, rounded up.
inline constexpr std::size_t kUriBytes = 8192;
// Task ids and string ids are handles: long enough for a signed one.
inline constexpr std::size_t kHandleBytes = 1024;

// Tool and prompt names. They are compared byte by byte, so what looks like another name is
// refused: control, invisible, directional and unassigned-by-design characters, spaces other than
// an inner U+0020, combining marks (most decomposed text) and compatibility forms. `text` is UTF-8.
// Returns name_invalid or none.
// Source: Unicode Standard Annexes 15 and 31, Technical Report 36 §2; blocks, not tables, so that
// the answer does not change with a Unicode version.
ErrorCode check_name(std::string_view text) noexcept;

// Resource URIs, in the one spelling that every reader resolves alike.
// Refused: no scheme; upper case in scheme or host; characters outside RFC 3986 other than `[` and
// `]`, so raw non-ASCII too; percent escapes that are malformed, in lower case (RFC 3986 §6.2.2.1),
// of unreserved characters (§6.2.2.2, so dot segments as well), of separators, backslashes or
// control characters; dot segments (§6.2.2.3); an empty port, a default port of http and https;
// for `file`, what an operating system reads as another spelling of the same path: no authority,
// a `localhost`, empty segments (RFC 8089 §2), a query or a fragment. Dot segments are refused in
// queries and fragments too, because some readers take all of it for a path.
// Not normalised: an empty path of http, trailing slashes, other queries.
// Returns uri_not_normal or none.
ErrorCode check_uri(std::string_view text) noexcept;

// URI templates (RFC 6570), as completions refer to them: no control characters, spaces or
// backslashes, ASCII only. Returns uri_not_normal or none.
ErrorCode check_uri_template(std::string_view text) noexcept;

// Handles made by a server (task ids): 1 to kHandleBytes bytes without control characters.
// Returns params_invalid or none.
ErrorCode check_handle(std::string_view text) noexcept;

}  // namespace mcpgov::wire
