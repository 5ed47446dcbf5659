// Asking the logs below a directory who did what, when and to what.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/frame.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Every member that is not empty has to hold. Texts are compared whole and with their case.
struct Question {
  std::string id;       // of an event or a trace
  std::string session;  // of the agent, or of the connection
  std::string caller;   // `subject` or `issuer#subject` of the caller, an actor or the workload;
                        // or the name of the client
  std::string server;
  std::string target;    // tool, prompt, resource, task
  std::string decision;  // `allow`, `deny`
  std::string outcome;
  std::string policy;
  std::string tenant;
  std::string method;
  std::uint64_t from_ns = 0;       // of the time of the frame, this one included
  std::uint64_t until_ns = ~0ULL;  // this one not
  std::uint64_t limit = ~0ULL;
  bool newest_first = false;
  bool use_indexes = true;  // without: slow, and believes the records alone
  bool intents = false;  // also messages that were about to run; their end has an event of its own
};

// Borrowed for the call.
struct Hit {
  std::string_view log;  // the folder's name
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;
  FrameType type = FrameType::event;
  std::string_view payload;
};

// What was looked at, and what could not be.
struct Answer {
  std::uint64_t hits = 0;
  std::uint64_t logs = 0, segments = 0;  // that were asked
  std::uint64_t indexed = 0;             // of the segments: an index answered
  std::uint64_t frames = 0;              // that were read
  bool cut = false;                      // by the limit, or by the callback
  std::vector<Error> damage;             // at most 100: places that cannot be read
};

// Calls `hit` for each event that fits, in the order of each log, and by time between logs. False
// ends it. A damaged place is noted, and reading goes on behind it. Open segments are read to their
// end of now.
// Errors: audit_query, file_unreadable. Throws: std::bad_alloc.
using OnHit = bool (*)(void* context, const Hit& hit);
Result<Answer> query(const std::string& directory, const Question& question, OnHit hit,
                     void* context);

}  // namespace mcpgov::audit
