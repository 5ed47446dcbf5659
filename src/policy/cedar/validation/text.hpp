// Words of findings: names as they are written, counts, and the nearest name to a misspelled one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mcpgov::policy::cedar::validation {

// `name`, or `"any text"` when it is no identifier. Long texts are cut.
void append_name(std::string& out, std::string_view name);

// `"any text"`, cut likewise.
void append_text(std::string& out, std::string_view text);

// A step behind a dot: `.name` or `["any text"]`.
void append_step(std::string& out, std::string_view name);

// The candidate that a reader may have meant: at most a third of its letters differ. Empty when
// there is none, or when there are too many candidates to compare. Borrowed from candidates.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace mcpgov::policy::cedar::validation
