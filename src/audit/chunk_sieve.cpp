// Reading what an index names, and no more.
// Tested by tests/audit/query_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/chunk_sieve.hpp"

#include <algorithm>

#include "audit/seekable.hpp"

namespace mcpgov::audit {

namespace {

bool is_event(FrameType type) {
  return type == FrameType::event || type == FrameType::intent;
}

}  // namespace

bool Sieve::holds(const Frame& frame, bool named) {
  if (!is_event(frame.type) || !asked_.in_time(frame.time_ns)) return false;
  if (frame.type == FrameType::intent && !asked_.question().intents) return false;
  if (asked_.terms().empty()) return true;
  // A name in an index is a hash; what it stands for is compared.
  return (named || asked_.may_fit(frame.payload)) &&
         parser_.parse(frame.payload, event_) == ErrorCode::none && asked_.fits(event_);
}

std::vector<std::uint32_t> Wanted::chunks(const SegmentIndex& index,
                                          std::uint64_t first_seq) const {
  std::vector<std::uint32_t> out;
  const auto& places = index.chunks();
  const auto add = [&](std::uint32_t chunk) {
    if (out.empty() || out.back() != chunk) out.push_back(chunk);
  };
  if (all) {
    for (std::uint32_t each = 0; each < places.size(); ++each) add(each);
    return out;
  }
  std::uint32_t at = 0;
  const auto goes_to = [&](std::uint64_t leaf) {
    return std::size_t{at} + 1 < places.size() && places[at + 1].seq <= first_seq + leaf;
  };
  for (const LeafRun& run : leaves) {
    while (goes_to(run.first)) ++at;
    if (!places.empty()) add(at);
    while (goes_to(run.end() - 1)) add(++at);
  }
  return out;
}

// The bytes of a chunk: the last one ends where its frames do.
bool ChunkSieve::load(std::uint64_t offset, std::uint64_t end, bool last) {
  if (end < offset || (!last && end - offset > kMaxChunkBytes)) return false;
  bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(end - offset, kMaxChunkBytes)));
  std::size_t got = 0;
  const bool read = source_->read_at(offset, bytes_, got);
  return read && got == bytes_.size();
}

bool ChunkSieve::read(const SegmentIndex& index, const Wanted& wanted, std::uint32_t chunk) {
  const auto& places = index.chunks();
  const bool last = chunk + std::size_t{1} == places.size();
  const std::uint64_t end = last ? source_->bytes() : places[chunk + 1].offset;
  if (!load(places[chunk].offset, end, last)) return false;
  std::uint64_t next_seq = places[chunk].seq;
  auto run =
      std::lower_bound(wanted.leaves.begin(), wanted.leaves.end(), next_seq - header_->first_seq,
                       [](const LeafRun& each, std::uint64_t leaf) { return each.end() <= leaf; });
  std::size_t at = 0;
  while (at < bytes_.size()) {
    Frame frame;
    const char* why = "";
    const bool whole = parse_frame(std::string_view(bytes_).substr(at), header_->salt, frame,
                                   why) == FrameState::whole;
    const bool leaf = whole && is_leaf(frame.type);
    if (last && (!whole || (leaf && frame.seq >= stop_))) {
      // Behind what counts of a segment that was given up, anything may be.
      return next_seq == index.last_seq() + 1;
    }
    if (!whole || (leaf && frame.seq != next_seq)) return false;
    at += frame_size(frame.payload.size());
    if (!leaf) continue;
    const std::uint64_t number = next_seq++ - header_->first_seq;
    while (run != wanted.leaves.end() && run->end() <= number) ++run;
    const bool named = run != wanted.leaves.end() && run->first <= number;
    if (!wanted.all && !named) continue;
    ++frames;
    if (!sieve.holds(frame, named)) continue;
    kept.push_back({frame.seq, frame.time_ns, frame.type, std::string(frame.payload)});
  }
  return at == bytes_.size();
}

}  // namespace mcpgov::audit
