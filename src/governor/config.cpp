// Reading the configuration.
// Tested by tests/governor/config_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/config.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/os_file.hpp"
#include "governor/audit_settings.hpp"
#include "governor/yaml_reader.hpp"

namespace mcpgov {

namespace {

constexpr std::size_t kDocumentBytes = 16 * 1024 * 1024;

bool identifier(std::string_view word) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !word.empty() && letter(word[0]) && std::all_of(word.begin(), word.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

// `a::b`: Cedar identifiers joined by double colons; the policy parser refuses reserved words.
bool cedar_namespace(std::string_view name) {
  for (;;) {
    const std::size_t colons = name.find("::");
    if (!identifier(name.substr(0, colons))) return false;
    if (colons == std::string_view::npos) return true;
    name.remove_prefix(colons + 2);
  }
}

// Reads one configuration; carries what all parts need.
class Reader {
 public:
  explicit Reader(const std::string& directory) : directory_(directory) {}

  Config read(const YamlNode& root) {
    root.expect_keys({"version", "servers", "tenants", "identity", "controls", "audit", "limits"});
    root.at("version").number(1, 1);
    config_.servers = servers(root.at("servers"), true);
    if (root.has("controls")) controls(root.at("controls"));
    if (root.has("tenants")) {
      for (const auto& [name, node] : root.at("tenants").entries()) tenant(name, node);
    }
    if (root.has("identity")) identity(root.at("identity"));
    if (root.has("audit")) read_audit(root.at("audit"), directory_, config_.audit);
    if (root.has("limits")) limits(root.at("limits"));
    return std::move(config_);
  }

 private:
  std::string absolute(const std::string& path) const { return absolute_path(directory_, path); }

  // `file.cedar`, or {text: …, name: …}.
  Document document(const YamlNode& node) {
    Document out;
    if (node.is_mapping()) {
      node.expect_keys({"text", "name"});
      out.name = node.has("name") ? node.at("name").text() : "<inline>";
      out.text = node.at("text").text();
    } else {
      out.name = node.text();
      auto text = read_file(absolute(out.name), kDocumentBytes);
      if (!text) node.fail(ErrorCode::file_unreadable, text.error().message);
      out.text = *std::move(text);
    }
    config_.digest_text += out.name + '\0' + out.text + '\0';
    return out;
  }

  std::vector<ServerConfig> servers(const YamlNode& node, bool top_level) {
    std::vector<ServerConfig> out;
    for (const auto& [name, entry] : node.entries()) out.push_back(server(name, entry));
    if (top_level && out.empty()) node.fail(ErrorCode::config_value, "no server is configured");
    return out;
  }

  ServerConfig server(const std::string& name, const YamlNode& node) {
    node.expect_keys({"namespace", "policies", "entities", "mapping", "tools", "unknown_tools",
                      "lists", "denials", "policy_errors", "mode", "methods"});
    ServerConfig out;
    out.name = name;
    out.entity_namespace = node.has("namespace") ? node.at("namespace").text() : name;
    if (!cedar_namespace(out.entity_namespace)) {
      node.fail(ErrorCode::config_value, "`" + out.entity_namespace +
                                             "` is no Cedar namespace; give the server one with "
                                             "the key `namespace`");
    }
    if (node.has("policies")) {
      for (const YamlNode& item : node.at("policies").items())
        out.policies.push_back(document(item));
    }
    if (node.has("mapping")) node.at("mapping").one_of({"agent"});
    if (node.has("entities")) out.entities = document(node.at("entities"));
    if (node.has("tools")) out.tools = document(node.at("tools"));
    if (node.has("unknown_tools")) {
      out.unknown_tools =
          node.at("unknown_tools").choice<request::UnknownTools>({"deny", "natural"});
    }
    if (node.has("lists")) out.lists = node.at("lists").choice<ListRule>({"some", "certain"});
    if (node.has("denials")) {
      out.denials =
          node.at("denials").choice<DenialForm>({"unauthorized", "as_unknown", "as_result"});
    }
    if (node.has("policy_errors")) {
      out.policy_errors =
          node.at("policy_errors").choice<policy::ErrorRule>({"forbid", "any", "cedar"});
    }
    if (node.has("mode")) out.observe_until_us = mode(node.at("mode"));
    if (node.has("methods")) out.methods = methods(node.at("methods"));
    return out;
  }

  // `enforce`, or {observe_until: 2026-12-31}: to the end of that day, UTC.
  static std::uint64_t mode(const YamlNode& node) {
    if (!node.is_mapping()) return node.one_of({"enforce"});
    node.expect_keys({"observe_until"});
    return node.at("observe_until").end_of_day_us();
  }

  static std::vector<MethodOverride> methods(const YamlNode& node) {
    std::vector<MethodOverride> out;
    for (const auto& [name, entry] : node.entries()) {
      const wire::Method method = wire::method_from(name);
      if (method == wire::Method::unknown) {
        entry.fail(ErrorCode::config_unknown_key, "no such MCP method");
      }
      // Filtering is what a method does or does not do; it cannot be configured.
      const std::size_t word = entry.one_of({"pass", "decide", "deny"});
      constexpr Treatment kWords[] = {Treatment::pass, Treatment::decide, Treatment::deny};
      if (kWords[word] == Treatment::decide && default_treatment(method) != Treatment::decide) {
        entry.fail(ErrorCode::config_value, "no policy can decide this method");
      }
      out.push_back({method, kWords[word]});
    }
    return out;
  }

  void controls(const YamlNode& node) {
    node.expect_keys({"approvals"});
    if (!node.has("approvals")) return;
    for (const auto& [name, tools] : node.at("approvals").entries()) {
      const auto found =
          std::find_if(config_.servers.begin(), config_.servers.end(),
                       [&wanted = name](const ServerConfig& s) { return s.name == wanted; });
      if (found == config_.servers.end()) tools.fail(ErrorCode::config_value, "no such server");
      found->approvals = tools.texts();
    }
  }

  // A tenant has its own servers and no others. Approvals of a server at top level hold for a
  // tenant's server of the same name too.
  void tenant(const std::string& name, const YamlNode& node) {
    node.expect_keys({"servers"});
    TenantConfig out{name, servers(node.at("servers"), false)};
    for (ServerConfig& mine : out.servers) {
      for (const ServerConfig& top : config_.servers) {
        if (top.name == mine.name) mine.approvals = top.approvals;
      }
    }
    config_.tenants.push_back(std::move(out));
  }

  void identity(const YamlNode& node) {
    if (node.has("anonymous")) config_.anonymous = node.at("anonymous").boolean();
    if (node.has("stdio")) config_.stdio = stdio(node.at("stdio"));
    if (node.has("handle_key")) {
      config_.handle_key = secret_text(node.at("handle_key"));
      constexpr std::size_t kKeyBytes = 32;  // of HMAC-SHA-256, RFC 2104 section 3
      if (config_.handle_key.size() < kKeyBytes) {
        node.at("handle_key").fail(ErrorCode::config_value, "the key has fewer than 32 bytes");
      }
    }
    auto verifier = identity::Verifier::from_json(node.json(), &Reader::read_document, this);
    if (!verifier) fail_at(node, verifier.error());
    config_.verifier = *std::move(verifier);
  }

  // A caller, or {env: NAME} of a variable that holds one: then whoever starts the program says who
  // calls, which is how MCP wants credentials handed over on stdio.
  Caller stdio(const YamlNode& node) {
    std::string json = node.json();
    if (node.is_mapping() && node.has("env")) {
      node.expect_keys({"env"});
      auto text = read_document(this, "env", node.at("env").text());
      if (!text) node.fail(text.error().code, text.error().message);
      json = *std::move(text);
    }
    auto caller = Caller::from_json(json);
    if (!caller) node.fail(caller.error().code, caller.error().message);
    if (caller->evidence.kind == EvidenceKind::host) {
      caller->evidence.kind = EvidenceKind::configuration;
    }
    return *std::move(caller);
  }

  // Sentences of the verifier start with the place below `identity`, in backticks.
  [[noreturn]] static void fail_at(const YamlNode& node, const Error& error) {
    const std::string& text = error.message;
    const std::size_t end = text.starts_with('`') ? text.find('`', 1) : std::string::npos;
    if (end == std::string::npos) node.fail(error.code, text);
    const std::size_t said = std::min(text.size(), text.find_first_not_of(": ", end + 1));
    node.nearest(std::string_view(text).substr(1, end - 1)).fail(error.code, text.substr(said));
  }

  std::string secret_text(const YamlNode& node) {
    node.expect_keys({"file", "env"});
    const std::string_view source = node.has("file") ? "file" : "env";
    auto text =
        read_document(this, node.has("file") ? "secret_file" : source, node.at(source).text());
    if (!text) node.fail(text.error().code, text.error().message);
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    return *std::move(text);
  }

  // What the identity settings name. Secrets are no part of the digest, which is in every record: a
  // weak one could be guessed from it.
  static Result<std::string> read_document(void* self, std::string_view source,
                                           const std::string& name) {
    auto& reader = *static_cast<Reader*>(self);
    if (source == "env") {
      const char* const value = std::getenv(name.c_str());
      if (value == nullptr) {
        return Error{
            ErrorCode::file_unreadable, "the variable `" + name + "` is not set", {}, 0, 0};
      }
      return std::string(value);
    }
    auto text = read_file(reader.absolute(name), kDocumentBytes);
    if (text && source == "file") reader.config_.digest_text += name + '\0' + *text + '\0';
    return text;
  }

  void limits(const YamlNode& node) {
    node.expect_keys({"message_bytes", "depth", "members", "members_from_server", "batch_messages",
                      "reply_bytes", "open_requests", "open_bytes", "tasks"});
    constexpr std::uint64_t kBytes = 1024U * 1024 * 1024;
    LimitsConfig& out = config_.limits;
    const auto read = [&](const char* key, auto& field, std::uint64_t low, std::uint64_t high) {
      if (!node.has(key)) return;
      field = static_cast<std::remove_reference_t<decltype(field)>>(node.at(key).number(low, high));
    };
    read("message_bytes", out.wire.message_bytes, 256, kBytes);
    read("depth", out.wire.depth, 8, 64);
    read("members", out.wire.members, 16, 1'000'000);
    read("members_from_server", out.wire.members_from_server, 16, 10'000'000);
    read("batch_messages", out.wire.batch_messages, 1, 10'000);
    read("reply_bytes", out.reply_bytes, 256, kBytes);
    read("open_requests", out.open_requests, 1, 1'000'000);
    read("open_bytes", out.open_bytes, 256, kBytes);
    read("tasks", out.tasks, 1, 10'000'000);
  }

  const std::string& directory_;
  Config config_;
};

}  // namespace

Result<Config> read_config(std::string_view text, const std::string& file,
                           const std::string& directory) {
  try {
    Config config = Reader(directory).read(YamlNode::parse(text, file));
    config.digest_text.append(text);
    return config;
  } catch (const ConfigFailure& failure) {
    return failure.error;
  }
}

}  // namespace mcpgov
