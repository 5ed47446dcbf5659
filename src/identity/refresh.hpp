// When a document that lives elsewhere is fetched: by age, when something is missing in it, and not
// too often after failures. Knows nothing of the document.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mcpgov::identity {

struct RefreshRules {
  std::uint32_t max_age_s = 600;    // then it is fetched again
  std::uint32_t stale_s = 3600;     // and so long believed while that fails
  std::uint32_t early_wait_s = 30;  // between two early fetches
};

// One fetch is under way at a time. All times are handed in, in microseconds since 1970; a clock
// that steps back makes a fetch due, never overdue. Threads: one thread.
class RefreshSchedule {
 public:
  explicit RefreshSchedule(const RefreshRules& rules) noexcept : rules_(rules) {}

  // Number of the fetch that begins now; 0: none should. timeout_ms: of the fetch. One that is not
  // ended after twice that and a second is lost, which is a failure.
  std::uint32_t begin(std::uint64_t now_us, std::uint32_t timeout_ms) noexcept;

  bool is_under_way(std::uint32_t number) const noexcept {
    return number != 0 && number == number_;
  }

  // Nobody will answer the fetch under way, and that is no failure.
  void abandon() noexcept { number_ = 0; }

  // How the fetch under way ended. again: there is more to fetch at once.
  // max_age_s: what the server said (RFC 9111 section 5.2.2.1), 0: nothing. It may shorten the time
  // to the next fetch, but not below 30 s, and never lengthens it: a removed key has to go.
  void succeeded(std::uint64_t now_us, std::uint32_t max_age_s) noexcept;
  void failed(std::uint64_t now_us) noexcept;
  void again() noexcept;

  // Something is missing in the document. True: a fetch is under way or due, so waiting helps.
  bool hurry(std::uint64_t now_us) noexcept;

  // When the last fetch that succeeded began: what it did not bring was not there then; 0: none
  // did.
  std::uint64_t answered_us() const noexcept { return answered_us_; }

  // When what was fetched last ceases to be believed; 0: nothing was fetched.
  std::uint64_t good_until_us() const noexcept;

 private:
  bool due(std::uint64_t now_us) const noexcept;

  RefreshRules rules_;
  std::uint32_t number_ = 0;  // of the fetch under way; 0: none
  std::uint64_t begun_us_ = 0;
  std::uint64_t lost_after_us_ = 0;
  std::uint64_t fetched_us_ = 0;  // 0: never
  std::uint64_t answered_us_ = 0;
  std::uint64_t age_us_ = 0;    // allowed to what was fetched
  std::uint64_t early_us_ = 0;  // of the last early fetch; 0: never
  std::uint64_t failed_us_ = 0;
  std::uint32_t failures_ = 0;  // since the last success
  bool wanted_ = false;
};

}  // namespace mcpgov::identity
