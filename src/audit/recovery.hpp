// What a process that died left in its log: where it ends, and whether what is missing was durable.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "audit/checkpoint.hpp"
#include "audit/frame.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_writer.hpp"
#include "audit/tree.hpp"
#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

enum class Tail : std::uint8_t {
  none,     // there is no segment
  closed,   // it ends with a trailer; nothing is to be done
  open,     // the last frame is whole and nothing follows
  torn,     // bytes follow that are no frames; nobody ever said that they were durable
  damaged,  // what a sync frame or a checkpoint calls durable is missing or differs
};

struct Recovery {
  Tail tail = Tail::none;
  SegmentHeader header;  // of the newest segment
  std::string path;      // of its file
  // What is good: frames up to `end`, leaves up to last_seq, their tree. Of a compressed segment
  // that is signed to its end, which is taken as closed without reading it, tree (whose size is not
  // last_seq then), link and durable_seq are not known.
  std::uint64_t end = 0;
  std::uint64_t last_seq = 0;
  Tree tree;
  std::uint64_t min_time_ns = 0, max_time_ns = 0;  // of the segment's leaves
  std::uint64_t durable_seq = 0;                   // the highest that anything calls durable
  crypto::Digest link = {};  // segment_link() as it is now, for the next segment's header
  // torn: what was cut off, of how many bytes, with how many whole frames among them, in which
  // file of the segment's folder it is kept.
  std::uint64_t torn_bytes = 0, torn_frames = 0;
  crypto::Digest torn_digest = {};
  std::string torn_file;
  // damaged: leaves that were durable and are not there (both 0: the tree differs), and a sentence.
  std::uint64_t lost_from = 0, lost_to = 0;
  std::string damage;
  // Why recovery has signed nothing (log_signing.hpp); empty: it may.
  std::string unsigned_why;
};

// Looks at the newest segment of a log, in whichever of its folders, and changes nothing.
// durable, goes_on: as of recover_log. Errors: file_unreadable. Throws: std::bad_alloc.
Result<Recovery> examine_log(const LogFolders& log, std::span<const Checkpoint> durable,
                             bool goes_on = false);

// Looks at the newest segment of a log nobody writes into any more (the caller holds its lock), and
// makes its end one that can be written on:
//  torn: copies the bytes to `<first_seq>.torn-<now_ns>`, syncs that, then cuts the segment.
//  damaged: leaves every byte as it is, for whoever investigates, and writes why to `quarantine`,
//    with which nothing is ever appended, compressed or removed in this folder. Later calls give
//    the same verdict.
// Files that were in the making (`next`, `reserve`, `closing.zst`, `*.new`) are removed.
// durable: checkpoints that can be relied on, such as the log's own with its signature checked;
// those in the segment count as well. goes_on: something is to follow, so that the tree has to be
// known also of a segment at rest.
// Whatever else is found: no frame is given out that was not written as a whole, with this
// segment's salt, in its place in the order.
// Errors: file_unreadable, audit_unavailable (the copy could not be kept). Throws: std::bad_alloc.
Result<Recovery> recover_log(FileSystem& files, const LogFolders& log,
                             std::span<const Checkpoint> durable, std::uint64_t now_ns,
                             bool goes_on = false);
// Of a log that is in this folder only.
Result<Recovery> recover_log(FileSystem& files, const std::string& folder,
                             std::span<const Checkpoint> durable, std::uint64_t now_ns,
                             bool goes_on = false);

// Continues the segment of a log whose tail is open or torn, so that what the ring still held, a
// recovery frame and a trailer follow. room: bytes that may be added. Errors: audit_unavailable.
Result<SegmentWriter> resume_segment(FileSystem& files, const Recovery& recovery,
                                     std::uint64_t room);

// Payload of a recovery frame: {"v":1,"kind":"recovery","tail":"torn",…}. replayed, unknown:
// records that the ring still held, and those of them whose end was not there.
std::string recovery_payload(const Recovery& recovery, std::string_view log, std::uint64_t now_ns,
                             std::uint64_t replayed, std::uint64_t unknown);

// `none`, `closed`, … Static storage.
std::string_view tail_name(Tail tail) noexcept;

}  // namespace mcpgov::audit
