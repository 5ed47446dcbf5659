// Numbers of fetches.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace mcpgov::identity {

// Different for every fetch of the process, whichever verifier it is for: an answer that comes
// after a reload must not meet a question of the next generation under the same number, where it
// could make one caller of another. Never 0. Threads: thread-safe.
inline std::uint32_t next_fetch_number() noexcept {
  static std::atomic<std::uint32_t> last{0};
  const std::uint32_t number = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number == 0 ? next_fetch_number() : number;
}

}  // namespace mcpgov::identity
