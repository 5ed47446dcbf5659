// The residuals of all policies: which are left, and what is left of them.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/partial.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/engine.hpp"
#include "policy/cedar/est_read.hpp"
#include "policy/cedar/outlook.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/partial_fold.hpp"
#include "policy/cedar/snapshot.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr Outcomes kEither = kSatisfied | kUnmatched;

// A scope that is open, without what the type of the unknown entity settles.
Outcomes narrow(Scope& scope, NameId type, const Folder& folder, const RequestSymbols& symbols) {
  if (type == kNoName || scope.kind == ScopeKind::any) return kEither;
  if (scope.kind == ScopeKind::is || scope.kind == ScopeKind::is_in) {
    if (scope.type != type) return kUnmatched;
    scope.kind = scope.kind == ScopeKind::is ? ScopeKind::any : ScopeKind::in;
  }
  if (scope.kind == ScopeKind::any) return kSatisfied;
  const NameId container = symbols.type(scope.entity);
  const bool may =
      scope.kind == ScopeKind::equal ? container == type : folder.may_be_in(type, container);
  return may ? kEither : kUnmatched;
}

}  // namespace

// Makes the residuals of one question, one policy after the other.
class PartialQuestion {
 public:
  PartialQuestion(const Engine::Snapshot& own, const PartialRequest& asked, Evaluation& evaluation,
                  Residuals& out)
      : own_(own),
        asked_(asked),
        evaluation_(evaluation),
        out_(out),
        folder_(evaluation, asked, out.symbols, *out.arena) {}

  // What can come of the policy, which is added unless it cannot match. False if it cannot be
  // read again.
  bool add(PolicyNumber number, Outcomes& came);

 private:
  Outcomes scope(PolicyNumber number, Residual& out);
  bool conditions(PolicyNumber number, Outcomes& came, Residual& out);
  EntityId in_residual(EntityId entity);
  Scope in_residual(const Scope& scope);

  const Engine::Snapshot& own_;
  const PartialRequest& asked_;
  Evaluation& evaluation_;
  Residuals& out_;
  Folder folder_;
};

EntityId PartialQuestion::in_residual(EntityId entity) {
  if (entity == kNoEntity) return kNoEntity;
  const Symbols& from = own_.symbols;
  return out_.symbols.entity(out_.symbols.name(from.text(from.type(entity))), from.id(entity));
}

Scope PartialQuestion::in_residual(const Scope& scope) {
  Scope out = scope;
  out.entity = in_residual(scope.entity);
  if (scope.type != kNoName) out.type = out_.symbols.name(own_.symbols.text(scope.type));
  return out;
}

// The constraints on what is not known stay; the others are settled.
Outcomes PartialQuestion::scope(PolicyNumber number, Residual& out) {
  const CompiledPolicy& policy = own_.table.policies[number];
  const Request& request = asked_.request;
  Outcomes came = own_.scope(policy, evaluation_, request);
  if (came == kUnmatched) return came;
  struct Side {
    EntityId asked;
    NameId type;
    Scope scope;
    Scope& left;
  };
  bool open = false;
  for (Side side :
       {Side{request.principal, asked_.principal_type, policy.principal, out.policy.principal},
        Side{request.resource, asked_.resource_type, policy.resource, out.policy.resource}}) {
    if (side.asked != kNoEntity || side.scope.kind == ScopeKind::any) continue;
    const Outcomes left = narrow(side.scope, side.type, folder_, *request.symbols);
    if (left == kUnmatched) return kUnmatched;
    if (left == kSatisfied) continue;
    side.left = in_residual(side.scope);
    open = true;
  }
  if (request.action == kNoEntity && policy.action != ActionScope::any) {
    open = true;
    out.policy.action = policy.action;
    for (const EntityId action : own_.table.actions_of(policy)) {
      out.policy.actions.push_back(in_residual(action));
    }
  }
  return open ? kEither : kSatisfied;
}

bool PartialQuestion::conditions(PolicyNumber number, Outcomes& came, Residual& out) {
  // The program tells most policies without a look at their text.
  came = evaluation_.possible(own_.table.policies[number].entry);
  if (came == kUnmatched || came == kSatisfied) return true;
  const std::string_view text = own_.body(number).text;
  Ast ast;
  ParsedPolicy parsed;
  if (text.starts_with('{')) {
    const Result<JsonNode> node = read_policy_json(text, *out_.arena);
    EstReader reader({}, text, out_.symbols, *out_.arena);
    if (!node || !reader.policy(*node, ast, parsed)) return false;
  } else {
    Parser parser({}, text, out_.symbols, *out_.arena);
    if (!parser.next(ast, parsed)) return false;
  }
  came = folder_.fold(ast, parsed.conditions, out.ast, out.policy.conditions);
  return true;
}

bool PartialQuestion::add(PolicyNumber number, Outcomes& came) {
  Residual left;
  left.number = number;
  left.policy.forbid = own_.table.policies[number].forbid;
  const Outcomes scope_came = scope(number, left);
  came = scope_came;
  if (scope_came == kUnmatched) return true;
  if (!conditions(number, came, left)) return false;
  came = static_cast<Outcomes>(came | (scope_came & kUnmatched));
  if (came == kUnmatched) return true;
  left.outcomes = came;
  left.policy.annotations.push_back({"id", out_.arena->copy(own_.facts[number].id)});
  out_.policies.push_back(std::move(left));
  return true;
}

Result<Residuals> Engine::partial(const PartialRequest& asked, ErrorRule rule, Arena& arena) const {
  Residuals out;
  const Request& request = asked.request;
  const bool askable = request.symbols != nullptr && (request.context.kind == Kind::record ||
                                                      request.context.kind == Kind::unknown);
  if (!askable) return out;
  const Snapshot& own = *snapshot_;
  Evaluation evaluation(own.program, own.entities, request, arena);
  Candidates candidates(arena);
  own.find(evaluation, request, candidates);
  std::vector<PolicyNumber> numbers;
  for (const Bucket& bucket : candidates.buckets()) {
    numbers.insert(numbers.end(), bucket.forbids.begin(), bucket.forbids.end());
    numbers.insert(numbers.end(), bucket.permits.begin(), bucket.permits.end());
  }
  // Source order, each once: a policy can be in two buckets.
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  PartialQuestion question(own, asked, evaluation, out);
  Outlook outlook(rule);
  for (const PolicyNumber number : numbers) {
    Outcomes came = 0;
    if (!question.add(number, came)) {
      const PolicyFacts facts = policy(number);
      return Error{ErrorCode::policy_too_large,
                   "the policy `" + std::string(facts.id) + "` is too large to be written",
                   std::string(facts.source), facts.line, facts.column};
    }
    outlook.add(forbids(number), came);
  }
  out.possible = outlook.result();
  return out;
}

}  // namespace mcpgov::policy::cedar
