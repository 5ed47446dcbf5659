// The governed call: configuration, sessions, verdicts and replies.
// mcpgov.hpp shows a whole call.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/audit.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov {

namespace detail {
class GovernorCore;
class SessionCore;
struct VerdictState;
class ReplyState;
}  // namespace detail

// What the host has received, borrowed for the call. http: empty on stdio. peer, certificate,
// chain: as in identity::Presented. caller: overrides the session's caller, for connections that
// carry many; without any, `identity` of the configuration says over HTTP who calls.
struct Incoming {
  Direction direction = Direction::from_client;
  HttpHead http = {};
  std::string_view peer = {};
  std::string_view body = {};
  const Caller* caller = nullptr;
  std::string_view certificate = {};
  std::span<const std::string_view> chain = {};
};

// The answer to give instead of passing a message on. Borrowed from the verdict.
// http_status: 401 no identity, 403 denied, 400/404/405/413/415 malformed, 429 too many refusals,
// 503 not now; 200 with `denials: as_result` and `as_unknown`. headers: with the challenge of RFC
// 6750 on 401 and where further scopes would help. body: exact bytes of a JSON-RPC error response,
// without a line end; empty when no answer is due (a denied notification or response).
struct Denial {
  int http_status = 403;
  std::span<const Header> headers = {};
  std::string_view body = {};
};

// What a verdict is about. Borrowed from it. id, arguments: JSON text as sent. bytes: what to pass
// on, unchanged unless entries were removed.
struct MessageView {
  wire::Kind kind = wire::Kind::request;
  wire::Method method = wire::Method::unknown;
  wire::TargetKind target_kind = wire::TargetKind::none;
  std::string_view method_text = {};
  std::string_view target = {};
  std::string_view id = {};
  std::string_view arguments = {};
  std::string_view bytes = {};
};

// Something outside that must happen before a denied message can be decided again.
enum class StepKind : std::uint8_t { none = 0, approval = 1, fetch = 2, record = 3 };

// Borrowed from the verdict. number: unique within the verdict, for the answer. prompt: of an
// approval, one line that names caller, server and tool. fetch: of a fetch, the HTTP exchange
// without which it is not known who calls. record: the message goes on as soon as its record is as
// safe as configured (`audit.intent`). net::complete() runs fetches and waits for records.
struct Step {
  StepKind kind = StepKind::none;
  std::uint32_t number = 0;
  std::string_view prompt = {};
  const identity::Fetch* fetch = nullptr;
};

// The outcome of a step. The zero value refuses. by: who approved, recorded; required to grant.
struct Answer {
  std::uint32_t number = 0;
  bool granted = false;
  std::string_view by = {};
  identity::FetchAnswer fetched = {};
};

// The decision about one message: a zeroed, default or moved-from verdict denies with
// `verdict_spent`. It owns what it shows, keeps the snapshot that decided it, may outlive a reload,
// and may be finished on another thread. Destroyed without a reply, one that allowed something
// closes its record as `abandoned`.
// Threads: one thread at a time.
class [[nodiscard]] MCPGOV_API Verdict {
 public:
  Verdict() noexcept = default;
  Verdict(Verdict&& other) noexcept;
  Verdict& operator=(Verdict&& other) noexcept;
  ~Verdict();
  // A decision is no truth value: ask allowed().
  explicit operator bool() const = delete;

  // Whether to pass message().bytes on.
  [[nodiscard]] bool allowed() const noexcept;
  // Why not. For the host's eyes and the record; denial() shows callers less.
  [[nodiscard]] ErrorCode reason() const noexcept;
  // Ids of the policies that determined the decision, in source order.
  [[nodiscard]] std::span<const std::string_view> policies() const noexcept MCPGOV_LIFETIME_BOUND;
  [[nodiscard]] Denial denial() const noexcept MCPGOV_LIFETIME_BOUND;
  [[nodiscard]] MessageView message() const noexcept MCPGOV_LIFETIME_BOUND;
  // 32 hexadecimal digits that name the record; empty for a spent verdict.
  [[nodiscard]] std::string_view record_id() const noexcept MCPGOV_LIFETIME_BOUND;
  // Not empty: the denial is for now. Run the steps and call Session::resume, or let it be.
  [[nodiscard]] std::span<const Step> pending() const noexcept MCPGOV_LIFETIME_BOUND;

 private:
  friend class Session;
  friend class Reply;
  friend class detail::SessionCore;
  friend class detail::ReplyState;
  explicit Verdict(detail::VerdictState* state) noexcept : state_(state) {}
  detail::VerdictState* take() noexcept { return std::exchange(state_, nullptr); }
  detail::VerdictState* state_ = nullptr;
};

// One verdict per JSON-RPC message, in order; more than one only for a batch of 2025-03-26.
// Threads: one thread at a time.
class [[nodiscard]] MCPGOV_API Verdicts {
 public:
  Verdicts() noexcept = default;
  Verdicts(Verdicts&&) noexcept = default;
  Verdicts& operator=(Verdicts&&) noexcept = default;
  ~Verdicts() = default;

  Verdict* begin() noexcept MCPGOV_LIFETIME_BOUND { return many_.empty() ? &one_ : many_.data(); }
  Verdict* end() noexcept MCPGOV_LIFETIME_BOUND { return begin() + size(); }
  [[nodiscard]] std::size_t size() const noexcept { return many_.empty() ? 1 : many_.size(); }
  Verdict& operator[](std::size_t index) noexcept MCPGOV_LIFETIME_BOUND { return begin()[index]; }
  // True when the body was an array, so that the answers belong in one too.
  [[nodiscard]] bool batch() const noexcept { return batch_; }

 private:
  friend class detail::SessionCore;
  Verdict one_;
  std::vector<Verdict> many_;
  bool batch_ = false;
};

// Filters the answer to one allowed message, or the stream that it opened: give it the bytes as
// they come, send what it returns. Reads a JSON body or an event stream; filters lists, decides
// server requests, passes progress and notifications, and withholds what it cannot classify,
// answering with an error in its place. end() closes the record; destroyed without it, the record
// ends as `abandoned`. May outlive its session.
// Threads: one thread at a time.
class [[nodiscard]] MCPGOV_API Reply {
 public:
  Reply() noexcept;  // passes nothing
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  // The result lives until the next call; it may be empty while a message is incomplete.
  std::string_view feed(std::string_view bytes) noexcept MCPGOV_LIFETIME_BOUND;
  // The rest, once the server's answer is complete. Further calls return nothing.
  std::string_view end() noexcept MCPGOV_LIFETIME_BOUND;
  // none, or why something was withheld. A withheld JSON answer is replaced by an error.
  [[nodiscard]] ErrorCode reason() const noexcept;
  // 200, or 502 when the whole answer was withheld. Meaningful after end().
  [[nodiscard]] int http_status() const noexcept;
  // JSON-RPC errors, one a line, that answer requests of the server which were denied; for the
  // server, not the client. Lives until the next call.
  std::string_view to_server() noexcept MCPGOV_LIFETIME_BOUND;

 private:
  friend class Session;
  explicit Reply(std::unique_ptr<detail::ReplyState> state) noexcept;
  std::unique_ptr<detail::ReplyState> state_;
};

// How bytes of a reply are framed. automatic: an object or array is JSON, anything else a stream.
enum class ReplyFormat : std::uint8_t { automatic, json, event_stream };

// server: a name under `servers` of the configuration; an unknown one denies every message.
// tenant: a name under `tenants`; empty selects the servers at top level; unknown denies.
// id: the host's id of the session, for the record; empty takes the protocol's.
// caller: who calls in this session; kind none: the configuration's (stdio), or each Incoming's.
struct SessionOptions {
  std::string server;
  std::string tenant = {};
  Transport transport = Transport::stdio;
  std::string id = {};
  Caller caller = {};
};

// One connection, or one request in stateless HTTP: pairs requests with responses, keeps the
// negotiated revision and the tools its server has listed.
// Threads: one thread at a time, but verdicts and replies may be finished on others.
class MCPGOV_API Session {
 public:
  Session() noexcept = default;  // denies everything
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;
  ~Session();  // closes what awaits an answer as `abandoned`

  // Decides what was received. Never throws, never waits, never does I/O but that of the sink.
  Verdicts receive(const Incoming& incoming) noexcept;

  // Hands over the answer to an allowed message. Spends the verdict. One of another session, a
  // spent or a denying one gives a reply that passes nothing.
  Reply reply(Verdict& verdict, ReplyFormat format = ReplyFormat::automatic) noexcept;

  // For transports where answers arrive among other messages (stdio): keeps the verdict's record
  // open until its answer comes through receive({.direction = …}), which then closes it.
  void await_answer(Verdict& verdict) noexcept;

  // Decides a pending message again, with the current snapshot and the answers to its steps.
  // Spends the verdict. Every step needs one answer; missing or doubled ones deny.
  Verdict resume(Verdict& verdict, std::span<const Answer> answers) noexcept;

  // Blocks until resume() would find the record of a pending verdict safe, at most within_ms. May
  // be called on any thread while nobody else uses the verdict.
  bool wait_recorded(const Verdict& verdict, std::uint32_t within_ms) noexcept;

  // The complete list of the server's tools, as a tools/list result or an array of tools: claims of
  // the server, beside those that the configuration pins. Replaces the former list.
  // Errors, after which the former list stays: tool_list_invalid, tool_duplicate, server_unknown.
  Result<void> set_tools(std::string_view tools_json);

  // Whether a tool call needs set_tools first: none are configured, and unknown ones are denied.
  [[nodiscard]] bool wants_tools() const noexcept;

 private:
  friend class Governor;
  explicit Session(std::shared_ptr<detail::SessionCore> core) noexcept;
  std::shared_ptr<detail::SessionCore> core_;
};

// sink: takes the records instead of the configured one. now_us: a clock for tests, microseconds
// since 1970-01-01T00:00:00Z; null: the system's.
struct GovernorOptions {
  std::unique_ptr<audit::Sink> sink = nullptr;
  std::uint64_t (*now_us)(void* context) noexcept = nullptr;
  void* now_context = nullptr;
};

// What a governor was built from, and the warnings of building it.
struct Generation {
  std::uint64_t number = 0;
  std::string digest;                 // SHA-256 over configuration, policies, entities, tools
  std::vector<std::string> warnings;  // `observe` servers, servers without policies, …
};

// Policies, entities, tools and settings, immutable and shared by all sessions; replace() swaps
// them whole. After fork the child denies until sinks are reopened, which happens by itself where
// pthread_atfork exists; sessions of before the fork deny in the child for good.
// Threads: thread-safe.
class MCPGOV_API Governor {
 public:
  // path: of a YAML or JSON configuration (docs/configuration.md); relative paths in it start at
  // its folder. Errors: file_unreadable, config_*, caller_invalid, identity_*, policy_*,
  // entities_*, tool_*, audit_open, with file, line and column where there is text.
  static Result<Governor> open(const std::string& path, GovernorOptions options = {});

  // text: the configuration itself. directory: where relative paths start. Errors: as open().
  static Result<Governor> parse(std::string_view text, const std::string& directory,
                                GovernorOptions options = {});

  // Of an unknown server or tenant: a session that denies. Throws: std::bad_alloc. Not moved-from.
  [[nodiscard]] Session session(const SessionOptions& options) const;

  // Builds a new generation and swaps it in; sessions use it from their next message on, open
  // verdicts finish on theirs. On an error the old generation stays and the failure is recorded.
  // Not applied: audit settings (the record must not move or stop), `limits.tasks`, and limits of
  // open requests in sessions that exist. Errors: as open(). Throws: std::bad_alloc.
  Result<Generation> replace(std::string_view text, const std::string& directory);
  // The same with the path given to open(), read again; file_unreadable without one.
  Result<Generation> reload();

  // What decides now. Throws: std::bad_alloc. Not on a moved-from governor.
  [[nodiscard]] Generation generation() const;

  // What makes callers of credentials in the current generation. Not on a moved-from governor.
  [[nodiscard]] identity::Verifier verifier() const;

  // The log of `audit.directory`; null: there is none. And `audit.sinks`, for net::start_sinks().
  [[nodiscard]] audit::Log* log() const noexcept MCPGOV_LIFETIME_BOUND;
  [[nodiscard]] std::string sinks_json() const;

  // In the child after fork, where pthread_atfork does not exist. Errors: forked.
  Result<void> reopen();

  Governor(Governor&&) noexcept = default;
  Governor& operator=(Governor&&) noexcept = default;
  ~Governor();

 private:
  explicit Governor(std::shared_ptr<detail::GovernorCore> core) noexcept;
  std::shared_ptr<detail::GovernorCore> core_;
};

}  // namespace mcpgov
