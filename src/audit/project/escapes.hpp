// Escapes of the line formats: what a caller says can neither end a field nor a line.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgov::audit {

// Appends text with a backslash before each character of `special`. Characters that a terminal or a
// reader of lines would act on (those that JsonWriter escapes) appear as text, `\u001b`, with the
// backslash escaped like any other. Invalid UTF-8 becomes U+FFFD. special has the backslash in it.
// newlines: as `\n` and `\r`, which CEF has for values.
// Throws: std::bad_alloc.
void append_escaped(std::string& out, std::string_view text, std::string_view special,
                    bool newlines = false);

// The first `bytes` of a text, without half a character at the end.
std::string_view whole_characters(std::string_view text, std::size_t bytes) noexcept;

// A field of a syslog header: printable ASCII without spaces (RFC 5424 section 6), others as `_`;
// `-` when empty.
void append_header_field(std::string& out, std::string_view text, std::size_t bytes);

}  // namespace mcpgov::audit
