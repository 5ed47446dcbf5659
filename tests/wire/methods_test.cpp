// The method table against the published schemas, and the published examples.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Empty, with a loud line, when the published data is not there.
fs::path conformance() {
  const char* set = std::getenv("MCPGOV_CONFORMANCE");
  const fs::path root =
      set != nullptr ? fs::path(set) : fs::path(MCPGOV_SOURCE_DIR) / "../shared/conformance";
  if (fs::is_directory(root / "mcp")) return root / "mcp";
  MESSAGE("SKIPPED: no published MCP schemas at " << root.string() << " (set MCPGOV_CONFORMANCE)");
  return {};
}

json load(const fs::path& path) {
  std::ifstream in(path);
  return json::parse(in);
}

// The method constants below a union of the schema.
void collect(const json& definitions, const std::string& name, std::set<std::string>& out) {
  if (!definitions.contains(name)) return;
  const json& definition = definitions[name];
  for (const char* of : {"anyOf", "oneOf"}) {
    if (!definition.contains(of)) continue;
    for (const json& part : definition[of]) {
      if (!part.contains("$ref")) continue;
      const std::string ref = part["$ref"];
      collect(definitions, ref.substr(ref.rfind('/') + 1), out);
    }
  }
  const json method = definition.value("/properties/method/const"_json_pointer, json());
  if (method.is_string()) out.insert(method.get<std::string>());
}

constexpr Revision kRevisions[] = {Revision::v2024_11_05, Revision::v2025_03_26,
                                   Revision::v2025_06_18, Revision::v2025_11_25,
                                   Revision::v2026_07_28};

// What the 2026-07-28 schema does not contain: the extension io.modelcontextprotocol/tasks.
bool of_extension(Method method, Revision revision) {
  if (revision != Revision::v2026_07_28) return false;
  return method == Method::tasks_get || method == Method::tasks_update ||
         method == Method::tasks_cancel || method == Method::note_tasks;
}

TEST_CASE("methods: the table says exactly what the schemas of the five revisions say") {
  const fs::path root = conformance();
  if (root.empty()) return;
  std::size_t checked = 0;
  for (const Revision revision : kRevisions) {
    const json schema = load(root / revision_text(revision) / "schema.json");
    const json& definitions = schema.contains("$defs") ? schema["$defs"] : schema["definitions"];
    for (const Direction direction : {Direction::from_client, Direction::from_server}) {
      const std::string who = direction == Direction::from_client ? "Client" : "Server";
      std::set<std::string> requests;
      std::set<std::string> notifications;
      collect(definitions, who + "Request", requests);
      collect(definitions, who + "Notification", notifications);
      for (const MethodRow& row : method_table().subspan(1)) {
        CAPTURE(revision_text(revision));
        CAPTURE(who);
        CAPTURE(row.name);
        const auto& names = row.kind == Kind::request ? requests : notifications;
        const bool published = names.count(std::string(row.name)) > 0;
        const bool extension =
            direction == (row.method == Method::note_tasks ? Direction::from_server
                                                           : Direction::from_client) &&
            of_extension(row.method, revision);
        CHECK(row.allowed(revision, direction) == (published || extension));
        ++checked;
      }
      for (const auto* names : {&requests, &notifications}) {
        for (const std::string& name : *names) {
          CAPTURE(name);
          CHECK(method_from(name) != Method::unknown);
        }
      }
    }
  }
  CHECK(checked == 5 * 2 * 36);
}

std::string minimal_params(const MethodRow& row) {
  switch (row.target) {
    case TargetKind::tool:
    case TargetKind::prompt: return R"("name":"it")";
    case TargetKind::resource: return R"("uri":"file:///it")";
    case TargetKind::task: return R"("taskId":"it")";
    case TargetKind::reference: return R"("ref":{"type":"ref/prompt","name":"it"})";
    case TargetKind::subscription_set:
      return R"("notifications":{"resourceSubscriptions":["file:///it"]})";
    default: break;
  }
  if (row.method == Method::initialize) {
    return R"("protocolVersion":"2025-06-18","clientInfo":{"name":"c","version":"1"})";
  }
  if (row.method == Method::note_cancelled) return R"("requestId":"it")";
  if (row.method == Method::note_progress) return R"("progressToken":"it","progress":1)";
  return "";
}

TEST_CASE("methods: a minimal message of each is read where its row allows it, and only there") {
  Parser parser;
  std::size_t accepted = 0;
  for (const MethodRow& row : method_table().subspan(1)) {
    for (const Revision revision : kRevisions) {
      for (const Direction direction : {Direction::from_client, Direction::from_server}) {
        if (row.method == Method::initialize && is_modern(revision)) continue;  // selects legacy
        CAPTURE(row.name);
        CAPTURE(revision_text(revision));
        std::string params = minimal_params(row);
        if (is_modern(revision) && direction == Direction::from_client) {
          params = std::string(kModernMeta) + (params.empty() ? "" : "," + params);
        }
        std::string body = request(row.name, params, R"("x")");
        if (row.kind == Kind::notification) body.erase(body.find(R"("id":"x",)"), 9);
        const Batch batch = parser.parse(body, stdio(revision, direction));
        REQUIRE(batch.messages.size() == 1);
        const Message& message = batch.messages[0];
        CHECK(message.method == row.method);
        CHECK((message.refusal.code == ErrorCode::none) == row.allowed(revision, direction));
        if (message.refusal.refused()) continue;
        ++accepted;
        CHECK(message.kind == row.kind);
        const bool named = row.pointer == "/name" || row.pointer == "/uri" ||
                           row.pointer == "/taskId" || row.pointer == "/ref";
        CHECK(message.target.name.empty() == !named);
      }
    }
  }
  CHECK(accepted > 100);
}

TEST_CASE("methods: names are found exactly") {
  for (const MethodRow& row : method_table().subspan(1)) {
    CAPTURE(row.name);
    CHECK(method_from(row.name) == row.method);
    CHECK(&method_row(row.method) == &row);
    CHECK(method_from(std::string(row.name) + "x") == Method::unknown);
    CHECK(method_from(row.name.substr(1)) == Method::unknown);
  }
  for (const char* name : {"", "p", "tools", "tools/", "TOOLS/CALL", "tools/call\n", "rpc.ping"}) {
    CAPTURE(name);
    CHECK(method_from(name) == Method::unknown);
  }
  CHECK(method_row(static_cast<Method>(200)).method == Method::unknown);
}

TEST_CASE("methods: revisions and their texts") {
  for (const Revision revision : kRevisions) {
    CHECK(revision_from(revision_text(revision)) == revision);
    CHECK(is_modern(revision) == (revision == Revision::v2026_07_28));
  }
  for (const char* text : {"", "2025-06-17", "2025-06-18 ", "DRAFT-2026-v1", "1.0"}) {
    CAPTURE(text);
    CHECK(revision_from(text) == Revision::none);
  }
  CHECK(revision_text(Revision::none).empty());
}

TEST_CASE("methods: every published example that is a whole message is read and classified") {
  const fs::path root = conformance();
  if (root.empty()) return;
  Parser parser;
  std::size_t read = 0;
  std::size_t fragments = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root / "2026-07-28/examples")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    const std::string body((std::istreambuf_iterator<char>(in)), {});
    const json parsed = json::parse(body);
    const std::string type = entry.path().parent_path().filename().string();
    CAPTURE(type);
    CAPTURE(body);
    if (!parsed.is_object() || !parsed.contains("jsonrpc")) {
      ++fragments;  // a type that is part of a message
      continue;
    }
    ++read;
    const bool answer = !parsed.contains("method");
    const std::string method = parsed.value("method", "");
    const bool client = !answer && method_row(method_from(method)).from_client != 0 &&
                        method != "notifications/progress";
    ParseContext context =
        stdio(Revision::v2026_07_28, client ? Direction::from_client : Direction::from_server);
    context.transport = Transport::http_sse;  // the examples hold line breaks
    context.http.method = "POST";
    const Header fields[] = {{"Content-Type", "application/json"},
                             {"MCP-Protocol-Version", "2026-07-28"},
                             {"Mcp-Method", method},
                             {"Mcp-Name", ""}};
    const std::string name =
        parsed.value("/params/name"_json_pointer, parsed.value("/params/uri"_json_pointer, ""));
    Header with_name[4];
    std::copy(std::begin(fields), std::end(fields), with_name);
    with_name[3].value = name;
    context.http.headers = std::span<const Header>(with_name, name.empty() ? 3 : 4);
    const Batch batch = parser.parse(body, context);
    REQUIRE(!batch.refusal.refused());
    REQUIRE(batch.messages.size() == 1);
    const Message& message = batch.messages[0];
    CHECK(message.refusal.code == ErrorCode::none);
    CHECK(message.method_text == method);
    const Kind kind = parsed.contains("result")  ? Kind::response
                      : parsed.contains("error") ? Kind::error_response
                      : parsed.contains("id")    ? Kind::request
                                                 : Kind::notification;
    CHECK(message.kind == kind);
  }
  CHECK(read >= 30);
  CHECK(fragments >= 30);
}

}  // namespace
}  // namespace mcpgov::wire::test
