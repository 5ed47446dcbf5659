// Why the report can be believed: what each log holds, what is missing, and what is proven.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "audit/log_reader.hpp"
#include "audit/tree.hpp"
#include "cli/report_facts.hpp"

namespace mcpgov::cli {

enum class Proven : std::uint8_t { unchecked, yes, no };

struct CheckpointFacts {
  std::uint64_t size = 0;
  std::string origin, root, key;  // root in base64, key: its id as in the signature line
};

struct LogEvidence {
  std::string name;
  bool alive = false;
  std::uint64_t first_seq = 0, last_seq = 0;
  std::uint64_t events = 0, intents = 0, heartbeats = 0, checkpoints = 0, controls = 0;
  std::uint64_t first_us = 0, last_us = 0;
  std::uint64_t gaps = 0, lost = 0, missed = 0, recovered = 0;
  CheckpointFacts first_checkpoint, last_checkpoint;
  // Rising. Of a million of them every second one is forgotten, and so on.
  std::vector<std::uint64_t> checkpoint_sizes;
  std::string root;  // of the tree over everything that was read, hexadecimal
  std::string damage;
  Proven proven = Proven::unchecked;
  std::string verdict;  // a sentence
};

struct Evidence {
  static constexpr std::size_t kLogs = 200;  // rows that are shown
  std::string source;                        // the directory or file
  std::string version;                       // of the program that made the report
  std::uint64_t made_us = 0;
  std::uint64_t from_us = 0, to_us = 0;  // what was asked for; 0: everything
  std::string against;                   // the external checkpoint, or empty
  bool own_key = false;                  // the key was that of the directory itself
  std::vector<LogEvidence> logs;
  std::string digest;  // of the facts as JSON, set by the page

  Proven proven() const noexcept;
  std::uint64_t sum(std::uint64_t LogEvidence::*member) const noexcept;
};

// Looks at the frames of one log, in their order.
// Threads: one thread.
class LogWitness {
 public:
  LogWitness(LogEvidence& evidence, Facts& facts) : evidence_(&evidence), facts_(&facts) {}
  void take(const audit::Frame& frame);
  void damaged(const Error& error);
  void finish();

 private:
  void see_sequence(const audit::Frame& frame);
  void see_time(const audit::Frame& frame);
  void see_control(const audit::Frame& frame);
  void see_checkpoint(const audit::Frame& frame);

  LogEvidence* evidence_;
  Facts* facts_;
  audit::Tree tree_;
  bool whole_ = true;  // from the first leaf on
};

}  // namespace mcpgov::cli
