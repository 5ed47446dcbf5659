// Loops of a graph: types and definitions that contain themselves.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mcpgov::catalog {

// For each node the number of the loop it is on, from 1, or 0. Nodes that reach each other are on
// one loop. edges: for each node, where it leads. Takes time in proportion to nodes and edges.
// Throws: std::bad_alloc.
std::vector<std::uint32_t> loops_of(std::span<const std::vector<std::uint32_t>> edges);

}  // namespace mcpgov::catalog
