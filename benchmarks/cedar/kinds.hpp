// The kinds of workloads, each measured and reported by one function. seconds: how long, about.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "workload.hpp"

namespace mcpgov::bench {

void authorize(const Folder& folder, double seconds);
void list(const Folder& folder, double seconds);
void parse(const Folder& folder, double seconds);
void load(const Folder& folder, double seconds);
void corpus(const Folder& folder);
// Costs by size of what an attacker, or a careless generator, would write; nothing to compare.
void growth(bool quick);

}  // namespace mcpgov::bench
