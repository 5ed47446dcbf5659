// Counting what has no end in memory that has one: names, distinct things, sizes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/report_event.hpp"

namespace mcpgov::cli {

// 64 bits of a text that spread well (FNV-1a with a last mix). Somebody who wants two texts to have
// the same can have it: never what tells callers apart.
std::uint64_t text_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

// The same of a number.
std::uint64_t number_hash(std::uint64_t number) noexcept;

// Sums over events. denied: refused by mcpgov. destructive, open_world, writes: of those that ran.
struct Use {
  std::uint64_t calls = 0, allowed = 0, observed = 0, denied = 0, pending = 0;
  std::uint64_t failed = 0, unknown = 0;
  std::uint64_t destructive = 0, open_world = 0, writes = 0, read_only = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, tokens_in = 0, tokens_out = 0;
  std::uint64_t first_us = 0, last_us = 0;

  void add(const ReportEvent& event) noexcept;
  void merge(const Use& other) noexcept;
};

// How many different things there were: exact below kKept, else estimated from the kKept smallest
// of their hashes, with a standard error of 1 / sqrt(kKept - 2), here 6 %.
// Threads: thread-compatible.
class Distinct {
 public:
  static constexpr std::size_t kKept = 256;
  void add(std::uint64_t hash);
  std::uint64_t count() const noexcept;
  bool exact() const noexcept { return smallest_.size() < kKept; }

 private:
  std::vector<std::uint64_t> smallest_;  // in rising order
};

// A histogram of numbers over the whole range of 64 bits, 8 steps for each power of two, so that a
// quantile is off by at most 12.5 %. Threads: thread-compatible.
class Sizes {
 public:
  static constexpr std::size_t kSteps = 8;
  static constexpr std::size_t kCells = 62 * kSteps;
  void add(std::uint64_t value);
  void merge(const Sizes& other);
  std::uint64_t total() const noexcept { return total_; }
  // The upper end of the cell that holds this share of the numbers, at most the largest number.
  std::uint64_t quantile(double share) const noexcept;
  std::uint64_t largest() const noexcept { return largest_; }
  // How many were above `low` and at most `high`, counting cells by their upper ends.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) const noexcept;
  static std::size_t cell(std::uint64_t value) noexcept;
  static std::uint64_t upper_end(std::size_t cell) noexcept;

 private:
  std::vector<std::uint32_t> cells_;  // as long as needed
  std::uint64_t total_ = 0;
  std::uint64_t largest_ = 0;
};

// Small numbers for texts. The first `most` texts get one each; all others share kOthers.
// Threads: thread-compatible.
class Names {
 public:
  static constexpr std::uint32_t kOthers = 0;
  explicit Names(std::size_t most);
  std::uint32_t number(std::string_view text);
  // The text in full, for kOthers an empty one.
  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  std::size_t size() const noexcept { return texts_.size(); }  // with kOthers
  // How many texts share kOthers, about.
  std::uint64_t others() const noexcept { return others_.count(); }

 private:
  std::size_t most_;
  std::deque<std::string> texts_;  // never moves what it holds
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  Distinct others_;
};

// Hashes of what was seen, to find what is seen twice. Takes memory as it fills up, at most
// 128 MiB; what comes after kMost different ones is not looked at any more.
// Threads: thread-compatible.
class SeenOnce {
 public:
  static constexpr std::size_t kMost = 12'000'000;
  // True: it was there already.
  bool again(std::uint64_t hash);
  bool full() const noexcept { return used_ >= kMost; }
  std::size_t size() const noexcept { return used_; }

 private:
  bool insert(std::uint64_t hash) noexcept;
  std::vector<std::uint64_t> slots_;
  std::size_t used_ = 0;
};

}  // namespace mcpgov::cli
