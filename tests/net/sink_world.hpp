// Logs and sinks that a test holds in its hands, and waits for.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/sink_feed.hpp"
#include "net/sink_transport.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov::test {

// A whole signed note; nobody with a key has signed it.
inline std::string note_of(const std::string& origin, std::uint64_t size) {
  return origin + "\n" + std::to_string(size) + "\n" + std::string(43, 'A') + "=\n\n\xe2\x80\x94 " +
         origin + " AAAAAAA=\n";
}

// Logs in memory. Threads: thread-safe.
class MemoryLogs {
 public:
  struct Leaf {
    audit::FrameType type;
    std::uint64_t seq;
    std::string payload;
  };
  struct Log {
    std::vector<Leaf> leaves;
    std::uint64_t sealed = 0;
    bool alive = true;
    bool damaged = false;
    bool hidden = false;    // it is there and cannot be listed
    std::string note = {};  // in place of the one that covers `sealed`
  };

  // A call of this id; sealed at once unless asked otherwise.
  void add(const std::string& log, const std::string& id, bool denied = false, bool seal = true) {
    add(log, audit::FrameType::event, event(id, denied), seal);
  }
  void add(const std::string& log, audit::FrameType type, std::string payload, bool seal = true) {
    const std::lock_guard hold(lock_);
    Log& to = logs_[log];
    const std::uint64_t seq = to.leaves.empty() ? 1 : to.leaves.back().seq + 1;
    to.leaves.push_back({type, seq, std::move(payload)});
    if (seal) to.sealed = seq;
  }
  static std::string event(const std::string& id, bool denied = false) {
    return R"({"v":1,"kind":"call","id":")" + id +
           R"(","time":"2026-11-20T08:24:32.664720Z","transport":"stdio","direction":)"
           R"("from_client","method":"tools/call","target":"search","target_kind":"tool","caller":)"
           R"({"kind":"user","issuer":"i","subject":"ann"},"trace":{"trace_id":)"
           R"("0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7","flags":1},)"
           R"("decision":{"effect":")" +
           (denied ? R"(deny","allowed":false)" : R"(allow","allowed":true)") +
           R"(,"enforced":true,"reason":"none","snapshot":"1","policy_digest":"p",)"
           R"("latency_ns":800},)"
           R"("outcome":"completed","latency_ns":1000})";
  }
  template <class How>
  void change(const std::string& log, const How& how) {
    const std::lock_guard hold(lock_);
    how(logs_[log]);
  }
  void remove(const std::string& log) {
    const std::lock_guard hold(lock_);
    logs_.erase(log);
  }

  std::unique_ptr<net::LogSource> source() { return std::make_unique<Source>(*this); }

 private:
  class Tail final : public net::LogTail {
   public:
    Tail(MemoryLogs& logs, std::string name, std::uint64_t seq)
        : logs_(logs), name_(std::move(name)), seq_(seq) {}
    audit::ReadState next(audit::Frame& frame) override {
      const std::lock_guard hold(logs_.lock_);
      const Log& log = logs_.logs_[name_];
      if (log.damaged) return audit::ReadState::damaged;
      for (const Leaf& leaf : log.leaves) {
        if (leaf.seq < seq_) continue;
        seq_ = leaf.seq + 1;
        payload_ = leaf.payload;
        frame = {leaf.seq, 1'700'000'000'000'000'000, leaf.type, 0, payload_};
        return audit::ReadState::frame;
      }
      return audit::ReadState::end;
    }
    const Error& error() const noexcept override { return error_; }

   private:
    MemoryLogs& logs_;
    const std::string name_;
    std::uint64_t seq_;
    std::string payload_;
    const Error error_{ErrorCode::audit_damaged, "it is damaged", {}, 0, 0};
  };

  class Source final : public net::LogSource {
   public:
    explicit Source(MemoryLogs& logs) : logs_(logs) {}
    Result<std::vector<audit::LogEntry>> logs() override {
      const std::lock_guard hold(logs_.lock_);
      std::vector<audit::LogEntry> out;
      for (const auto& [name, log] : logs_.logs_) {
        if (!log.hidden) out.push_back({name, "/" + name, log.alive});
      }
      return out;
    }
    bool is_gone(const std::string& name) override {
      const std::lock_guard hold(logs_.lock_);
      return logs_.logs_.count(name) == 0;
    }
    Result<std::unique_ptr<net::LogTail>> open(const audit::LogEntry& log,
                                               std::uint64_t seq) override {
      return std::unique_ptr<net::LogTail>(std::make_unique<Tail>(logs_, log.name, seq));
    }
    std::string checkpoint(const audit::LogEntry& log) override {
      const std::lock_guard hold(logs_.lock_);
      const Log& of = logs_.logs_[log.name];
      if (!of.note.empty()) return of.note;
      return of.sealed == 0 ? "" : note_of("mcpgov/" + log.name, of.sealed);
    }

   private:
    MemoryLogs& logs_;
  };

  std::mutex lock_;
  std::map<std::string, Log> logs_;
};

// A sink that says what the test tells it. Threads: thread-safe.
class ToldSink {
 public:
  std::deque<net::Delivery> answers;  // then: taken, or handed where it settles
  std::set<std::string> poison;       // payloads that it refuses a batch for
  bool hands = false;
  std::size_t window = 1;

  std::unique_ptr<net::Transport> transport() { return std::make_unique<Told>(*this); }

  // Of records that it took, in order: `log/seq`.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock hold(lock_);
    changed_.wait(hold, [&] { return took_.size() >= count; });
    return took_;
  }
  void wait_for_sends(int count) {
    std::unique_lock hold(lock_);
    changed_.wait(hold, [&] { return sends_ >= count; });
  }
  int sends() {
    const std::lock_guard hold(lock_);
    return sends_;
  }
  std::vector<std::string> notes() {
    const std::lock_guard hold(lock_);
    return notes_;
  }
  void settle(std::size_t batches) {
    const std::lock_guard hold(lock_);
    settled_ += batches;
  }
  void lose() {
    const std::lock_guard hold(lock_);
    lost_ = true;
  }

 private:
  class Told final : public net::Transport {
   public:
    explicit Told(ToldSink& sink) : sink_(sink) {}
    net::Delivery send(const net::Batch& batch) override { return sink_.send(batch); }
    net::Settled settle() override {
      const std::lock_guard hold(sink_.lock_);
      net::Settled out = {std::min(sink_.settled_, sink_.open_), std::exchange(sink_.lost_, false),
                          "it was lost"};
      sink_.settled_ -= out.batches;
      sink_.open_ -= out.batches;
      return out;
    }
    std::size_t window() const noexcept override { return sink_.window; }
    void forget() override {
      const std::lock_guard hold(sink_.lock_);
      sink_.open_ = 0;
    }

   private:
    ToldSink& sink_;
  };

  net::Delivery send(const net::Batch& batch) {
    const std::lock_guard hold(lock_);
    ++sends_;
    changed_.notify_all();
    if (!answers.empty()) {
      net::Delivery answer = answers.front();
      answers.pop_front();
      if (answer.fate != net::Fate::taken) return answer;
      take(batch);
      return answer;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (poison.count(std::string(batch[i].payload)) != 0) {
        return {net::Fate::refused, 0, 0, "HTTP 400"};
      }
    }
    take(batch);
    open_ += hands ? 1 : 0;
    return {hands ? net::Fate::handed : net::Fate::taken, 0, 0, {}};
  }

  void take(const net::Batch& batch) {
    if (!batch.checkpoint.empty()) notes_.push_back(batch.checkpoint);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      took_.push_back(batch.log + "/" + std::to_string(batch[i].seq));
    }
  }

  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<std::string> took_;
  std::vector<std::string> notes_;
  int sends_ = 0;
  std::size_t open_ = 0;
  std::size_t settled_ = 0;
  bool lost_ = false;
};

}  // namespace mcpgov::test
