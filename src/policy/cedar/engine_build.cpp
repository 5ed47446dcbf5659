// Building an engine: read, compile, number, file.
// Tested by tests/policy/authorize_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <unordered_map>
#include <utility>

#include "policy/cedar/parser.hpp"
#include "policy/cedar/snapshot.hpp"

namespace mcpgov::policy::cedar {

class EngineBuilder {
 public:
  EngineBuilder(Engine::Snapshot& snapshot, Ids ids) : snapshot_(snapshot), ids_(ids) {}

  // The error, or code `none`.
  Error add(const Source& source);
  void finish();

 private:
  Error add(const Source& source, const ParsedPolicy& policy, std::uint32_t number);
  std::string id_of(const Source& source, const ParsedPolicy& policy, std::uint32_t number) const;

  Engine::Snapshot& snapshot_;
  Ids ids_;
  Arena scratch_;  // strings of syntax trees
  Ast ast_;
  Reads reads_;
  std::unordered_map<std::string_view, PolicyNumber> by_id_;
  std::size_t offset_ = 0;  // of the last policy in its source
  Position position_{1, 1};
};

Error EngineBuilder::add(const Source& source) {
  snapshot_.source_names.push_back(source.name);
  offset_ = 0;
  position_ = {1, 1};
  Parser parser(source.name, source.text, snapshot_.symbols, scratch_);
  ParsedPolicy policy;
  for (std::uint32_t number = 0; parser.next(ast_, policy); ++number) {
    if (Error error = add(source, policy, number); error.code != ErrorCode::none) return error;
    ast_.clear();
  }
  if (parser.failed()) return parser.error();
  return Error{ErrorCode::none, {}, {}, 0, 0};
}

std::string EngineBuilder::id_of(const Source& source, const ParsedPolicy& policy,
                                 std::uint32_t number) const {
  if (ids_ == Ids::annotated) {
    for (const AnnotationText& annotation : policy.annotations) {
      if (annotation.name == "id") return std::string(annotation.value);
    }
  }
  const std::string prefix = source.name.empty() ? "" : source.name + "#";
  return prefix + "policy" + std::to_string(number);
}

Error EngineBuilder::add(const Source& source, const ParsedPolicy& policy, std::uint32_t number) {
  const Position at = position_after(source.text, offset_, position_, policy.offset);
  offset_ = policy.offset;
  position_ = at;
  StoredFacts facts;
  facts.id = snapshot_.text.copy(id_of(source, policy, number));
  facts.source = static_cast<std::uint32_t>(snapshot_.source_names.size() - 1);
  facts.line = at.line;
  facts.column = at.column;
  const auto refuse = [&](ErrorCode code, std::string message) {
    return Error{code, std::move(message), source.name, at.line, at.column};
  };
  if (policy.is_template) {
    return refuse(ErrorCode::policy_template_unlinked,
                  "the template `" + std::string(facts.id) + "` is not linked");
  }
  const auto next = static_cast<PolicyNumber>(snapshot_.facts.size());
  if (!by_id_.try_emplace(facts.id, next).second) {
    return refuse(ErrorCode::policy_duplicate_id,
                  "two policies have the id `" + std::string(facts.id) + "`");
  }
  for (const AnnotationText& each : policy.annotations) {
    facts.annotations.push_back({snapshot_.text.copy(each.name), snapshot_.text.copy(each.value)});
  }
  facts.dependence = reads_.add(ast_, policy);
  snapshot_.facts.push_back(std::move(facts));

  CompiledPolicy compiled;
  compiled.forbid = policy.forbid;
  compiled.principal = policy.principal;
  compiled.resource = policy.resource;
  compiled.action = policy.action;
  compiled.first_action = static_cast<std::uint32_t>(snapshot_.table.actions.size());
  compiled.action_count = static_cast<std::uint32_t>(policy.actions.size());
  compiled.entry = compile(ast_, policy, snapshot_.program);
  snapshot_.table.actions.insert(snapshot_.table.actions.end(), policy.actions.begin(),
                                 policy.actions.end());
  snapshot_.table.policies.push_back(compiled);
  (policy.forbid ? snapshot_.all_forbids : snapshot_.all_permits).push_back(next);
  return Error{ErrorCode::none, {}, {}, 0, 0};
}

void EngineBuilder::finish() {
  snapshot_.reads = reads_.tree(snapshot_.text);
  if (snapshot_.indexed) {
    snapshot_.index.build(snapshot_.table, snapshot_.symbols.entity_count());
  }
}

Result<Engine> Engine::build(std::span<const Source> sources, Symbols symbols, Entities entities,
                             const Options& options) {
  auto snapshot = std::make_unique<Snapshot>(std::move(symbols), std::move(entities));
  snapshot->indexed = options.index;
  EngineBuilder builder(*snapshot, options.ids);
  for (const Source& source : sources) {
    if (Error error = builder.add(source); error.code != ErrorCode::none) return error;
  }
  builder.finish();
  return Engine(std::move(snapshot));
}

Result<Engine> Engine::build(std::span<const Source> sources, Symbols symbols, Entities entities) {
  return build(sources, std::move(symbols), std::move(entities), Options{});
}

}  // namespace mcpgov::policy::cedar
