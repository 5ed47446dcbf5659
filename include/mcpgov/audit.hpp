// What happened: one record per governed message, opened before the verdict and closed after it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// How a governed message ended. Values are pinned; `unknown` is what a reader assumes of a record
// that was opened and never closed.
enum class Outcome : std::uint8_t {
  unknown = 0,
  denied = 1,     // refused by mcpgov; nothing was passed on
  completed = 2,  // answered with a result, or a notification passed on
  failed = 3,     // answered with a JSON-RPC error or `isError`
  withheld = 4,   // the answer was not passed on, because it could not be classified
  abandoned = 5,  // the host dropped the verdict or the reply without an answer
  pending = 6,    // refused until steps outside are done; a later record decides
  cancelled = 7,  // its sender took it back; an answer that comes all the same is not passed on
};

// `denied`, `completed`, … Static storage.
MCPGOV_API std::string_view outcome_name(Outcome outcome) noexcept;

// What is known when the decision falls. Borrowed for the call of begin(), everything.
struct Record {
  std::string_view id;             // 32 hexadecimal digits, unique
  std::uint64_t time_us = 0;       // microseconds since 1970-01-01T00:00:00Z
  const Caller* caller = nullptr;  // null: none was given
  std::string_view session;        // the host's or the protocol's session id, a claim
  std::string_view tenant;
  std::string_view server;
  std::string_view transport;   // stdio, streamable_http, http_sse
  std::string_view direction;   // from_client, from_server
  std::string_view method;      // as sent, at most 256 bytes
  std::string_view target;      // tool, prompt, URI or task, at most 1,024 bytes
  std::string_view request_id;  // JSON text of the id, at most 256 bytes
  std::string_view arguments;   // JSON text as configured; empty: not recorded
  std::uint64_t arguments_bytes = 0;
  bool allowed = false;   // what was enforced
  bool decision = false;  // what was decided; differs from `allowed` only in observe mode
  bool enforced = true;   // false in observe mode
  ErrorCode reason = ErrorCode::none;
  std::span<const std::string_view> policies;       // determining policies, source order
  std::span<const std::string_view> policy_errors;  // policies that failed, `id: code`
  std::string_view approver;                        // who approved, where an approval was asked for
  std::string_view snapshot;                        // generation and digest of what decided
  std::uint64_t decided_ns = 0;                     // from receiving the bytes to the decision
};

// What is known when the message is done.
struct Completion {
  Outcome outcome = Outcome::unknown;
  ErrorCode reason = ErrorCode::none;
  std::uint64_t time_us = 0;
  std::uint64_t latency_ns = 0;     // from receiving the bytes to the end
  std::uint64_t reply_bytes = 0;    // passed on to the caller
  std::uint32_t items_removed = 0;  // of a list
};

// Ties an end to its beginning. Zero ties nothing.
struct Ticket {
  std::uint64_t number = 0;
  char id[32] = {};  // the record's id, so that a sink needs no memory of open records
};

// Where records go.
// Threads: thread-safe; every function may be called from many threads at once.
class Sink {
 public:
  virtual ~Sink() = default;

  // Takes the beginning of a record before its verdict is given. When this fails and the
  // configuration says `audit: required`, the message is denied with `audit_unavailable`.
  // closed: null while the message goes on; otherwise the record ends here and end() is not called.
  // Returns none, or the reason for the refusal. Keeps nothing of what it borrows.
  virtual ErrorCode begin(const Record& record, const Completion* closed,
                          Ticket& ticket) noexcept = 0;

  // Closes a record. Cannot fail: what cannot be written now is counted and kept or made up for by
  // the sink. Called exactly once per ticket of a begin() that returned none without `closed`.
  virtual void end(const Ticket& ticket, const Completion& completion) noexcept = 0;

  // After fork, in the child: open what must not be shared with the parent.
  // Returns none, or the reason why the child must keep denying.
  virtual ErrorCode reopen() noexcept { return ErrorCode::none; }
};

// JSON lines appended to a file (created with mode 0600). A message that goes on has two lines with
// the same `id`: `"event":"decision"`, written before the verdict is given, so that a process that
// dies keeps what it told its callers, and `"event":"outcome"`. A denied message has one line with
// both. Lines are written whole with one system call each; several processes may share a file.
// An outcome that could not be written at end() is kept and written before the next line, up to
// 1,024 of them; a line `"event":"lost"` tells how many went over that. Their records have no
// outcome, which readers take for `unknown`.
// path: "-" writes to standard error.
// Errors: audit_open.
MCPGOV_API Result<std::unique_ptr<Sink>> open_file(const std::string& path);

// One line per call of `write`, the same JSON as open_file without the line end.
// write: returns false when the line could not be taken; called from any thread; must not call back
// into the library. context: passed through, must outlive the sink.
// release: called once with the context after the last call of `write`, also when this throws.
// Throws: std::bad_alloc.
using WriteLine = bool (*)(void* context, std::string_view line) noexcept;
using ReleaseContext = void (*)(void* context) noexcept;
MCPGOV_API std::unique_ptr<Sink> to_callback(WriteLine write, void* context,
                                             ReleaseContext release = nullptr);

}  // namespace mcpgov::audit
