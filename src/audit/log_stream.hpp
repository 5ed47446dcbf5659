// One log's batches on their way into segments: rotation, syncing, checkpoints, and going on
// elsewhere when a disk fails.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/encoder.hpp"
#include "audit/segment_writer.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {

struct StreamSettings {
  FileSystem* files = nullptr;
  std::string folder;        // of the log; exists
  std::string spare_folder;  // made when it is needed; empty: there is none
  std::uint64_t segment_bytes = 64ull << 20;
  std::uint64_t segment_ns = 86400ull * 1'000'000'000;
  std::uint64_t reserve_bytes = 8ull << 20;
  std::array<std::uint8_t, 16> log_uuid = {};
  std::string origin;  // of this log, as its checkpoints name it
  crypto::Digest settings = {};
};

// A segment holds at least four batches.
inline constexpr std::uint64_t kMinSegment = 512 * 1024;

// Batches are held until they are durable. When a write or a sync fails, the segment is given up:
// what is not durable is written again into a new one, in the same folder, then in the spare one,
// then, for the last records of a full disk, into the space that was kept for them. Failing that,
// nothing more goes into files until tend(), which tries once a second, or retry() succeeds.
// Threads: one thread at a time.
class LogStream {
 public:
  // signer: borrowed. Errors: audit_unavailable.
  static Result<std::unique_ptr<LogStream>> open(StreamSettings settings, const Signer& signer,
                                                 std::uint64_t now_ns);

  // Takes the batch in any case, but when it throws before it has. False: it waits in memory for
  // better times. Throws: std::bad_alloc, as all that write, sync, tend and close; the next call
  // goes on where this one stopped.
  bool write(std::unique_ptr<Batch>&& batch, std::uint64_t now_ns);
  // True: everything that was taken is durable.
  bool sync(std::uint64_t now_ns);
  // For times without load: makes the next segment when this one is half full, and after a failure
  // tries to get back to normal. At most once a second where that needs the disk.
  void tend(std::uint64_t now_ns);
  // After a failure: tries at once.
  void retry(std::uint64_t now_ns);

  // Signs the tree of what is durable, if it has grown since the last time. The note also goes into
  // the segment; the caller puts it into the folder's file `checkpoint`. Empty: nothing to say, or
  // it cannot be signed. Throws: std::bad_alloc.
  std::string seal(std::uint64_t now_ns);
  // The end of the log: everything durable, and the trailer.
  bool close(std::uint64_t now_ns);

  // In a forked child, whose copy of the lock would outlive the parent.
  void release_lock() noexcept { spare_lock_.release(); }

  std::uint64_t written_seq() const noexcept { return written_; }
  std::uint64_t durable_seq() const noexcept { return durable_; }
  std::uint64_t durable_records() const noexcept { return durable_records_; }
  std::uint64_t written_records() const noexcept { return written_records_; }
  // Frames that were written since the last sync.
  std::uint64_t unsynced_bytes() const noexcept { return unsynced_bytes_; }
  std::uint32_t salt() const noexcept { return header_.salt; }
  // failed: a message that would go on must not be begun.
  State state() const noexcept { return state_; }
  bool stuck() const noexcept { return failed_; }  // nothing is taken into files
  const std::string& detail() const noexcept { return detail_; }
  // The folder that is written to now.
  const std::string& folder() const noexcept { return folder_; }

  // What the caller takes and empties: runs whose batch is durable, because a segment whose sync
  // fails does not count any more; those batches, to be used again; payloads of recovery frames,
  // what the log has to say about itself.
  std::vector<std::uint32_t>& freed() noexcept { return freed_; }
  std::vector<std::unique_ptr<Batch>>& spent() noexcept { return spent_; }
  std::vector<std::string>& remarks() noexcept { return remarks_; }
  // Segments that were closed since the last call.
  std::uint64_t take_closed() noexcept { return std::exchange(closed_, 0); }

 private:
  // What is tried when a segment fails, in this order.
  enum class Resort : std::uint8_t { same_folder, spare_folder, reserve, none };

  LogStream(StreamSettings settings, const Signer& signer);
  bool write_held(std::uint64_t now_ns);
  bool append(Batch& batch, std::uint64_t now_ns);
  bool rotate(std::uint64_t now_ns);
  bool replace_segment(std::uint64_t now_ns);
  bool begin_at(Resort resort, std::uint64_t now_ns);
  bool begin_segment(const std::string& folder, std::uint64_t bytes, std::uint64_t now_ns);
  bool close_segment(const Trailer& trailer);
  void now_durable();
  void set_state(State state, std::string detail);
  void leave_reserve(std::uint64_t now_ns);

  StreamSettings settings_;
  const Signer* signer_;
  std::string folder_;
  FileLock spare_lock_;
  std::optional<SegmentWriter> writer_;
  std::optional<PreparedSegment> prepared_;
  std::optional<DiskReserve> reserve_;
  SegmentHeader header_;                       // of the segment in use
  std::string trailer_;                        // its payload, once it is closed
  std::uint64_t min_time_ = 0, max_time_ = 0;  // of its leaves
  std::deque<std::unique_ptr<Batch>> held_;    // not durable yet, in order
  std::size_t in_file_ = 0;                    // of held_, those that were written
  std::vector<std::unique_ptr<Batch>> spent_;
  std::vector<std::uint32_t> freed_;
  std::vector<std::string> remarks_;
  Tree tree_;  // of everything that was taken
  Tree durable_tree_;
  std::uint64_t written_ = 0, durable_ = 0;
  std::uint64_t durable_records_ = 0, written_records_ = 0;
  std::uint64_t unsynced_bytes_ = 0;
  std::uint64_t sealed_ = 0;  // size of the last checkpoint
  std::uint64_t closed_ = 0;
  std::uint64_t tend_at_ = 0;
  Resort next_resort_ = Resort::same_folder;
  bool on_reserve_ = false;
  bool failed_ = false;
  State state_ = State::healthy;
  std::string detail_;
  std::string cause_;  // of the last failure
};

}  // namespace mcpgov::audit
