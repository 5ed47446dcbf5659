// The ring that a dead process left behind.
// Tested by tests/audit/ring_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/left_ring.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace mcpgov::audit {

namespace {

constexpr std::uint32_t kWordsPerBlock = kBlock / sizeof(std::uint64_t);

Error damaged(const std::string& path, const char* why) {
  return {ErrorCode::audit_damaged, "`" + path + "` " + why, path, 0, 0};
}

std::uint32_t word_at(const std::vector<std::uint64_t>& extent, std::uint32_t block) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, reinterpret_cast<const char*>(extent.data()) + word_place(block) * sizeof word,
              sizeof word);
  return word;
}

const RunHead& head_at(const std::vector<std::uint64_t>& extent, std::uint32_t block) noexcept {
  return *reinterpret_cast<const RunHead*>(extent.data() + block * kWordsPerBlock);
}

// Bytes of a run that begins there; 0: the length it claims is none.
std::size_t run_length(const RunHead& head, std::uint32_t block) noexcept {
  if (head.blocks == 0 || head.blocks > kExtentBlocks - block) return 0;
  return head.blocks * kBlock;
}

}  // namespace

Result<LeftRing> LeftRing::open(const std::string& path,
                                const std::array<std::uint8_t, 16>& log_uuid) {
  auto memory = LeftMemory::open(path);
  if (!memory) return memory.error();
  // Magic and numbers come first; what is atomic in a live ring is a plain number here.
  struct {
    char magic[8];
    std::uint32_t version, block_bytes, extent_bytes, extents;
    std::uint8_t log_uuid[16];
    std::uint32_t taken;
  } header = {};
  static_assert(sizeof header == sizeof(RingHeader));
  if (!memory->read(0, reinterpret_cast<char*>(&header), sizeof header) ||
      std::memcmp(header.magic, kRingMagic, sizeof kRingMagic) != 0) {
    return damaged(path, "is no ring");
  }
  if (header.version != kRingVersion || header.block_bytes != kBlock ||
      header.extent_bytes != kExtent) {
    return damaged(path, "is a ring of another version");
  }
  if (std::memcmp(header.log_uuid, log_uuid.data(), log_uuid.size()) != 0) {
    return damaged(path, "is the ring of another log");
  }
  const std::uint64_t room = memory->size() < kRingPage ? 0 : memory->size() - kRingPage;
  const auto extents = std::min<std::uint64_t>({header.taken, header.extents, room / kExtent});
  LeftRing ring(*std::move(memory), static_cast<std::uint32_t>(extents));
  StoredRecord probe;
  for (std::uint32_t extent = 0; extent < ring.extents_; ++extent) ring.find(extent, probe);
  std::sort(ring.runs_.begin(), ring.runs_.end(), [](const LeftRun& a, const LeftRun& b) {
    // Those that have no number yet come after those that have one.
    return std::tuple(a.seq - 1, a.time_us, a.block) < std::tuple(b.seq - 1, b.time_us, b.block);
  });
  return ring;
}

bool LeftRing::load(std::uint32_t extent, std::vector<std::uint64_t>& into) const {
  into.resize(kExtent / sizeof(std::uint64_t));
  return memory_.read(kRingPage + std::uint64_t{extent} * kExtent,
                      reinterpret_cast<char*>(into.data()), kExtent);
}

void LeftRing::find(std::uint32_t extent, StoredRecord& probe) {
  loaded_ = ~std::uint32_t{0};
  if (!load(extent, extent_)) {
    ++torn_;
    return;
  }
  loaded_ = extent;
  std::uint32_t block = kFirstBlock;
  while (block < kExtentBlocks) {
    const BlockState state = state_of(word_at(extent_, block));
    const bool begins = state == BlockState::open || state == BlockState::done;
    if (!begins) {
      ++block;
      continue;
    }
    const RunHead& head = head_at(extent_, block);
    const std::size_t length = run_length(head, block);
    if (length == 0 || !probe.read(reinterpret_cast<const char*>(&head), length)) {
      ++torn_;
      ++block;
      continue;
    }
    const std::uint64_t intent = head.intent_seq.load(std::memory_order_relaxed);
    runs_.push_back({extent * kExtentBlocks + block, state != BlockState::open,
                     head.seq.load(std::memory_order_relaxed), intent == kIntentInHand ? 0 : intent,
                     head.time_us});
    block += head.blocks;
  }
}

bool LeftRing::read(const LeftRun& run, StoredRecord& out, std::string_view& result) {
  const std::uint32_t extent = run.block / kExtentBlocks;
  if (loaded_ != extent) {
    loaded_ = ~std::uint32_t{0};
    if (!load(extent, extent_)) return false;
    loaded_ = extent;
  }
  const std::uint32_t block = run.block % kExtentBlocks;
  const RunHead& head = head_at(extent_, block);
  const std::size_t length = run_length(head, block);
  if (length == 0 || !out.read(reinterpret_cast<const char*>(&head), length)) return false;
  result = {};
  if (!run.ended || head.end.content_block == 0) return true;
  const std::uint32_t place = head.end.content_block % kExtentBlocks;
  const std::uint32_t where = head.end.content_block / kExtentBlocks;
  // A record without its result is worth more than none.
  if (where >= extents_ || place < kFirstBlock || head.end.content_size > kMaxContent ||
      head.end.content_size > (kExtentBlocks - place) * kBlock || !load(where, content_)) {
    return true;
  }
  if (state_of(word_at(content_, place)) != BlockState::content) return true;
  result = {reinterpret_cast<const char*>(content_.data() + place * kWordsPerBlock),
            head.end.content_size};
  return true;
}

}  // namespace mcpgov::audit
