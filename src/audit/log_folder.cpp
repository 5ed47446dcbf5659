// Names of segment files, and the logs below a directory.
// Tested by tests/audit/log_reader_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "audit/frame.hpp"
#include "audit/log_reader.hpp"
#include "audit/segment_source.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kDigits = 16;
// Files of one folder: segments with index and compressed form, and a few others.
constexpr std::size_t kMaxNames = 4 * kMaxSegments;

Error unreadable(const std::string& path, int error) {
  return {ErrorCode::file_unreadable, "cannot read `" + path + "`: " + io_error_text(error), path,
          0, 0};
}

}  // namespace

std::string path_in(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string name_of(std::uint64_t first_seq, std::string_view ending) {
  constexpr char digits[] = "0123456789abcdef";
  std::string name(kDigits, '0');
  for (std::size_t place = kDigits; place > 0; --place, first_seq >>= 4) {
    name[place - 1] = digits[first_seq & 0xF];
  }
  name += ending;
  return name;
}

std::string SegmentFile::name() const {
  return name_of(first_seq, compressed ? ".seg.zst" : ".seg");
}

bool parse_segment_name(std::string_view name, SegmentFile& file) {
  if (name.size() < kDigits) return false;
  std::uint64_t number = 0;
  for (const char each : name.substr(0, kDigits)) {
    const bool digit = each >= '0' && each <= '9';
    if (!digit && (each < 'a' || each > 'f')) return false;
    number = number << 4 | static_cast<std::uint64_t>(digit ? each - '0' : each - 'a' + 10);
  }
  const std::string_view ending = name.substr(kDigits);
  if (number == 0 || (ending != ".seg" && ending != ".seg.zst")) return false;
  file = {number, ending == ".seg.zst", false};
  return true;
}

Result<std::vector<SegmentFile>> list_segments(const std::string& folder) {
  std::vector<std::string> names;
  const int error = list_folder(folder, kMaxNames, names);
  if (error != 0) return unreadable(folder, error);
  std::vector<SegmentFile> files;
  // Sorted by name, which puts `.seg` ahead of `.seg.zst`.
  for (const std::string& name : names) {
    SegmentFile file;
    if (!parse_segment_name(name, file)) continue;
    if (!files.empty() && files.back().first_seq == file.first_seq) continue;
    if (files.size() == kMaxSegments) return unreadable(folder, E2BIG);
    files.push_back(file);
  }
  return files;
}

namespace {

// When the log began, by its first segment; 0 where that cannot be told.
std::uint64_t begin_of(const LogFolders& folders, const SegmentFile& first) {
  SegmentHeader header;
  return read_header(folders.path_of(first), header) ? header.created_ns : 0;
}

}  // namespace

Result<std::vector<LogEntry>> list_logs(const std::string& directory) {
  std::vector<std::string> names;
  const int error = list_folder(directory, kMaxLogs, names);
  if (error != 0) return unreadable(directory, error);
  std::vector<std::pair<std::uint64_t, LogEntry>> found;
  for (std::string& name : names) {
    std::string folder = path_in(directory, name);
    const LogFolders folders = find_folders(folder);
    const auto segments = list_segments(folders);
    if (!segments) continue;  // no folder, or not ours to read
    const std::string lock = path_in(folder, "lock");
    const bool alive = FileLock::is_taken(lock);
    if (segments->empty() && !alive) continue;
    // A log whose first segment is not there yet is the newest of all.
    const std::uint64_t begin = segments->empty() ? ~0ULL : begin_of(folders, segments->front());
    found.push_back(
        {begin, {std::move(name), std::move(folder), alive, segments->empty() ? 0 : begin}});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.name) < std::tie(b.first, b.second.name);
  });
  std::vector<LogEntry> logs;
  for (auto& each : found) logs.push_back(std::move(each.second));
  return logs;
}

}  // namespace mcpgov::audit
