// The JSON form of a record, one line without its line end.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// `{"event":"decision",…}`, with the members of the outcome when the record ends here.
// Format: docs/records.md. Throws: std::bad_alloc.
void append_decision(std::string& out, const Record& record, const Completion* closed);

// `{"event":"outcome",…}` for a record that was opened before.
void append_outcome(std::string& out, const Ticket& ticket, const Completion& completion);

// `{"event":"lost","outcomes":…}`: how many outcomes could neither be written nor kept.
void append_lost(std::string& out, std::uint64_t outcomes);

}  // namespace mcpgov::audit
