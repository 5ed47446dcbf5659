// Which files the folders of a log hold, and what they are called.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Bounds of what is read from folders that others may have filled.
inline constexpr std::size_t kMaxSegments = 1'000'000;
inline constexpr std::size_t kMaxLogs = 1'000'000;

// `folder/name`.
std::string path_in(const std::string& folder, std::string_view name);

struct SegmentFile {
  std::uint64_t first_seq = 0;
  bool compressed = false;
  bool spare = false;        // it is in the log's folder on the spare disk
  std::string name() const;  // `<first_seq:016x>.seg` or `.seg.zst`
};

// Names of a segment: `<first_seq:016x>` and an ending: `.seg`, `.seg.zst`, `.idx`, …
std::string name_of(std::uint64_t first_seq, std::string_view ending);
// False: the name has another form.
bool parse_segment_name(std::string_view name, SegmentFile& file);

// In the order of their numbers. Where a raw file is still there beside the compressed one, only
// the raw one is listed: the other is not known to be whole. Errors: file_unreadable.
Result<std::vector<SegmentFile>> list_segments(const std::string& folder);

// Where one log is: its folder, and the one where it went on when that one's disk failed.
struct LogFolders {
  std::string own = {};
  std::string spare = {};    // empty: it has no segment there
  std::string named = {};    // what its file `spare` says; says nothing about what is there
  std::string refused = {};  // why a folder with segments is not read as the spare one

  const std::string& of(const SegmentFile& file) const noexcept { return file.spare ? spare : own; }
  std::string path_of(const SegmentFile& file) const { return path_in(of(file), file.name()); }
};

// folder: the log's own. Its spare one is that of the same name below spare_directory, else (or
// where that is empty) the one that the file `spare` names. Whoever can write into a log's folder
// may have put anything into that file: a folder is only read if it has the log's name, is no link,
// belongs to the same user as the log's folder, cannot be written by others, and its first segment
// is of this log and goes on from a segment of it. Throws: std::bad_alloc.
LogFolders find_folders(const std::string& folder, const std::string& spare_directory = {});

// The segments of both, in the order in which they were written. Of two with the same number,
// nothing was durable of the one that was written first: it is not listed but with `replaced`.
// Errors: file_unreadable.
enum class Replaced { leave_out, list };
Result<std::vector<SegmentFile>> list_segments(const LogFolders& folders,
                                               Replaced replaced = Replaced::leave_out);

// The newest signed note of a log, by the files `checkpoint` of both folders; nobody has checked
// it. Empty: there is none. Throws: std::bad_alloc.
std::string newest_note(const LogFolders& folders);

}  // namespace mcpgov::audit
