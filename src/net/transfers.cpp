// Several HTTP exchanges at once, by libcurl's multi interface.
// Tested by tests/net/run_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/transfers.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <deque>
#include <new>
#include <utility>

#include "base/os_time.hpp"
#include "net/transfer.hpp"

namespace mcpgov::net {

namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

// Takes the transfers out of the multi handle whichever way run() is left.
class Joined {
 public:
  explicit Joined(CURLM* multi) noexcept : multi_(multi) {}
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;
  ~Joined() {
    for (Transfer& each : transfers_) {
      if (each.handle() != nullptr) curl_multi_remove_handle(multi_, each.handle());
    }
  }
  void add(const identity::Fetch& fetch, std::uint32_t within_ms) {
    Transfer& added = transfers_.emplace_back(fetch, within_ms);
    if (added.handle() != nullptr && curl_multi_add_handle(multi_, added.handle()) != CURLM_OK) {
      throw std::bad_alloc();
    }
  }
  std::deque<Transfer>& transfers() noexcept { return transfers_; }

 private:
  CURLM* multi_;
  std::deque<Transfer> transfers_;  // they do not move
};

void take_finished(CURLM* multi) {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    reinterpret_cast<Transfer*>(transfer)->finish(message->data.result);
  }
}

}  // namespace

bool available() noexcept {
  return true;
}

bool curl_ready() noexcept {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

Transfers::Transfers() : multi_(curl_ready() ? curl_multi_init() : nullptr) {
  if (multi_ == nullptr) throw std::bad_alloc();
}

Transfers::~Transfers() {
  curl_multi_cleanup(multi_);
}

void Transfers::stop() noexcept {
  stopped_.store(true, std::memory_order_relaxed);
  curl_multi_wakeup(multi_);
}

std::vector<Answer> Transfers::run(std::span<const identity::Fetch> fetches,
                                   std::uint32_t within_ms) {
  const std::uint64_t end = steady_clock_ns() + within_ms * kMillisecond;
  Joined joined(multi_);
  // A time limit of zero means none to libcurl.
  for (const identity::Fetch& each : fetches) joined.add(each, std::max(within_ms, 1U));
  int running = 0;
  while (!stopped_.load(std::memory_order_relaxed)) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    take_finished(multi_);
    const std::uint64_t now = steady_clock_ns();
    if (running == 0 || now >= end) break;
    const auto left_ms =
        static_cast<int>(std::min<std::uint64_t>((end - now) / kMillisecond, 1000));
    if (curl_multi_poll(multi_, nullptr, 0, left_ms + 1, nullptr) != CURLM_OK) break;
  }
  std::vector<Answer> answers;
  answers.reserve(fetches.size());
  for (Transfer& each : joined.transfers()) {
    Answer& answer = each.answer();
    if (answer.code == ErrorCode::fetch_failed) {
      answer.body.clear();
      answer.max_age_s = 0;
      if (answer.detail.empty()) answer.detail = "it was broken off";
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace mcpgov::net
