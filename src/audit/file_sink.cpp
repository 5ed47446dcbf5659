// Sinks of JSON lines: a file, or the host's callback.
// Tested by tests/audit/file_sink_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "audit/record_json.hpp"
#include "base/os_file.hpp"

namespace mcpgov::audit {

namespace {

// Takes whole lines. False: nothing of the line can be relied on.
class LineWriter {
 public:
  virtual ~LineWriter() = default;
  virtual bool write(std::string& line) noexcept = 0;
  virtual bool reopen() noexcept { return true; }
};

class FileLines final : public LineWriter {
 public:
  explicit FileLines(std::string path) : path_(std::move(path)) {}
  Result<void> open() { return file_.open(path_); }

  bool write(std::string& line) noexcept override {
    try {
      line.push_back('\n');
      // The lock keeps other threads' lines from a fragment that is not ended yet. It costs little
      // beside the system call under it.
      const std::lock_guard hold(lock_);
      // What a failed call left behind ends before the next line begins.
      if (torn_) line.insert(line.begin(), '\n');
      std::size_t written = 0;
      const bool whole = file_.append(line, written);
      // Also when nothing was written: the former rest still has no end.
      torn_ = !whole && (torn_ || written != 0);
      return whole;
    } catch (...) {
      return false;
    }
  }

  bool reopen() noexcept override {
    std::construct_at(&lock_);
    torn_ = false;
    try {
      return file_.open(path_).has_value();
    } catch (...) {
      return false;
    }
  }

 private:
  std::string path_;
  AppendFile file_;
  std::mutex lock_;
  bool torn_ = false;
};

// The host's context, let go of exactly once.
class HostContext {
 public:
  HostContext(void* context, ReleaseContext release) noexcept
      : context_(context), release_(release) {}
  HostContext(HostContext&& other) noexcept
      : context_(other.context_), release_(std::exchange(other.release_, nullptr)) {}
  HostContext& operator=(HostContext&&) = delete;
  ~HostContext() {
    if (release_ != nullptr) release_(context_);
  }
  void* get() const noexcept { return context_; }

 private:
  void* context_;
  ReleaseContext release_;
};

class CallbackLines final : public LineWriter {
 public:
  CallbackLines(WriteLine callback, HostContext&& context)
      : write_(callback), context_(std::move(context)) {}
  bool write(std::string& line) noexcept override { return write_(context_.get(), line); }

 private:
  WriteLine write_;
  HostContext context_;
};

// Keeps its memory between records, so that a warm thread allocates nothing.
std::string& line_buffer() {
  thread_local std::string line;
  line.clear();
  return line;
}

class LineSink final : public Sink {
 public:
  explicit LineSink(std::unique_ptr<LineWriter> lines) : lines_(std::move(lines)) {}

  ~LineSink() override {
    try {
      flush_kept();
    } catch (...) {
      // Nothing is left to tell: the outcomes stay `unknown` to readers.
    }
  }

  ErrorCode begin(const Record& record, const Completion* closed,
                  Ticket& ticket) noexcept override {
    try {
      if (!flush_kept()) return ErrorCode::audit_unavailable;
      std::string& line = line_buffer();
      append_decision(line, record, closed);
      if (!lines_->write(line)) return ErrorCode::audit_unavailable;
    } catch (...) {
      return ErrorCode::audit_unavailable;
    }
    ticket.number = next_.fetch_add(1, std::memory_order_relaxed);
    std::memcpy(ticket.id, record.id.data(), std::min(sizeof ticket.id, record.id.size()));
    return ErrorCode::none;
  }

  void end(const Ticket& ticket, const Completion& completion) noexcept override {
    if (ticket.number == 0) return;
    try {
      const bool clear = flush_kept();
      std::string& line = line_buffer();
      append_outcome(line, ticket, completion);
      if (!clear || !lines_->write(line)) keep(ticket, completion);
    } catch (...) {
      keep(ticket, completion);
    }
  }

  // Kept outcomes are the parent's to write, and so was the lock, which a thread that does not
  // exist here may have held.
  ErrorCode reopen() noexcept override {
    std::construct_at(&lock_);
    count_.store(0, std::memory_order_relaxed);
    first_ = 0;
    return lines_->reopen() ? ErrorCode::none : ErrorCode::audit_unavailable;
  }

 private:
  struct Kept {
    Ticket ticket;
    Completion completion;
  };
  // Outcomes that wait for the sink; fixed in size, so that keeping one cannot fail.
  static constexpr std::size_t kKept = 1024;

  void keep(const Ticket& ticket, const Completion& completion) noexcept {
    const std::lock_guard hold(lock_);
    if (count_.load(std::memory_order_relaxed) == kKept) {
      ++lost_;
      return;
    }
    kept_[(first_ + count_.load(std::memory_order_relaxed)) % kKept] = {ticket, completion};
    count_.fetch_add(1, std::memory_order_release);
  }

  // True when nothing is waiting any more.
  bool flush_kept() {
    if (count_.load(std::memory_order_acquire) == 0) return true;
    const std::lock_guard hold(lock_);
    if (lost_ != 0) {
      std::string& line = line_buffer();
      append_lost(line, lost_);
      if (!lines_->write(line)) return false;
      lost_ = 0;
    }
    while (count_.load(std::memory_order_relaxed) != 0) {
      std::string& line = line_buffer();
      append_outcome(line, kept_[first_].ticket, kept_[first_].completion);
      if (!lines_->write(line)) return false;
      first_ = (first_ + 1) % kKept;
      count_.fetch_sub(1, std::memory_order_release);
    }
    return true;
  }

  std::unique_ptr<LineWriter> lines_;
  std::atomic<std::uint64_t> next_{1};
  std::mutex lock_;
  std::atomic<std::size_t> count_{0};
  std::size_t first_ = 0;
  std::uint64_t lost_ = 0;  // outcomes that did not fit, not reported yet
  Kept kept_[kKept];
};

}  // namespace

Result<std::unique_ptr<Sink>> open_file(const std::string& path) {
  auto lines = std::make_unique<FileLines>(path);
  if (auto opened = lines->open(); !opened) return opened.error();
  return std::unique_ptr<Sink>(std::make_unique<LineSink>(std::move(lines)));
}

std::unique_ptr<Sink> to_callback(WriteLine write, void* context, ReleaseContext release) {
  HostContext held(context, release);
  return std::make_unique<LineSink>(std::make_unique<CallbackLines>(write, std::move(held)));
}

}  // namespace mcpgov::audit
