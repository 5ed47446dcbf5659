// The bytes of a segment file: a header page, then frames. docs/audit-format.md describes them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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
  crypto::Digest previous_segment = {};  // SHA-256 of the former file's bytes; zero: the first
  crypto::Digest settings = {};          // of what the log was opened with
  std::string origin;
};

// Appends one page. origin: at most 1,024 bytes.
void append_segment_header(std::string& out, const SegmentHeader& header);

// Appends a frame, padded to 8 bytes. Sequence numbers of frames that are no leaves repeat that of
// the last leaf. payload: at most kMaxPayload.
void append_frame(std::string& out, const Frame& frame, std::uint32_t salt);

}  // namespace mcpgov::audit
