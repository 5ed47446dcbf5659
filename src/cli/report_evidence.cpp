// What a log says of itself.
// Tested by tests/cli/report_evidence_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_evidence.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "audit/checkpoint.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "cli/report_html.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::cli {

namespace {

using audit::FrameType;

// Two signs of life of 60 s may be late by the time of a sync each.
constexpr std::uint64_t kSilenceUs = 150'000'000;
constexpr double kClockSeconds = 1;

std::string_view as_bytes(const audit::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The id of the key that signed first, as hexadecimal digits.
std::string key_of(std::string_view text) {
  const auto note = audit::read_note(text);
  if (!note || note->signatures.empty()) return {};
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : note->signatures.front().key) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::uint64_t member(const nlohmann::json& json, const char* name) {
  const auto at = json.find(name);
  return at != json.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

void remember_size(std::vector<std::uint64_t>& sizes, std::uint64_t size) {
  constexpr std::size_t kMost = 1'000'000;
  if (!sizes.empty() && size <= sizes.back()) return;
  if (sizes.size() == kMost) {
    for (std::size_t each = 0; each < kMost / 2; ++each) sizes[each] = sizes[2 * each + 1];
    sizes.resize(kMost / 2);
  }
  sizes.push_back(size);
}

}  // namespace

Proven Evidence::proven() const noexcept {
  Proven out = logs.empty() ? Proven::unchecked : Proven::yes;
  for (const LogEvidence& log : logs) {
    if (log.proven == Proven::no) return Proven::no;
    if (log.proven == Proven::unchecked) out = Proven::unchecked;
  }
  return out;
}

std::uint64_t Evidence::sum(std::uint64_t LogEvidence::*member) const noexcept {
  std::uint64_t out = 0;
  for (const LogEvidence& log : logs) out += log.*member;
  return out;
}

void LogWitness::take(const audit::Frame& frame) {
  if (audit::is_leaf(frame.type)) {
    see_sequence(frame);
    see_time(frame);
    tree_.append(audit::leaf_hash(frame.payload));
  }
  switch (frame.type) {
    case FrameType::event: ++evidence_->events; return;
    case FrameType::intent: ++evidence_->intents; return;
    case FrameType::checkpoint: return see_checkpoint(frame);
    case FrameType::trailer:
    case FrameType::sync: return;
    default: return see_control(frame);
  }
}

void LogWitness::see_sequence(const audit::Frame& frame) {
  if (evidence_->first_seq == 0) {
    evidence_->first_seq = frame.seq;
    whole_ = frame.seq == 1;
  } else if (frame.seq != evidence_->last_seq + 1) {
    ++evidence_->gaps;
    whole_ = false;
    facts_->of(Rule::gap).add(
        {frame.time_ns / 1000,
         evidence_->name,
         count_text(evidence_->last_seq) + " is followed by " + count_text(frame.seq),
         "no gap",
         {}});
  }
  evidence_->last_seq = frame.seq;
}

void LogWitness::see_time(const audit::Frame& frame) {
  const std::uint64_t now = frame.time_ns / 1000;
  if (evidence_->first_us == 0) evidence_->first_us = now;
  if (evidence_->last_us != 0 && now > evidence_->last_us + kSilenceUs) {
    facts_->of(Rule::silence)
        .add({evidence_->last_us,
              evidence_->name,
              duration_text((now - evidence_->last_us) * 1000) + " without a record",
              "at most 60 s",
              {}});
  }
  evidence_->last_us = std::max(evidence_->last_us, now);
}

void LogWitness::see_control(const audit::Frame& frame) {
  ++evidence_->controls;
  if (frame.type == FrameType::heartbeat) ++evidence_->heartbeats;
  if (frame.type == FrameType::recovery) ++evidence_->recovered;
  const auto json = nlohmann::json::parse(frame.payload, nullptr, false);
  if (!json.is_object()) return;
  const std::uint64_t time = frame.time_ns / 1000;
  if (frame.type == FrameType::loss) {
    // A sum since the log was opened.
    const std::uint64_t lost = member(json, "lost");
    if (lost > evidence_->lost) {
      facts_->of(Rule::lost)
          .add({time,
                evidence_->name,
                "records that could not be kept",
                "none",
                {},
                lost - evidence_->lost});
    }
    evidence_->lost = std::max(evidence_->lost, lost);
    evidence_->missed = std::max(evidence_->missed, member(json, "missed"));
  }
  const auto step = json.find("step_ms");
  if (step != json.end() && step->is_number_integer()) {
    const auto ms = step->get<std::int64_t>();
    const double seconds = static_cast<double>(ms) / 1000;
    if (std::abs(seconds) <= kClockSeconds) return;
    facts_->of(Rule::clock)
        .add({time,
              evidence_->name,
              (ms < 0 ? "back by " : "forward by ") +
                  duration_text(static_cast<std::uint64_t>(std::min(std::abs(seconds), 9e9) * 1e9)),
              "at most 1 s",
              {}});
  }
}

void LogWitness::see_checkpoint(const audit::Frame& frame) {
  ++evidence_->checkpoints;
  const auto note = audit::parse_checkpoint(frame.payload);
  if (!note) return;
  CheckpointFacts facts{note->size, note->origin, encode_base64(as_bytes(note->root)),
                        key_of(frame.payload)};
  if (whole_ && note->size == tree_.size() && note->root != tree_.root()) {
    facts_->of(Rule::damage)
        .add({frame.time_ns / 1000,
              evidence_->name,
              "the checkpoint of size " + count_text(note->size) +
                  " is about other bytes than the ones that were read",
              "the tree over the same bytes",
              {}});
  }
  remember_size(evidence_->checkpoint_sizes, note->size);
  if (evidence_->first_checkpoint.size == 0) evidence_->first_checkpoint = facts;
  evidence_->last_checkpoint = std::move(facts);
}

void LogWitness::damaged(const Error& error) {
  evidence_->damage = error.message;
  facts_->of(Rule::damage)
      .add({evidence_->last_us, evidence_->name, error.message, "frames without damage", {}});
}

void LogWitness::finish() {
  if (whole_ && tree_.size() != 0) evidence_->root = crypto::hex(tree_.root());
}

}  // namespace mcpgov::cli
