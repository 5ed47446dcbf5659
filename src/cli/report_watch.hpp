// The rules of unusual events: those that see each event as it comes, and what the others need.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/report_facts.hpp"

namespace mcpgov::cli {

// Per caller, what was when: messages by hour, denials by 5 minutes. Bounded: beyond the limit new
// cells are not kept, and left_out counts what they would have held.
struct CallerClock {
  struct Cell {
    std::uint32_t count = 0;
    std::string first_id;  // of denials alone
  };
  // caller << 32 | time / unit
  std::unordered_map<std::uint64_t, std::uint32_t> hours;
  std::unordered_map<std::uint64_t, Cell> denials;
  std::uint64_t left_out = 0;

  void add(std::uint32_t caller, const ReportEvent& event, std::size_t limit);
};
inline constexpr std::uint64_t kDenialUs = 300'000'000;

// Rules that need only the past, and little of it. Findings go to the facts at once.
// Threads: one thread.
class Watch {
 public:
  Watch(Facts& facts, std::vector<std::string> sensitive);
  void see(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool, PairFacts* pair);
  void finish();

 private:
  struct Denial {
    std::uint64_t time_us = 0;
    std::uint64_t digest = 0;
  };
  // Of a caller and a tool: denials of late, and the snapshot that denied it last.
  struct Past {
    std::vector<Denial> denials;  // at most kPast
    std::uint64_t storm_until_us = 0;
    std::uint64_t denied_under = 0;
    std::size_t storm_row = 0;
  };
  struct SensitiveRead {
    std::uint64_t time_us = 0;
    std::string tool, id;
    bool told = false;
  };

  void see_twice(const ReportEvent& event, std::uint32_t caller);
  void see_secrets(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool);
  void see_denial(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool);
  void see_allowed(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool,
                   const PairFacts& pair);
  void see_flow(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool);
  bool is_sensitive(const ReportEvent& event) const;

  Facts* facts_;
  std::vector<std::string> sensitive_;
  SeenOnce ids_;
  std::unordered_map<std::uint64_t, Past> past_;
  std::unordered_map<std::string, SensitiveRead> reads_;      // by session
  std::unordered_map<std::string, std::size_t> secret_rows_;  // by tool and detector
};

// The rules that need everything: first seen, deny burst, volume, large reply, off hours, changed
// lists. Sets learned_until_us.
void find_unusual(Facts& facts, const CallerClock& clock);

// Where it is, as `*` in a pattern allows.
bool matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace mcpgov::cli
