// What batches of segments, in order, say of a log: which records are proven, and what is wrong.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/frame_texts.hpp"
#include "audit/lagging_tree.hpp"
#include "audit/segment_scan.hpp"
#include "audit/verify.hpp"

namespace mcpgov::audit {

// A root that the tree has to have at a size, and who says so.
struct Claim {
  enum class By : std::uint8_t {
    segment,
    checkpoint_file,
    handed_in,
    retired,
    log,
    header,
    trailer
  };
  By by = By::segment;
  std::uint64_t size = 0;
  Digest root = {};
  std::string file;          // where it stands
  std::uint64_t offset = 0;  // and at which place
  std::string name;          // By::log: which
  std::optional<Tree> tree;  // By::header: what to go on from where it differs
  // Signed by a key that was given: it proves what it fits.
  bool is_signed() const noexcept { return by <= By::retired; }
};

// Threads: one thread. Throws: std::bad_alloc.
class LogJudge {
 public:
  // out: has name and alive. handed_in: opened already, of any logs.
  LogJudge(const VerifyOptions& options, std::vector<Checkpoint> handed_in, LogVerification& out)
      : options_(options), handed_in_(std::move(handed_in)), out_(out) {}

  // Ahead of all segments: texts of the files `checkpoint`, `opened` and `retired`.
  void claim(Claim claim);
  void take_checkpoint_file(std::optional<std::string> note) { file_note_ = std::move(note); }
  void take_opened_file(std::string note) { opened_note_ = std::move(note); }
  void take_retired_file(std::string text) { retired_ = std::move(text); }

  void take(ScanBatch batch);
  void finish();

 private:
  void claim_what_is_signed();
  void begin_log(const SegmentHeader& header);
  void begin_retired(const SegmentHeader& header);
  void begin_segment(const SegmentHeader& header);
  void check_link(const SegmentHeader& header);
  void go_on_from(const SegmentHeader& header);
  void end_segment(const ScanBatch& batch);

  void take_mark(const Mark& mark);
  void take_checkpoint(const Mark& mark);
  void take_trailer(const Mark& mark);
  void take_config(const Mark& mark);
  void pass_times(std::span<const std::uint64_t> times);
  bool is_opened_by_key() const;
  void note_recovered(std::uint64_t first, std::uint64_t last, std::uint64_t offset);
  void take_heartbeat(std::uint64_t time_ns, std::uint64_t offset);

  void check_claims(std::uint64_t up_to);
  void check(const Claim& claim);
  void differs(const Claim& claim);
  void prove(const Claim& claim);
  void settle_some();

  void begin_empty();
  void judge_end();
  void judge_seals();
  void judge_silence();

  Finding& report(Problem problem, std::string message, std::uint64_t offset = 0);
  Finding& notice(Problem problem, std::string message, std::uint64_t offset = 0);

  const VerifyOptions& options_;
  std::vector<Checkpoint> handed_in_;
  LogVerification& out_;
  std::optional<std::string> file_note_;
  std::string opened_note_;
  std::string retired_;

  std::multimap<std::uint64_t, Claim> claims_;  // by size, those that are still to be checked
  std::optional<LaggingTree> tree_;             // of the records up to the first that is unknown
  bool grows_ = false;                          // there is none such yet
  std::uint64_t base_ = 0;  // leaves up to here are known by a header's tree only
  bool doubtful_ = false;   // it differed already

  std::optional<SegmentHeader> header_;  // of the segment at hand, or the last that was read
  std::string file_;
  std::string trailer_text_;
  bool trailer_ = false;
  bool damaged_ = false;  // something is wrong in the segment at hand
  bool begun_ = false;
  std::uint64_t next_seq_ = 1;

  std::uint64_t last_checkpoint_ = 0;  // its size
  std::uint64_t last_seal_ns_ = 0;     // time of the last checkpoint that is good
  std::uint64_t latest_ns_ = 0;        // time of records, but for what recovery wrote
  std::uint64_t unsigned_since_ns_ =
      0;  // latest_ns_ at the first record behind the last checkpoint
  std::uint64_t heartbeat_s_ = 0, seal_interval_ms_ = 0;
  std::uint64_t last_alive_ns_ = 0;
  Finding spare_;  // what report() gives when there are too many
};

// Reads and judges a log. handed_in: as LogJudge.
Result<LogVerification> judge_log(const std::string& folder, const VerifyOptions& options,
                                  const std::vector<Checkpoint>& handed_in,
                                  const std::vector<Witnessed>& witnessed);

// Of VerifyOptions::against; those that cannot be used are findings.
std::vector<Checkpoint> open_handed_in(const VerifyOptions& options,
                                       std::vector<Finding>& findings);

// Text of a log for a sentence: quotes, with control characters escaped.
std::string in_quotes(std::string_view text);

}  // namespace mcpgov::audit
