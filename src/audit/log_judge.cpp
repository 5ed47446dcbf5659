// Judging a log segment by segment: order, links, roots.
// Tested by tests/audit/verify_test.cpp and tests/audit/tamper_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_judge.hpp"

#include <algorithm>
#include <utility>

namespace mcpgov::audit {
namespace {

// Segments between a record and the checkpoint that is signed for it, many times over.
constexpr std::size_t kMostClaims = 4096;

}  // namespace

Finding& LogJudge::report(Problem problem, std::string message, std::uint64_t offset) {
  damaged_ = true;
  ++out_.problems;
  Finding& made = out_.findings.size() < kMaxFindings ? out_.findings.emplace_back() : spare_;
  made = {problem, false, out_.name, file_, offset, 0, 0, std::move(message)};
  return made;
}

Finding& LogJudge::notice(Problem problem, std::string message, std::uint64_t offset) {
  ++out_.notices;
  Finding& made = out_.findings.size() < kMaxFindings ? out_.findings.emplace_back() : spare_;
  made = {problem, true, out_.name, file_, offset, 0, 0, std::move(message)};
  return made;
}

void LogJudge::claim(Claim claim) {
  const std::uint64_t size = claim.size;
  claims_.emplace(size, std::move(claim));
}

void LogJudge::take(ScanBatch batch) {
  if (!batch.file.empty()) file_ = batch.file;
  if (batch.header) begin_segment(*batch.header);
  std::size_t taken = 0;
  for (const Mark& mark : batch.marks) {
    if (grows_) tree_->append(std::span(batch.leaves).subspan(taken, mark.before - taken));
    pass_times(std::span(batch.times).subspan(taken, mark.before - taken));
    taken = mark.before;
    take_mark(mark);
  }
  if (grows_) tree_->append(std::span(batch.leaves).subspan(taken));
  pass_times(std::span(batch.times).subspan(taken));
  settle_some();
  for (std::size_t type = 0; type < batch.counts.size(); ++type) {
    out_.leaves[type] += batch.counts[type];
  }
  if (!batch.leaves.empty()) {
    out_.first_time_ns = out_.first_time_ns == 0
                             ? batch.first_time_ns
                             : std::min(out_.first_time_ns, batch.first_time_ns);
    out_.last_time_ns = std::max(out_.last_time_ns, batch.last_time_ns);
  }
  if (batch.end) end_segment(batch);
}

// The oldest half of what waits is no longer waited for.
void LogJudge::settle_some() {
  if (!tree_ || tree_->size() - tree_->settled() <= LaggingTree::kMostWaiting) return;
  const std::uint64_t size = tree_->settled() + LaggingTree::kMostWaiting / 2;
  check_claims(size);
  if (tree_ && tree_->settled() < size) tree_->settle(size);
}

void LogJudge::end_segment(const ScanBatch& batch) {
  next_seq_ = batch.next_seq;
  out_.bytes += batch.bytes;
  ++out_.segments;
  if (file_.ends_with(".zst")) ++out_.compressed;
}

// --- headers -----------------------------------------------------------------------------------

void LogJudge::begin_segment(const SegmentHeader& header) {
  if (!begun_) {
    begin_log(header);
  } else if (header_ &&
             (header.log_uuid != header_->log_uuid || header.origin != header_->origin)) {
    report(Problem::header, "the segment belongs to another log");
  }
  const bool follows = header_ && next_seq_ == header.first_seq;
  if (begun_ && next_seq_ < header.first_seq) {
    Finding& made = report(Problem::missing, "records before this segment are not there");
    made.first_seq = next_seq_;
    made.last_seq = header.first_seq - 1;
  }
  if (follows) check_link(header);
  begun_ = true;
  damaged_ = false;
  trailer_ = false;
  trailer_text_.clear();
  go_on_from(header);
  header_ = header;
}

// What checkpoints from elsewhere say of the log with this origin.
void LogJudge::claim_what_is_signed() {
  for (const Checkpoint& each : handed_in_) {
    if (each.origin != out_.origin) continue;
    claim({Claim::By::handed_in, each.size, each.root, {}, 0, {}, {}});
  }
  if (!file_note_) return;
  const auto opened = open_with(options_.keys, out_.origin, *file_note_);
  if (opened) {
    claim({Claim::By::checkpoint_file, opened->size, opened->root, "checkpoint", 0, {}, {}});
  } else if (!options_.keys.empty()) {
    report(Problem::signature, opened.error().message).file = "checkpoint";
  }
}

void LogJudge::begin_log(const SegmentHeader& header) {
  out_.origin = header.origin;
  out_.first_seq = header.first_seq;
  claim_what_is_signed();
  if (header.first_seq == 1) {
    if (header.previous_segment != Digest{} || header.previous_salt != 0) {
      report(Problem::link, "the first segment says that one was before it");
    }
    return;
  }
  begin_retired(header);
}

// The first segment that is there is not the first of the log.
void LogJudge::begin_retired(const SegmentHeader& header) {
  RetiredText last;
  for_each_retired(retired_, [&](RetiredText&& each) {
    if (each.last_seq + 1 == header.first_seq) last = std::move(each);
  });
  const bool known = last.last_seq + 1 == header.first_seq;
  Finding& made =
      known ? notice(Problem::retired, "retention removed the records before this segment")
            : report(Problem::missing,
                     "records before this segment are not there, and nothing "
                     "says that retention removed them");
  made.first_seq = 1;
  made.last_seq = header.first_seq - 1;
  if (!known) return;
  out_.retired = last.last_seq;
  if (last.link != header.previous_segment || last.salt != header.previous_salt) {
    report(Problem::link, "the segment does not follow the one that retention removed last");
  }
  const auto opened = open_with(options_.keys, header.origin, last.checkpoint);
  if (!opened) return;
  claim({Claim::By::retired, opened->size, opened->root, "retired", 0, {}, {}});
}

void LogJudge::check_link(const SegmentHeader& header) {
  // Damage that is known already need not be told again.
  if (damaged_) return;
  if (header.previous_salt == header_->salt &&
      header.previous_segment == segment_link(*header_, trailer_text_)) {
    return;
  }
  report(Problem::link, "the segment does not follow the one before it: one of them was replaced");
}

void LogJudge::go_on_from(const SegmentHeader& header) {
  std::optional<Tree> tree = Tree::resume(header.tree_size, header.edge);
  if (tree && tree->root() != header.root) tree.reset();
  if (!tree) report(Problem::header, "the tree of the header contradicts itself");
  const bool follows = grows_ && tree_->size() == header.tree_size;
  if (follows) {
    // Each of them holds a tree.
    if (claims_.size() > kMostClaims) check_claims(tree_->size());
    claim({Claim::By::header, header.tree_size, header.root, file_, 0, {}, tree});
    return;
  }
  if (tree_) check_claims(tree_->size());
  tree_.reset();
  grows_ = tree.has_value();
  if (!tree) return;
  tree_.emplace(*tree);
  base_ = header.tree_size;
  doubtful_ = false;
}

// --- what stands among the records -------------------------------------------------------------

void LogJudge::take_mark(const Mark& mark) {
  switch (mark.kind) {
    case Mark::Kind::checkpoint: return take_checkpoint(mark);
    case Mark::Kind::trailer: return take_trailer(mark);
    case Mark::Kind::config: return take_config(mark);
    case Mark::Kind::heartbeat: return take_heartbeat(mark.time_ns, mark.offset);
    case Mark::Kind::recovery: return note_recovered(last_checkpoint_ + 1, mark.seq, mark.offset);
    case Mark::Kind::sync: {
      std::uint64_t durable = 0;
      if (read_sync(mark.text, durable) && durable <= mark.seq) return;
      report(Problem::truncated, "more records were on the disk than stand before this place",
             mark.offset);
      return;
    }
    case Mark::Kind::problem: break;
  }
  Finding& made = report(mark.finding.problem, mark.finding.message, mark.finding.offset);
  made.first_seq = mark.finding.first_seq;
  made.last_seq = mark.finding.last_seq;
  // What is known so far can still be compared with.
  if (mark.breaks) grows_ = false;
}

void LogJudge::take_checkpoint(const Mark& mark) {
  if (!mark.text.empty()) {
    if (!options_.keys.empty()) report(Problem::signature, mark.text, mark.offset);
    return;
  }
  const Checkpoint& checkpoint = mark.checkpoint;
  if (checkpoint.size < last_checkpoint_) {
    report(Problem::backwards,
           "a checkpoint of " + std::to_string(checkpoint.size) + " records stands behind one of " +
               std::to_string(last_checkpoint_),
           mark.offset);
  }
  if (checkpoint.size > mark.seq) {
    report(Problem::order,
           "a checkpoint of " + std::to_string(checkpoint.size) + " records stands behind record " +
               std::to_string(mark.seq),
           mark.offset);
    // A log can be full of them, and each would have to be kept to its end.
    if (claims_.size() > kMostClaims) return;
  }
  last_checkpoint_ = std::max(last_checkpoint_, checkpoint.size);
  // Nothing to compare it with.
  if (!grows_ && checkpoint.size <= mark.seq && (!tree_ || checkpoint.size > tree_->size())) return;
  last_seal_ns_ = std::max(last_seal_ns_, mark.time_ns);
  unsigned_since_ns_ = 0;
  claim({Claim::By::segment, checkpoint.size, checkpoint.root, file_, mark.offset, {}, {}});
  if (tree_ && checkpoint.size <= tree_->size()) check_claims(checkpoint.size);
}

void LogJudge::take_trailer(const Mark& mark) {
  trailer_ = true;
  trailer_text_ = mark.text;
  Trailer trailer;
  if (!read_trailer(mark.text, trailer)) {
    report(Problem::trailer, "the trailer cannot be read", mark.offset);
    return;
  }
  if (trailer.last_seq != mark.seq || trailer.first_seq != header_->first_seq) {
    report(Problem::trailer,
           "the trailer is one of records " + std::to_string(trailer.first_seq) + " to " +
               std::to_string(trailer.last_seq),
           mark.offset);
    return;
  }
  claim({Claim::By::trailer, trailer.last_seq, trailer.root, file_, mark.offset, {}, {}});
}

void LogJudge::take_config(const Mark& mark) {
  ConfigText config;
  if (!read_config(mark.text, config)) return;
  heartbeat_s_ = config.heartbeat_s;
  for (const std::string& each : config.notices) {
    notice(Problem::signature, "its process said: " + in_quotes(each));
  }
  seal_interval_ms_ = config.seal_interval_ms;
  last_alive_ns_ = std::max(last_alive_ns_, mark.time_ns);
  if (config.log != out_.name) {
    report(Problem::foreign, "the log was written in the folder " + in_quotes(config.log),
           mark.offset);
  }
}

void LogJudge::pass_times(std::span<const std::uint64_t> times) {
  for (const std::uint64_t time : times) {
    latest_ns_ = std::max(latest_ns_, time);
    if (unsigned_since_ns_ == 0) unsigned_since_ns_ = latest_ns_;
  }
}

// The key has signed for the log before it had a record.
bool LogJudge::is_opened_by_key() const {
  const auto note = open_with(options_.keys, out_.origin, opened_note_);
  return note && note->size == 0;
}

// Somebody who can write to the disk of a dead process can have what was not signed yet signed. A
// process leaves little of it, in a log that it has begun.
void LogJudge::note_recovered(std::uint64_t first, std::uint64_t last, std::uint64_t offset) {
  if (first > last) return;
  const char* why = "";
  if (!options_.keys.empty()) {
    const bool late = latest_ns_ - unsigned_since_ns_ > most_unsigned_ns(seal_interval_ms_);
    if (late) why = ", and their times are further apart than what a process leaves unsigned";
    if (first == 1 && !is_opened_by_key()) {
      why = ", and nothing shows that a process with this key has begun it";
    }
  }
  const bool harmless = *why == '\0';
  const std::string message =
      std::string(
          "these records were signed when the log was recovered, not by the process that "
          "wrote them") +
      why;
  Finding& made = harmless ? notice(Problem::recovered, message, offset)
                           : report(Problem::recovered, message, offset);
  made.first_seq = first;
  made.last_seq = last;
}

void LogJudge::take_heartbeat(std::uint64_t time_ns, std::uint64_t offset) {
  if (heartbeat_s_ != 0 && last_alive_ns_ != 0 && time_ns > last_alive_ns_ &&
      time_ns - last_alive_ns_ > most_silent_ns(heartbeat_s_)) {
    notice(Problem::silent,
           "the log was silent for " + std::to_string((time_ns - last_alive_ns_) / 1'000'000'000) +
               " seconds",
           offset);
  }
  last_alive_ns_ = time_ns;
}

// --- roots -------------------------------------------------------------------------------------

// Compares what is claimed of sizes up to this one, which the tree has reached.
void LogJudge::check_claims(std::uint64_t up_to) {
  while (!claims_.empty() && claims_.begin()->first <= up_to) {
    const Claim claim = std::move(claims_.begin()->second);
    claims_.erase(claims_.begin());
    check(claim);
  }
}

void LogJudge::check(const Claim& claim) {
  // A root of the past is gone; what was claimed of it stood at the wrong place, or is of records
  // that are not known.
  if (!tree_ || claim.size < tree_->settled()) {
    if (claim.by != Claim::By::handed_in) return;
    notice(Problem::retired, "the checkpoint of " + std::to_string(claim.size) +
                                 " records that was handed in cannot be compared: not all of "
                                 "them are there");
    return;
  }
  if (tree_->root_at(claim.size) != claim.root) {
    differs(claim);
    return;
  }
  if (claim.by == Claim::By::segment) ++out_.checkpoints;
  if (claim.is_signed()) prove(claim);
}

void LogJudge::differs(const Claim& claim) {
  if (claim.by == Claim::By::header && claim.tree) {
    if (!doubtful_) {
      report(Problem::link, "the records before this segment are not those that its header names");
    }
    tree_->restart(*claim.tree);
    base_ = claim.size;
    doubtful_ = false;
    return;
  }
  // After the first one, every root differs.
  if (doubtful_) return;
  doubtful_ = true;
  const std::uint64_t known = out_.proven.empty() ? 0 : out_.proven.back().last_seq;
  const std::string size = std::to_string(claim.size);
  std::string message = "the records are not those that were signed";
  if (claim.by == Claim::By::trailer) message = "the records are not those that the trailer names";
  if (claim.by == Claim::By::handed_in) {
    message =
        "the records are not those of the checkpoint of " + size + " records that was handed in";
  }
  if (claim.by == Claim::By::log) {
    message = "the records are not those that the log " + in_quotes(claim.name) +
              " has seen, when there were " + size;
  }
  Finding& made = report(Problem::root, std::move(message), claim.offset);
  made.file = claim.file;
  made.first_seq = std::min(std::max(known, base_) + 1, claim.size);
  made.last_seq = claim.size;
}

void LogJudge::prove(const Claim& claim) {
  if (claim.size <= base_) return;
  ProvenRange range{base_ + 1, claim.size, claim.size, claim.file, claim.offset};
  if (!out_.proven.empty() && out_.proven.back().first_seq == range.first_seq) {
    out_.proven.back() = std::move(range);
  } else {
    out_.proven.push_back(std::move(range));
  }
}

}  // namespace mcpgov::audit
