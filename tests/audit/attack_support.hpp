// What somebody does to the files of a log: with an editor of bytes, or so that checksums, numbers
// and trees fit again.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "audit/sealed_log.hpp"
#include "audit/verify.hpp"

namespace mcpgov::audit {

using test::put_together;
using test::SealedLog;
using test::StoredFrame;
using test::StoredSegment;
using test::take_apart;
using test::text_of;

// Bytes of files.
inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct Place {
  std::size_t offset, size;
};

// Where the frame of a leaf lies in its segment's file.
inline Place place_of(const std::string& path, std::uint64_t seq) {
  const StoredSegment segment = take_apart(path);
  std::size_t offset = kSegmentHeader;
  for (const StoredFrame& each : segment.frames) {
    const std::size_t size = frame_size(each.payload.size());
    if (is_leaf(each.type) && each.seq == seq) return {offset, size};
    offset += size;
  }
  FAIL("the record is not there");
  return {};
}

// Changes bytes of the second of three segments, which holds records 23 to 43.
constexpr std::uint64_t kVictim = 30;

template <class Change>
inline void change_bytes(const SealedLog& log, std::size_t segment, const Change& change) {
  const std::string path = log.paths()[segment];
  std::string bytes = text_of(path);
  change(bytes, path);
  write_bytes(path, bytes);
}

// Changes frames and makes the checksums right again.
template <class Change>
inline void change_frames(const SealedLog& log, std::size_t segment, const Change& change) {
  StoredSegment stored = take_apart(log.paths()[segment]);
  change(stored);
  put_together(stored);
}

inline std::vector<StoredFrame>::iterator frame_of(StoredSegment& segment, std::uint64_t seq) {
  const auto found = std::find_if(
      segment.frames.begin(), segment.frames.end(),
      [seq](const StoredFrame& each) { return is_leaf(each.type) && each.seq == seq; });
  REQUIRE(found != segment.frames.end());
  return found;
}

inline StoredFrame& last_of(StoredSegment& segment, FrameType type) {
  for (std::size_t at = segment.frames.size(); at-- > 0;) {
    if (segment.frames[at].type == type) return segment.frames[at];
  }
  FAIL("there is no such frame");
  return segment.frames.front();
}

// The name of an analyst becomes another one of the same length.
inline void forge(std::string& payload) {
  const std::size_t at = payload.find("alice");
  REQUIRE(at != std::string::npos);
  payload.replace(at, 5, "mallo");
}

// Numbers, trees, links and trailers of all segments made to fit their records again; notes stay,
// or are signed by another key.
inline void rebuild(const SealedLog& log, const Signer* key = nullptr) {
  Tree tree;
  Digest link = {};
  std::uint32_t salt = 0;
  std::vector<Digest> roots = {tree.root()};
  for (const std::string& path : log.paths()) {
    StoredSegment stored = take_apart(path);
    SegmentHeader& header = stored.header;
    header.first_seq = tree.size() + 1;
    header.tree_size = tree.size();
    header.root = tree.root();
    header.edge.assign(tree.edge().begin(), tree.edge().end());
    header.previous_segment = link;
    header.previous_salt = salt;
    std::string trailer;
    for (StoredFrame& each : stored.frames) {
      if (is_leaf(each.type)) {
        tree.append(leaf_hash(each.payload));
        roots.push_back(tree.root());
      }
      each.seq = tree.size();
      if (each.type == FrameType::checkpoint && key != nullptr) {
        const auto read = parse_checkpoint(each.payload);
        each.payload = key->sign({log.origin(), read->size, roots.at(read->size)});
        write_bytes(log.folder() + "/checkpoint", each.payload);
      }
      if (each.type == FrameType::trailer) {
        each.payload = trailer =
            trailer_payload({header.first_seq, tree.size(), 1, 2, each.time_ns, tree.root()});
      }
    }
    link = segment_link(header, trailer);
    salt = header.salt;
    std::filesystem::remove(path);
    stored.path = log.folder() + "/" + segment_name(header.first_seq);
    put_together(stored);
  }
}

inline std::string shown(const LogVerification& log) {
  std::string out;
  for (const Finding& each : log.findings) {
    out.append(each.notice ? "note " : "").append(problem_name(each.problem)).append(" ");
    out.append(each.file).append(" at ").append(std::to_string(each.offset)).append(", ");
    out.append(std::to_string(each.first_seq)).append(" to ");
    out.append(std::to_string(each.last_seq)).append(": ").append(each.message).append("\n");
  }
  return out;
}

// Whether a record is in a range that is called proven.
inline bool is_proven(const LogVerification& log, std::uint64_t seq) {
  return std::any_of(log.proven.begin(), log.proven.end(), [seq](const ProvenRange& range) {
    return range.first_seq <= seq && seq <= range.last_seq;
  });
}

}  // namespace mcpgov::audit
