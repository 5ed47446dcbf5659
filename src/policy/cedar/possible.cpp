// What could come out while parts of the request are unknown, for one request and for lists.
// Tested by tests/policy/possible_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/outlook.hpp"
#include "policy/cedar/snapshot.hpp"

namespace mcpgov::policy::cedar {
namespace {

// outcomes_of(number, policy): what the conditions of a policy in scope can come to.
template <class OutcomesOf>
Possible look(std::span<const Bucket> buckets, ErrorRule rule, OutcomesOf outcomes_of) {
  Outlook outlook(rule);
  for (const Bucket& bucket : buckets) {
    for (const PolicyNumber number : bucket.forbids) outlook.add(true, outcomes_of(number));
    if (outlook.settled()) return {};
  }
  for (const Bucket& bucket : buckets) {
    for (const PolicyNumber number : bucket.permits) outlook.add(false, outcomes_of(number));
  }
  return outlook.result();
}

bool can_ask(const Request& request) noexcept {
  return request.symbols != nullptr &&
         (request.context.kind == Kind::record || request.context.kind == Kind::unknown);
}

// A scope that may not match adds that possibility to those of the conditions.
Outcomes with_scope(Outcomes scope, Outcomes conditions) noexcept {
  return static_cast<Outcomes>((scope & kUnmatched) | conditions);
}

}  // namespace

Possible Engine::possible(const Request& request, ErrorRule rule, Arena& arena) const {
  if (!can_ask(request)) return {};
  const Snapshot& own = *snapshot_;
  Evaluation evaluation(own.program, own.entities, request, arena);
  Candidates candidates(arena);
  own.find(evaluation, request, candidates);
  return look(candidates.buckets(), rule, [&](PolicyNumber number) -> Outcomes {
    const CompiledPolicy& policy = own.table.policies[number];
    const Outcomes scope = own.scope(policy, evaluation, request);
    if (scope == kUnmatched) return kUnmatched;
    return with_scope(scope, evaluation.possible(policy.entry));
  });
}

struct ListQuestion::State {
  const Engine::Snapshot& own;
  Request request;
  ErrorRule rule;
  Evaluation evaluation;
  Candidates candidates;
  std::span<const NameId> varying;
  Outcomes* remembered;  // by policy, zero while not known; only of those that do not vary

  bool varies(const Dependence& dependence) const noexcept {
    if (dependence.action || dependence.resource) return true;
    if (varying.empty()) return false;
    return dependence.whole_context ||
           std::any_of(dependence.context_fields.begin(), dependence.context_fields.end(),
                       [&](NameId name) {
                         return std::find(varying.begin(), varying.end(), name) != varying.end();
                       });
  }
  Outcomes conditions(PolicyNumber number);
};

ListQuestion::ListQuestion(const Engine& engine, EntityId principal, const RequestSymbols& symbols,
                           std::span<const NameId> varying, ErrorRule rule, Arena& arena) {
  const Engine::Snapshot& own = *engine.snapshot_;
  Request request;
  request.principal = principal;
  request.symbols = &symbols;
  auto* remembered = arena.array<Outcomes>(own.table.policies.size());
  std::fill_n(remembered, own.table.policies.size(), Outcomes{0});
  state_ =
      arena.create<State>(own, request, rule, Evaluation(own.program, own.entities, request, arena),
                          Candidates(arena), arena.copy(varying), remembered);
}

// A policy is remembered if it read nothing that varies; entities met on the way might be the
// resource of another item, so they count as varying too.
Outcomes ListQuestion::State::conditions(PolicyNumber number) {
  if (remembered[number] != 0) return remembered[number];
  evaluation.forget_others();
  const Outcomes found = evaluation.possible(own.table.policies[number].entry);
  if (!evaluation.met_others() && !varies(own.body(number).dependence)) {
    remembered[number] = found;
  }
  return found;
}

Possible ListQuestion::probe(EntityId action, EntityId resource, const Value& context) {
  State& at = *state_;
  at.request.action = action;
  at.request.resource = resource;
  at.request.context = context;
  if (!can_ask(at.request)) return {};
  at.evaluation.turn_to(action, resource, context);
  at.candidates.clear();
  at.own.find(at.evaluation, at.request, at.candidates);
  return look(at.candidates.buckets(), at.rule, [&](PolicyNumber number) -> Outcomes {
    const CompiledPolicy& policy = at.own.table.policies[number];
    const Outcomes scope = at.own.scope(policy, at.evaluation, at.request);
    if (scope == kUnmatched) return kUnmatched;
    return with_scope(scope, at.conditions(number));
  });
}

}  // namespace mcpgov::policy::cedar
