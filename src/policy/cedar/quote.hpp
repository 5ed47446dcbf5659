// Strings as Cedar writes them, for printed policies, schemas and uids.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mcpgov::policy::cedar {

// Appends `text` in quotes, escaped so that every reader sees the same characters. text: UTF-8.
void append_quoted(std::string& out, std::string_view text);

}  // namespace mcpgov::policy::cedar
