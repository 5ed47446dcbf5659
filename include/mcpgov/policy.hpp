// Policies alone: who may do what, decided by Cedar policies over entities. Usable without the rest
// of the library.
//
//   const mcpgov::policy::Source source{"tools.cedar", text};
//   auto engine = mcpgov::policy::Engine::cedar({&source, 1}, entities_json);
//   if (!engine) return fail(engine.error());             // code, sentence, file:line:column
//   auto answer = engine->authorize({{"User", "ann"}, {"Action", "read"}, {"Doc", "plan"}},
//                                   R"({"mfa": true})");
//   if (answer && answer->effect == mcpgov::policy::Effect::allow) …
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::policy {

// What a decision says. The zero value denies, and there is no conversion to bool.
enum class Effect : std::uint8_t { deny = 0, allow = 1 };

// One policy file. name: what errors and policy ids show, may be empty. text: UTF-8, at most 16
// MiB.
struct Source {
  std::string name;
  std::string text;
};

// How policies are called. A `positional` id is `policy<N>`, counting from 0 in each source
// (Cedar's own numbering), after `<name>#` where the source has a name.
enum class Ids : std::uint8_t {
  positional,
  annotated,  // the value of `@id("…")` where a policy has one, else as above
};

// An entity, `type::"id"`. type: `User` or `Shop::User`, without spaces. id: any UTF-8.
// As an argument it is borrowed for the call.
struct Uid {
  std::string_view type;
  std::string_view id;
};

// Who wants to do what to which thing. The context is handed in beside it.
struct Question {
  Uid principal;
  Uid action;
  Uid resource;
};

// A policy that could not be evaluated. Cedar skips it: it never changed the effect.
// message: one sentence without any value of the request.
struct Failure {
  std::string policy;
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

// reasons: ids of the policies that decided, in source order: all satisfied forbids, or else all
// satisfied permits; none when nothing permits. failures: in source order.
struct Answer {
  Effect effect = Effect::deny;
  std::vector<std::string> reasons;
  std::vector<Failure> failures;
};

// A part of a question that may be open: an entity; without id, any of the type (of an action: an
// error, entities_shape); without type, too, any at all. Borrowed for the call.
struct OpenUid {
  std::string_view type = {};
  std::optional<std::string_view> id = {};
};

// A question with open parts. context_json: what is known of the context; unset: nothing.
// unknown: parts of the context that are there with a value not known, `input` or `input/path`.
struct OpenQuestion {
  OpenUid principal = {};
  OpenUid action = {};
  OpenUid resource = {};
  std::optional<std::string_view> context_json = {};
  std::span<const std::string_view> unknown = {};
};

// What is left of a policy. With any completion of the question it applies, does not or fails as
// the policy does.
struct OpenPolicy {
  std::string policy;  // id
  bool forbid = false;
  bool may_apply = false;
  bool may_not_apply = false;
  bool may_fail = false;
  std::string condition;  // scope and conditions as one expression; `true`: nothing is left
  std::string text;       // as a policy, with `@id`
  std::string json;       // as a JSON policy
};

// effect: unset if it depends on what is open. policies: in source order, without those that cannot
// match whatever the open parts are.
struct OpenAnswer {
  std::optional<Effect> effect;
  std::vector<OpenPolicy> policies;
};

// Where a policy stands. Views belong to the engine.
struct PolicyFacts {
  std::string_view id;
  bool forbid = false;
  std::string_view source;   // name of its file
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in bytes
};

class PolicySet;  // mcpgov/cedar.hpp, as is the next
class Schema;

// A policy set compiled together with the entities it decides about.
// Threads: immutable, share freely. Throws: std::bad_alloc only.
class MCPGOV_API Engine {
 public:
  // Reads Cedar 4.5 policies and an entities document (a JSON list; empty text means no entities).
  // Templates are refused: a template decides nothing before it is linked.
  // Copies what it keeps. Nesting: expressions 256 deep, values 64 deep.
  // Errors: policy_syntax, policy_token, policy_string_escape, policy_integer_range,
  //         policy_reserved_identifier, policy_duplicate_annotation, policy_duplicate_key,
  //         policy_unknown_function, policy_wrong_arity, policy_scope, policy_too_deep,
  //         policy_too_large, policy_template_unlinked, policy_slot, policy_action_type,
  //         policy_duplicate_id, entities_json, entities_shape, entities_duplicate,
  //         entities_cycle, entities_value, entities_too_large, entities_too_deep,
  //         entities_action_parent.
  // Spec: docs.cedarpolicy.com, language version 4.5: policy grammar; entities JSON.
  static Result<Engine> cedar(std::span<const Source> sources, std::string_view entities_json,
                              Ids ids = Ids::annotated);
  // The same of a set with its links; templates decide nothing. Errors: those of the entities.
  static Result<Engine> from(const PolicySet& policies, std::string_view entities_json);

  // Both with a schema: entities and contexts may take the short forms its types allow and must
  // fit it, its actions are added, and authorize() refuses what it does not admit.
  // Errors: as above, and entities_schema (a value of another type), entities_type_undeclared,
  //         entities_attribute_missing, entities_attribute_unknown, entities_parent_type,
  //         entities_enum_id, entities_action.
  static Result<Engine> cedar(std::span<const Source> sources, std::string_view entities_json,
                              const Schema& schema, Ids ids = Ids::annotated);
  static Result<Engine> from(const PolicySet& policies, std::string_view entities_json,
                             const Schema& schema);

  // Decides. context_json: an object in Cedar's context form, or empty for `{}`.
  // Errors: entities_json, entities_value, entities_too_large, entities_too_deep,
  //         context_not_a_record, entities_shape (a type name that is none); of an engine with a
  //         schema also request_type_undeclared, request_action_undeclared,
  //         request_not_applicable, request_enum_id, request_context, and for the context those
  //         of entities against a schema.
  Result<Answer> authorize(const Question& question, std::string_view context_json) const;

  // Decides as far as that is possible, and says what the rest depends on. An engine with a schema
  // counts only what the schema admits. With `unknown`, the context is read without short forms.
  // Reads policies again: for people and tools, not for every call.
  // Errors: those of authorize(), where what is open may be anything; policy_too_large.
  Result<OpenAnswer> partial(const OpenQuestion& question) const;

  // Policies of all sources together.
  std::size_t policy_count() const noexcept;
  // number: less than policy_count(), in source order.
  PolicyFacts policy(std::size_t number) const& noexcept MCPGOV_LIFETIME_BOUND;
  PolicyFacts policy(std::size_t number) const&& = delete;

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

 private:
  struct Parts;
  static Result<Engine> build(std::span<const Source> sources, std::string_view entities_json,
                              const Schema* schema, Ids ids);
  static Result<Engine> build(const PolicySet& policies, std::string_view entities_json,
                              const Schema* schema);
  explicit Engine(std::unique_ptr<const Parts> parts) noexcept;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace mcpgov::policy
