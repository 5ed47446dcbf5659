// Reading raw and compressed segments at any place.
// Tested by tests/audit/log_reader_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/segment_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace mcpgov::audit {

namespace {

Error unreadable(const std::string& path, int error) {
  return {ErrorCode::file_unreadable, "cannot read `" + path + "`: " + io_error_text(error), path,
          0, 0};
}

Error damaged(const std::string& path, const char* why) {
  return {ErrorCode::audit_damaged, "`" + path + "` is damaged: " + why, path, 0, 0};
}

}  // namespace

Result<SegmentSource> SegmentSource::open(const std::string& path) {
  SegmentSource source;
  source.path_ = path;
  const int error = source.file_.open(path);
  if (error != 0) return unreadable(path, error);
  if (!path.ends_with(".zst")) return source;
  std::uint64_t bytes = 0, changed_ns = 0;
  if (const int failed = source.file_.stat(bytes, changed_ns); failed != 0) {
    return unreadable(path, failed);
  }
  char footer[ChunkTable::kFooter];
  std::size_t got = 0;
  if (bytes < sizeof footer) return damaged(path, "it has no table of its parts");
  int failed = source.file_.read_at(bytes - sizeof footer, footer, got);
  if (failed != 0) return unreadable(path, failed);
  std::string table(ChunkTable::table_bytes({footer, got}), '\0');
  if (table.empty() || table.size() > bytes) return damaged(path, "it has no table of its parts");
  failed = source.file_.read_at(bytes - table.size(), table, got);
  if (failed != 0) return unreadable(path, failed);
  table.resize(got);
  if (!source.table_.parse(table, bytes)) return damaged(path, "the table of its parts is wrong");
  source.reader_ = std::make_unique<ChunkReader>();
  return source;
}

std::uint64_t SegmentSource::bytes() const noexcept {
  if (is_compressed()) return table_.raw_bytes();
  std::uint64_t bytes = 0, changed_ns = 0;
  return file_.stat(bytes, changed_ns) == 0 ? bytes : 0;
}

std::uint64_t SegmentSource::behind(std::uint64_t offset) const noexcept {
  const ChunkTable::Chunk* const chunk = is_compressed() ? table_.at(offset) : nullptr;
  return chunk == nullptr ? bytes() : chunk->raw_offset + chunk->raw_size;
}

bool SegmentSource::is_replaced() const noexcept {
  return !file_.has_name();
}

bool SegmentSource::load(const ChunkTable::Chunk& chunk) {
  if (!chunk_.empty() && chunk_offset_ == chunk.raw_offset) return true;
  compressed_.resize(chunk.size);
  chunk_.clear();
  std::size_t got = 0;
  const int error = file_.read_at(chunk.offset, compressed_, got);
  if (error != 0) {
    error_ = unreadable(path_, error);
    return false;
  }
  chunk_.resize(chunk.raw_size);
  if (got != compressed_.size() || !reader_->decompress(compressed_, chunk_)) {
    chunk_.clear();
    error_ = damaged(path_, "a part cannot be decompressed");
    return false;
  }
  chunk_offset_ = chunk.raw_offset;
  return true;
}

bool SegmentSource::read_at(std::uint64_t offset, std::span<char> into, std::size_t& got) {
  got = 0;
  if (!is_compressed()) {
    const int error = file_.read_at(offset, into, got);
    if (error != 0) error_ = unreadable(path_, error);
    return error == 0;
  }
  while (got < into.size()) {
    const ChunkTable::Chunk* const chunk = table_.at(offset + got);
    if (chunk == nullptr) return true;
    // What was good before is given; the next call says what is wrong.
    if (!load(*chunk)) return got != 0;
    const auto begin = static_cast<std::size_t>(offset + got - chunk->raw_offset);
    const std::size_t part = std::min(into.size() - got, chunk_.size() - begin);
    std::memcpy(into.data() + got, chunk_.data() + begin, part);
    got += part;
  }
  return true;
}

const char* SegmentSource::read_header(SegmentHeader& header) {
  std::string page(kSegmentHeader, '\0');
  std::size_t got = 0;
  if (!read_at(0, page, got)) return "its header cannot be read";
  page.resize(got);
  return parse_segment_header(page, header);
}

bool read_header(const std::string& path, SegmentHeader& header) {
  auto source = SegmentSource::open(path);
  return source && source->read_header(header) == nullptr;
}

}  // namespace mcpgov::audit
