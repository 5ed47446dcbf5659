// The schedule of fetches of one document.
// Tested by tests/identity/refresh_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/refresh.hpp"

#include <algorithm>

#include "identity/fetch_number.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::uint64_t kSecond = 1'000'000;  // us
constexpr std::uint64_t kShortestAge = 30 * kSecond;
// Between two attempts after a failure: a second, doubled to what other verifiers wait at most
// (30 s is also ToolHive's fixed pause).
constexpr std::uint64_t kLongestPause = 30 * kSecond;

std::uint64_t pause_after(std::uint32_t failures) noexcept {
  return std::min(kLongestPause, kSecond << std::min<std::uint32_t>(failures - 1, 5));
}

// Whether so much time has gone by; also when the clock stepped back, because then nobody knows.
bool over(std::uint64_t since_us, std::uint64_t span_us, std::uint64_t now_us) noexcept {
  return now_us < since_us || now_us - since_us >= span_us;
}

}  // namespace

bool RefreshSchedule::due(std::uint64_t now_us) const noexcept {
  if (failures_ != 0 && !over(failed_us_, pause_after(failures_), now_us)) return false;
  return wanted_ || fetched_us_ == 0 || over(fetched_us_, age_us_, now_us);
}

std::uint32_t RefreshSchedule::begin(std::uint64_t now_us, std::uint32_t timeout_ms) noexcept {
  if (number_ != 0) {
    if (!over(begun_us_, lost_after_us_, now_us)) return 0;
    failed(now_us);
  }
  if (!due(now_us)) return 0;
  number_ = next_fetch_number();
  begun_us_ = now_us;
  lost_after_us_ = std::uint64_t{timeout_ms} * 2000 + kSecond;
  return number_;
}

void RefreshSchedule::succeeded(std::uint64_t now_us, std::uint32_t max_age_s) noexcept {
  number_ = 0;
  failures_ = 0;
  wanted_ = false;
  fetched_us_ = std::max<std::uint64_t>(now_us, 1);
  answered_us_ = begun_us_;
  const std::uint64_t ours = rules_.max_age_s * kSecond;
  const std::uint64_t theirs = std::max(max_age_s * kSecond, kShortestAge);
  age_us_ = max_age_s == 0 ? ours : std::min(ours, theirs);
}

void RefreshSchedule::failed(std::uint64_t now_us) noexcept {
  number_ = 0;
  wanted_ = false;
  failed_us_ = now_us;
  failures_ += failures_ < 16 ? 1 : 0;
}

void RefreshSchedule::again() noexcept {
  number_ = 0;
  wanted_ = true;
}

bool RefreshSchedule::hurry(std::uint64_t now_us) noexcept {
  if (number_ != 0 && !over(begun_us_, lost_after_us_, now_us)) return true;
  if (due(now_us)) return true;
  if (failures_ != 0 && !over(failed_us_, pause_after(failures_), now_us)) return false;
  if (early_us_ != 0 && !over(early_us_, rules_.early_wait_s * kSecond, now_us)) return false;
  early_us_ = std::max<std::uint64_t>(now_us, 1);
  wanted_ = true;
  return true;
}

std::uint64_t RefreshSchedule::good_until_us() const noexcept {
  // From the longest age, so that a server's short max-age does not shorten what helps in a fault.
  return fetched_us_ == 0
             ? 0
             : fetched_us_ + (std::uint64_t{rules_.max_age_s} + rules_.stale_s) * kSecond;
}

}  // namespace mcpgov::identity
