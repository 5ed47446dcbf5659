// Questions to all logs of a directory, answered in the order of time.
// Tested by tests/audit/query_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/query.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "audit/log_folder.hpp"
#include "audit/log_hits.hpp"
#include "audit/log_reader.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kMaxDamage = 100;
// More than any id, name or URI of an event.
constexpr std::size_t kMaxText = 8192;

Result<void> check(const Question& question) {
  const auto refused = [](const char* why) { return Error{ErrorCode::audit_query, why, {}, 0, 0}; };
  for (const std::string* text :
       {&question.id, &question.session, &question.caller, &question.server, &question.target,
        &question.decision, &question.outcome, &question.policy, &question.tenant,
        &question.method}) {
    if (text->size() > kMaxText) return refused("a text of the question is too long");
  }
  const std::string& decision = question.decision;
  if (!decision.empty() && decision != "allow" && decision != "deny") {
    return refused("a decision is `allow` or `deny`");
  }
  if (question.from_ns >= question.until_ns) return refused("the time of the question is empty");
  return {};
}

// One log. Until it is opened, `next` has a time that none of its hits comes before (or, newest
// first, after), so that a directory of thousands of logs has few of them open.
struct Source {
  const LogEntry* log;
  std::unique_ptr<LogHits> hits;
  Hit next;
};

// Records have the time of their decision, the log that of its making, by the same clock.
constexpr std::uint64_t kSlackNs = 60'000'000'000;

std::uint64_t last_change(const LogEntry& log) {
  const LogFolders folders = find_folders(log.folder);
  const auto segments = list_segments(folders);
  if (!segments || segments->empty()) return ~0ULL;
  ReadFile file;
  std::uint64_t bytes = 0, changed_ns = 0;
  if (file.open(folders.path_of(segments->back())) != 0) return ~0ULL;
  return file.stat(bytes, changed_ns) == 0 ? changed_ns + kSlackNs : ~0ULL;
}

// Merges the logs.
class Merge {
 public:
  Merge(const Question& question, Answer& answer)
      : asked_(question), backwards_(question.newest_first), answer_(answer) {}

  void add(const LogEntry& log) {
    const std::uint64_t begin = log.begin_ns > kSlackNs ? log.begin_ns - kSlackNs : 0;
    Source source{&log, nullptr, {}};
    source.next.log = log.name;
    source.next.time_ns = backwards_ ? (log.alive ? ~0ULL : last_change(log)) : begin;
    push(std::move(source));
  }

  // The log with the next hit; null: there are no more.
  Source* next() {
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), later_);
      if (heap_.back().hits != nullptr) return &heap_.back();
      Source source = std::move(heap_.back());
      heap_.pop_back();
      source.hits = std::make_unique<LogHits>(*source.log, asked_);
      advance(std::move(source));
    }
    return nullptr;
  }

  // Goes on behind the hit that next() gave.
  void pass() {
    Source source = std::move(heap_.back());
    heap_.pop_back();
    advance(std::move(source));
  }

  void finish() {
    for (const Source& source : heap_) {
      if (source.hits != nullptr) count(*source.hits);
    }
  }

 private:
  void push(Source source) {
    heap_.push_back(std::move(source));
    std::push_heap(heap_.begin(), heap_.end(), later_);
  }

  void advance(Source source) {
    const bool more = source.hits->next(source.next);
    for (Error& each : source.hits->take_damage()) {
      if (answer_.damage.size() < kMaxDamage) answer_.damage.push_back(std::move(each));
    }
    if (more) return push(std::move(source));
    count(*source.hits);
  }

  void count(const LogHits& hits) {
    answer_.segments += hits.segments();
    answer_.indexed += hits.indexed();
    answer_.frames += hits.frames();
  }

  struct Later {
    bool backwards;
    bool operator()(const Source& a, const Source& b) const {
      if (a.next.time_ns == b.next.time_ns) return a.next.log > b.next.log;
      return (a.next.time_ns > b.next.time_ns) != backwards;
    }
  };

  Asked asked_;
  bool backwards_;
  Answer& answer_;
  std::vector<Source> heap_;
  Later later_{backwards_};
};

}  // namespace

Result<Answer> query(const std::string& directory, const Question& question, OnHit hit,
                     void* context) {
  if (auto checked = check(question); !checked) return checked.error();
  const auto logs = list_logs(directory);
  if (!logs) return logs.error();
  Answer answer;
  answer.logs = logs->size();
  Merge merge(question, answer);
  for (const LogEntry& log : *logs) merge.add(log);
  while (Source* const source = merge.next()) {
    answer.cut = answer.hits == question.limit;
    if (answer.cut) break;
    ++answer.hits;
    answer.cut = !hit(context, source->next);
    if (answer.cut) break;
    merge.pass();
  }
  merge.finish();
  return answer;
}

}  // namespace mcpgov::audit
