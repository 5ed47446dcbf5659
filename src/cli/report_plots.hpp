// Plots as inline SVG. Colours come from the style, words from the callers; nothing is fetched.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report_facts.hpp"

namespace mcpgov::cli {

// Bars of what became of messages, in steps of hours that give at most 180 of them.
struct Timeline {
  std::uint64_t start_hour = 0;
  std::uint64_t step_hours = 1;
  std::vector<HourFacts> bars;
};
Timeline timeline_of(const std::map<std::uint64_t, HourFacts>& hours);

std::string timeline_svg(const Timeline& timeline);

// How often something took how long, in powers of two of nanoseconds.
std::string latency_svg(const Sizes& sizes, std::string_view about);

// A bar for a table's cell: parts of a row against the largest row.
std::string use_bar_svg(const Use& use, std::uint64_t largest);
// Destructive and writing calls of all that ran.
std::string harm_bar_svg(const Use& use);
std::string share_bar_svg(std::uint64_t part, std::uint64_t whole, const char* kind);

// Round numbers from 0 to at least `largest`: 3 to 6 of them.
std::vector<std::uint64_t> axis_steps(std::uint64_t largest);

}  // namespace mcpgov::cli
