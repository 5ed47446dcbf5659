// Reading what a sink has not taken yet from all logs below a directory.
// Tested by tests/net/sink_feed_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_feed.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "audit/checkpoint.hpp"

namespace mcpgov::net {

namespace {

using audit::FrameType;
using audit::ReadState;

// Rounds of refresh(), five a second by default: a dead log that was taken whole may still be
// recovered by another process, and a damaged one may be mended.
constexpr std::uint64_t kRoundsToList = 5;
constexpr std::uint64_t kRoundsToDormant = 150;
constexpr std::uint64_t kRoundsToDamaged = 25;
// Of one look at a log whose records are mostly left out, so that stop() is heard.
constexpr int kFramesAtOnce = 10'000;

bool is_message(FrameType type) noexcept {
  return type == FrameType::event || type == FrameType::intent;
}

// Members stand in a fixed order, and text is escaped: nothing that a caller sent can stand before
// the decision and look like it.
bool is_denial(std::string_view event) noexcept {
  constexpr std::string_view kDecision = R"(,"decision":{"effect":")";
  const std::size_t at = event.find(kDecision);
  return at != std::string_view::npos &&
         event.substr(at + kDecision.size()).starts_with(R"(deny")");
}

}  // namespace

struct SinkFeed::Log {
  audit::LogEntry entry;
  std::unique_ptr<LogTail> tail;
  std::uint64_t taken = 0;
  std::uint64_t read = 0;
  std::uint64_t sealed = 0;
  std::string note;
  bool note_given = false;
  bool acks = true;     // the mark of mode `acked` moves with the cursor
  bool awaits = false;  // a checkpoint that is newer than note
  // A frame that was read and not given out yet.
  bool holds = false;
  audit::Frame held;
  std::string held_payload;
  // Of batches that were given out: last seq, and when its first record was stored.
  std::deque<std::pair<std::uint64_t, std::uint64_t>> out;
  std::uint64_t since_ns = 0;  // when the first record after `taken` was stored; 0: not known
  std::string trouble;
  std::uint64_t asleep_until = 0;  // round
  bool seen = true;                // by the last listing

  void keep(const audit::Frame& frame) {
    held_payload.assign(frame.payload);
    held = frame;
    holds = true;
  }
  void close() noexcept {
    tail.reset();
    holds = false;
  }
};

SinkFeed::SinkFeed(const SinkSettings& settings, const SinkFiles& files,
                   std::unique_ptr<LogSource> source, bool skip_control, bool skip_intents)
    : settings_(settings),
      files_(files),
      source_(std::move(source)),
      skip_control_(skip_control),
      skip_intents_(skip_intents) {}

SinkFeed::~SinkFeed() = default;

SinkFeed::Log* SinkFeed::find(std::string_view name) noexcept {
  const auto at = std::find_if(logs_.begin(), logs_.end(),
                               [&](const auto& log) { return log->entry.name == name; });
  return at == logs_.end() ? nullptr : at->get();
}

std::string SinkFeed::refresh(bool list) {
  ++round_;
  if (list || round_ % kRoundsToList == 1) unlisted_ = list_logs();
  for (const auto& log : logs_) look_at(*log);
  return unlisted_;
}

std::string SinkFeed::list_logs() {
  const Result<std::vector<audit::LogEntry>> listed = source_->logs();
  if (!listed) return listed.error().message;
  for (const auto& log : logs_) log->seen = false;
  for (const audit::LogEntry& entry : listed.value()) {
    Log* log = find(entry.name);
    if (log == nullptr) {
      log = logs_.emplace_back(std::make_unique<Log>()).get();
      log->taken = log->read = files_.cursor(entry.name);
      log->acks = files_.acked(entry.name) >= log->taken;
    }
    log->entry = entry;
    log->seen = true;
  }
  // What is left of logs that were removed; also of those that were so before this process.
  std::erase_if(
      logs_, [this](const auto& log) { return !log->seen && source_->is_gone(log->entry.name); });
  for (const std::string& name : files_.cursors()) {
    if (find(name) == nullptr && source_->is_gone(name)) files_.drop_cursor(name);
  }
  return {};
}

void SinkFeed::look_at(Log& log) {
  if (round_ < log.asleep_until) return;
  std::string note = source_->checkpoint(log.entry);
  if (note != log.note) {
    // Whether it is signed well is for those to judge who receive it.
    const auto checkpoint = audit::parse_checkpoint(note);
    log.sealed = checkpoint ? checkpoint->size : 0;
    log.note = std::move(note);
    log.note_given = false;
    log.awaits = false;
  }
  if (!log.entry.alive && log.taken == log.sealed && log.read == log.taken && log.taken != 0) {
    log.close();
    log.asleep_until = round_ + kRoundsToDormant;
  }
}

bool SinkFeed::open(Log& log) {
  if (log.tail) return true;
  auto opened = source_->open(log.entry, log.read + 1);
  if (opened) {
    log.trouble.clear();
    log.tail = std::move(opened.value());
    return true;
  }
  log.trouble = opened.error().message;
  log.asleep_until = round_ + kRoundsToDamaged;
  return false;
}

bool SinkFeed::wanted(const audit::Frame& frame) const noexcept {
  switch (frame.type) {
    case FrameType::event: return !settings_.denials_only || is_denial(frame.payload);
    case FrameType::intent:
      return !skip_intents_ && settings_.intents &&
             (!settings_.denials_only || is_denial(frame.payload));
    default: return !skip_control_;
  }
}

// The next leaf is in log.held. False: there is none now.
bool SinkFeed::read_ahead(Log& log) {
  while (!log.holds) {
    audit::Frame frame;
    const ReadState state = log.tail->next(frame);
    if (state == ReadState::damaged) {
      log.trouble = log.tail->error().message;
      log.close();
      log.asleep_until = round_ + kRoundsToDamaged;
    }
    if (state != ReadState::frame) return false;
    if (audit::is_leaf(frame.type) && frame.seq > log.read) log.keep(frame);
  }
  log.held.payload = log.held_payload;
  return true;
}

void SinkFeed::await_seal() {
  if (!settings_.sealed) return;
  for (const auto& log : logs_) {
    log->awaits = log->entry.alive && round_ >= log->asleep_until && open(*log) &&
                  read_ahead(*log) && log->held.seq > log->sealed;
  }
}

bool SinkFeed::awaits_seal() const noexcept {
  return std::any_of(logs_.begin(), logs_.end(),
                     [](const auto& log) { return log->awaits && log->entry.alive; });
}

// False: nothing moved.
bool SinkFeed::fill(Log& log, Batch& batch) {
  const std::size_t records = std::min<std::size_t>(settings_.batch_records, 1000);
  const std::size_t bytes = std::min<std::size_t>(settings_.batch_bytes, 4u << 20);
  std::uint64_t first_ns = 0;
  for (int i = 0; i < kFramesAtOnce && batch.size() < records; ++i) {
    if (!read_ahead(log)) break;
    if (settings_.sealed && log.held.seq > log.sealed) break;
    const bool take = wanted(log.held);
    if (take && batch.size() > 0 && batch.bytes() + log.held_payload.size() > bytes) break;
    if (log.held.seq != log.read + 1) {
      log.trouble = "records " + std::to_string(log.read + 1) + " to " +
                    std::to_string(log.held.seq - 1) + " of `" + log.entry.name +
                    "` were removed before they were sent";
      batch.whole = false;
    }
    if (take) {
      batch.add(log.held);
    } else if (is_message(log.held.type)) {
      batch.whole = false;
    }
    if (first_ns == 0) first_ns = log.held.time_ns;
    log.read = log.held.seq;
    log.holds = false;
    batch.last_seq = log.read;
  }
  if (batch.last_seq == 0) return false;
  log.out.emplace_back(batch.last_seq, first_ns);
  if (log.since_ns == 0) log.since_ns = first_ns;
  return true;
}

bool SinkFeed::next(Batch& batch) {
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    Log& log = *logs_[(turn_ + i) % logs_.size()];
    if (round_ < log.asleep_until) continue;
    if (settings_.sealed && log.read >= log.sealed) continue;
    batch = Batch();
    if (!open(log) || !fill(log, batch)) continue;
    batch.log = log.entry.name;
    if (!log.note_given && batch.size() > 0) batch.checkpoint = log.note;
    log.note_given = log.note_given || batch.size() > 0;
    turn_ = (turn_ + i + 1) % logs_.size();
    return true;
  }
  return false;
}

bool SinkFeed::taken(std::string_view name, std::uint64_t seq, bool whole) {
  Log* const log = find(name);
  if (log == nullptr || seq <= log->taken) return true;
  log->acks = log->acks && whole;
  // Before the cursor: a mark that is behind it says that something is missing.
  if (log->acks && !files_.move_acked(name, seq)) return false;
  log->taken = seq;
  while (!log->out.empty() && log->out.front().first <= seq) log->out.pop_front();
  log->since_ns = log->out.empty() ? 0 : log->out.front().second;
  return files_.move_cursor(name, seq);
}

void SinkFeed::rewind() {
  for (const auto& log : logs_) {
    if (log->read == log->taken) continue;
    log->read = log->taken;
    log->note_given = false;
    log->out.clear();
    log->close();
  }
}

std::string_view SinkFeed::trouble() const noexcept {
  for (const auto& log : logs_) {
    if (!log->trouble.empty()) return log->trouble;
  }
  return {};
}

std::uint64_t SinkFeed::oldest_ns() const noexcept {
  std::uint64_t oldest = 0;
  for (const auto& log : logs_) {
    if (log->since_ns != 0 && (oldest == 0 || log->since_ns < oldest)) oldest = log->since_ns;
  }
  return oldest;
}

}  // namespace mcpgov::net
