// Binding the mapping's names. Tested by tests/request/mapping_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/mapping.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::request {

using policy::EntityId;
using policy::kNoEntity;
using policy::kNoName;
using policy::NameId;

namespace {

constexpr std::string_view kToolPrefix = "tool:";

// `%` and `#` of the issuer, escaped; copied to `to` unless null. Returns the size.
std::size_t escape_issuer(std::string_view issuer, char* to) {
  std::size_t size = 0;
  for (const char c : issuer) {
    const std::string_view text = c == '%'   ? std::string_view("%25")
                                  : c == '#' ? std::string_view("%23")
                                             : std::string_view(&c, 1);
    if (to != nullptr) std::memcpy(to + size, text.data(), text.size());
    size += text.size();
  }
  return size;
}

}  // namespace

bool is_namespace(std::string_view space) noexcept {
  while (true) {
    const std::size_t end = space.find("::");
    const std::string_view part = space.substr(0, end);
    if (!policy::cedar::is_identifier(part) || policy::cedar::is_reserved(part)) return false;
    if (end == std::string_view::npos) return true;
    space.remove_prefix(end + 2);
  }
}

std::string qualified_id(std::string_view issuer, std::string_view name) {
  std::string id(escape_issuer(issuer, nullptr), '\0');
  escape_issuer(issuer, id.data());
  id += '#';
  id += name;
  return id;
}

std::string_view action_id(std::string_view tool, Arena& arena) {
  const bool taken =
      tool.substr(0, kToolPrefix.size()) == kToolPrefix ||
      std::find(kActionTexts.begin(), kActionTexts.end(), tool) != kActionTexts.end();
  if (!taken) return tool;
  char* to = arena.array<char>(kToolPrefix.size() + tool.size());
  std::memcpy(to, kToolPrefix.data(), kToolPrefix.size());
  std::memcpy(to + kToolPrefix.size(), tool.data(), tool.size());
  return {to, kToolPrefix.size() + tool.size()};
}

Mapping::Mapping(Options options, const policy::Symbols& symbols, const policy::Entities& entities,
                 const policy::ReadPath& reads)
    : options_(std::move(options)), symbols_(&symbols), entities_(&entities), reads_(&reads) {
  const std::string prefix = options_.space.empty() ? std::string() : options_.space + "::";
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields_[i] = symbols.find_name(kFieldTexts[i]);
  }
  for (std::size_t i = 0; i < types_.size(); ++i) {
    type_texts_[i] = prefix + std::string(kTypeTexts[i]);
    types_[i] = symbols.find_name(type_texts_[i]);
  }
  const auto find = [&](TypeWord type, std::string_view id) {
    return known(type) == kNoName ? kNoEntity : symbols.find_entity(known(type), id);
  };
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    actions_[i] = find(TypeWord::action, kActionTexts[i]);
  }
  server_ = find(TypeWord::server, options_.server);
  call_tool_up_ = closure(actions_[std::size_t(ActionWord::call_tool)]);
  server_up_ = closure(server_);
  for (const FieldWord word : {FieldWord::input, FieldWord::pinned, FieldWord::claimed}) {
    if (known(word) != kNoName) varying_.push_back(known(word));
  }
}

Result<Mapping> Mapping::bind(Options options, const policy::Symbols& symbols,
                              const policy::Entities& entities, const policy::ReadPath& reads) {
  if (!options.space.empty() && !is_namespace(options.space)) {
    return Error{
        ErrorCode::config_value, "`" + options.space + "` is no namespace of Cedar", {}, 0, 0};
  }
  return Mapping(std::move(options), symbols, entities, reads);
}

std::vector<EntityId> Mapping::closure(EntityId entity) const {
  std::vector<EntityId> all;
  if (entity == kNoEntity) return all;
  if (const policy::Entity* facts = entities_->find(entity)) {
    all.assign(facts->ancestors.begin(), facts->ancestors.end());
  }
  all.insert(std::lower_bound(all.begin(), all.end(), entity), entity);
  return all;
}

NameId Mapping::field(FieldWord word, policy::RequestSymbols& symbols) const {
  const NameId id = known(word);
  return id != kNoName ? id : symbols.name(text_of(word));
}

NameId Mapping::type(TypeWord word, policy::RequestSymbols& symbols) const {
  const NameId id = known(word);
  return id != kNoName ? id : symbols.name(type_texts_[std::size_t(word)]);
}

EntityId Mapping::action(ActionWord word, policy::RequestSymbols& symbols) const {
  const EntityId id = actions_[std::size_t(word)];
  return id != kNoEntity ? id : symbols.entity(type(TypeWord::action, symbols), text_of(word));
}

EntityId Mapping::server(policy::RequestSymbols& symbols) const {
  return server_ != kNoEntity ? server_
                              : symbols.entity(type(TypeWord::server, symbols), options_.server);
}

}  // namespace mcpgov::request
