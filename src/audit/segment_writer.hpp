// Writing the segment files of one log: prepared ahead, filled in batches, synced, closed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "audit/frame.hpp"
#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// `<first_seq:016x>.seg`, without a folder.
std::string segment_name(std::uint64_t first_seq);

// A file whose space is taken before it is needed, named `next` in the log's folder. Made while
// the segment in use is not half full, so that a full disk is known while there is room to say so.
// Threads: thread-compatible; may be made on one thread and handed to another.
class PreparedSegment {
 public:
  // bytes: at least 64 KiB. A leftover of that name is replaced. Errors: audit_unavailable, with
  // the system's reason (ENOSPC: the disk is full).
  static Result<PreparedSegment> make(FileSystem& files, const std::string& folder,
                                      std::uint64_t bytes);
  PreparedSegment(PreparedSegment&&) noexcept = default;
  // Not assigned over: what is held would stay on the disk.
  PreparedSegment& operator=(PreparedSegment&&) = delete;
  ~PreparedSegment();  // removes the file that was not used

 private:
  friend class SegmentWriter;
  PreparedSegment(FileSystem& files, std::string folder, std::uint64_t bytes,
                  std::unique_ptr<LogFile> file);
  FileSystem* files_;
  std::string folder_;
  std::uint64_t bytes_;
  std::unique_ptr<LogFile> file_;
};

// What stopped a writer. operation: `write`, `sync`, …; static text. error: errno.
struct WriteFailure {
  const char* operation = "";
  int error = 0;
  std::string text() const;  // `write: No space left on device`
};

// One segment, from its first byte to its trailer.
//
// After any call returned false the segment is suspect: what was not durable before may or may not
// be on the disk, and the kernel may report success for bytes it has dropped. Every later call
// returns false and touches nothing. Its owner then begins another segment (create() with
// first_seq = durable_seq() + 1, in this folder or in a spare one), whose name tells readers that
// what the suspect one holds from there on does not count, and writes what it still holds:
// reseal_frames() makes frames of the old segment frames of the new one. A recovery frame says so.
//
// Threads: one thread at a time.
class SegmentWriter {
 public:
  // The segment header is on the disk, with its name, when this returns. Uses the prepared file,
  // whose name becomes segment_name(header.first_seq). Errors: audit_unavailable.
  static Result<SegmentWriter> create(PreparedSegment prepared, const SegmentHeader& header);
  // The same without preparing. bytes: of the segment; as PreparedSegment::make.
  static Result<SegmentWriter> create(FileSystem& files, const std::string& folder,
                                      std::uint64_t bytes, const SegmentHeader& header);
  // Goes on with a segment that recovery has looked at: what follows `used` was cut off.
  // Errors: audit_unavailable.
  static Result<SegmentWriter> resume(FileSystem& files, const std::string& path,
                                      std::uint64_t bytes, const SegmentHeader& header,
                                      std::uint64_t used, std::uint64_t last_seq);
  SegmentWriter(SegmentWriter&&) noexcept = default;
  SegmentWriter& operator=(SegmentWriter&&) noexcept = default;
  ~SegmentWriter();  // closes the file as it is: recovery is for that

  // Writes whole frames, made with salt(), in one system call. last_seq: of their last leaf, or of
  // the last leaf before them. Where sync() succeeded since the last append, a sync frame goes
  // ahead of them that says what is durable. False: failure() says why, or no room (ENOSPC without
  // a system call): ask room() first.
  bool append(std::string_view frames, std::uint64_t last_seq) noexcept;
  // What append() took before is on the disk when this returns true.
  bool sync() noexcept;
  // The last frame: writes the trailer, syncs, and gives the space that is left back. After this
  // no call is allowed. The file is never touched again but for compression. Room for it was kept.
  bool close(std::string_view trailer_frame) noexcept;

  // Bytes that append() still takes. The room for a sync frame and the trailer is not in it.
  std::uint64_t room() const noexcept;
  bool half_full() const noexcept { return used_ > bytes_ / 2; }  // then prepare the next one
  std::uint64_t used() const noexcept { return used_; }
  std::uint64_t written_seq() const noexcept { return written_; }
  std::uint64_t durable_seq() const noexcept { return durable_; }
  std::uint32_t salt() const noexcept { return salt_; }
  bool suspect() const noexcept { return failure_.error != 0; }
  const WriteFailure& failure() const noexcept { return failure_; }
  const std::string& path() const noexcept { return path_; }

 private:
  SegmentWriter() = default;
  bool fail(const char* operation, int error) noexcept;

  std::unique_ptr<LogFile> file_;
  std::string path_;
  std::uint64_t bytes_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t written_ = 0, durable_ = 0;
  std::uint64_t time_ns_ = 0;  // of the header, for sync frames
  std::uint32_t salt_ = 0;
  bool dirty_ = false;      // bytes that are not synced
  bool sync_due_ = false;   // a sync frame would say something new
  std::string sync_frame_;  // reused
  WriteFailure failure_;
};

// Space that is kept for the last records of a full disk: the file `reserve`. Threads: one thread.
class DiskReserve {
 public:
  // Errors: audit_unavailable. bytes 0: nothing is kept.
  static Result<DiskReserve> take(FileSystem& files, const std::string& folder,
                                  std::uint64_t bytes);
  DiskReserve(DiskReserve&& other) noexcept;
  DiskReserve& operator=(DiskReserve&& other) noexcept;
  ~DiskReserve() { release(); }

  // Gives the space to whoever writes next. True: there was some.
  bool release() noexcept;
  bool is_held() const noexcept { return !path_.empty(); }

 private:
  DiskReserve(FileSystem& files, std::string path) : files_(&files), path_(std::move(path)) {}
  FileSystem* files_ = nullptr;
  std::string path_;
};

}  // namespace mcpgov::audit
