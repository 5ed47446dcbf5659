// Making the index of a segment.
// Tested by tests/audit/segment_index_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <span>

#include "audit/index_layout.hpp"
#include "audit/segment_index.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace mcpgov::audit {

using namespace index_layout;

namespace {

void append32(std::string& out, std::uint32_t word) {
  char bytes[sizeof word];
  put_little(bytes, word);
  out.append(bytes, sizeof bytes);
}

void append64(std::string& out, std::uint64_t word) {
  char bytes[sizeof word];
  put_little(bytes, word);
  out.append(bytes, sizeof bytes);
}

void append_key(std::string& out, std::uint64_t key, std::uint32_t value) {
  char bytes[8];
  put_little(bytes, key);
  out.append(bytes, kKeyBytes);
  append32(out, value);
}

std::uint32_t sum_of(std::string_view bytes) noexcept {
  return crc32c(0, bytes);
}

// Seven bits a byte, the highest says that more follow.
void append_varint(std::string& out, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7F) | 0x80);
  out += static_cast<char>(number);
}

// FNV-1a (RFC 9923) and a last mix: the same on every machine, as it is stored.
std::uint64_t hash_of(std::uint64_t seed, std::string_view bytes) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325ULL ^ seed;
  for (const char each : bytes) {
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3ULL;
  }
  hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

// Pages of sorted keys, while they fill.
class KeyPages {
 public:
  void add(std::uint64_t key, std::uint32_t value) {
    append_key(page_, key, value);
    if (++count_ == kPageEntries) end_page();
  }
  std::string finish() {
    if (count_ != 0) end_page();
    return std::move(pages_);
  }

 private:
  void end_page() {
    std::string body;
    append32(body, count_);
    body += page_;
    body.resize(kPage - sizeof(std::uint32_t), '\0');
    append32(pages_, sum_of(body));
    pages_ += body;
    page_.clear();
    count_ = 0;
  }

  std::string pages_, page_;
  std::uint32_t count_ = 0;
};

}  // namespace

std::uint64_t index_key(Field field, std::string_view value) noexcept {
  return hash_of(static_cast<std::uint64_t>(field), value) >> 16;
}

void IndexBuilder::begin_chunk(std::uint64_t offset) {
  chunks_.push_back({offset, 0});
}

// Most values of an event are those of the one before: such a run is one entry.
void IndexBuilder::add_keys(std::uint32_t leaf) {
  std::sort(keys_.begin(), keys_.end());
  keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  former_.swap(running_);
  running_.clear();
  auto former = former_.begin();
  for (const std::uint64_t key : keys_) {
    while (former != former_.end() && former->key < key) ++former;
    const bool goes_on = former != former_.end() && former->key == key &&
                         entries_[former->entry].leaves.end() == leaf;
    if (goes_on) {
      ++entries_[former->entry].leaves.count;
    } else {
      entries_.push_back({key, {leaf, 1}});
    }
    running_.push_back({key, goes_on ? former->entry : entries_.size() - 1});
  }
  keys_.clear();
}

void IndexBuilder::add(const Frame& frame, const ParsedEvent* event) {
  if (chunks_.empty()) chunks_.push_back({kSegmentHeader, 0});
  if (chunks_.back().seq == 0) chunks_.back().seq = frame.seq;
  if (last_seq_ == 0) first_seq_ = frame.seq;
  last_seq_ = frame.seq;
  min_time_ns_ = std::min(min_time_ns_, frame.time_ns);
  max_time_ns_ = std::max(max_time_ns_, frame.time_ns);
  if (event == nullptr) return running_.clear();
  for_each_term(*event, [this](Field field, std::string_view value) {
    keys_.push_back(index_key(field, value));
  });
  add_keys(static_cast<std::uint32_t>(frame.seq - first_seq_));
}

// The leaves of one key. The place of the list goes into the key's page.
std::uint32_t IndexBuilder::append_list(std::string& lists, std::size_t begin,
                                        std::size_t end) const {
  if (end - begin == 1 && entries_[begin].leaves.count == 1) return entries_[begin].leaves.first;
  const auto place = static_cast<std::uint32_t>(lists.size());
  std::string list;
  std::uint64_t former = 0;
  for (std::size_t each = begin; each < end; ++each) {
    const LeafRun run = entries_[each].leaves;
    const auto step = static_cast<std::uint32_t>(run.first - former);
    append_varint(list, step << 1 | (run.count > 1 ? 1 : 0));
    if (run.count > 1) append_varint(list, run.count - 2);
    former = run.end();
  }
  append32(lists, sum_of(list));
  append32(lists, static_cast<std::uint32_t>(list.size()));
  lists += list;
  return kListBit | place;
}

std::string IndexBuilder::places() {
  std::uint64_t seq = last_seq_ + 1;
  // A chunk without a leaf (of checkpoints alone) begins where the next one does.
  for (auto each = chunks_.rbegin(); each != chunks_.rend(); ++each) {
    if (each->seq == 0) each->seq = seq;
    seq = each->seq;
  }
  std::string out;
  for (const ChunkPlace& place : chunks_) {
    append64(out, place.offset);
    append64(out, place.seq);
  }
  return out;
}

std::string IndexBuilder::finish(const SegmentHeader& segment, bool closed) {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.leaves.first < b.leaves.first;
  });
  KeyPages keys;
  std::string lists;
  for (std::size_t begin = 0; begin < entries_.size();) {
    std::size_t end = begin + 1;
    while (end < entries_.size() && entries_[end].key == entries_[begin].key) ++end;
    keys.add(entries_[begin].key, append_list(lists, begin, end));
    begin = end;
  }
  const std::string pages = keys.finish(), chunks = places();
  std::string out(kHeader, '\0');
  char* const at = out.data();
  std::memcpy(at, kMagic.data(), kMagic.size());
  put_little(at + kVersionAt, kVersion);
  std::memcpy(at + kUuidAt, segment.log_uuid.data(), segment.log_uuid.size());
  put_little(at + kFirstSeqAt, segment.first_seq);
  put_little(at + kLastSeqAt, last_seq_);
  put_little(at + kMinTimeAt, last_seq_ == 0 ? std::uint64_t{0} : min_time_ns_);
  put_little(at + kMaxTimeAt, max_time_ns_);
  put_little(at + kSaltAt, segment.salt);
  put_little(at + kChunksAt, static_cast<std::uint32_t>(chunks_.size()));
  put_little(at + kPagesAt, static_cast<std::uint32_t>(pages.size() / kPage));
  put_little(at + kListBytesAt, static_cast<std::uint32_t>(lists.size()));
  put_little(at + kPlacesSumAt, sum_of(chunks));
  put_little(at + kClosedAt, static_cast<std::uint32_t>(closed ? 1 : 0));
  put_little(at + kSumAt, sum_of(std::string_view(out).substr(kUuidAt)));
  return out + chunks + pages + lists;
}

}  // namespace mcpgov::audit
