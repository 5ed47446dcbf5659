// Running what is due: at once, and by a thread of its own.
// Tested by tests/net/upkeep_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/os_fork.hpp"
#include "base/os_time.hpp"
#include "mcpgov/net.hpp"
#include "net/signals_elsewhere.hpp"
#include "net/transfers.hpp"

namespace mcpgov::net {

namespace {

// Discovery takes four at most: three places of metadata, then keys. More would be a loop.
constexpr int kRounds = 8;
constexpr std::uint32_t kShortestPeriod = 10;    // ms
constexpr std::uint32_t kLongestRound = 60'000;  // ms; each fetch has its own, shorter time

// False: nothing was due.
bool round(const Errands& errands, Transfers& transfers, std::uint32_t within_ms) {
  const std::vector<identity::Fetch> fetches = errands.due(errands.context, wall_clock_us());
  if (fetches.empty()) return false;
  const std::vector<Answer> answers = transfers.run(fetches, within_ms);
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    errands.accept(errands.context, fetches[i], answers[i], wall_clock_us());
  }
  return true;
}

}  // namespace

bool run_errands(const Errands& errands, std::uint32_t within_ms) {
  Transfers transfers;
  const std::uint64_t begun = steady_clock_ns();
  for (int i = 0; i < kRounds; ++i) {
    const std::uint64_t gone_ms = (steady_clock_ns() - begun) / 1'000'000;
    if (gone_ms > within_ms) return false;
    if (!round(errands, transfers, within_ms - static_cast<std::uint32_t>(gone_ms))) return true;
  }
  return false;
}

class Upkeep::State {
 public:
  State(const Errands& errands, std::uint32_t period_ms)
      : errands_(errands), period_(std::max(period_ms, kShortestPeriod)) {}

  // Throws: std::system_error.
  void begin() {
    const SignalsElsewhere here;
    thread_ = std::thread([this]() noexcept { loop(); });
  }

  void end() noexcept {
    {
      const std::lock_guard hold(lock_);
      stopping_ = true;
    }
    transfers_.stop();
    changed_.notify_one();
    thread_.join();
  }

  void wake() noexcept {
    {
      const std::lock_guard hold(lock_);
      woken_ = true;
    }
    changed_.notify_one();
  }

  bool here() const noexcept { return process_ == fork_generation(); }

 private:
  void loop() noexcept {
    std::unique_lock hold(lock_);
    while (!stopping_) {
      woken_ = false;
      hold.unlock();
      rounds();
      hold.lock();
      changed_.wait_for(hold, period_, [this] { return stopping_ || woken_; });
    }
  }

  // What fails here is tried again at the next period.
  void rounds() noexcept {
    try {
      for (int i = 0; i < kRounds; ++i) {
        {
          const std::lock_guard hold(lock_);
          if (stopping_) return;
        }
        if (!round(errands_, transfers_, kLongestRound)) return;
      }
    } catch (...) {
    }
  }

  const Errands errands_;
  const std::chrono::milliseconds period_;
  const std::uint64_t process_ = fork_generation();
  Transfers transfers_;
  std::mutex lock_;  // what follows
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  std::thread thread_;
};

Result<Upkeep> Upkeep::start(const Errands& errands, std::uint32_t period_ms) {
  if (!available()) {
    return Error{ErrorCode::net_missing,
                 "the library was built without libcurl (CMake option MCPGOV_NET)",
                 {},
                 0,
                 0};
  }
  try {
    auto state = std::make_unique<State>(errands, period_ms);
    state->begin();
    return Upkeep(std::move(state));
  } catch (const std::system_error&) {
    return Error{ErrorCode::out_of_memory, "no thread can be started", {}, 0, 0};
  }
}

Upkeep::Upkeep(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Upkeep::Upkeep(Upkeep&&) noexcept = default;

Upkeep& Upkeep::operator=(Upkeep&& other) noexcept {
  if (this == &other) return *this;
  stop();
  state_ = std::move(other.state_);
  return *this;
}

Upkeep::~Upkeep() {
  stop();
}

void Upkeep::stop() noexcept {
  if (!state_) return;
  if (state_->here()) {
    state_->end();
    state_.reset();
  } else {
    // A forked child has no such thread to wait for, and its locks may be held by nobody: what
    // is left of it stays as it is.
    static_cast<void>(state_.release());
  }
}

void Upkeep::wake() noexcept {
  if (running()) state_->wake();
}

bool Upkeep::running() const noexcept {
  return state_ && state_->here();
}

}  // namespace mcpgov::net
