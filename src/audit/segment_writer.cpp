// Segment files: space first, then header, batches, syncs, trailer.
// Tested by tests/audit/segment_writer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/segment_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "audit/log_folder.hpp"

namespace mcpgov::audit {

namespace {

// A sync frame (its payload has at most 20 digits) and a trailer always fit.
constexpr std::uint64_t kKept = frame_size(64) + frame_size(512);

Error unavailable(const std::string& path, const char* operation, int error) {
  return {ErrorCode::audit_unavailable,
          "cannot " + std::string(operation) + " `" + path + "`: " + io_error_text(error), path, 0,
          0};
}

}  // namespace

std::string segment_name(std::uint64_t first_seq) {
  return name_of(first_seq, ".seg");
}

std::string WriteFailure::text() const {
  return std::string(operation) + ": " + io_error_text(error);
}

PreparedSegment::PreparedSegment(FileSystem& files, std::string folder, std::uint64_t bytes,
                                 std::unique_ptr<LogFile> file)
    : files_(&files), folder_(std::move(folder)), bytes_(bytes), file_(std::move(file)) {}

PreparedSegment::~PreparedSegment() {
  if (file_ == nullptr) return;
  file_.reset();
  try {
    files_->remove(path_in(folder_, "next"));
  } catch (...) {
    // Recovery removes it.
  }
}

Result<PreparedSegment> PreparedSegment::make(FileSystem& files, const std::string& folder,
                                              std::uint64_t bytes) {
  const std::string path = path_in(folder, "next");
  std::unique_ptr<LogFile> file;
  int error = files.create(path, file);
  if (error == EEXIST) {
    error = files.remove(path);
    if (error == 0) error = files.create(path, file);
  }
  if (error != 0) return unavailable(path, "create", error);
  bytes = std::max<std::uint64_t>(bytes, 64 * 1024);
  error = file->allocate(bytes);
  if (error != 0) {
    // Parts of the space may be taken already.
    file.reset();
    files.remove(path);
    return unavailable(path, "allocate", error);
  }
  return PreparedSegment(files, folder, bytes, std::move(file));
}

Result<SegmentWriter> SegmentWriter::create(FileSystem& files, const std::string& folder,
                                            std::uint64_t bytes, const SegmentHeader& header) {
  auto prepared = PreparedSegment::make(files, folder, bytes);
  if (!prepared) return prepared.error();
  return create(std::move(*prepared), header);
}

Result<SegmentWriter> SegmentWriter::create(PreparedSegment prepared, const SegmentHeader& header) {
  SegmentWriter made;
  made.path_ = path_in(prepared.folder_, segment_name(header.first_seq));
  std::string page;
  append_segment_header(page, header);
  const std::string_view pieces[] = {page};
  FileSystem& files = *prepared.files_;
  int error = prepared.file_->write_at(0, pieces);
  if (error == 0) error = prepared.file_->sync();
  if (error != 0) return unavailable(made.path_, "write", error);
  // Under its name only when its header is durable: a named file without one would be damage.
  error = files.rename(path_in(prepared.folder_, "next"), made.path_);
  if (error == 0) {
    made.file_ = std::move(prepared.file_);
    error = files.sync_folder(prepared.folder_);
  }
  if (error != 0) return unavailable(made.path_, "name", error);
  made.bytes_ = prepared.bytes_;
  made.used_ = kSegmentHeader;
  made.written_ = made.durable_ = header.first_seq - 1;
  made.time_ns_ = header.created_ns;
  made.salt_ = header.salt;
  made.sync_frame_.reserve(frame_size(64));
  return made;
}

Result<SegmentWriter> SegmentWriter::resume(FileSystem& files, const std::string& path,
                                            std::uint64_t bytes, const SegmentHeader& header,
                                            std::uint64_t used, std::uint64_t last_seq) {
  SegmentWriter made;
  made.path_ = path;
  const int error = files.open(path, made.file_);
  if (error != 0) return unavailable(path, "open", error);
  made.bytes_ = bytes;
  made.used_ = used;
  made.written_ = last_seq;
  // What is in the file was written by a process that may not have synced it.
  made.durable_ = header.first_seq - 1;
  made.dirty_ = true;
  made.time_ns_ = header.created_ns;
  made.salt_ = header.salt;
  made.sync_frame_.reserve(frame_size(64));
  return made;
}

SegmentWriter::~SegmentWriter() = default;

bool SegmentWriter::fail(const char* operation, int error) noexcept {
  failure_ = {operation, error == 0 ? EIO : error};
  return false;
}

std::uint64_t SegmentWriter::room() const noexcept {
  return bytes_ - std::min(bytes_, used_ + kKept);
}

bool SegmentWriter::append(std::string_view frames, std::uint64_t last_seq) noexcept {
  if (suspect()) return false;
  if (frames.empty()) return true;
  if (frames.size() > room()) return fail("append", ENOSPC);
  sync_frame_.clear();
  if (sync_due_) {
    try {
      const std::string payload =
          "{\"v\":1,\"kind\":\"sync\",\"durable\":" + std::to_string(durable_) + "}";
      append_frame(sync_frame_, {written_, time_ns_, FrameType::sync, 0, payload}, salt_);
    } catch (...) {
      sync_frame_.clear();  // the next one says it
    }
  }
  const std::string_view pieces[] = {sync_frame_, frames};
  const int error = file_->write_at(used_, pieces);
  if (error != 0) return fail("write", error);
  sync_due_ = sync_due_ && sync_frame_.empty();
  used_ += sync_frame_.size() + frames.size();
  written_ = std::max(written_, last_seq);
  dirty_ = true;
  return true;
}

bool SegmentWriter::sync() noexcept {
  if (suspect()) return false;
  if (!dirty_) return true;
  const int error = file_->sync();
  if (error != 0) return fail("sync", error);
  dirty_ = false;
  sync_due_ = sync_due_ || durable_ != written_;
  durable_ = written_;
  return true;
}

bool SegmentWriter::close(std::string_view trailer_frame) noexcept {
  if (suspect()) return false;
  if (trailer_frame.size() > bytes_ - used_) return fail("close", ENOSPC);
  const std::string_view pieces[] = {trailer_frame};
  int error = file_->write_at(used_, pieces);
  if (error != 0) return fail("write", error);
  used_ += trailer_frame.size();
  // The new size needs the sync as well: fdatasync covers it, because reading needs it.
  error = file_->resize(used_);
  if (error != 0) return fail("cut", error);
  error = file_->sync();
  if (error != 0) return fail("sync", error);
  durable_ = written_;
  file_.reset();
  return true;
}

DiskReserve::DiskReserve(DiskReserve&& other) noexcept
    : files_(other.files_), path_(std::exchange(other.path_, {})) {}

DiskReserve& DiskReserve::operator=(DiskReserve&& other) noexcept {
  std::swap(files_, other.files_);
  std::swap(path_, other.path_);
  return *this;
}

Result<DiskReserve> DiskReserve::take(FileSystem& files, const std::string& folder,
                                      std::uint64_t bytes) {
  if (bytes == 0) return DiskReserve(files, {});
  const std::string path = path_in(folder, "reserve");
  std::unique_ptr<LogFile> file;
  int error = files.create(path, file);
  if (error == EEXIST) {
    error = files.remove(path);
    if (error == 0) error = files.create(path, file);
  }
  if (error == 0) error = file->allocate(bytes);
  file.reset();
  if (error == 0) return DiskReserve(files, path);
  files.remove(path);
  return unavailable(path, "reserve", error);
}

bool DiskReserve::release() noexcept {
  if (!is_held()) return false;
  const int error = files_->remove(path_);
  path_.clear();
  return error == 0;
}

}  // namespace mcpgov::audit
