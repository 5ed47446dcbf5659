// One governed message as a log's thread sees it, and its canonical JSON (docs/audit-format.md).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

enum class EventKind : std::uint8_t {
  final,   // the message is done
  intent,  // it is about to run
};

// What capture made of one side's content: JSON text of an object, or nothing at level none.
struct Captured {
  std::string_view json = {};
  std::uint16_t flags = 0;  // FrameFlags
};

// Borrowed for the call.
struct Event {
  EventKind kind = EventKind::final;
  const Record* record = nullptr;
  const Completion* completion = nullptr;  // null for an intent
  Captured arguments = {};
  Captured result = {};
  bool waited = false;         // there is an intent of the same id
  bool reconstructed = false;  // by recovery
};

// One object without a line end. Text of callers is escaped so that it can be shown in a terminal.
// At most kMaxPayload: what does not fit is left out in a fixed order and named in `cut`.
// Throws: std::bad_alloc.
void append_event(std::string& out, const Event& event);

}  // namespace mcpgov::audit
