// From records to frames.
// Tested by tests/audit/log_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/encoder.hpp"

#include <algorithm>

namespace mcpgov::audit {

void Batch::clear() noexcept {
  frames.clear();
  leaves.clear();
  first_seq = last_seq = records = 0;
  min_time_ns = ~std::uint64_t{0};
  max_time_ns = 0;
  runs.clear();
  urgent = false;
}

void hash_leaves(Batch& batch) {
  if (!batch.leaves.empty()) return;
  batch.leaves.reserve(batch.last_seq - batch.first_seq + 1);
  for (std::size_t at = 0; at < batch.frames.size();) {
    batch.leaves.push_back(leaf_hash(next_payload(batch.frames, at)));
  }
}

Captured Encoder::captured(const Encoded& record, bool is_result, std::string& copy) {
  const Record& of = record.stored->record();
  const Completion& completion = record.stored->completion();
  const std::string_view text = is_result ? record.result : of.arguments;
  const std::uint64_t bytes = is_result ? completion.result_bytes : of.arguments_bytes;
  const bool gone = (record.stored->flags() & (is_result ? kResultGone : kArgumentsGone)) != 0;
  if (bytes == 0 && text.empty()) return {};
  Content content;
  content.is_result = is_result;
  content.tenant = of.tenant;
  if (of.target_kind == "tool") content.tool = of.target;
  content.text = text;
  content.bytes = std::max<std::uint64_t>(bytes, text.size());
  content.time_s = of.time_us / 1'000'000;
  Captured out = capture_(content);
  if (gone || text.size() < content.bytes) {
    const unsigned cut = is_result ? kResultCut : kArgumentsCut;
    out.flags = static_cast<std::uint16_t>(out.flags | cut);
  }
  // The next side uses the same memory.
  if (!is_result && !record.intent) {
    copy.assign(out.json);
    out.json = copy;
  }
  return out;
}

std::uint64_t Encoder::add_event(Batch& batch, const Encoded& record) {
  const Record& of = record.stored->record();
  event_ = {};
  event_.kind = record.intent ? EventKind::intent : EventKind::final;
  event_.record = &of;
  event_.completion = record.intent ? nullptr : &record.stored->completion();
  event_.arguments = captured(record, false, arguments_);
  if (!record.intent) event_.result = captured(record, true, arguments_);
  event_.waited = record.waited;
  event_.reconstructed = record.reconstructed;
  payload_.clear();
  append_event(payload_, event_);
  unsigned flags = event_.arguments.flags | event_.result.flags;
  if (record.reconstructed) flags |= kReconstructed;
  const std::uint64_t seq =
      add_frame(batch, record.intent ? FrameType::intent : FrameType::event, payload_,
                of.time_us * 1000, static_cast<std::uint16_t>(flags));
  if (!record.intent) ++batch.records;
  return seq;
}

std::uint64_t Encoder::add_frame(Batch& batch, FrameType type, std::string_view payload,
                                 std::uint64_t time_ns, std::uint16_t flags) {
  const std::uint64_t seq = last_seq_ + 1;
  if (batch.frames.empty()) {
    batch.first_seq = seq;
    batch.salt = salt_;
  }
  // So that nothing is half added when memory ends.
  batch.frames.reserve(batch.frames.size() + frame_size(payload.size()));
  batch.leaves.clear();
  append_frame(batch.frames, {seq, time_ns, type, flags, payload}, batch.salt);
  batch.last_seq = last_seq_ = seq;
  batch.min_time_ns = std::min(batch.min_time_ns, time_ns);
  batch.max_time_ns = std::max(batch.max_time_ns, time_ns);
  return seq;
}

}  // namespace mcpgov::audit
