// The JSON form of a caller, as hosts, configurations and bindings write it.
// Tested by tests/identity/caller_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/json.hpp"
#include "mcpgov/identity.hpp"

namespace mcpgov {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kTextBytes = 64 * 1024;

// Collects the first thing that is wrong; every reader gives a default after it.
class Reader {
 public:
  Result<Caller> read(const Json& root) {
    if (!root.is_object()) return error("the caller is no JSON object");
    Caller out;
    for (const auto& [key, value] : root.items()) member(out, key, value);
    if (!sentence_.empty()) return error(sentence_);
    if (auto checked = check(out); !checked) return checked.error();
    return out;
  }

 private:
  static Error error(const std::string& sentence) {
    return {ErrorCode::caller_invalid, sentence, {}, 0, 0};
  }
  void fail(const std::string& sentence) {
    if (sentence_.empty()) sentence_ = sentence;
  }

  void member(Caller& out, const std::string& key, const Json& value) {
    if (key == "kind") {
      out.kind = kind(value);
    } else if (key == "issuer") {
      out.issuer = text(key, value);
    } else if (key == "subject") {
      out.subject = text(key, value);
    } else if (key == "tenant") {
      out.tenant = text(key, value);
    } else if (key == "client") {
      out.client = text(key, value);
    } else if (key == "groups") {
      out.groups = texts(key, value);
    } else if (key == "roles") {
      out.roles = texts(key, value);
    } else if (key == "scopes") {
      out.scopes = texts(key, value);
    } else if (key == "groups_complete") {
      if (!value.is_boolean()) return fail("`groups_complete` is no boolean");
      out.groups_complete = value.get<bool>();
    } else if (key == "actors") {
      out.actors = actors(value);
    } else if (key == "claims") {
      out.claims = claims(value);
    } else if (key == "agent_session") {
      out.agent_session = text(key, value);
    } else if (key == "agent_session_source") {
      out.agent_session_source = text(key, value);
    } else {
      fail("the member `" + key + "` is unknown");
    }
  }

  CallerKind kind(const Json& value) {
    for (const CallerKind known :
         {CallerKind::anonymous, CallerKind::user, CallerKind::agent, CallerKind::workload}) {
      if (value.is_string() && value.get_ref<const std::string&>() == kind_name(known))
        return known;
    }
    fail("`kind` is none of anonymous, user, agent, workload");
    return CallerKind::none;
  }

  std::string text(const std::string& key, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    fail("`" + key + "` is no string");
    return {};
  }

  std::vector<std::string> texts(const std::string& key, const Json& value) {
    std::vector<std::string> out;
    if (!value.is_array()) fail("`" + key + "` is no list");
    for (const Json& item : value) out.push_back(text(key, item));
    return out;
  }

  std::vector<Actor> actors(const Json& value) {
    std::vector<Actor> out;
    if (!value.is_array()) fail("`actors` are no list");
    for (const Json& item : value) {
      if (!item.is_object() || item.size() != 3 || !item.contains("kind") ||
          !item.contains("issuer") || !item.contains("subject")) {
        fail("an actor has exactly `kind`, `issuer` and `subject`");
        break;
      }
      out.push_back(
          {kind(item["kind"]), text("issuer", item["issuer"]), text("subject", item["subject"])});
    }
    return out;
  }

  std::vector<Claim> claims(const Json& value) {
    std::vector<Claim> out;
    if (!value.is_object()) fail("`claims` are no object");
    if (value.is_object()) {
      for (const auto& [name, claim] : value.items()) out.push_back({name, claim.dump()});
    }
    return out;
  }

  std::string sentence_;
};

}  // namespace

Result<Caller> Caller::from_json(std::string_view json) {
  JsonLimits limits;
  limits.bytes = kTextBytes;
  auto root = parse_json(json, limits, {}, ErrorCode::caller_invalid);
  if (!root) return root.error();
  return Reader().read(*root);
}

}  // namespace mcpgov
