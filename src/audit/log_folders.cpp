// The two folders that a log can be in, as one.
// Tested by tests/audit/spare_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "audit/checkpoint.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_source.hpp"
#include "base/os_file.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kMaxPath = 4096;

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Why the segments of a folder are not those that follow the log's own; empty: they are.
std::string refusal(const std::string& own, const std::string& spare, const SegmentFile& first) {
  if (!is_folder_of_same_user(spare, own)) {
    return "it is a link, belongs to another user, or others can write into it";
  }
  SegmentHeader there;
  if (!read_header(path_in(spare, first.name()), there)) return "its first segment cannot be read";
  if (!there.origin.ends_with("/" + std::string(last_part(own)))) return "it holds another log";
  const auto segments = list_segments(own);
  // The log's own disk has failed, after all; and retention may have taken what was there.
  if (!segments || segments->empty()) return {};
  auto before = std::find_if(segments->rbegin(), segments->rend(), [&](const SegmentFile& each) {
    return each.first_seq <= there.first_seq;
  });
  const bool is_behind = before != segments->rend();
  SegmentHeader here;
  if (!read_header(path_in(own, (is_behind ? *before : segments->front()).name()), here)) return {};
  if (here.log_uuid != there.log_uuid || here.origin != there.origin) return "it holds another log";
  // The second: the log came back with the same number, because nothing was durable there.
  const bool follows =
      there.previous_salt == here.salt || (here.previous_salt == there.salt && is_behind);
  return follows || !is_behind ? std::string() : "its segments do not follow those of the log";
}

void consider(const std::string& place, LogFolders& folders) {
  const bool named_so = place.starts_with('/') && last_part(place) == last_part(folders.own);
  if (!named_so || place == folders.own || !folders.spare.empty()) return;
  const auto segments = list_segments(place);
  if (!segments || segments->empty()) return;
  const std::string why = refusal(folders.own, place, segments->front());
  if (why.empty()) {
    folders.spare = place;
  } else {
    folders.refused = "`" + place + "` is not read as a part of the log: " + why;
  }
}

// Whether a segment of the log's own folder was written after one of that number on the spare disk:
// the log has come back to the reserve.
bool has_come_back(const LogFolders& folders, const SegmentFile& own, const SegmentFile& spare) {
  SegmentHeader here, there;
  return read_header(folders.path_of(own), here) && read_header(folders.path_of(spare), there) &&
         here.previous_salt == there.salt;
}

}  // namespace

LogFolders find_folders(const std::string& folder, const std::string& spare_directory) {
  LogFolders folders;
  folders.own = folder;
  while (folders.own.size() > 1 && folders.own.ends_with('/')) folders.own.pop_back();
  const std::string file = path_in(folders.own, "spare");
  ReadFile probe;
  if (probe.open(file) != ENOENT) {
    if (auto named = read_plain_file(file, kMaxPath)) {
      folders.named = *std::move(named);
    } else {
      folders.refused = named.error().message;
    }
  }
  if (!spare_directory.empty()) {
    std::error_code none;
    const auto whole = std::filesystem::absolute(spare_directory, none);
    consider(path_in(none ? spare_directory : whole.string(), last_part(folders.own)), folders);
  }
  consider(folders.named, folders);
  return folders;
}

Result<std::vector<SegmentFile>> list_segments(const LogFolders& folders, Replaced replaced) {
  auto own = list_segments(folders.own);
  if (!own || folders.spare.empty()) return own;
  auto spare = list_segments(folders.spare);
  if (!spare) return spare;
  std::vector<SegmentFile> files;
  files.reserve(own->size() + spare->size());
  const auto add = [&](const SegmentFile& file) {
    const bool again = !files.empty() && files.back().first_seq == file.first_seq;
    if (again && replaced == Replaced::leave_out) files.pop_back();
    files.push_back(file);
  };
  auto there = spare->begin();
  for (const SegmentFile& here : *own) {
    for (; there != spare->end() && there->first_seq < here.first_seq; ++there) {
      there->spare = true;
      add(*there);
    }
    if (there == spare->end() || there->first_seq != here.first_seq) {
      add(here);
      continue;
    }
    there->spare = true;
    const bool back = has_come_back(folders, here, *there);
    add(back ? *there : here);
    add(back ? here : *there);
    ++there;
  }
  for (; there != spare->end(); ++there) {
    there->spare = true;
    add(*there);
  }
  return files;
}

std::string newest_note(const LogFolders& folders) {
  std::string newest;
  std::uint64_t size = 0;
  for (const std::string& folder : {folders.own, folders.spare}) {
    if (folder.empty()) continue;
    auto note = read_plain_file(path_in(folder, "checkpoint"), kMaxNote);
    if (!note) continue;
    const auto read = parse_checkpoint(*note);
    if (!newest.empty() && (!read || read->size < size)) continue;
    size = read ? read->size : 0;
    newest = *std::move(note);
  }
  return newest;
}

}  // namespace mcpgov::audit
