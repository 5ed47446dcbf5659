// Requests to the client that travel inside other messages: results, errors, task notifications.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <simdjson.h>

#include "governor/call.hpp"

namespace mcpgov::detail {

// Around the message that carries them. Borrowed.
struct Surroundings {
  SessionCore& session;
  const Pin& pin;
  const Caller* caller;
  std::string_view peer;
  Moment started;
  Workbench& bench;
};

// Decides one request to the client and records the decision. none: it may reach the client.
// Throws: std::bad_alloc.
ErrorCode judge_inner_request(const Surroundings& around, wire::Method method);

// The same for each entry of the member `inputRequests` (MCP 2026-07-28, multi round-trip
// requests), where there is one. The first denial stands for all: what is left would be another
// question than the server asked. Errors: also item_unclassified. Throws: std::bad_alloc.
ErrorCode judge_inner_requests(const Surroundings& around, const simdjson::dom::object& holder);

}  // namespace mcpgov::detail
