// The log that a host opens: one log of its process after the other, as forks make them.
// Tested by tests/audit/log_test.cpp, tests/audit/log_fork_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <mutex>
#include <new>

#include "audit/log_core.hpp"
#include "audit/log_open.hpp"
#include "base/os_fork.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

// In a forked child the log of the parent is let go of, and the child's own is opened with its
// first record: a child that only runs another program leaves none.
class ProcessLog final : public Log {
 public:
  ProcessLog(const LogSettings& settings, FileSystem& files, std::unique_ptr<LogCore> core)
      : settings_(settings), files_(files), core_(core.release()) {
    on_fork({[](void* log) noexcept { static_cast<ProcessLog*>(log)->hold_still(); },
             [](void* log) noexcept { static_cast<ProcessLog*>(log)->go_on(); },
             [](void* log) noexcept {
               static_cast<ProcessLog*>(log)->leave_parent();
               static_cast<ProcessLog*>(log)->opening_.unlock();
             },
             this});
  }
  ~ProcessLog() override {
    forget_fork(this);
    delete core_.load();
  }

  ErrorCode begin(const Record& record, const Completion* closed,
                  Ticket& ticket) noexcept override {
    LogCore* const core = mine();
    if (core == nullptr) return ErrorCode::audit_unavailable;
    return core->begin(record, closed, ticket);
  }
  void end(const Ticket& ticket, const Completion& completion) noexcept override {
    LogCore* const core = core_.load(std::memory_order_acquire);
    if (core != nullptr) core->end(ticket, completion);
  }
  bool waits(ToolClass tool_class) const noexcept override {
    const auto index = static_cast<std::size_t>(tool_class);
    const bool intent = index < kToolClasses && settings_.intent[index];
    return intent || settings_.mode != Mode::ring;
  }
  bool settled(const Ticket& ticket) const noexcept override {
    const LogCore* const core = core_.load(std::memory_order_acquire);
    return core != nullptr && core->settled(ticket);
  }
  bool wait(const Ticket& ticket, std::uint32_t within_ms) noexcept override {
    LogCore* const core = core_.load(std::memory_order_acquire);
    return core != nullptr && core->wait(ticket, within_ms);
  }
  void missed() noexcept override {
    LogCore* const core = mine();
    if (core != nullptr) core->missed();
  }
  // Opening waits for the first record, which is refused if it cannot be done.
  ErrorCode reopen() noexcept override { return ErrorCode::none; }

  bool flush(std::uint32_t within_ms) noexcept override {
    LogCore* const core = core_.load(std::memory_order_acquire);
    return core == nullptr || core->flush(within_ms);
  }
  Health health() const override {
    const LogCore* const core = core_.load(std::memory_order_acquire);
    if (core != nullptr) return core->health();
    Health none;
    none.detail = "this process has not written a record yet";
    return none;
  }
  std::string metrics() const override {
    const LogCore* const core = core_.load(std::memory_order_acquire);
    return core == nullptr ? std::string() : core->metrics();
  }
  std::string metrics_otlp() const override {
    const LogCore* const core = core_.load(std::memory_order_acquire);
    return core == nullptr ? std::string() : core->metrics_otlp();
  }

 private:
  LogCore* mine() noexcept {
    LogCore* const core = core_.load(std::memory_order_acquire);
    return core != nullptr ? core : open_own();
  }
  void hold_still() noexcept {
    opening_.lock();
    LogCore* const core = core_.load(std::memory_order_acquire);
    if (core != nullptr) core->hold_locks();
  }
  void go_on() noexcept {
    LogCore* const core = core_.load(std::memory_order_acquire);
    if (core != nullptr) core->let_go_locks();
    opening_.unlock();
  }
  LogCore* open_own() noexcept;
  void leave_parent() noexcept;

  const LogSettings settings_;
  FileSystem& files_;
  std::atomic<LogCore*> core_;
  std::mutex opening_;
  std::atomic<std::uint64_t> not_before_ns_{0};  // steady clock: opening failed, no other try yet
  // The parent's, never touched again: its threads are not here, its locks may be taken for ever.
  LogCore* parents_ = nullptr;
};

void ProcessLog::leave_parent() noexcept {
  LogCore* const core = core_.exchange(nullptr, std::memory_order_acq_rel);
  if (core == nullptr) return;
  core->abandon();
  parents_ = core;
}

// Opening takes recovery and several syncs, on the thread of whoever records: where it failed, the
// next second's records are refused at once.
LogCore* ProcessLog::open_own() noexcept {
  constexpr std::uint64_t kPause = 1'000'000'000;  // ns
  if (steady_clock_ns() < not_before_ns_.load(std::memory_order_relaxed)) return nullptr;
  const std::lock_guard hold(opening_);
  LogCore* core = core_.load(std::memory_order_acquire);
  if (core != nullptr) return core;
  if (steady_clock_ns() < not_before_ns_.load(std::memory_order_relaxed)) return nullptr;
  try {
    auto opened = LogCore::open(settings_, files_, parents_ == nullptr ? "" : parents_->name());
    if (opened) {
      core = opened->release();
      core_.store(core, std::memory_order_release);
      return core;
    }
  } catch (const std::exception&) {
    // No memory, or no more threads.
  }
  not_before_ns_.store(steady_clock_ns() + kPause, std::memory_order_relaxed);
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Log>> open_log(const LogSettings& settings, FileSystem& files) {
  try {
    auto core = LogCore::open(settings, files, {});
    if (!core) return core.error();
    return std::unique_ptr<Log>(std::make_unique<ProcessLog>(settings, files, *std::move(core)));
  } catch (const std::system_error& error) {
    return Error{ErrorCode::audit_open, std::string("cannot start a thread: ") + error.what(),
                 settings.directory, 0, 0};
  }
}

Result<std::unique_ptr<Log>> Log::open(const LogSettings& settings) {
  return open_log(settings, local_files());
}

}  // namespace mcpgov::audit
