// From bytes to messages: strict JSON-RPC of the five MCP revisions, as borrowed views.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov {

// Who sent the bytes: the client (to the server) or the server (to the client).
enum class Direction : std::uint8_t { from_client, from_server };

// http_sse is the transport of 2024-11-05: an event stream on GET, messages on POST.
enum class Transport : std::uint8_t { stdio, streamable_http, http_sse };

// One HTTP header field, borrowed. The name compares without case, the value with it.
struct Header {
  std::string_view name;
  std::string_view value;
};

// What the host knows of the HTTP request, borrowed for the call. All empty on stdio.
struct HttpHead {
  std::string_view method = {};
  std::string_view url = {};
  std::span<const Header> headers = {};
};

namespace wire {

using mcpgov::Header;
using mcpgov::HttpHead;

// none: not known yet. Later revisions compare greater.
enum class Revision : std::uint8_t {
  none,
  v2024_11_05,
  v2025_03_26,
  v2025_06_18,
  v2025_11_25,
  v2026_07_28,
};

// `2025-06-18`; empty for none. Static storage.
MCPGOV_API std::string_view revision_text(Revision revision) noexcept;
// none for everything but the exact text of a supported revision.
MCPGOV_API Revision revision_from(std::string_view text) noexcept;
// Modern revisions are stateless: no handshake, no session, `_meta` on every request.
constexpr bool is_modern(Revision revision) noexcept {
  return revision >= Revision::v2026_07_28;
}

// The methods of all revisions; those of notifications start with `note_`.
enum class Method : std::uint8_t {
  unknown,
  // requests
  completion_complete,
  elicitation_create,
  initialize,
  logging_set_level,
  ping,
  prompts_get,
  prompts_list,
  resources_list,
  resources_read,
  resources_subscribe,
  resources_templates_list,
  resources_unsubscribe,
  roots_list,
  sampling_create_message,
  server_discover,
  subscriptions_listen,
  tasks_cancel,
  tasks_get,
  tasks_list,
  tasks_result,
  tasks_update,
  tools_call,
  tools_list,
  // notifications
  note_cancelled,
  note_elicitation_complete,
  note_initialized,
  note_message,
  note_progress,
  note_prompts_list_changed,
  note_resources_list_changed,
  note_resources_updated,
  note_roots_list_changed,
  note_subscriptions_acknowledged,
  note_tasks,
  note_tasks_status,
  note_tools_list_changed,
};

// What a method acts on, or what the result lists.
enum class TargetKind : std::uint8_t {
  none,
  tool,
  prompt,
  resource,
  resource_template,
  task,
  reference,  // completion: the message's own target is a prompt, a resource or a template
  tool_list,
  prompt_list,
  resource_list,
  resource_template_list,
  task_list,
  subscription_set,
};

enum class Kind : std::uint8_t { request, notification, response, error_response };

// One row of the method table, the source of truth of this room.
struct MethodRow {
  Method method = Method::unknown;
  std::string_view name = {};
  Kind kind = Kind::request;
  std::uint8_t from_client = 0;  // bit n: revision n of the enumeration allows it
  std::uint8_t from_server = 0;
  TargetKind target = TargetKind::none;
  std::string_view pointer = {};  // JSON pointer of the target below `params`

  constexpr bool allowed(Revision revision, Direction direction) const noexcept {
    const unsigned bits = direction == Direction::from_client ? from_client : from_server;
    // Before a revision is known, what no revision allows is still refused.
    return revision == Revision::none ? bits != 0 : (bits >> static_cast<unsigned>(revision) & 1U);
  }
};

// All rows; the row of Method m is at index m. Static storage.
MCPGOV_API std::span<const MethodRow> method_table() noexcept;
MCPGOV_API const MethodRow& method_row(Method method) noexcept;
// Method::unknown when no row has exactly this name.
MCPGOV_API Method method_from(std::string_view name) noexcept;

// Limits of everything untrusted that comes over the wire. Zero admits nothing.
struct Limits {
  std::size_t message_bytes = 4 * 1024 * 1024;
  std::uint32_t depth = 64;        // open objects and arrays
  std::uint32_t members = 10'000;  // of all objects of one message
  // A page of a thousand tools holds far more than a call. The server is configured, not unknown.
  std::uint32_t members_from_server = 500'000;
  std::uint32_t batch_messages = 100;
};

// Why a message is not passed on, without strings. code none: it is not refused.
struct Refusal {
  ErrorCode code = ErrorCode::none;
  std::uint32_t offset = 0;      // bytes into the body, where the cause was found
  std::int16_t http_status = 0;  // for HTTP transports
  std::int32_t rpc_code = 0;     // of the JSON-RPC error to answer with

  constexpr bool refused() const noexcept { return code != ErrorCode::none; }
};

// A JSON-RPC id (also progress tokens and `requestId`): compares by value, strings never equal
// numbers. Borrowed from the parser.
struct Id {
  enum class Type : std::uint8_t { absent, null, string, integer };
  Type type = Type::absent;
  std::int64_t integer = 0;
  std::string_view text = {};  // of a string, decoded
  std::string_view raw = {};   // as sent, with its quotes

  bool present() const noexcept { return type == Type::string || type == Type::integer; }
  friend bool operator==(const Id& a, const Id& b) noexcept {
    return a.type == b.type && a.integer == b.integer && a.text == b.text;
  }
};

// What a message acts on. Borrowed from the parser.
struct Target {
  TargetKind kind = TargetKind::none;
  std::string_view name = {};  // decoded tool or prompt name, URI, URI template or task id
};

// One entry of `subscriptions/listen`: a resource URI or a task id.
struct ListenEntry {
  TargetKind kind = TargetKind::resource;
  std::string_view name = {};  // decoded
  std::string_view raw = {};   // its JSON text inside Message::raw
  Refusal refusal = {};        // this entry alone cannot be judged (`uri_not_normal`, …)
};

// One message. Everything is borrowed from the Parser and lives until its next parse().
// `raw`, `params`, `arguments`, `result`, `error` are exact bytes of the message, empty if absent.
struct Message {
  Kind kind = Kind::request;
  Method method = Method::unknown;
  Revision revision = Revision::none;  // the rules it was read under
  Refusal refusal = {};                // when set, rely on `raw`, `id`, `method_text` only
  std::uint32_t index = 0;             // within its batch

  Id id = {};
  std::string_view method_text = {};  // decoded
  std::string_view raw = {};
  std::string_view params = {};
  std::string_view arguments = {};
  std::string_view result = {};
  std::string_view error = {};
  Target target = {};

  Id progress_token = {};
  Id cancelled = {};                       // `requestId` of notifications/cancelled
  std::string_view cursor = {};            // decoded; has_cursor tells an empty one from none
  std::string_view protocol_version = {};  // asked for by `initialize` or claimed in `_meta`
  std::string_view client_name = {};       // a claim, never an identity
  std::string_view traceparent = {};
  std::string_view tracestate = {};
  std::string_view related_task = {};  // `_meta["io.modelcontextprotocol/related-task"].taskId`
  bool has_cursor = false;
  bool task_augmented = false;       // `params.task` of 2025-11-25
  bool has_input_responses = false;  // a retry of 2026-07-28
  bool has_request_state = false;
  std::span<const ListenEntry> listen = {};
};

// What the bytes are read against. Everything is borrowed for the call.
struct ParseContext {
  Direction direction = Direction::from_client;
  Transport transport = Transport::stdio;
  Revision negotiated = Revision::none;
  HttpHead http = {};
  Limits limits = {};
  bool headers_agreed = false;  // these bytes were parsed with their headers before
};

// What a body holds: one refusal for all of it, or messages that may each carry their own.
struct Batch {
  Refusal refusal = {};
  std::span<const Message> messages = {};
  bool array = false;  // the body was a JSON array, so the answer is one too
};

// An argument a tool wants mirrored in a header field (`x-mcp-header` of 2026-07-28).
struct ParamHeader {
  enum class Type : std::uint8_t { string, integer, boolean };
  std::string_view name = {};     // after `Mcp-Param-`
  std::string_view pointer = {};  // JSON pointer below `arguments`
  Type type = Type::string;
};

// Reads message bodies. Keeps its own copy of the body and its buffers between calls: after the
// first messages it allocates nothing, and gives the memory of a huge one back.
// Threads: one thread. Movable; a moved-from parser refuses everything with `internal`.
class MCPGOV_API Parser {
 public:
  Parser();  // throws std::bad_alloc
  ~Parser();
  Parser(Parser&& other) noexcept;
  Parser& operator=(Parser&& other) noexcept;

  // body: borrowed for the call, one JSON text; on stdio without its line end.
  // Checks JSON, shape, revision, direction, limits, target and agreement of headers. Does not
  // know tools, open requests or policy.
  // Errors: the codes 100 to 135 of error_codes.def, as refusals; out_of_memory; internal.
  // Spec: RFC 8259, RFC 7493 §2; JSON-RPC 2.0 §4 to §6; MCP basic and transports of each revision.
  Batch parse(std::string_view body, const ParseContext& context) noexcept MCPGOV_LIFETIME_BOUND;

  // Whether the `Mcp-Param-*` fields agree with the arguments of a message of the last parse().
  // wanted: from the schema of the tool the message names; unknown Mcp-Param fields are ignored.
  // Spec: MCP 2026-07-28 streamable HTTP, "Custom Headers from Tool Parameters".
  Refusal check_param_headers(const Message& message, const HttpHead& http,
                              std::span<const ParamHeader> wanted) const noexcept;

  struct State;  // internal: src/wire/document.hpp gives rooms the parsed tree
  const State* state() const noexcept { return state_.get(); }

 private:
  std::unique_ptr<State> state_;
};

// A request without a JSON-RPC body.
enum class Bodyless : std::uint8_t { refused, open_stream, end_session };

// What it asks for; `refused` has its reason in `refusal`.
struct BodylessRequest {
  Bodyless what = Bodyless::refused;
  Refusal refusal = {};
};

// Classifies an HTTP request that is no POST: GET opens a stream and DELETE ends a session in
// legacy revisions; in 2026-07-28 both are refused (405), and so is everything else.
MCPGOV_API BodylessRequest classify_bodyless(const ParseContext& context) noexcept;

}  // namespace wire
}  // namespace mcpgov
