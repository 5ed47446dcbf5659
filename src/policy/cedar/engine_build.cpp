// Building an engine: read, compile, number, file.
// Tested by tests/policy/authorize_test.cpp, template_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "policy/cedar/parser.hpp"
#include "policy/cedar/policy_id.hpp"
#include "policy/cedar/policy_set.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/snapshot.hpp"

namespace mcpgov::policy::cedar {

// Both roads, from texts and from a policy set, go through add_body() and add_policy().
class EngineBuilder {
 public:
  EngineBuilder(Engine::Snapshot& snapshot, Ids ids) : snapshot_(snapshot), ids_(ids) {}

  // The error, or code `none`.
  Error add(const Source& source);
  void add(const PolicySet& set);
  void finish();

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  Error add(const Source& source, const ParsedPolicy& policy, std::uint32_t number);
  std::string_view text_of(const PolicySet& set, const PolicyBody& body);
  // Compiles a policy or template, once for all its links.
  std::uint32_t add_body(const Ast& ast, const ParsedPolicy& policy, const BodyFacts& place);
  void add_policy(std::uint32_t body, std::string_view id, const SlotEntities& slots);

  Engine::Snapshot& snapshot_;
  Ids ids_;
  Arena scratch_;  // strings of syntax trees
  Ast ast_;
  Compiler compiler_{snapshot_.program};
  Reads reads_;
  std::vector<CompiledPolicy> compiled_;  // by body, slots not filled
  Symbols seen_;                          // ids, for finding one that is used twice
  std::string id_;
  std::string_view text_;   // of the source, kept
  std::size_t offset_ = 0;  // of the last policy in its source
  Position position_{1, 1};
};

Error EngineBuilder::add(const Source& source) {
  snapshot_.source_names.push_back(source.name);
  text_ = snapshot_.text.copy(source.text);
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

Error EngineBuilder::add(const Source& source, const ParsedPolicy& policy, std::uint32_t number) {
  position_ = position_after(source.text, offset_, position_, policy.offset);
  offset_ = policy.offset;
  write_id(id_, source, policy, number, ids_);
  const auto refuse = [&](ErrorCode code, std::string message) {
    return Error{code, std::move(message), source.name, position_.line, position_.column};
  };
  if (policy.is_template) {
    return refuse(ErrorCode::policy_template_unlinked,
                  "the template " + shown(id_) + " is not linked");
  }
  const std::uint32_t known = seen_.name_count();
  if (static_cast<std::uint32_t>(seen_.name(id_)) != known) {
    return refuse(ErrorCode::policy_duplicate_id, "two policies have the id " + shown(id_));
  }
  BodyFacts place;
  place.source = static_cast<std::uint32_t>(snapshot_.source_names.size() - 1);
  place.line = position_.line;
  place.column = position_.column;
  place.text = text_.substr(policy.begin, policy.end - policy.begin);
  add_policy(add_body(ast_, policy, place), id_, {});
  return Error{ErrorCode::none, {}, {}, 0, 0};
}

void EngineBuilder::add(const PolicySet& set) {
  const auto first_source = static_cast<std::uint32_t>(snapshot_.source_names.size());
  snapshot_.source_names.insert(snapshot_.source_names.end(), set.source_names().begin(),
                                set.source_names().end());
  snapshot_.facts.reserve(set.size());
  snapshot_.table.policies.reserve(set.size());
  Translation translation(set.symbols(), snapshot_.symbols);
  std::vector<std::uint32_t> bodies(set.body_count(), kNone);
  ParsedPolicy policy;
  for (const PolicySet::Entry& entry : set.entries()) {
    if (entry.body == nullptr || entry.role == PolicyRole::policy_template) continue;
    std::uint32_t& body = bodies[entry.body->number];
    if (body == kNone) {
      translation.translate(*entry.body, ast_, policy);
      BodyFacts place;
      place.source = first_source + entry.body->source;
      place.line = entry.body->line;
      place.column = entry.body->column;
      place.text = text_of(set, *entry.body);
      body = add_body(ast_, policy, place);
    }
    add_policy(
        body, entry.id,
        {translation.entity(entry.slots.principal), translation.entity(entry.slots.resource)});
  }
}

// What came as JSON stays JSON: it can say things that Cedar text cannot. Empty if it is too long
// to be written.
std::string_view EngineBuilder::text_of(const PolicySet& set, const PolicyBody& body) {
  if (!body.text.empty()) return snapshot_.text.copy(body.text);
  std::string json;
  if (!append_policy_json(json, set.symbols(), body.ast, body.parsed, {})) return {};
  return snapshot_.text.copy(json);
}

std::uint32_t EngineBuilder::add_body(const Ast& ast, const ParsedPolicy& policy,
                                      const BodyFacts& place) {
  BodyFacts facts = place;
  facts.annotations.reserve(policy.annotations.size());
  for (const AnnotationText& each : policy.annotations) {
    facts.annotations.push_back({snapshot_.text.copy(each.name), snapshot_.text.copy(each.value)});
  }
  facts.dependence = reads_.add(ast, policy);
  snapshot_.bodies.push_back(std::move(facts));

  CompiledPolicy compiled;
  compiled.forbid = policy.forbid;
  compiled.principal = policy.principal;
  compiled.resource = policy.resource;
  compiled.action = policy.action;
  compiled.first_action = static_cast<std::uint32_t>(snapshot_.table.actions.size());
  compiled.action_count = static_cast<std::uint32_t>(policy.actions.size());
  compiled.entry = compiler_.compile(ast, policy);
  snapshot_.table.actions.insert(snapshot_.table.actions.end(), policy.actions.begin(),
                                 policy.actions.end());
  compiled_.push_back(compiled);
  return static_cast<std::uint32_t>(compiled_.size() - 1);
}

void EngineBuilder::add_policy(std::uint32_t body, std::string_view id, const SlotEntities& slots) {
  const auto number = static_cast<PolicyNumber>(snapshot_.facts.size());
  snapshot_.facts.push_back({snapshot_.text.copy(id), body});
  CompiledPolicy policy = compiled_[body];
  if (slots.principal != kNoEntity) policy.principal.entity = slots.principal;
  if (slots.resource != kNoEntity) policy.resource.entity = slots.resource;
  snapshot_.table.policies.push_back(policy);
  (policy.forbid ? snapshot_.all_forbids : snapshot_.all_permits).push_back(number);
}

// An engine lives long and never grows: what its vectors hold in reserve is given back.
void EngineBuilder::finish() {
  snapshot_.reads = reads_.tree(snapshot_.text);
  snapshot_.program.code.shrink_to_fit();
  snapshot_.program.constants.shrink_to_fit();
  snapshot_.program.patterns.shrink_to_fit();
  snapshot_.table.policies.shrink_to_fit();
  snapshot_.table.actions.shrink_to_fit();
  snapshot_.bodies.shrink_to_fit();
  snapshot_.facts.shrink_to_fit();
  snapshot_.all_forbids.shrink_to_fit();
  snapshot_.all_permits.shrink_to_fit();
  if (snapshot_.indexed) {
    snapshot_.index.build(snapshot_.table, snapshot_.entities, snapshot_.symbols.entity_count());
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

Engine Engine::build(const PolicySet& policies, Symbols symbols, Entities entities,
                     const Options& options) {
  auto snapshot = std::make_unique<Snapshot>(std::move(symbols), std::move(entities));
  snapshot->indexed = options.index;
  EngineBuilder builder(*snapshot, options.ids);
  builder.add(policies);
  builder.finish();
  return Engine(std::move(snapshot));
}

}  // namespace mcpgov::policy::cedar
