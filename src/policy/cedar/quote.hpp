// Strings in quotes, for printed policies, schemas and uids and their JSON forms.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mcpgov::policy::cedar {

// Appends `text` in quotes, escaped so that every reader sees the same characters. text: UTF-8.
void append_quoted(std::string& out, std::string_view text);

// Appends `text` as a JSON string with the fewest escapes: quotation mark, backslash and controls.
void append_json_quoted(std::string& out, std::string_view text);

// `text` in backticks for a message: on one line and short, whatever it holds.
std::string shown(std::string_view text);

}  // namespace mcpgov::policy::cedar
