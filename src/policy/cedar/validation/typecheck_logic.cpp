// `&&`, `||`, `!` and `if`: where a boolean is always true or always false, and what the truth of
// one operand proves for the others.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/typecheck.hpp"

namespace mcpgov::policy::cedar::validation {

// The two sides of `&&`. What the left one proves, lies in [first, middle) and is held there; what
// the right one proves, above. held: the end of what is held, from `first` on.
Answer Checker::both(Answer left, Answer right, std::size_t first, std::size_t middle,
                     std::size_t& held) {
  left.ok = left.ok && right.ok;
  if (left.type == kNone || right.type == kNone) {
    left = {kBool, false};
  } else if (right.type == kFalse) {
    left.type = kFalse;
  } else if (right.type != kTrue && left.type == kTrue) {
    // A quirk of the reference engine: what a left side that is always true proves, is lost.
    left.type = right.type;
    proofs_.release(first, middle);
    proofs_.drop(first, middle);
    held = first;
  } else if (right.type != kTrue) {
    left.type = kBool;
  }
  if (left.ok && left.type != kFalse) return left;
  proofs_.release(first, held);
  held = first;
  proofs_.forget(first);
  return left;
}

// Leans left. What is proven of all operands so far is held while the next one is checked.
Answer Checker::all_of(const Node& node) {
  const auto operands = ast_->list(node.a, node.b);
  const std::size_t first = proofs_.mark();
  std::size_t held = first;
  Answer left = expect(operands[0], Wanted::boolean);
  for (const NodeId operand : operands.subspan(1)) {
    if (left.type == kFalse) break;
    const std::size_t middle = proofs_.mark();
    proofs_.hold(held, middle);
    held = middle;
    const Answer right = expect(operand, Wanted::boolean);
    left = both(left, right, first, middle, held);
  }
  proofs_.release(first, held);
  if (left.type == kFalse || !left.ok) proofs_.forget(first);
  return left;
}

Answer Checker::any_of(const Node& node) {
  const auto operands = ast_->list(node.a, node.b);
  const std::size_t first = proofs_.mark();
  Answer left = expect(operands[0], Wanted::boolean);
  for (const NodeId operand : operands.subspan(1)) {
    if (left.type == kTrue) break;
    const std::size_t middle = proofs_.mark();
    const Answer right = expect(operand, Wanted::boolean);
    left.ok = left.ok && right.ok;
    if (left.type == kNone || right.type == kNone) {
      left = {kBool, false};
    } else if (right.type == kTrue) {
      left.type = kTrue;
      proofs_.drop(first, middle);
    } else if (right.type == kFalse) {
      proofs_.forget(middle);
    } else if (left.type == kFalse) {
      left.type = right.type;
      proofs_.drop(first, middle);
    } else {
      left.type = kBool;
      proofs_.intersect(first, middle);
    }
    if (!left.ok) proofs_.forget(first);
  }
  return left;
}

Answer Checker::choice(NodeId id, const Node& node) {
  const std::size_t first = proofs_.mark();
  const Answer test = expect(node.a, Wanted::boolean);
  if (test.type == kFalse) {
    proofs_.forget(first);
    Answer out = check(node.c);
    out.ok = out.ok && test.ok;
    if (!out.ok) proofs_.forget(first);
    return out;
  }
  const std::size_t middle = proofs_.mark();
  proofs_.hold(first, middle);
  Answer yes = check(node.b);
  proofs_.release(first, middle);
  if (!yes.ok) proofs_.forget(middle);
  yes.ok = yes.ok && test.ok;
  if (test.type == kTrue) {
    if (!yes.ok) proofs_.forget(first);
    return yes;
  }
  const std::size_t last = proofs_.mark();
  const Answer no = check(node.c);
  Answer out{kNone, yes.ok && no.ok};
  if (yes.type != kNone && no.type != kNone) {
    const TypeId both[] = {yes.type, no.type};
    out.type = join_or_report(id, offset(id), both, "the branches of a conditional");
  }
  out.ok = out.ok && out.type != kNone;
  if (out.ok) {
    proofs_.intersect(first, last);
  } else {
    proofs_.forget(first);
  }
  return out;
}

Answer Checker::negation(const Node& node) {
  const std::size_t before = proofs_.mark();
  const Answer operand = expect(node.a, Wanted::boolean);
  proofs_.forget(before);
  if (operand.type == kTrue) return {kFalse, operand.ok};
  if (operand.type == kFalse) return {kTrue, operand.ok};
  return {kBool, operand.ok};
}

}  // namespace mcpgov::policy::cedar::validation
