// Policy sets as JSON and as text.
// Tested by tests/policy/policy_set_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/json_writer.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/policy_set.hpp"

namespace mcpgov::policy::cedar {
namespace {

Error too_large() {
  return {ErrorCode::policy_too_large, "the policies take more than 64 MiB in this form", {}, 0, 0};
}

// A template where a policy is wanted, or the other way round.
Result<void> check_role(EstReader& reader, const JsonNode& node, const ParsedPolicy& policy,
                        PolicyRole role) {
  if (policy.is_template == (role == PolicyRole::policy_template)) return {};
  if (policy.is_template) {
    reader.fail(node, ErrorCode::policy_template_unlinked, "a policy has no slots");
  } else {
    reader.fail(node, ErrorCode::policy_not_a_template, "a template needs a slot");
  }
  return reader.error();
}

}  // namespace

Result<void> PolicySet::read_policies(EstReader& reader, std::string_view name,
                                      const JsonNode& policies, PolicyRole role) {
  if (policies.type != JsonNode::Type::object) {
    reader.fail(policies, ErrorCode::policy_json_shape, "wanted an object");
    return reader.error();
  }
  for (const JsonMember& member : policies.members()) {
    auto body = std::make_unique<PolicyBody>();
    if (!reader.policy(member.value, body->ast, body->parsed)) return reader.error();
    if (Result<void> fits = check_role(reader, member.value, body->parsed, role); !fits) {
      return fits;
    }
    const Position at = reader.place(member.offset);
    if (Result<void> done = insert(member.key, std::move(body), {name, at.line, at.column});
        !done) {
      return done;
    }
  }
  return {};
}

Result<void> PolicySet::read_links(EstReader& reader, const JsonNode& links) {
  if (links.type != JsonNode::Type::array) {
    reader.fail(links, ErrorCode::policy_json_shape, "wanted a list");
    return reader.error();
  }
  for (const JsonNode& each : links.items()) {
    std::string_view template_id;
    std::string_view id;
    if (!reader.members(each, {"templateId", "newId", "values"}, 3) ||
        !reader.string(*each.find("templateId"), template_id) ||
        !reader.string(*each.find("newId"), id)) {
      return reader.error();
    }
    const JsonNode& values = *each.find("values");
    SlotEntities slots;
    if (!reader.members(values, {"?principal", "?resource"}, 0)) return reader.error();
    const JsonNode* principal = values.find("?principal");
    const JsonNode* resource = values.find("?resource");
    if ((principal != nullptr && !reader.entity(*principal, slots.principal)) ||
        (resource != nullptr && !reader.entity(*resource, slots.resource))) {
      return reader.error();
    }
    if (Result<void> done = link(template_id, id, slots); !done) {
      reader.fail(each, done.error().code, done.error().message);
      return reader.error();
    }
  }
  return {};
}

Result<void> PolicySet::read_json(std::string_view name, std::string_view text) {
  Result<JsonNode> root = read_policy_json(text, *arena_);
  EstReader reader(name, text, symbols_, *arena_);
  if (!root) {
    Error error = std::move(root).error();
    error.file = name;
    return error;
  }
  if (!reader.members(*root, {"templates", "staticPolicies", "templateLinks"}, 3)) {
    return reader.error();
  }
  if (Result<void> done =
          read_policies(reader, name, *root->find("staticPolicies"), PolicyRole::policy);
      !done) {
    return done;
  }
  if (Result<void> done =
          read_policies(reader, name, *root->find("templates"), PolicyRole::policy_template);
      !done) {
    return done;
  }
  return read_links(reader, *root->find("templateLinks"));
}

Result<void> PolicySet::add_json(std::string_view id, std::string_view text, PolicyRole role) {
  Result<JsonNode> root = read_policy_json(text, *arena_);
  if (!root) return std::move(root).error();
  EstReader reader({}, text, symbols_, *arena_);
  auto body = std::make_unique<PolicyBody>();
  if (!reader.policy(*root, body->ast, body->parsed)) return reader.error();
  if (Result<void> fits = check_role(reader, *root, body->parsed, role); !fits) return fits;
  const Position at = reader.place(root->offset);
  return insert(id, std::move(body), {{}, at.line, at.column});
}

Result<std::string> PolicySet::text_of(const Entry& entry) const {
  if (entry.role != PolicyRole::link && !entry.body->text.empty()) {
    return std::string(entry.body->text);
  }
  std::string out;
  const PolicyBody& body = *entry.body;
  if (!append_policy_text(out, symbols_, body.ast, body.parsed, entry.slots)) return too_large();
  return out;
}

Result<std::string> PolicySet::json_of(const Entry& entry) const {
  std::string out;
  const PolicyBody& body = *entry.body;
  if (!append_policy_json(out, symbols_, body.ast, body.parsed, entry.slots)) return too_large();
  return out;
}

Result<std::string> PolicySet::text() const {
  std::string out;
  for (const Entry& entry : entries_) {
    if (entry.body == nullptr) continue;
    if (entry.role == PolicyRole::link) {
      return Error{ErrorCode::policy_not_expressible,
                   "Cedar text has no form for links; JSON has one",
                   {},
                   0,
                   0};
    }
    Result<std::string> one = text_of(entry);
    if (!one) return one;
    if (!out.empty()) out += "\n\n";
    out += *one;
    if (out.size() > kMaxWrittenBytes) return too_large();
  }
  return out;
}

Result<std::string> PolicySet::json() const {
  std::string out;
  const auto member = [&](std::string_view name) {
    append_json_string(out, name);
    out += ':';
  };
  const auto policies = [&](PolicyRole role) {
    char before = '{';
    for (const Entry& entry : entries_) {
      if (entry.body == nullptr || entry.role != role) continue;
      out += before;
      before = ',';
      member(entry.id);
      if (!append_policy_json(out, symbols_, entry.body->ast, entry.body->parsed, {}) ||
          out.size() > kMaxWrittenBytes) {
        return false;
      }
    }
    if (before == '{') out += before;
    out += '}';
    return true;
  };
  const auto entity = [&](std::string_view slot, EntityId id, char before) {
    if (id == kNoEntity) return before;
    out += before;
    member(slot);
    append_entity_json(out, symbols_, id);
    return ',';
  };
  out += R"({"templates":)";
  if (!policies(PolicyRole::policy_template)) return too_large();
  out += R"(,"staticPolicies":)";
  if (!policies(PolicyRole::policy)) return too_large();
  out += R"(,"templateLinks":[)";
  bool first = true;
  for (const Entry& entry : entries_) {
    if (entry.body == nullptr || entry.role != PolicyRole::link) continue;
    if (!first) out += ',';
    first = false;
    out += R"({"templateId":)";
    append_json_string(out, entry.body->id);
    out += R"(,"newId":)";
    append_json_string(out, entry.id);
    out += R"(,"values":)";
    const char before = entity("?principal", entry.slots.principal, '{');
    entity("?resource", entry.slots.resource, before);
    out += "}}";
    if (out.size() > kMaxWrittenBytes) return too_large();
  }
  out += "]}";
  return out;
}

}  // namespace mcpgov::policy::cedar
