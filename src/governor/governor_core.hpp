// What all sessions share: the current generation, the sink, the owners of tasks.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "governor/cursor_seal.hpp"
#include "governor/snapshot.hpp"
#include "governor/tasks.hpp"
#include "governor/verdict_state.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/governor.hpp"

namespace mcpgov::detail {

// Threads: thread-safe.
class GovernorCore {
 public:
  GovernorCore(std::shared_ptr<const Snapshot> first, std::unique_ptr<audit::Sink> sink,
               const GovernorOptions& options, std::string path);
  ~GovernorCore();

  // The number of the current generation; sessions compare it with that of their pin.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
  std::shared_ptr<const Snapshot> snapshot() const;
  Result<Generation> replace(std::string_view text, const std::string& file,
                             const std::string& directory);

  std::uint64_t now_us() const noexcept {
    return now_us_ == nullptr ? default_now_us() : now_us_(now_context_);
  }
  Moment now() const noexcept;
  audit::Sink* sink() const noexcept { return sink_.get(); }
  TaskOwners& tasks() noexcept { return tasks_; }
  TaskOwners& sessions() noexcept { return sessions_; }  // of the protocol: who showed which first
  const CursorSeal& cursors() const noexcept { return cursors_; }
  const std::string& path() const noexcept { return path_; }

  // Takes the sink into this process. False: it must keep denying.
  bool reopen() noexcept;
  // Whether this process may decide: false in a forked child until reopen() succeeded.
  bool usable() const noexcept;

 private:
  void hold() noexcept;
  void let_go() noexcept;
  static std::uint64_t default_now_us() noexcept;
  void record_replacement(const Snapshot& current, const Error* error) noexcept;

  mutable std::mutex lock_;  // the pointer
  std::mutex building_;      // one generation is built at a time
  std::shared_ptr<const Snapshot> snapshot_;
  std::atomic<std::uint64_t> generation_;
  std::uint64_t attempts_;  // numbers are never used twice, also not by a failed attempt

  std::unique_ptr<audit::Sink> sink_;
  TaskOwners tasks_;
  TaskOwners sessions_;
  CursorSeal cursors_;
  std::uint64_t (*now_us_)(void*) noexcept;
  void* now_context_;
  std::string path_;
  std::atomic<std::uint64_t> process_;  // fork generation in which the sink was opened
};

}  // namespace mcpgov::detail
