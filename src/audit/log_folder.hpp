// Which files a log's folder holds, and what they are called.
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
  std::string name() const;  // `<first_seq:016x>.seg` or `.seg.zst`
};

// Names of a segment: `<first_seq:016x>` and an ending: `.seg`, `.seg.zst`, `.idx`, …
std::string name_of(std::uint64_t first_seq, std::string_view ending);
// False: the name has another form.
bool parse_segment_name(std::string_view name, SegmentFile& file);

// Where a log went on when its disk failed: the folder that its file `spare` names, or the one of
// its name below spare_directory (may be empty). Empty: it has no segment there.
std::string spare_part(const std::string& folder, const std::string& spare_directory);

// In the order of their numbers. Where a raw file is still there beside the compressed one, only
// the raw one is listed: the other is not known to be whole. Errors: file_unreadable.
Result<std::vector<SegmentFile>> list_segments(const std::string& folder);

}  // namespace mcpgov::audit
