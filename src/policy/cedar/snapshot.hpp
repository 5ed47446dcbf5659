// What an engine holds, and how its parts decide whether a scope matches.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/evaluate.hpp"
#include "policy/cedar/index.hpp"
#include "policy/cedar/program.hpp"
#include "policy/cedar/reads.hpp"
#include "policy/entities.hpp"

namespace mcpgov::policy::cedar {

// What is asked about a policy now and then, and all links of a template share.
struct BodyFacts {
  std::uint32_t source = 0;  // in Snapshot::source_names
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string_view text;  // Cedar, or JSON if it begins with a brace; read again for residuals
  std::vector<Annotation> annotations;
  Dependence dependence;
};

struct StoredFacts {
  std::string_view id;
  std::uint32_t body = 0;  // in Snapshot::bodies
};

struct Engine::Snapshot {
  Snapshot(Symbols all_symbols, Entities all_entities)
      : symbols(std::move(all_symbols)), entities(std::move(all_entities)) {}

  Symbols symbols;
  Entities entities;
  Program program;
  PolicyTable table;
  Index index;
  bool indexed = true;
  ReadPath reads{kNoName, false, {}};
  std::vector<std::string> source_names;
  std::vector<BodyFacts> bodies;
  std::vector<StoredFacts> facts;
  std::vector<PolicyNumber> all_forbids;  // for requests the index cannot answer
  std::vector<PolicyNumber> all_permits;
  Arena text;  // of policies, ids and annotations

  const BodyFacts& body(PolicyNumber policy) const noexcept { return bodies[facts[policy].body]; }

  // The policies worth looking at.
  void find(Evaluation& evaluation, const Request& request, Candidates& out) const;

  // Whether the scope matches: an entity that is not known may or may not (both bits).
  Outcomes scope(const CompiledPolicy& policy, Evaluation& evaluation,
                 const Request& request) const;
};

// False for a request that denies whatever the policies are: no principal, action, resource or
// symbols, or a context that is no record.
inline bool can_decide(const Request& request) noexcept {
  return request.principal != kNoEntity && request.action != kNoEntity &&
         request.resource != kNoEntity && request.symbols != nullptr &&
         request.context.kind == Kind::record;
}

}  // namespace mcpgov::policy::cedar
