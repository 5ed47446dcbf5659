// Which parts of a request the conditions of policies can read.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar {

// What the conditions of one policy depend on.
struct Dependence {
  bool principal = false;
  bool action = false;
  bool resource = false;
  bool whole_context = false;
  std::vector<NameId> context_fields;  // directly below `context`, each once
};

// Collects the paths of all policies. A path ends where its value is used as a whole; used only
// for `has` it is read for its presence.
class Reads {
 public:
  Reads();

  // Throws: std::bad_alloc.
  Dependence add(const Ast& ast, const ParsedPolicy& policy);

  // The tree of all paths added, its spans in the arena. Throws: std::bad_alloc.
  ReadPath tree(Arena& arena) const;

 private:
  using Step = std::uint32_t;  // place in steps_; 0 is `context`
  static constexpr Step kNone = 0xffffffff;
  struct Place {
    NameId name;
    bool whole = false;
    std::uint32_t depth = 0;
    std::uint32_t policy = 0;  // the last one that read it, counted from 1
    std::vector<Step> children;
  };

  Step below(Step parent, NameId name);
  void use(Step step) noexcept;
  void visit(const Ast& ast, NodeId id);

  std::vector<Place> places_;
  std::unordered_map<std::uint64_t, Step> found_;  // by parent and name
  std::vector<Step> of_node_;                      // where a node of the policy leads
  Dependence* now_ = nullptr;
  std::uint32_t policy_ = 0;
};

}  // namespace mcpgov::policy::cedar
