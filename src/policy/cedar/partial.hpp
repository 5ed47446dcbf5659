// Decisions while parts of the question are open: what is certain, and what remains to be asked.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/evaluate.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/request.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// A request whose principal, action and resource may be kNoEntity, and whose context and attributes
// may hold unknown values.
// principal_type, resource_type: of an unknown one, or kNoName. schema: in the engine's symbols, or
// null. With it, only completions count that the schema admits, with entities that fit it.
struct PartialRequest {
  Request request;
  NameId principal_type = kNoName;
  NameId resource_type = kNoName;
  const Schema* schema = nullptr;
};

// What is left of a policy: it holds, does not hold or fails exactly where the policy does, for
// every completion of the unknowns, with the same error. Ids are those of Residuals::symbols.
struct Residual {
  PolicyNumber number = 0;
  Outcomes outcomes = 0;  // never only kUnmatched
  ParsedPolicy policy;    // annotated with `@id`, the id of the policy
  Ast ast;
};

// In source order, without the policies that cannot match.
struct Residuals {
  Possible possible;
  std::vector<Residual> policies;
  Symbols symbols;
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();  // texts of all of the above
};

// The residual as a policy: Cedar text with as few parentheses as the grammar allows.
std::string residual_text(const Residuals& residuals, const Residual& residual);
// Its scope and conditions as one expression; `true` when nothing is left of them.
std::string residual_condition(const Residuals& residuals, const Residual& residual);
// As a JSON policy; empty when it would be too long.
std::string residual_json(const Residuals& residuals, const Residual& residual);

}  // namespace mcpgov::policy::cedar
