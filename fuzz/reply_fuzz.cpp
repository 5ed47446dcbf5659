// Any answer of a server, cut anywhere: what the policies hide never passes the reply filter, and
// what passes is JSON that every reader understands in one way.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "mcpgov/governor.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::Governor;
using mcpgov::Reply;
using mcpgov::ReplyFormat;
using mcpgov::Session;
using mcpgov::Verdict;
using mcpgov::Verdicts;
using Json = nlohmann::json;

// Exactly `shown` may be used; `maybe` depends on its arguments.
constexpr std::string_view kTools = R"([
  {"name": "shown", "inputSchema": {"type": "object"}},
  {"name": "hidden", "inputSchema": {"type": "object"}},
  {"name": "maybe", "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}])";
constexpr std::string_view kPolicies = R"(
  permit(principal, action == Shop::Action::"shown", resource);
  permit(principal, action == Shop::Action::"maybe", resource) when { context.input.n == 1 };
  permit(principal, action == Shop::Action::"get_prompt", resource == Shop::Prompt::"shown");
  permit(principal, action == Shop::Action::"read_resource",
         resource == Shop::Resource::"file:///shown");
  permit(principal, action == Shop::Action::"elicit", resource);)";

// Two servers that differ in what their lists show.
std::string configuration() {
  Json server = {{"namespace", "Shop"},
                 {"tools", {{"text", kTools}}},
                 {"policies", Json::array({{{"text", kPolicies}}})}};
  Json servers = {{"some", server}};
  server["lists"] = "certain";
  servers["certain"] = server;
  return Json{{"version", 1}, {"servers", servers}}.dump();
}

// The begun and not ended records; every line is one of a decision or of its outcome.
struct Ledger {
  int open = 0;
  std::uint64_t reply_bytes = 0;

  static bool write(void* self, std::string_view line) noexcept {
    auto& ledger = *static_cast<Ledger*>(self);
    const Json record = Json::parse(line, nullptr, false);
    if (record.is_discarded()) std::abort();
    const bool decision = record["event"] == "decision";
    if (decision && !record.contains("outcome")) ++ledger.open;
    if (!decision) --ledger.open;
    if (!decision) ledger.reply_bytes = record.value("reply_bytes", std::uint64_t{0});
    return true;
  }
};

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "reply_fuzz: %s\n", what);
  std::abort();
}

Ledger& ledger() {
  static Ledger one;
  return one;
}

Governor& governor() {
  static Governor one = [] {
    mcpgov::GovernorOptions options;
    options.sink = mcpgov::audit::to_callback(&Ledger::write, &ledger());
    auto opened = Governor::parse(configuration(), "", std::move(options));
    if (!opened) std::fprintf(stderr, "%s\n", opened.error().text().c_str());
    must(opened.has_value(), "the configuration is read");
    return *std::move(opened);
  }();
  return one;
}

// A question, where its answer lists something, and the only names that may be listed.
struct Question {
  std::string_view method;
  std::string_view params;
  std::string_view list;
  std::string_view name;
  std::vector<std::string_view> some;  // what may be shown with `lists: some`; `*`: any name
  std::vector<std::string_view> certain;
};

const std::vector<Question>& questions() {
  static const std::vector<Question> all = {
      {"tools/list", "{}", "tools", "name", {"shown", "maybe"}, {"shown"}},
      {"prompts/list", "{}", "prompts", "name", {"shown"}, {"shown"}},
      {"resources/list", "{}", "resources", "uri", {"file:///shown"}, {"file:///shown"}},
      // A template stands for any resource: one that may be read shows all of them.
      {"resources/templates/list", "{}", "resourceTemplates", "uriTemplate", {"*"}, {}},
      {"tasks/list", "{}", "tasks", "taskId", {}, {}},
      {"tools/call", R"({"name":"shown","arguments":{}})", "", "", {}, {}},
      {"resources/read", R"({"uri":"file:///shown"})", "", "", {}, {}},
      {"prompts/get", R"({"name":"shown"})", "", "", {}, {}},
      // Not a message: the body-less requests that open a stream.
      {"GET", "", "", "", {}, {}},
      {"GET of 2024-11-05", "", "", "", {}, {}},
  };
  return all;
}

std::string rpc(std::string_view method, std::string_view params, bool modern) {
  std::string out = R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) +
                    R"(","params":)" + std::string(params);
  if (modern) {
    out.pop_back();
    out += std::string(out.back() == '{' ? "" : ",") +
           R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
           R"("io.modelcontextprotocol/clientCapabilities":{}}})";
  }
  return out + "}";
}

bool opens_stream(const Question& question) {
  return question.method.starts_with("GET");
}

mcpgov::Transport transport_of(const Question& question) {
  using enum mcpgov::Transport;
  if (question.method == "GET") return streamable_http;
  return question.method == "GET of 2024-11-05" ? http_sse : stdio;
}

Session open_session(const Question& question, bool certain, std::string_view revision) {
  mcpgov::SessionOptions options;
  options.server = certain ? "certain" : "some";
  options.transport = transport_of(question);
  options.caller.kind = mcpgov::CallerKind::user;
  options.caller.issuer = "idp";
  options.caller.subject = "ann";
  Session session = governor().session(options);
  if (revision.empty()) return session;
  const std::string version = R"({"protocolVersion":")" + std::string(revision) + '"';
  Verdicts asked = session.receive(
      {.body =
           rpc("initialize",
               version + R"(,"capabilities":{},"clientInfo":{"name":"c","version":"1"}})", false)});
  session.await_answer(asked[0]);
  Verdicts answered =
      session.receive({.direction = mcpgov::Direction::from_server,
                       .body = R"({"jsonrpc":"2.0","id":1,"result":)" + version + "}}"});
  must(answered[0].allowed(), "the handshake passes");
  return session;
}

// The data of each event of a message, read as simply as the specification says it (WHATWG
// HTML 9.2.6).
std::vector<std::string> events_of(std::string_view stream, bool may_name_endpoint) {
  std::vector<std::string> out;
  std::string data;
  std::string name;
  bool any = false;
  const auto end_event = [&] {
    const bool endpoint = name == "endpoint" && may_name_endpoint;
    must(!any || data.empty() || name.empty() || name == "message" || endpoint,
         "an event of another kind");
    if (any && !endpoint) out.push_back(data);
    data.clear();
    name.clear();
    any = false;
  };
  if (stream.starts_with("\xef\xbb\xbf")) stream.remove_prefix(3);
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find_first_of("\r\n"), stream.size());
    std::string_view line = stream.substr(0, end);
    const bool both = stream.substr(end).starts_with("\r\n");
    stream.remove_prefix(std::min(stream.size(), end + (both ? 2 : 1)));
    if (line.empty()) {
      end_event();
    } else if (line.starts_with("event:")) {
      line.remove_prefix(line.starts_with("event: ") ? 7 : 6);
      name = line;
    } else if (line == "data" || line.starts_with("data:")) {
      if (any) data += '\n';
      line.remove_prefix(std::min<std::size_t>(line.size(), 5));
      if (line.starts_with(" ")) line.remove_prefix(1);
      data += line;
      any = true;
    }
  }
  // An event that the stream did not end is one that some clients take all the same.
  end_event();
  return out;
}

bool is_one_of(const Json& value, const std::vector<std::string_view>& names) {
  if (names == std::vector<std::string_view>{"*"}) return value.is_string();
  return value.is_string() &&
         std::find(names.begin(), names.end(), value.get_ref<const std::string&>()) != names.end();
}

void check_answer(const Json& message, const Question& question, bool certain) {
  must(!opens_stream(question) && message["id"] == 1, "only the answer to the open request passes");
  if (message.contains("error")) return;
  const Json& result = message.at("result");
  if (!question.list.empty()) {
    for (const Json& item : result.at(question.list)) {
      must(is_one_of(item.at(std::string(question.name)),
                     certain ? question.certain : question.some),
           "a hidden item is not listed");
    }
  }
  if (result.is_object() && result.contains("inputRequests")) {
    for (const Json& request : result["inputRequests"]) {
      must(request.at("method") == "elicitation/create", "a denied request inside of a result");
    }
  }
}

void check_server_message(const Json& message) {
  const std::string& method = message["method"].get_ref<const std::string&>();
  if (message.contains("id")) {
    must(method == "elicitation/create" || method == "ping", "a denied request of the server");
  } else if (method == "notifications/resources/updated") {
    must(message["params"]["uri"] == "file:///shown", "a change of a hidden resource");
  } else {
    must(method.starts_with("notifications/") && method != "notifications/tasks" &&
             method != "notifications/tasks/status",
         "a notification that nobody may see");
  }
}

// Returns whether the answer itself is in it.
void check_text(std::string_view text, const Question& question, bool certain) {
  // No member twice, nothing after the value: readers cannot differ.
  const auto read = mcpgov::parse_json(text, {}, {});
  must(read.has_value(), "what passes is strict JSON");
  std::vector<Json> messages;
  if (read->is_array()) {
    messages.assign(read->begin(), read->end());
  } else {
    messages.push_back(*read);
  }
  for (const Json& message : messages) {
    must(message.is_object() && message.value("jsonrpc", "") == "2.0", "what passes is a message");
    if (message.contains("method")) {
      check_server_message(message);
    } else {
      check_answer(message, question, certain);
    }
  }
}

struct Settings {
  const Question* question;
  bool certain;
  bool modern;
  std::string_view revision;
  ReplyFormat format;
};

std::string filter(const Settings& settings, std::string_view bytes, std::size_t piece) {
  std::string out;
  {
    const Question& question = *settings.question;
    Session session = open_session(question, settings.certain, settings.revision);
    const std::string body = rpc(question.method, question.params, settings.modern);
    mcpgov::Incoming incoming{.body = body};
    if (opens_stream(question)) incoming = {.http = {.method = "GET", .url = "/mcp"}};
    Verdicts verdicts = session.receive(incoming);
    if (!verdicts[0].allowed()) return {};  // tasks are not part of every revision
    Reply reply = session.reply(verdicts[0], settings.format);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      out += reply.feed(bytes.substr(at, piece));
    }
    out += reply.end();
    must(ledger().reply_bytes == out.size(), "the record counts the bytes that passed");
    std::string_view denied = reply.to_server();
    for (std::size_t end = 0; (end = denied.find('\n')) != std::string_view::npos;) {
      must(Json::parse(denied.substr(0, end), nullptr, false).contains("error"),
           "a denial to the server is an error");
      denied.remove_prefix(end + 1);
    }
    must(denied.empty(), "denials to the server are whole lines");
  }
  must(ledger().open == 0, "every record is closed, once");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  constexpr std::string_view kRevisions[] = {"", "2025-03-26", "2025-06-18", "2025-11-25"};
  constexpr ReplyFormat kFormats[] = {ReplyFormat::automatic, ReplyFormat::json,
                                      ReplyFormat::event_stream, ReplyFormat::automatic};
  Settings settings{};
  settings.question = &questions()[(bytes[0] & 0x0fU) % questions().size()];
  settings.certain = (bytes[0] & 0x10U) != 0;
  settings.modern = (bytes[0] & 0x20U) != 0;
  // A handshake on stdio only: over HTTP it would need header fields that say nothing here.
  const bool handshake = !settings.modern && !opens_stream(*settings.question);
  settings.revision = handshake ? kRevisions[bytes[1] & 3U] : "";
  settings.format = kFormats[bytes[1] >> 2U & 3U];
  const std::string_view answer(reinterpret_cast<const char*>(bytes) + 3, size - 3);

  const std::string whole = filter(settings, answer, std::max<std::size_t>(answer.size(), 1));
  const std::string cut = filter(settings, answer, std::size_t{1} + bytes[2]);
  must(cut == whole, "where the bytes are cut makes no difference");
  const std::size_t first = whole.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return 0;
  if (settings.format == ReplyFormat::json || whole[first] == '{' || whole[first] == '[') {
    check_text(whole, *settings.question, settings.certain);
  } else {
    const bool endpoint = transport_of(*settings.question) == mcpgov::Transport::http_sse;
    for (const std::string& data : events_of(whole, endpoint)) {
      if (!data.empty()) check_text(data, *settings.question, settings.certain);
    }
  }
  return 0;
}
