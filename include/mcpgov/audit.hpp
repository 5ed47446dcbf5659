// What happened: one record per governed message, that cannot be lost or forged unnoticed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// How a governed message ended. Values are pinned; `unknown` is what recovery writes for a message
// whose process died before the end.
enum class Outcome : std::uint8_t {
  unknown = 0,
  denied = 1,     // refused by mcpgov; nothing was passed on
  completed = 2,  // answered with a result, or a notification passed on
  failed = 3,     // answered with a JSON-RPC error or `isError`
  withheld = 4,   // the answer was not passed on, because it could not be classified
  abandoned = 5,  // the host dropped the verdict or the reply without an answer
  pending = 6,    // refused until steps outside are done; a later record decides
  cancelled = 7,  // its sender took it back; an answer that comes all the same is not passed on
  input_required = 8,  // answered with a question (2026-07-28); the client asks again
};

// `denied`, `completed`, … Static storage.
MCPGOV_API std::string_view outcome_name(Outcome outcome) noexcept;

// What a tool may do, by the reviewed annotations of the configuration; what a server says about
// its own tools does not count. none: not a tool call. Values are pinned.
enum class ToolClass : std::uint8_t {
  none = 0,
  unclassified = 1,
  read_only = 2,
  write = 3,
  destructive = 4,
};
inline constexpr std::size_t kToolClasses = 5;

// `none`, `unclassified`, … Static storage.
MCPGOV_API std::string_view class_name(ToolClass tool_class) noexcept;

// Where a message stands in a trace (W3C Trace Context): of `_meta` or the headers, checked.
// Hexadecimal digits in lower case. trace_id: 32; without a valid context the record's own id.
// span_id: 16, of the span that this message is. parent_id: 16, or empty.
struct Trace {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_id;
  std::string_view state;     // `tracestate` as sent, at most 512 bytes
  std::uint8_t flags = 0;     // 1: sampled. Never decides whether there is a record
  bool from_message = false;  // of `_meta`, not of the headers
};

// What open_file and to_callback write of the arguments.
enum class LineArguments : std::uint8_t { none, names, full };

// What is known when the decision falls. Borrowed for the call of begin(), everything.
struct Record {
  std::string_view id;             // 32 hexadecimal digits, unique
  std::uint64_t time_us = 0;       // microseconds since 1970-01-01T00:00:00Z
  const Caller* caller = nullptr;  // null: none was given
  std::string_view client;         // what the client calls itself, `name/version`, a claim
  std::string_view session;        // the host's or the protocol's session id, a claim
  std::string_view tenant;
  std::string_view server;
  std::string_view transport;    // stdio, streamable_http, http_sse
  std::string_view peer;         // address of the connection
  std::string_view protocol;     // revision of MCP, such as 2026-07-28
  std::string_view direction;    // from_client, from_server
  std::string_view method;       // as sent, at most 256 bytes
  std::string_view target;       // tool, prompt, URI or task, at most 1,024 bytes
  std::string_view target_kind;  // tool, prompt, resource, task; empty: there is none
  std::string_view request_id;   // JSON text of the id, at most 256 bytes
  std::string_view arguments;    // JSON text as sent; a sink stores what its settings capture
  LineArguments line_arguments = LineArguments::none;
  std::uint64_t arguments_bytes = 0;
  ToolClass tool_class = ToolClass::none;
  bool open_world = false;  // the tool reaches beyond its server, by its reviewed annotations
  bool allowed = false;     // what was enforced
  bool decision = false;    // what was decided; differs from `allowed` only in observe mode
  bool enforced = true;     // false in observe mode
  ErrorCode reason = ErrorCode::none;
  std::span<const std::string_view> policies;       // determining policies, source order
  std::span<const std::string_view> policy_errors;  // policies that failed, `id: code`
  std::string_view approver;                        // who approved, where an approval was asked for
  std::string_view snapshot;                        // generation and digest of what decided
  std::string_view policy_digest;                   // of the policies alone, 16 hexadecimal digits
  std::string_view limits;       // JSON text: what was consumed of which limit; empty: nothing
  std::string_view credential;   // JSON text: what was exchanged for what; empty: nothing
  std::uint64_t decided_ns = 0;  // from receiving the bytes to the decision
  Trace trace;
};

// What is known when the message is done. Borrowed for the call.
struct Completion {
  Outcome outcome = Outcome::unknown;
  ErrorCode reason = ErrorCode::none;
  std::uint64_t time_us = 0;
  std::uint64_t latency_ns = 0;     // from receiving the bytes to the end
  std::uint64_t reply_bytes = 0;    // passed on to the caller
  std::uint32_t items_removed = 0;  // of a list
  std::uint32_t items = 0;          // of a list, as the server sent it
  std::uint64_t result_bytes = 0;   // of the result as the server sent it
  std::string_view result = {};     // JSON text of it; a sink stores what it captures
  std::int64_t rpc_code = 0;        // of the JSON-RPC error that answered; 0: none
  bool tool_error = false;          // the tool's result has `isError`
};

// Ties an end to its beginning. Zero ties nothing.
struct Ticket {
  std::uint64_t number = 0;
  char id[32] = {};  // the record's id, so that a sink needs no memory of open records
};

// Where records go.
// Threads: thread-safe; every function may be called from many threads at once.
class MCPGOV_API Sink {
 public:
  virtual ~Sink();

  // Takes the beginning of a record before its verdict is given. When this fails, the rule for the
  // tool's class says what becomes of the message (`audit.on_failure`), and by default it is denied
  // with `audit_unavailable`.
  // closed: null while the message goes on; otherwise the record ends here and end() is not called.
  // Returns none, or the reason for the refusal. Keeps nothing of what it borrows.
  virtual ErrorCode begin(const Record& record, const Completion* closed,
                          Ticket& ticket) noexcept = 0;

  // Closes a record. Cannot fail: what cannot be written now is counted and kept or made up for by
  // the sink. Called exactly once per ticket of a begin() that returned none without `closed`.
  virtual void end(const Ticket& ticket, const Completion& completion) noexcept = 0;

  // Whether messages of this class wait, once begun, until settled() says that their beginning is
  // as safe as configured. Asked before begin(); the same for the sink's whole life.
  virtual bool waits(ToolClass tool_class) const noexcept;
  virtual bool settled(const Ticket& ticket) const noexcept;
  // Blocks until settled, at most within_ms. False: time is over, or it cannot be any more.
  virtual bool wait(const Ticket& ticket, std::uint32_t within_ms) noexcept;

  // A message went on without a record, as `allow_marked` says; the sink counts it.
  virtual void missed() noexcept;

  // After fork, in the child: open what must not be shared with the parent.
  // Returns none, or the reason why the child must keep denying.
  virtual ErrorCode reopen() noexcept;
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

// How much of arguments and results a log stores. metadata: size, keyed digest and, of arguments,
// the names of their members. fields: with the values at chosen places. redacted: all but what the
// rules take out. full: all but the places that are never stored.
enum class Level : std::uint8_t { none, metadata, fields, redacted, full };

// tool: a name, or a pattern with `*`. keep: JSON pointers (RFC 6901) stored at level fields.
// full_until_s: when `full` becomes `redacted`, seconds since 1970; 0 for other levels.
struct CaptureRule {
  std::string tool = "*";
  Level arguments = Level::metadata;
  Level result = Level::metadata;
  std::vector<std::string> keep = {};
  std::uint64_t full_until_s = 0;
};

// What a secret or personal datum looks like (RE2). keyword: without it, in any case, in a text the
// pattern is not tried; empty: always tried. entropy: bits a character that a match must have.
struct Detector {
  std::string name;
  std::string pattern;
  std::string keyword = {};
  double entropy = 0;
};

// The first rule whose tool matches counts. drop: JSON pointers that are never stored, whatever the
// level; `*` stands for any one name or index. names: members whose values are taken out, compared
// without case, `*` allowed. value_bytes, content_bytes: what is stored of one string, and of the
// arguments or the result of one message.
struct CaptureSettings {
  std::vector<CaptureRule> rules = {};
  std::vector<std::string> drop = {};
  std::vector<std::string> names = {};
  bool default_detectors = true;
  std::vector<Detector> detectors = {};
  std::uint32_t value_bytes = 4096;
  std::uint32_t content_bytes = 16384;
};

// When a message may go on: ring: its beginning is in memory that outlives the process. written: in
// the file. durable: on the disk. acked: taken by the sink `acked_by`.
enum class Mode : std::uint8_t { ring, written, durable, acked };

// Signs a checkpoint: 64 bytes of Ed25519 (RFC 8032) over text, for keys that never leave their
// module. False: it cannot, and no checkpoint is written. Called by one thread at a time.
using Sign = bool (*)(void* context, std::string_view text,
                      std::array<std::uint8_t, 64>& out) noexcept;
// Tokens of a text for a model, in place of the estimate (bytes / 4). Called by the log's thread,
// and by the one that opens a log for records of dead processes.
using CountTokens = std::uint64_t (*)(void* context, std::string_view text) noexcept;

// docs/audit.md explains each. Keys are 32 bytes of secret, given as text of a file; where a file
// does not exist, it is made with mode 0600 and a random key.
struct LogSettings {
  std::string directory;          // below it each process has a log of its own
  std::string origin = "mcpgov";  // names the logs in checkpoints: 256 bytes, no spaces, no `+`
  std::string ring_directory = "/dev/shm";  // elsewhere: `drop` is applied before the ring, too
  std::uint64_t ring_bytes = 64ull << 20;   // address space; memory is taken as it is used
  Mode mode = Mode::ring;
  std::array<bool, kToolClasses> intent = {false, true, false, false, true};  // by ToolClass
  std::string acked_by = {};
  std::uint32_t max_stall_ms = 50;  // a caller's longest wait for room in the ring
  std::uint32_t sync_interval_us = 5000;
  std::uint32_t seal_interval_ms = 1000;
  std::uint32_t heartbeat_s = 60;
  std::uint64_t segment_bytes = 64ull << 20;
  std::uint32_t segment_s = 86400;
  std::uint64_t reserve_bytes = 8ull << 20;  // of the disk, for the last records
  std::uint32_t retain_days = 0;             // 0: for ever
  std::uint64_t retain_bytes = 0;            // 0: no limit
  bool compress = true;                      // closed segments, with zstd
  std::string spare_directory = {};          // continues there when the first one fails
  std::string signing_key_file = {};         // empty: `signing.key` in the directory
  std::string digest_key_file = {};          // empty: `digest.key` in the directory
  std::string content_keys = {};  // a folder of keys by tenant; empty: content is not encrypted
  Sign sign = nullptr;
  void* sign_context = nullptr;
  std::array<std::uint8_t, 32> sign_public_key = {};  // of `sign`
  CountTokens count_tokens = nullptr;
  void* count_context = nullptr;
  CaptureSettings capture = {};
};

enum class State : std::uint8_t { healthy, degraded, failed };

// Counts since the log was opened in this process, and what it is doing now.
struct Health {
  State state = State::healthy;
  std::uint64_t begun = 0, ended = 0, stored = 0, durable = 0;  // records
  std::uint64_t open = 0;                                       // begun and not ended
  std::uint64_t lost = 0;                                       // must be 0
  std::uint64_t missed = 0;  // messages that went on without a record, as `allow_marked` says
  std::uint64_t stalls = 0, stalled_ns = 0;  // waits for room in the ring
  std::uint64_t ring_bytes = 0;              // in use, of those that are mapped
  std::uint64_t disk_free_bytes = 0;
  std::uint64_t sync_p99_us = 0;
  std::string log;     // name of the folder below the directory
  std::string detail;  // why the state is not healthy, or which logs could not be recovered
};

// The log of this process (docs/audit-format.md). Records are encoded, hashed and written by its
// own threads; a caller copies bytes into shared memory (without `drop`, if that is on a disk).
// Threads: thread-safe. A forked child has a log of its own, opened with its first record: where
// that fails the record is refused, and one a second later tries again.
class MCPGOV_API Log : public Sink {
 public:
  // Recovers what dead processes left below the directory, then begins a log of its own.
  // Errors: audit_open, audit_locked, audit_key, audit_capture, file_unreadable.
  static Result<std::unique_ptr<Log>> open(const LogSettings& settings);

  // Blocks until everything that was ended before is durable, at most within_ms.
  virtual bool flush(std::uint32_t within_ms) noexcept = 0;
  // Throws: std::bad_alloc.
  virtual Health health() const = 0;
  // Metrics of messages and of the log itself, in Prometheus' text format 0.0.4.
  // Throws: std::bad_alloc.
  virtual std::string metrics() const = 0;
  // The same as the body of an OTLP/HTTP request. Throws: std::bad_alloc.
  virtual std::string metrics_otlp() const = 0;
};

}  // namespace mcpgov::audit
