// What all sessions share: generations, the sink, forks.
// Tested by tests/governor/reload_test.cpp and tests/governor/fork_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/governor_core.hpp"

#include "base/os_fork.hpp"
#include "base/os_time.hpp"

namespace mcpgov::detail {

GovernorCore::GovernorCore(std::shared_ptr<const Snapshot> first, std::unique_ptr<audit::Sink> sink,
                           const GovernorOptions& options, std::string path)
    : snapshot_(std::move(first)),
      generation_(snapshot_->number),
      attempts_(snapshot_->number),
      sink_(std::move(sink)),
      tasks_(snapshot_->config.limits.tasks),
      sessions_(snapshot_->config.limits.tasks),
      cursors_(snapshot_->config.handle_key),
      now_us_(options.now_us),
      now_context_(options.now_context),
      path_(std::move(path)),
      process_(fork_generation()) {
  on_fork({[](void* core) noexcept { static_cast<GovernorCore*>(core)->hold(); },
           [](void* core) noexcept { static_cast<GovernorCore*>(core)->let_go(); },
           [](void* core) noexcept {
             static_cast<GovernorCore*>(core)->let_go();
             static_cast<GovernorCore*>(core)->reopen();
           },
           this});
}

GovernorCore::~GovernorCore() {
  forget_fork(this);
}

std::uint64_t GovernorCore::default_now_us() noexcept {
  return wall_clock_us();
}

Moment GovernorCore::now() const noexcept {
  if (now_us_ != nullptr) return {now_us_(now_context_), steady_clock_ns()};
  const Clocks clocks = read_clocks();
  return {clocks.wall_us, clocks.steady_ns};
}

std::shared_ptr<const Snapshot> GovernorCore::snapshot() const {
  const std::lock_guard hold(lock_);
  return snapshot_;
}

void GovernorCore::hold() noexcept {
  building_.lock();
  lock_.lock();
  tasks_.lock();
  sessions_.lock();
  if (snapshot_->config.verifier) snapshot_->config.verifier->hold_for_fork();
}

void GovernorCore::let_go() noexcept {
  if (snapshot_->config.verifier) snapshot_->config.verifier->release_after_fork();
  sessions_.unlock();
  tasks_.unlock();
  lock_.unlock();
  building_.unlock();
}

bool GovernorCore::reopen() noexcept {
  if (sink_ && sink_->reopen() != ErrorCode::none) return false;
  process_.store(fork_generation(), std::memory_order_release);
  return true;
}

bool GovernorCore::usable() const noexcept {
  return process_.load(std::memory_order_acquire) == fork_generation();
}

// A change of what decides is part of what happened.
void GovernorCore::record_replacement(const Snapshot& current, const Error* error) noexcept {
  if (!sink_) return;
  audit::Record record;
  // Unique among generations; message records never start with this.
  char id[] = "generation-000000000000000000000";
  std::uint64_t number = error == nullptr ? current.number : attempts_;
  for (std::size_t at = sizeof id - 2; number != 0; --at, number /= 10) {
    id[at] = static_cast<char>('0' + number % 10);
  }
  record.id = {id, sizeof id - 1};
  record.time_us = now_us();
  record.method = "mcpgov/replace";
  record.allowed = record.decision = error == nullptr;
  record.reason = error == nullptr ? ErrorCode::none : error->code;
  record.snapshot = current.label;
  audit::Completion completion;
  completion.outcome = error == nullptr ? audit::Outcome::completed : audit::Outcome::denied;
  completion.reason = record.reason;
  completion.time_us = record.time_us;
  audit::Ticket ticket;
  sink_->begin(record, &completion, ticket);
}

Result<Generation> GovernorCore::replace(std::string_view text, const std::string& file,
                                         const std::string& directory) {
  const std::lock_guard building(building_);
  ++attempts_;
  const std::shared_ptr<const Snapshot> former = snapshot();
  auto config = read_config(text, file, directory);
  if (!config) {
    record_replacement(*former, &config.error());
    return config.error();
  }
  config->audit = former->config.audit;
  auto built = build_snapshot(*std::move(config), attempts_, now_us());
  if (!built) {
    record_replacement(*former, &built.error());
    return built.error();
  }
  std::shared_ptr<const Snapshot> fresh = *std::move(built);
  if (fresh->config.verifier && former->config.verifier) {
    identity::Verifier verifier = *fresh->config.verifier;
    verifier.inherit(*former->config.verifier);
  }
  {
    const std::lock_guard hold(lock_);
    snapshot_ = fresh;
    generation_.store(fresh->number, std::memory_order_release);
  }
  record_replacement(*fresh, nullptr);
  return Generation{fresh->number, fresh->digest, fresh->warnings};
}

}  // namespace mcpgov::detail
