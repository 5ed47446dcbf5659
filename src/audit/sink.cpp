// What a sink does unless it says otherwise.
// Tested by tests/audit/file_sink_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

Sink::~Sink() = default;

bool Sink::waits(ToolClass) const noexcept {
  return false;
}

bool Sink::settled(const Ticket&) const noexcept {
  return true;
}

bool Sink::wait(const Ticket&, std::uint32_t) noexcept {
  return true;
}

void Sink::missed() noexcept {}

ErrorCode Sink::reopen() noexcept {
  return ErrorCode::none;
}

}  // namespace mcpgov::audit
