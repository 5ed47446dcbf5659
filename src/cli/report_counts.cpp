// Counting in bounded memory.
// Tested by tests/cli/report_counts_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_counts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace mcpgov::cli {

namespace {

// The finisher of SplitMix64: every bit of the input reaches every bit of the output.
std::uint64_t mixed(std::uint64_t value) noexcept {
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9u;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t text_hash(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u ^ mixed(seed);
  for (const char byte : text) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  }
  return mixed(hash ^ text.size());
}

std::uint64_t number_hash(std::uint64_t number) noexcept {
  return mixed(number + 1);
}

void Use::add(const ReportEvent& event) noexcept {
  ++calls;
  switch (event.verdict) {
    case Verdict::allowed: ++allowed; break;
    case Verdict::observed: ++observed; break;
    case Verdict::denied: ++denied; break;
    case Verdict::pending: ++pending; break;
  }
  if (event.outcome == "failed") ++failed;
  if (event.outcome == "unknown") ++unknown;
  bytes_in += event.arguments.bytes;
  tokens_in += event.arguments.tokens;
  bytes_out += event.reply_bytes;
  tokens_out += event.result.tokens;
  if (first_us == 0 || event.time_us < first_us) first_us = event.time_us;
  last_us = std::max(last_us, event.time_us);
  if (event.verdict == Verdict::denied || event.verdict == Verdict::pending) return;
  if (event.tool == audit::ToolClass::destructive) ++destructive;
  if (event.tool == audit::ToolClass::write) ++writes;
  if (event.tool == audit::ToolClass::read_only) ++read_only;
  if (event.open_world) ++open_world;
}

void Use::merge(const Use& other) noexcept {
  calls += other.calls;
  allowed += other.allowed;
  observed += other.observed;
  denied += other.denied;
  pending += other.pending;
  failed += other.failed;
  unknown += other.unknown;
  destructive += other.destructive;
  open_world += other.open_world;
  writes += other.writes;
  read_only += other.read_only;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  tokens_in += other.tokens_in;
  tokens_out += other.tokens_out;
  if (other.first_us != 0) {
    first_us = first_us == 0 ? other.first_us : std::min(first_us, other.first_us);
  }
  last_us = std::max(last_us, other.last_us);
}

void Distinct::add(std::uint64_t hash) {
  if (smallest_.size() == kKept && hash >= smallest_.back()) return;
  const auto at = std::lower_bound(smallest_.begin(), smallest_.end(), hash);
  if (at != smallest_.end() && *at == hash) return;
  smallest_.insert(at, hash);
  if (smallest_.size() > kKept) smallest_.pop_back();
}

// K minimum values (Bar-Yossef and others, 2002): the k-th smallest of n hashes lies at about
// k / n of their range.
std::uint64_t Distinct::count() const noexcept {
  if (exact()) return smallest_.size();
  const double share = static_cast<double>(smallest_.back()) / 18446744073709551616.0;
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(kKept - 1) / share));
}

std::size_t Sizes::cell(std::uint64_t value) noexcept {
  if (value < kSteps) return static_cast<std::size_t>(value);
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;  // at least 3
  const auto step = static_cast<std::size_t>((value >> (power - 3)) & 7);
  return (power - 2) * kSteps + step;
}

std::uint64_t Sizes::upper_end(std::size_t cell) noexcept {
  if (cell < kSteps) return cell;
  const std::size_t power = cell / kSteps + 2, step = cell % kSteps;
  const std::uint64_t width = 1ull << (power - 3);
  return (1ull << power) + static_cast<std::uint64_t>(step + 1) * width - 1;
}

void Sizes::add(std::uint64_t value) {
  const std::size_t at = cell(value);
  if (at >= cells_.size()) cells_.resize(at + 1);
  if (cells_[at] != std::numeric_limits<std::uint32_t>::max()) ++cells_[at];
  ++total_;
  largest_ = std::max(largest_, value);
}

void Sizes::merge(const Sizes& other) {
  if (other.cells_.size() > cells_.size()) cells_.resize(other.cells_.size());
  for (std::size_t i = 0; i < other.cells_.size(); ++i) cells_[i] += other.cells_[i];
  total_ += other.total_;
  largest_ = std::max(largest_, other.largest_);
}

std::uint64_t Sizes::quantile(double share) const noexcept {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    passed += cells_[i];
    if (passed >= std::max<std::uint64_t>(wanted, 1)) return std::min(upper_end(i), largest_);
  }
  return largest_;
}

std::uint64_t Sizes::between(std::uint64_t low, std::uint64_t high) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::uint64_t end = upper_end(i);
    if (end > low && end <= high) sum += cells_[i];
  }
  return sum;
}

Names::Names(std::size_t most) : most_(most), texts_(1) {}

std::uint32_t Names::number(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  if (texts_.size() > most_) {
    others_.add(text_hash(text));
    return kOthers;
  }
  const auto out = static_cast<std::uint32_t>(texts_.size());
  numbers_.emplace(texts_.emplace_back(text), out);
  return out;
}

bool SeenOnce::again(std::uint64_t hash) {
  if (hash == 0) hash = 1;  // zero marks a free slot
  if (slots_.empty()) slots_.resize(std::size_t{1} << 16);
  if (used_ * 4 >= slots_.size() * 3 && !full()) {
    std::vector<std::uint64_t> former(slots_.size() * 2);
    former.swap(slots_);
    used_ = 0;
    for (const std::uint64_t each : former) {
      if (each != 0) insert(each);
    }
  }
  return !insert(hash);
}

// False: it was there. When full, what is new is not kept.
bool SeenOnce::insert(std::uint64_t hash) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>(hash) & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if (slots_[at] == hash) return false;
  }
  if (full()) return true;
  slots_[at] = hash;
  ++used_;
  return true;
}

}  // namespace mcpgov::cli
