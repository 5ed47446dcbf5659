// Cedar evaluated the slow and obvious way: a walk over the tree, with values that own everything.
// What the compiled programs are compared with.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mcpgov/result.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/entities.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar::reference {

using Uid = std::pair<std::string, std::string>;

// A value as a plain tree. Kind::ip keeps its Ip; numbers of all kinds are in `integer`.
struct Tree {
  Kind kind = Kind::unknown;
  std::int64_t integer = 0;
  std::string text;
  Uid uid;
  Ip ip{};
  std::vector<Tree> items;
  std::map<std::string, Tree> fields;
};

bool same(const Tree& a, const Tree& b);

struct Thing {
  std::map<std::string, Tree> attributes;
  std::map<std::string, Tree> tags;
  std::set<Uid> ancestors;
};

struct World {
  std::map<Uid, Thing> things;
  Uid principal;
  Uid action;
  Uid resource;
  Tree context;
};

// error: none, or why the policy failed; then `satisfied` means nothing.
struct Outcome {
  bool satisfied = false;
  ErrorCode error = ErrorCode::none;
};

World world_of(const Entities& entities, const Request& request);
Tree tree_of(const RequestSymbols& symbols, const Value& value);

// The whole policy: scope and conditions.
Outcome evaluate(const Ast& ast, const ParsedPolicy& policy, const Symbols& symbols,
                 const World& world);

}  // namespace mcpgov::policy::cedar::reference
