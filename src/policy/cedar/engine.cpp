// Decisions: the candidates of a request, their scopes, their programs.
// Tested by tests/policy/authorize_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/engine.hpp"

#include <algorithm>

#include "policy/cedar/snapshot.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr Outcomes kEither = kSatisfied | kUnmatched;

Outcomes outcome(bool matches) noexcept {
  return matches ? kSatisfied : kUnmatched;
}

Outcomes match(const Scope& scope, EntityId entity, Evaluation& evaluation,
               const RequestSymbols& symbols) {
  if (scope.kind == ScopeKind::any) return kSatisfied;
  if (entity == kNoEntity) return kEither;
  switch (scope.kind) {
    case ScopeKind::equal: return outcome(entity == scope.entity);
    case ScopeKind::in: return outcome(evaluation.is_in(entity, scope.entity));
    case ScopeKind::is: return outcome(symbols.type(entity) == scope.type);
    default:
      return outcome(symbols.type(entity) == scope.type && evaluation.is_in(entity, scope.entity));
  }
}

Outcomes match_action(ActionScope scope, std::span<const EntityId> actions, EntityId action,
                      Evaluation& evaluation) {
  if (scope == ActionScope::any) return kSatisfied;
  if (action == kNoEntity) return kEither;
  if (scope == ActionScope::equal) return outcome(action == actions.front());
  return outcome(std::any_of(actions.begin(), actions.end(),
                             [&](EntityId each) { return evaluation.is_in(action, each); }));
}

// Source order, each once: a policy can be in two buckets.
template <class T, class Number>
std::span<const T> in_order(T* first, std::size_t count, Number number) {
  if (count < 2) return {first, count};
  std::sort(first, first + count, [&](const T& a, const T& b) { return number(a) < number(b); });
  T* const end = std::unique(first, first + count,
                             [&](const T& a, const T& b) { return number(a) == number(b); });
  return {first, static_cast<std::size_t>(end - first)};
}

}  // namespace

void Engine::Snapshot::find(Evaluation& evaluation, const Request& request, Candidates& out) const {
  const bool known = request.principal != kNoEntity && request.action != kNoEntity &&
                     request.resource != kNoEntity;
  if (indexed && known) {
    index.find(evaluation, request, out);
  } else {
    out.add({all_forbids, all_permits});
  }
}

Outcomes Engine::Snapshot::scope(const CompiledPolicy& policy, Evaluation& evaluation,
                                 const Request& request) const {
  // The action first: it tells most policies apart. No order can show, since none of the three
  // can fail.
  const Outcomes action =
      match_action(policy.action, table.actions_of(policy), request.action, evaluation);
  if (action == kUnmatched) return kUnmatched;
  const Outcomes principal =
      match(policy.principal, request.principal, evaluation, *request.symbols);
  if (principal == kUnmatched) return kUnmatched;
  const Outcomes resource = match(policy.resource, request.resource, evaluation, *request.symbols);
  if (resource == kUnmatched) return kUnmatched;
  return action | principal | resource;
}

Decision Engine::authorize(const Request& request, Arena& arena) const {
  Decision out;
  if (!can_decide(request)) return out;
  const Snapshot& own = *snapshot_;
  Evaluation evaluation(own.program, own.entities, request, arena);
  Candidates candidates(arena);
  own.find(evaluation, request, candidates);
  const std::size_t room = candidates.policies();
  auto* forbids = arena.array<PolicyNumber>(room);
  auto* permits = arena.array<PolicyNumber>(room);
  PolicyError* errors = nullptr;
  std::size_t forbid_count = 0;
  std::size_t permit_count = 0;
  std::size_t error_count = 0;
  const auto look_at = [&](PolicyNumber number) {
    const CompiledPolicy& policy = own.table.policies[number];
    if (own.scope(policy, evaluation, request) == kUnmatched) return;
    const Outcomes came = evaluation.run(policy.entry);
    if (came == kSatisfied) {
      (policy.forbid ? forbids[forbid_count++] : permits[permit_count++]) = number;
    } else if (came == kFailed) {
      if (errors == nullptr) errors = arena.array<PolicyError>(room);
      errors[error_count++] = {number, evaluation.error()};
    }
  };
  for (const Bucket& bucket : candidates.buckets()) {
    for (const PolicyNumber number : bucket.forbids) look_at(number);
    for (const PolicyNumber number : bucket.permits) look_at(number);
  }
  const auto number = [](PolicyNumber each) { return each; };
  if (forbid_count > 0) {
    out.reasons = in_order(forbids, forbid_count, number);
  } else if (permit_count > 0) {
    out.effect = Effect::allow;
    out.reasons = in_order(permits, permit_count, number);
  }
  out.errors = in_order(errors, error_count, [](const PolicyError& each) { return each.policy; });
  return out;
}

// Errors never change the effect, so this may stop at the first forbid, and at the first permit
// once no forbid is left.
Effect Engine::decide(const Request& request, Arena& arena) const {
  if (!can_decide(request)) return Effect::deny;
  const Snapshot& own = *snapshot_;
  Evaluation evaluation(own.program, own.entities, request, arena);
  Candidates candidates(arena);
  own.find(evaluation, request, candidates);
  const auto satisfied = [&](PolicyNumber number) {
    const CompiledPolicy& policy = own.table.policies[number];
    return own.scope(policy, evaluation, request) == kSatisfied &&
           evaluation.run(policy.entry) == kSatisfied;
  };
  for (const Bucket& bucket : candidates.buckets()) {
    if (std::any_of(bucket.forbids.begin(), bucket.forbids.end(), satisfied)) return Effect::deny;
  }
  for (const Bucket& bucket : candidates.buckets()) {
    if (std::any_of(bucket.permits.begin(), bucket.permits.end(), satisfied)) {
      return Effect::allow;
    }
  }
  return Effect::deny;
}

const ReadPath& Engine::reads() const noexcept {
  return snapshot_->reads;
}
const Symbols& Engine::symbols() const noexcept {
  return snapshot_->symbols;
}
const Entities& Engine::entities() const noexcept {
  return snapshot_->entities;
}
std::size_t Engine::program_size() const noexcept {
  return snapshot_->program.code.size();
}
std::uint32_t Engine::policy_count() const noexcept {
  return static_cast<std::uint32_t>(snapshot_->table.policies.size());
}

PolicyFacts Engine::policy(PolicyNumber policy) const noexcept {
  const BodyFacts& body = snapshot_->body(policy);
  return {snapshot_->facts[policy].id, forbids(policy), snapshot_->source_names[body.source],
          body.line, body.column};
}

bool Engine::forbids(PolicyNumber policy) const noexcept {
  return snapshot_->table.policies[policy].forbid;
}

std::span<const Annotation> Engine::annotations(PolicyNumber policy) const noexcept {
  return snapshot_->body(policy).annotations;
}

bool Engine::principal_scope_names(PolicyNumber policy, std::string_view type) const noexcept {
  const Scope& scope = snapshot_->table.policies[policy].principal;
  const auto last_name_is = [&](NameId name) {
    const std::string_view text = snapshot_->symbols.text(name);
    const std::size_t colon = text.rfind(':');
    return (colon == std::string_view::npos ? text : text.substr(colon + 1)) == type;
  };
  switch (scope.kind) {
    case ScopeKind::any: return false;
    case ScopeKind::is:
    case ScopeKind::is_in: return last_name_is(scope.type);
    default: return last_name_is(snapshot_->symbols.type(scope.entity));
  }
}

Engine::Engine(std::unique_ptr<const Snapshot> snapshot) noexcept
    : snapshot_(std::move(snapshot)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

}  // namespace mcpgov::policy::cedar
