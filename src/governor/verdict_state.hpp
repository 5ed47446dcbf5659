// What a verdict owns: one block of memory with everything it shows.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/catalog.hpp"
#include "mcpgov/governor.hpp"

namespace mcpgov::detail {

struct Snapshot;
struct ServerSnapshot;

// When something began, on both clocks. Read once per message: a clock read costs about 25 ns, and
// what comes later is told by the steady clock alone.
struct Moment {
  std::uint64_t wall_us = 0;
  std::uint64_t steady_ns = 0;
};

// What decides for a session now. Keeps a generation alive; one per session and generation, so that
// counting verdicts touches no memory that other sessions touch.
struct Pin {
  std::shared_ptr<const Snapshot> snapshot;
  const ServerSnapshot* server = nullptr;  // null: not configured
  bool tenant_known = false;
  std::shared_ptr<const catalog::Catalog> claimed;  // what the server listed; null: nothing
};

// Credentials that wait for what has to be fetched, and what that is. Wiped at the end.
struct HeldCredentials {
  HeldCredentials(const Incoming& incoming, std::vector<identity::Fetch> fetches);
  HeldCredentials(const HeldCredentials&) = delete;
  HeldCredentials& operator=(const HeldCredentials&) = delete;
  ~HeldCredentials();

  identity::Presented presented() const noexcept;

  std::vector<identity::Fetch> fetches;

 private:
  std::string bytes_;  // everything that the views show
  std::vector<Header> headers_;
  std::vector<std::string_view> chain_;
  identity::Presented shown_;
};

// The decision about one message, while it is made (views into parser and arena) and afterwards
// (views into its own block).
struct VerdictFacts {
  Direction direction = Direction::from_client;
  wire::Kind kind = wire::Kind::request;
  wire::Method method = wire::Method::unknown;
  wire::Revision revision = wire::Revision::none;
  wire::TargetKind target_kind = wire::TargetKind::none;
  bool allowed = false;
  bool waived = false;  // denied by policy, let through by observe mode
  bool stream = false;  // a body-less request that opens a stream
  bool task_augmented = false;
  audit::ToolClass tool_class = audit::ToolClass::none;
  bool open_world = false;
  ErrorCode reason = ErrorCode::internal;
  wire::Id id;
  std::string_view method_text;
  std::string_view target;
  std::string_view raw;        // as received
  std::string_view bytes;      // to pass on
  std::string_view arguments;  // inside raw
  std::string_view peer;
  std::string_view protocol_session;           // `Mcp-Session-Id`, a claim
  std::span<const std::string_view> policies;  // views into the snapshot
  Denial denial;
  std::span<const Step> steps;
  std::uint64_t identity_ends_s = 0;  // when the caller must be verified again; 0: the host knows
  audit::Ticket ticket;
  char record_id[32] = {};
  Moment started;
};

// A verdict's block. Made by seal(), destroyed by release().
struct VerdictState {
  VerdictFacts facts;
  std::shared_ptr<SessionCore> session;
  std::shared_ptr<const Pin> pin;
  std::shared_ptr<const Caller> caller;                   // null: none was given
  std::unique_ptr<const HeldCredentials> held = nullptr;  // where steps are fetches
  bool immortal = false;  // a prepared state: shared, never released
  bool record_open = false;
  bool gated = false;     // allowed as soon as its record is safe enough
  bool listed = false;    // in the session's table of open requests
  bool awaiting = false;  // owned by that table
};

// Copies everything that the facts show into one pooled block. Throws: std::bad_alloc.
VerdictState* seal(const VerdictFacts& facts);

// Ends the block's life. Does not touch records or tables: the session does that before.
void release(VerdictState* state) noexcept;

// The denial of last resort, which needs no memory: 503, reason out_of_memory.
VerdictState* prepared_out_of_memory() noexcept;

}  // namespace mcpgov::detail
