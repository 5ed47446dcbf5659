// The bytes of a ring: what callers write, what the log's thread and recovery read.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mcpgov::audit {

// One page, then extents. Recovery reads it after a crash of the same build or another: `version`
// names everything in this file.
inline constexpr char kRingMagic[8] = {'M', 'C', 'P', 'G', 'V', 'R', 'N', 'G'};
inline constexpr std::uint32_t kRingVersion = 2;
inline constexpr std::size_t kRingPage = 4096;

struct RingHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t block_bytes;
  std::uint32_t extent_bytes;
  std::uint32_t extents;             // that the file has room for
  std::uint8_t log_uuid[16];         // of the log that these records belong to
  std::atomic<std::uint32_t> taken;  // extents that have memory; those after them were never used
};

// Records lie in runs of adjacent blocks. A record of ordinary size without content takes one or
// two; a cache line at the border of two runs is never shared by two threads.
inline constexpr std::size_t kBlock = 512;
inline constexpr std::uint32_t kExtentBlocks = 512;
inline constexpr std::size_t kExtent = kBlock * kExtentBlocks;

// An extent begins with a word for each of its blocks: the generation of the run that begins there,
// which tells an old ticket from a new one, and the state in the lowest 8 bits. The words of the
// blocks that hold the words are not used.
using BlockWord = std::atomic<std::uint32_t>;
static_assert(sizeof(BlockWord) == 4 && BlockWord::is_always_lock_free);
inline constexpr std::uint32_t kFirstBlock = kExtentBlocks * sizeof(BlockWord) / kBlock;

// Where the word of a block of the extent stands among them. Neighbours are in lines of their own:
// the log's thread marks one record while the next is being written, and a line that both need goes
// from core to core each time.
inline constexpr std::uint32_t kWordLines = kExtentBlocks * sizeof(BlockWord) / 64;
inline constexpr std::uint32_t word_place(std::uint32_t block) noexcept {
  return block % kWordLines * (kExtentBlocks / kWordLines) + block / kWordLines;
}

// The words of one extent, by block.
class ExtentWords {
 public:
  explicit ExtentWords(char* extent) noexcept : first_(reinterpret_cast<BlockWord*>(extent)) {}
  BlockWord& operator[](std::uint32_t block) const noexcept { return first_[word_place(block)]; }

 private:
  BlockWord* first_;
};

enum class BlockState : std::uint8_t {
  free = 0,
  part = 1,     // of a run that begins before it, or one that is being written
  content = 2,  // begins the run of a result's content, of the record that names it
  open = 3,     // begins a record whose message is running
  done = 4,     // begins a record that is complete
};

inline constexpr std::uint32_t block_word(std::uint32_t generation, BlockState state) noexcept {
  return generation << 8 | static_cast<std::uint32_t>(state);
}
inline constexpr BlockState state_of(std::uint32_t word) noexcept {
  return static_cast<BlockState>(word & 0xff);
}

// Texts of a record by their place in `lengths`, and in the bytes that follow the head.
enum RunText : std::uint8_t {
  kClient,
  kSession,
  kTenant,
  kServer,
  kTransport,
  kPeer,
  kProtocol,
  kDirection,
  kMethod,
  kTarget,
  kTargetKind,
  kRequestId,
  kApprover,
  kSnapshot,
  kPolicyDigest,
  kLimits,
  kCredential,
  kTraceId,
  kSpanId,
  kParentId,
  kTraceState,
  kCallerIssuer,
  kCallerSubject,
  kCallerTenant,
  kCallerClient,
  kAgentSession,
  kAgentSessionSource,
  kWorkloadIssuer,
  kWorkloadSubject,
  kAcr,
  kTokenId,
  kKeyId,
  kAlgorithm,
  kBoundTo,
  kRunTexts,
};

// Limits of one record; what is longer is cut, JSON left out. They are above what the governor
// hands over, and with them every record and its arguments fit into one extent.
inline constexpr std::size_t kMaxText = 1024;
inline constexpr std::size_t kMaxJson = 4096;  // limits, credential
inline constexpr std::size_t kMaxPolicies = 64;
inline constexpr std::size_t kMaxPolicyText = 256;
inline constexpr std::size_t kMaxActors = 8;
inline constexpr std::size_t kMaxContent = 64 * 1024;

enum RunFlags : std::uint16_t {
  kHasCaller = 1,
  kOpenWorld = 2,
  kAllowed = 4,
  kDecidedAllow = 8,
  kEnforced = 16,
  kTraceFromMessage = 32,
  kListCut = 64,         // more policies or errors than kMaxPolicies
  kArgumentsGone = 128,  // there was no room for them, or they could not be understood
  kResultGone = 256,
  kWantsIntent = 512,
  kNoResult = 1024,
};

// The part of a run that end() and the log's thread write; the rest stays as begin() left it.
struct RunEnd {
  std::uint64_t time_us;
  std::uint64_t latency_ns;
  std::uint64_t reply_bytes;
  std::uint64_t result_bytes;
  std::int64_t rpc_code;
  std::uint32_t items;
  std::uint32_t items_removed;
  std::uint32_t content_block;  // first block of the result's content; 0: none
  std::uint32_t content_blocks;
  std::uint32_t content_size;
  std::uint16_t reason;
  std::uint16_t flags;  // kResultGone
  std::uint8_t outcome;
  std::uint8_t tool_error;
};

// Stands in intent_seq while the log's thread makes the frame.
inline constexpr std::uint64_t kIntentInHand = ~std::uint64_t{0};

struct RunHead {
  char id[32];
  std::atomic<std::uint64_t> intent_seq;  // of the frame that says it is about to run; 0: none yet
  std::atomic<std::uint64_t> seq;         // of its final frame, set before that is written
  RunEnd end;
  std::uint32_t blocks;
  std::uint32_t text_bytes;  // of all texts and lists, right after this head
  std::uint32_t arguments_size;
  std::uint16_t flags;
  std::uint16_t reason;
  std::uint64_t time_us;
  std::uint64_t arguments_bytes;
  std::uint64_t decided_ns;
  std::uint64_t auth_time_s;
  std::atomic<std::uint8_t> tool_class;  // who asks for intent_seq may have an old ticket
  std::uint8_t caller_kind;
  std::uint8_t workload_kind;
  std::uint8_t evidence_kind;
  std::uint8_t trace_flags;
  std::uint8_t actors;
  std::uint8_t policies;
  std::uint8_t policy_errors;
  std::uint16_t lengths[kRunTexts];
};
static_assert(sizeof(std::atomic<std::uint64_t>) == 8);
static_assert(sizeof(RunHead) <= 300, "half a block is for the texts");

}  // namespace mcpgov::audit
