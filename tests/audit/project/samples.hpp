// Events of every shape, as the log writes them: what projections and validators are tested with.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/event.hpp"

namespace mcpgov::audit::test {

// One event for each outcome and each kind of target, with everything and with next to nothing,
// with hostile text in every place that callers fill, and of frames that are not about a message.
std::vector<std::string> sample_events();

// The same before they are written, but for frames that are not about a message.
void visit_samples(const std::function<void(const Event&)>& visit);

// A call of the tool `write_file` that was allowed and completed, with content.
std::string usual_event();

// Text that tries to end fields, lines and documents of every format.
const std::vector<std::string>& attacks();

}  // namespace mcpgov::audit::test
