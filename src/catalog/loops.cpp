// Strongly connected components, by R. Tarjan's algorithm of 1972 without its recursion.
// Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/loops.hpp"

#include <algorithm>

namespace mcpgov::catalog {
namespace {

class Search {
 public:
  explicit Search(std::span<const std::vector<std::uint32_t>> edges)
      : edges_(edges), order_(edges.size()), low_(edges.size()), open_(edges.size()) {}

  std::vector<std::uint32_t> run() {
    std::vector<std::uint32_t> out(edges_.size());
    for (std::uint32_t start = 0; start < edges_.size(); ++start) {
      if (order_[start] == 0) visit(start, out);
    }
    return out;
  }

 private:
  struct Step {
    std::uint32_t node;
    std::size_t next;
  };

  void enter(std::uint32_t node) {
    order_[node] = low_[node] = ++count_;
    open_[node] = true;
    path_.push_back(node);
    steps_.push_back({node, 0});
  }

  void visit(std::uint32_t start, std::vector<std::uint32_t>& out) {
    enter(start);
    while (!steps_.empty()) {
      Step& step = steps_.back();
      const std::uint32_t node = step.node;
      if (step.next < edges_[node].size()) {
        const std::uint32_t to = edges_[node][step.next++];
        if (order_[to] == 0) {
          enter(to);
        } else if (open_[to]) {
          low_[node] = std::min(low_[node], order_[to]);
        }
        continue;
      }
      steps_.pop_back();
      if (!steps_.empty()) {
        std::uint32_t& outer = low_[steps_.back().node];
        outer = std::min(outer, low_[node]);
      }
      if (low_[node] == order_[node]) close(node, out);
    }
  }

  // The nodes of the path from here on reach each other.
  void close(std::uint32_t node, std::vector<std::uint32_t>& out) {
    const bool alone = path_.back() == node;
    const auto& edges = edges_[node];
    const bool loop = !alone || std::find(edges.begin(), edges.end(), node) != edges.end();
    loops_ += loop ? 1U : 0U;
    std::uint32_t last = 0;
    do {
      last = path_.back();
      path_.pop_back();
      open_[last] = false;
      out[last] = loop ? loops_ : 0;
    } while (last != node);
  }

  std::span<const std::vector<std::uint32_t>> edges_;
  std::vector<std::uint32_t> order_;  // when it was entered, from 1
  std::vector<std::uint32_t> low_;
  std::vector<bool> open_;
  std::vector<std::uint32_t> path_;
  std::vector<Step> steps_;
  std::uint32_t count_ = 0;
  std::uint32_t loops_ = 0;
};

}  // namespace

std::vector<std::uint32_t> loops_of(std::span<const std::vector<std::uint32_t>> edges) {
  return Search(edges).run();
}

}  // namespace mcpgov::catalog
