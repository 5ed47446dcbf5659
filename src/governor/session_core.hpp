// The state of a session, shared with its open verdicts and replies.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "governor/governor_core.hpp"
#include "governor/open_requests.hpp"
#include "governor/verdict_state.hpp"
#include "mcpgov/catalog.hpp"
#include "request/principal.hpp"

namespace mcpgov::detail {

// Threads: receive, resume, set_tools on one thread at a time; everything else is thread-safe.
class SessionCore : public std::enable_shared_from_this<SessionCore> {
 public:
  SessionCore(std::shared_ptr<GovernorCore> governor, const SessionOptions& options);

  Verdicts receive(const Incoming& incoming) noexcept;
  VerdictState* resume(VerdictState* pending, std::span<const Answer> answers) noexcept;
  bool wait_recorded(const VerdictState& pending, std::uint32_t within_ms) noexcept;
  Result<void> set_tools(std::string_view tools_json);
  bool wants_tools() const noexcept;

  // Moves the state into the table: its answer comes through receive().
  void await_answer(VerdictState* state) noexcept;

  // Closes everything that awaits an answer, now and later.
  void close() noexcept;

  // Closes the record, takes the state out of the table, and releases it. Exactly once per state.
  void finish(VerdictState* state, audit::Completion completion) noexcept;

  const SessionOptions& options() const noexcept { return options_; }
  GovernorCore& governor() const noexcept { return *governor_; }
  wire::Revision negotiated() const noexcept { return negotiated_.load(std::memory_order_relaxed); }
  void negotiate(wire::Revision revision) noexcept {
    negotiated_.store(revision, std::memory_order_relaxed);
  }
  bool forked() const noexcept;
  bool resume_recorded(VerdictState& pending);

  // The generation of now, pinned; lives until the next call. Throws: std::bad_alloc.
  const std::shared_ptr<const Pin>& pin();
  // A shared copy of the caller, which lives until the next call; the last few are kept, so that a
  // warm one costs a comparison. Null for a caller that is incomplete (then `why` says so).
  // Throws: std::bad_alloc.
  const std::shared_ptr<const Caller>& resolve(const Caller* given, ErrorCode& why);
  // The same for what was received: its caller, the session's, or over HTTP whom its credentials
  // name. seen: set when credentials were looked at, whatever came of it.
  const std::shared_ptr<const Caller>& resolve(const Incoming& incoming, ErrorCode& why,
                                               std::optional<identity::Identification>& seen);
  // Of a verdict that is decided again: as above, with its held credentials if it waited for them.
  const std::shared_ptr<const Caller>& resolve_again(const VerdictState& pending, ErrorCode& why,
                                                     std::optional<identity::Identification>& seen);
  // The entity of the caller that resolve() has given last, prepared for the generation of pin();
  // null when there is none. Lives until the next call of either. Throws: std::bad_alloc.
  const request::PreparedPrincipal* principal(request::Scratch& scratch);

  // Puts an allowed request into its table. in_use and full deny. Throws: std::bad_alloc.
  OpenRequests::Added open(VerdictState* state);
  // Whether the caller created the task, on this session's server and tenant.
  bool owns_task(std::string_view task, const Caller& caller) const {
    return governor_->tasks().owns(options_.tenant, options_.server, task, caller);
  }

  // Whether the protocol's session belongs to nobody else: the first caller who shows its id has
  // it. Throws: std::bad_alloc.
  // binds: whether an id that is nobody's becomes the caller's.
  bool owns_session(std::string_view id, const Caller& caller, bool binds);
  // Whether the time until which a caller is believed is over; 0: it has none.
  bool has_ended(std::uint64_t ends_s) const noexcept;

  // What is known of an id: nothing is open under it; its verdict or reply is still in hands; its
  // answer is awaited; or it was asked by somebody other than `caller` (null: whoever).
  enum class Openness : std::uint8_t { closed, held, awaiting, of_another };
  Openness openness(Direction request_direction, const wire::Id& id,
                    const Caller* caller) const noexcept;
  // Takes an awaiting request over from the table, or gives null. It stays listed until finish().
  VerdictState* take_awaiting(Direction request_direction, const wire::Id& id) noexcept;

 private:
  // principal: borrows the caller and the mapping of that generation.
  struct KnownCaller {
    std::shared_ptr<const Caller> caller;
    std::uint64_t generation = 0;
    std::unique_ptr<const request::PreparedPrincipal> principal;
  };
  KnownCaller& keep(std::shared_ptr<const Caller> caller);
  const std::shared_ptr<const Caller>& resolve_verified(const identity::Presented& presented,
                                                        ErrorCode& why,
                                                        identity::Identification& seen);
  const std::shared_ptr<const Caller>& resolve_last(ErrorCode& why);
  const Caller* named(const Caller* given) const noexcept;
  bool fits_tenant(const Caller& caller) const noexcept;
  OpenRequests& table(Direction direction) noexcept {
    return direction == Direction::from_client ? from_client_ : from_server_;
  }

  std::shared_ptr<GovernorCore> governor_;
  SessionOptions options_;
  // The caller of the options, shared once, so that it is known by its address; null: none.
  std::shared_ptr<const Caller> own_caller_;
  std::uint64_t born_;  // fork generation
  std::atomic<wire::Revision> negotiated_{wire::Revision::none};

  // Of the session's own thread.
  std::shared_ptr<const Pin> pin_;
  std::shared_ptr<const catalog::Catalog> claimed_;
  std::vector<KnownCaller> callers_;
  std::size_t next_caller_ = 0;
  KnownCaller* resolved_ = nullptr;  // in callers_
  // The caller of the connection, for what the server sends of its own accord.
  std::shared_ptr<const Caller> last_verified_;
  std::uint64_t last_ends_s_ = 0;
  bool several_callers_ = false;

  std::string bound_session_;  // the id that owns_session() has said yes to last, and for whom
  std::shared_ptr<const Caller> bound_caller_;

  mutable std::mutex lock_;  // both tables; verdicts finish on other threads
  OpenRequests from_client_;
  OpenRequests from_server_;
  bool closed_ = false;
};

// Closes what a dropped verdict left open, as `abandoned`. Null does nothing.
void abandon(VerdictState* state) noexcept;

}  // namespace mcpgov::detail
