// One pass over the nodes, which stand behind their operands: no recursion.
// Tested by tests/policy/reads_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/reads.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {
namespace {

// Deeper than any readable value; a path that goes on is one value to be read whole.
constexpr std::uint32_t kDeepest = kMaxValueDepth;

}  // namespace

Reads::Reads() : places_(1) {
  places_[0].name = kNoName;
}

Reads::Step Reads::below(Step parent, NameId name) {
  if (places_[parent].depth >= kDeepest) {
    places_[parent].whole = true;
    return parent;
  }
  const std::uint64_t key = (std::uint64_t{parent} << 32) | static_cast<std::uint32_t>(name);
  const auto [at, added] = found_.try_emplace(key, static_cast<Step>(places_.size()));
  if (added) {
    Place place;
    place.name = name;
    place.depth = places_[parent].depth + 1;
    places_.push_back(std::move(place));
    places_[parent].children.push_back(at->second);
  }
  Place& place = places_[at->second];
  if (parent == 0 && place.policy != policy_) now_->context_fields.push_back(name);
  place.policy = policy_;
  return at->second;
}

void Reads::use(Step step) noexcept {
  if (step == kNone) return;
  places_[step].whole = true;
  if (step == 0) now_->whole_context = true;
}

void Reads::visit(const Ast& ast, NodeId id) {
  const Node& node = ast.nodes[id];
  const auto use_list = [&](std::uint32_t first, std::uint32_t count, std::uint32_t step) {
    for (std::uint32_t i = step - 1; i < count * step; i += step) {
      use(of_node_[ast.lists[first + i]]);
    }
  };
  switch (node.kind) {
    case NodeKind::literal: return;
    case NodeKind::variable:
      if (node.a == static_cast<std::uint32_t>(Var::principal)) now_->principal = true;
      if (node.a == static_cast<std::uint32_t>(Var::action)) now_->action = true;
      if (node.a == static_cast<std::uint32_t>(Var::resource)) now_->resource = true;
      if (node.a == static_cast<std::uint32_t>(Var::context)) of_node_[id] = 0;
      return;
    case NodeKind::get:
      if (of_node_[node.a] != kNone) of_node_[id] = below(of_node_[node.a], NameId{node.b});
      return;
    case NodeKind::has: {
      Step step = of_node_[node.a];
      for (std::uint32_t i = 0; i < node.c && step != kNone; ++i) {
        step = below(step, NameId{ast.lists[node.b + i]});
      }
      return;
    }
    case NodeKind::all_of:
    case NodeKind::any_of:
    case NodeKind::set: return use_list(node.a, node.b, 1);
    case NodeKind::record: return use_list(node.a, node.b, 2);
    case NodeKind::call: return use_list(node.b, node.c, 1);
    case NodeKind::negation:
    case NodeKind::minus:
    case NodeKind::is:
    case NodeKind::like:
    case NodeKind::is_empty: return use(of_node_[node.a]);
    case NodeKind::is_in: use(of_node_[node.a]); return use(of_node_[node.c]);
    case NodeKind::choice: use(of_node_[node.c]); [[fallthrough]];
    default: use(of_node_[node.a]); return use(of_node_[node.b]);
  }
}

Dependence Reads::add(const Ast& ast, const ParsedPolicy& policy) {
  Dependence out;
  now_ = &out;
  ++policy_;
  of_node_.assign(ast.nodes.size(), kNone);
  for (NodeId id = 0; id < ast.nodes.size(); ++id) visit(ast, id);
  for (const Condition& condition : policy.conditions) use(of_node_[condition.body]);
  now_ = nullptr;
  return out;
}

ReadPath Reads::tree(Arena& arena) const {
  std::vector<ReadPath> built(places_.size());
  // Children were added after their parents.
  for (std::size_t i = places_.size(); i-- > 0;) {
    const Place& place = places_[i];
    auto* children = arena.array<ReadPath>(place.children.size());
    for (std::size_t k = 0; k < place.children.size(); ++k) children[k] = built[place.children[k]];
    std::sort(children, children + place.children.size(),
              [](const ReadPath& a, const ReadPath& b) { return a.name < b.name; });
    built[i] = {place.name, place.whole, {children, place.children.size()}};
  }
  return built[0];
}

}  // namespace mcpgov::policy::cedar
