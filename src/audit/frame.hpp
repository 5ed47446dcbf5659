// The bytes of a segment file: a header page, then frames. docs/audit-format.md describes them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"

namespace mcpgov::audit {

// What a frame holds. event and control frames are leaves of the Merkle tree; checkpoints, sync
// marks and trailers are about the tree or the file and are not. Values are pinned.
enum class FrameType : std::uint8_t {
  event = 1,       // one governed message
  checkpoint = 2,  // a signed note
  heartbeat = 3,   // that and how the log is alive
  loss = 4,        // records that could not be kept, and how many
  recovery = 5,    // what was found after a process died
  config = 6,      // what the log was opened with, and which logs there were
  trailer = 7,     // the end of a segment
  sync = 8,        // everything before it is on the disk
  intent = 9,      // a message that is about to run
};

inline bool is_leaf(FrameType type) noexcept {
  return type != FrameType::checkpoint && type != FrameType::trailer && type != FrameType::sync;
}

enum FrameFlags : std::uint16_t {
  kArgumentsCut = 1,
  kResultCut = 2,
  kRedacted = 4,
  kReconstructed = 8,  // written by recovery, not by the process that saw the message
  kCaptureFailed = 16,
};

// payload: JSON but for checkpoints; borrowed from the reader's buffer until its next call.
struct Frame {
  std::uint64_t seq = 0;  // of leaves: +1 each, from 1, continuous across the log's segments
  std::uint64_t time_ns = 0;
  FrameType type = FrameType::event;
  std::uint16_t flags = 0;
  std::string_view payload;
};

inline constexpr std::size_t kFrameHeader = 32;
inline constexpr std::size_t kSegmentHeader = 4096;
// tlog-tiles counts an entry's bytes in 16 bits; the rest is room for members added later.
inline constexpr std::size_t kMaxPayload = 60 * 1024;

struct SegmentHeader {
  std::array<std::uint8_t, 16> log_uuid = {};
  std::uint64_t first_seq = 1;
  std::uint64_t created_ns = 0;
  std::uint32_t salt = 0;
  std::uint32_t previous_salt = 0;
  std::uint64_t tree_size = 0;           // before the first leaf of this segment
  crypto::Digest root = {};              // of that tree
  std::vector<crypto::Digest> edge;      // of that tree (Tree::edge), a hash for each bit of size
  crypto::Digest previous_segment = {};  // segment_link() of the former one; zero: the first
  crypto::Digest settings = {};          // of what the log was opened with
  std::string origin;
};

// Appends one page. origin: at most 1,024 bytes; edge: at most 64 hashes.
void append_segment_header(std::string& out, const SegmentHeader& header);

// Reads a page of kSegmentHeader bytes. Null, or why it is none: static text.
const char* parse_segment_header(std::string_view page, SegmentHeader& header);

// Appends a frame, padded to 8 bytes. Sequence numbers of frames that are no leaves repeat that of
// the last leaf. payload: 1 to kMaxPayload bytes.
void append_frame(std::string& out, const Frame& frame, std::uint32_t salt);

// Bytes of a frame with its padding.
constexpr std::size_t frame_size(std::size_t payload) {
  return (kFrameHeader + payload + 7) / 8 * 8;
}

enum class FrameState : std::uint8_t {
  whole,      // there is one
  blank,      // a length of zero: nothing was written here
  cut_short,  // the bytes end before the frame does
  bad,        // it was not written like this for this segment
};

// Reads the frame at the beginning of bytes. frame borrows from them. why: static text for bad;
// kWrongSum where everything else is as it has to be.
extern const char* const kWrongSum;
FrameState parse_frame(std::string_view bytes, std::uint32_t salt, Frame& frame,
                       const char*& why) noexcept;

// The payload of the frame that begins at `at`, which moves behind it. frames: whole ones, our own.
std::string_view next_payload(std::string_view frames, std::size_t& at) noexcept;

// Frames that were made for one segment become those of another. frames: whole ones, our own.
void reseal_frames(std::string& frames, std::uint32_t salt) noexcept;

// What the next segment says of this one: SHA-256 over its header page and the payload of its
// trailer, which has the tree's root over all leaves. trailer: empty where there is none.
crypto::Digest segment_link(const SegmentHeader& header, std::string_view trailer);

// Payload of a trailer. Times are those of leaves; 0 where the segment has none.
struct Trailer {
  std::uint64_t first_seq = 1;  // of the segment
  std::uint64_t last_seq = 0;   // less than first_seq: no leaf
  std::uint64_t min_time_ns = 0, max_time_ns = 0;
  std::uint64_t time_ns = 0;  // of its writing
  crypto::Digest root = {};   // of the whole log up to last_seq
};
std::string trailer_payload(const Trailer& trailer);

}  // namespace mcpgov::audit
