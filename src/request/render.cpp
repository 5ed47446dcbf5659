// A question in Cedar's own writing. Tested by tests/request/render_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/render.hpp"

#include <algorithm>
#include <vector>

#include "policy/cedar/engine.hpp"

namespace mcpgov::request {

using policy::EntityId;
using policy::cedar::uid_text;
using policy::cedar::value_text;

namespace {

std::string uid_or_unknown(const policy::Request& request, EntityId entity) {
  return entity == policy::kNoEntity ? "unknown" : uid_text(*request.symbols, entity);
}

// `uid in [ancestors] = {attributes} tags {tags}`, leaving out what is empty.
std::string facts_text(const policy::Request& request, EntityId entity,
                       const policy::Entity& facts) {
  std::string text = uid_text(*request.symbols, entity);
  std::vector<std::string> ancestors;
  for (const EntityId id : facts.ancestors) ancestors.push_back(uid_text(*request.symbols, id));
  std::sort(ancestors.begin(), ancestors.end());
  for (std::size_t i = 0; i < ancestors.size(); ++i) {
    text += (i == 0 ? " in [" : ", ") + ancestors[i];
  }
  if (!ancestors.empty()) text += "]";
  if (facts.attributes.size != 0) text += " = " + value_text(*request.symbols, facts.attributes);
  if (facts.tags.size != 0) text += " tags " + value_text(*request.symbols, facts.tags);
  return text;
}

// Entities inside a value. The depth of values is bounded (value.hpp).
void collect(const policy::Value& value, std::vector<EntityId>& out) {
  if (value.kind == policy::Kind::entity) out.push_back(value.entity());
  if (value.kind == policy::Kind::set) {
    for (const policy::Value& item : value.set()) collect(item, out);
  }
  if (value.kind == policy::Kind::record) {
    for (const policy::Field& field : value.record()) collect(field.value, out);
  }
}

}  // namespace

Text render(const policy::Request& request, const policy::Entities& entities) {
  Text text;
  text.principal = uid_or_unknown(request, request.principal);
  text.action = uid_or_unknown(request, request.action);
  text.resource = uid_or_unknown(request, request.resource);
  text.context = value_text(*request.symbols, request.context);
  std::vector<EntityId> mentioned = {request.principal, request.action, request.resource};
  collect(request.context, mentioned);
  std::vector<std::string> lines;
  for (const EntityId id : mentioned) {
    if (id == policy::kNoEntity) continue;
    const policy::Entity* facts = request.symbols->defined(id);
    if (facts == nullptr) facts = entities.find(id);
    if (facts != nullptr) lines.push_back(facts_text(request, id, *facts));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  for (const std::string& line : lines) text.entities += line + "\n";
  return text;
}

}  // namespace mcpgov::request
