// Several HTTP exchanges at once, by libcurl.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "mcpgov/net.hpp"

namespace mcpgov::net {

// Sets libcurl up, once for the process; it forbids to take that back while threads may use it.
bool curl_ready() noexcept;

// Threads: one thread runs, any thread may stop.
class Transfers {
 public:
  // Throws: std::bad_alloc.
  Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;
  ~Transfers();

  // See net::run().
  std::vector<Answer> run(std::span<const identity::Fetch> fetches, std::uint32_t within_ms);

  // Ends run() at once, and every later one.
  void stop() noexcept;

 private:
  [[maybe_unused]] void* multi_;  // CURLM; null without libcurl
  std::atomic<bool> stopped_ = false;
};

}  // namespace mcpgov::net
