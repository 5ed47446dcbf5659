// The end of a judged log: what is missing behind its last record, and how much is proven.
// Tested by tests/audit/verify_test.cpp and tests/audit/tamper_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "audit/log_judge.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

std::string_view problem_name(Problem problem) noexcept {
  constexpr std::string_view kNames[] = {
      "unreadable", "header",  "frame",     "missing",   "order",     "label",      "torn",
      "trailer",    "link",    "signature", "root",      "backwards", "truncated",  "unsealed",
      "vanished",   "foreign", "silent",    "recovered", "retired",   "quarantined"};
  return kNames[static_cast<std::size_t>(problem)];
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string out;
  append_json_string(out, text.substr(0, kMost));
  return out;
}

void LogJudge::finish() {
  if (tree_) check_claims(tree_->size());
  // begun_: a log of which nothing is there has no last record.
  out_.last_seq = begun_ ? next_seq_ - 1 : 0;
  if (out_.last_seq < out_.first_seq) out_.first_seq = out_.last_seq = 0;
  out_.ended = trailer_;
  file_.clear();
  judge_end();
  judge_seals();
  judge_silence();
  // The process writes each checkpoint into the log and the file; recovery of a closed log cannot.
  if (out_.ended && !out_.proven.empty() && out_.proven.back().file == "checkpoint") {
    note_recovered(last_checkpoint_ + 1, out_.proven.back().last_seq, 0);
  }
}

// A log without a segment: all of it is retired, was taken away, or has not begun.
void LogJudge::begin_empty() {
  for_each_retired(retired_, [this](const RetiredText& each) {
    out_.retired = std::max(out_.retired, each.last_seq);
  });
  if (out_.retired != 0) {
    Finding& made = notice(Problem::retired, "retention removed all records");
    made.first_seq = 1;
    made.last_seq = out_.retired;
  }
  const Result<Checkpoint> said = parse_checkpoint(file_note_.value_or(std::string()));
  if (!said) return;
  out_.origin = said->origin;
  claim_what_is_signed();
}

// Claims of more records than there are.
void LogJudge::judge_end() {
  if (!begun_) begin_empty();
  const std::uint64_t there = begun_ ? next_seq_ - 1 : out_.retired;
  for (const auto& [size, claim] : claims_) {
    if (size <= there) continue;
    std::string who = "a checkpoint";
    if (claim.by == Claim::By::checkpoint_file) who = "the log's own checkpoint";
    if (claim.by == Claim::By::handed_in) who = "the checkpoint that was handed in";
    if (claim.by == Claim::By::log) who = "the log " + in_quotes(claim.name);
    Finding& made = report(Problem::truncated,
                           who + " tells of " + std::to_string(claim.size) + " records; " +
                               std::to_string(there) + " are there",
                           claim.offset);
    made.file = claim.file;
    made.first_seq = there + 1;
    made.last_seq = claim.size;
  }
  if (!file_note_ && out_.checkpoints > 1) {
    report(Problem::truncated, "the log's own checkpoint is missing").file = "checkpoint";
  }
}

// How many records have nothing but a checksum, and whether that can be in order.
void LogJudge::judge_seals() {
  std::uint64_t proven = 0;
  for (const ProvenRange& range : out_.proven) proven += range.last_seq - range.first_seq + 1;
  const std::uint64_t all = out_.last_seq == 0 ? 0 : out_.last_seq - out_.first_seq + 1;
  out_.by_checksum_only = all - std::min(all, proven);
  if (options_.keys.empty()) {
    notice(Problem::signature, "no key was given: nothing is proven");
    return;
  }
  const std::uint64_t last = out_.proven.empty() ? 0 : out_.proven.back().last_seq;
  if (all == 0 || last >= out_.last_seq || out_.alive) return;
  // One that died leaves little unsealed, and recovery seals that.
  const bool late = out_.last_time_ns > last_seal_ns_ &&
                    out_.last_time_ns - last_seal_ns_ > most_unsigned_ns(seal_interval_ms_);
  const bool harmless = !out_.proven.empty() && !out_.ended && !late;
  const char* what = "the log was not closed, and no checkpoint holds for its last records";
  if (late)
    what = "no checkpoint holds for records of a longer time than a process leaves unsigned";
  if (out_.ended) what = "the log was closed, and no checkpoint holds for its last records";
  if (out_.proven.empty()) what = "no checkpoint of this log holds";
  Finding& made = harmless ? notice(Problem::unsealed, what) : report(Problem::unsealed, what);
  made.first_seq = std::max(last + 1, out_.first_seq);
  made.last_seq = out_.last_seq;
}

void LogJudge::judge_silence() {
  if (!out_.alive || options_.now_ns == 0 || heartbeat_s_ == 0 || last_alive_ns_ == 0) return;
  if (options_.now_ns <= last_alive_ns_) return;
  if (options_.now_ns - last_alive_ns_ <= most_silent_ns(heartbeat_s_)) return;
  notice(Problem::silent, "a process has the log open, and has written no heartbeat for " +
                              std::to_string((options_.now_ns - last_alive_ns_) / 1'000'000'000) +
                              " seconds");
}

std::vector<Checkpoint> open_handed_in(const VerifyOptions& options,
                                       std::vector<Finding>& findings) {
  std::vector<Checkpoint> out;
  for (const std::string& note : options.against) {
    auto read = parse_checkpoint(note);
    auto opened = read ? open_with(options.keys, read->origin, note) : std::move(read);
    if (opened) {
      out.push_back(std::move(*opened));
      continue;
    }
    findings.push_back(
        {Problem::signature,
         false,
         {},
         {},
         0,
         0,
         0,
         "a checkpoint that was handed in cannot be relied on: " + opened.error().message});
  }
  return out;
}

}  // namespace mcpgov::audit
