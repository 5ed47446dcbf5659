// Attacks on a real log, each of them found with its place: by somebody with an editor, by somebody
// who makes the checksums right again, and by somebody who rebuilds the whole tree without the key.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "audit/closing.hpp"
#include "audit/sealed_log.hpp"
#include "audit/verify.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
namespace fs = std::filesystem;

// Bytes of files.
void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct Place {
  std::size_t offset, size;
};

// Where the frame of a leaf lies in its segment's file.
Place place_of(const std::string& path, std::uint64_t seq) {
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
void change_bytes(const SealedLog& log, std::size_t segment, const Change& change) {
  const std::string path = log.paths()[segment];
  std::string bytes = text_of(path);
  change(bytes, path);
  write_bytes(path, bytes);
}

// Changes frames and makes the checksums right again.
template <class Change>
void change_frames(const SealedLog& log, std::size_t segment, const Change& change) {
  StoredSegment stored = take_apart(log.paths()[segment]);
  change(stored);
  put_together(stored);
}

std::vector<StoredFrame>::iterator frame_of(StoredSegment& segment, std::uint64_t seq) {
  const auto found = std::find_if(
      segment.frames.begin(), segment.frames.end(),
      [seq](const StoredFrame& each) { return is_leaf(each.type) && each.seq == seq; });
  REQUIRE(found != segment.frames.end());
  return found;
}

StoredFrame& last_of(StoredSegment& segment, FrameType type) {
  for (std::size_t at = segment.frames.size(); at-- > 0;) {
    if (segment.frames[at].type == type) return segment.frames[at];
  }
  FAIL("there is no such frame");
  return segment.frames.front();
}

// The name of an analyst becomes another one of the same length.
void forge(std::string& payload) {
  const std::size_t at = payload.find("alice");
  REQUIRE(at != std::string::npos);
  payload.replace(at, 5, "mallo");
}

// Numbers, trees, links and trailers of all segments made to fit their records again; notes stay,
// or are signed by another key.
void rebuild(const SealedLog& log, const Signer* key = nullptr) {
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
    fs::remove(path);
    stored.path = log.folder() + "/" + segment_name(header.first_seq);
    put_together(stored);
  }
}

struct Attack {
  const char* name;
  void (*attempt)(const SealedLog& log);
  Problem problem;   // the first one that is found
  const char* file;  // where; empty: the log as a whole
  std::uint64_t first_seq, last_seq;
  bool elsewhere = false;  // found only by a checkpoint that was kept elsewhere
};

const char* const kFirst = "0000000000000001.seg";
const char* const kSecond = "0000000000000017.seg";  // record 23
const char* const kThird = "000000000000002c.seg";   // record 44

// By somebody with an editor of bytes.
const Attack kEdits[] = {
    {"one bit of a record is changed",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         bytes[place_of(path, kVictim).offset + 100] ^= 1;
       });
     },
     Problem::frame, kSecond, kVictim, kVictim},
    {"a record is overwritten with zeros",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const Place place = place_of(path, kVictim);
         bytes.replace(place.offset, place.size, place.size, '\0');
       });
     },
     Problem::frame, kSecond, kVictim, kVictim},
    {"three records are overwritten with letters",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const std::size_t begin = place_of(path, kVictim).offset;
         const std::size_t end = place_of(path, kVictim + 3).offset;
         bytes.replace(begin, end - begin, end - begin, 'x');
       });
     },
     Problem::frame, kSecond, kVictim, kVictim + 2},
    {"a record is cut out of the file",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const Place place = place_of(path, kVictim);
         bytes.erase(place.offset, place.size);
       });
     },
     Problem::missing, kSecond, kVictim, kVictim},
    {"a record is there twice",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const Place place = place_of(path, kVictim);
         bytes.insert(place.offset, bytes.substr(place.offset, place.size));
       });
     },
     Problem::order, kSecond, kVictim, kVictim},
    {"an old record is put in once more",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const Place old = place_of(path, 25);
         bytes.insert(place_of(path, kVictim).offset, bytes.substr(old.offset, old.size));
       });
     },
     Problem::order, kSecond, 25, 25},
    {"two records change places",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         const Place one = place_of(path, kVictim);
         const std::string text = bytes.substr(one.offset, one.size);
         const Place two = place_of(path, kVictim + 1);
         bytes.insert(two.offset + two.size, text);
         bytes.erase(one.offset, one.size);
       });
     },
     Problem::missing, kSecond, kVictim, kVictim},
    {"a record of another segment is put in",
     [](const SealedLog& log) {
       const std::string other = text_of(log.paths()[0]);
       const Place place = place_of(log.paths()[0], 5);
       change_bytes(log, 1, [&](std::string& bytes, const std::string& path) {
         bytes.insert(place_of(path, kVictim).offset, other.substr(place.offset, place.size));
       });
     },
     Problem::frame, kSecond, 0, 0},
    {"the last records are cut off, in the middle of one",
     [](const SealedLog& log) {
       change_bytes(log, 2, [](std::string& bytes, const std::string& path) {
         bytes.resize(place_of(path, 60).offset + 50);
       });
     },
     Problem::torn, kThird, 60, 0},
    {"the last records are cut off, between two",
     [](const SealedLog& log) {
       change_bytes(log, 2, [](std::string& bytes, const std::string& path) {
         bytes.resize(place_of(path, 60).offset);
       });
     },
     Problem::truncated, "checkpoint", 60, 63},
    {"the end of a segment in the middle is cut off",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
         bytes.resize(place_of(path, 40).offset);
       });
     },
     Problem::missing, kThird, 40, 43},
    {"a bit of a header is changed",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string&) { bytes[70] ^= 1; });
     },
     Problem::header, kSecond, 23, 0},
    {"a file is cut within its header",
     [](const SealedLog& log) {
       change_bytes(log, 1, [](std::string& bytes, const std::string&) { bytes.resize(99); });
     },
     Problem::header, kSecond, 23, 0},
    {"text follows the trailer",
     [](const SealedLog& log) {
       change_bytes(log, 2, [](std::string& bytes, const std::string&) { bytes += "more text"; });
     },
     Problem::frame, kThird, 64, 0},
    {"a record follows the trailer",
     [](const SealedLog& log) {
       change_bytes(log, 2, [](std::string& bytes, const std::string& path) {
         const Place place = place_of(path, 63);
         bytes += bytes.substr(place.offset, place.size);
       });
     },
     Problem::trailer, kThird, 63, 63},
    {"the first segment is removed", [](const SealedLog& log) { fs::remove(log.paths()[0]); },
     Problem::missing, kSecond, 1, 22},
    {"a segment in the middle is removed", [](const SealedLog& log) { fs::remove(log.paths()[1]); },
     Problem::missing, kThird, 23, 43},
    {"the last segment is removed", [](const SealedLog& log) { fs::remove(log.paths()[2]); },
     Problem::truncated, "checkpoint", 44, 63},
    {"all segments are removed",
     [](const SealedLog& log) {
       for (const std::string& path : log.paths()) fs::remove(path);
     },
     Problem::truncated, "checkpoint", 1, 63},
    {"a segment has another name",
     [](const SealedLog& log) {
       fs::rename(log.paths()[1], log.folder() + "/" + segment_name(24));
     },
     Problem::header, "0000000000000018.seg", 24, 0},
    {"the log's own checkpoint is changed",
     [](const SealedLog& log) {
       std::string note = log.checkpoint();
       note[note.find("\n63\n") + 2] = '4';
       write_bytes(log.folder() + "/checkpoint", note);
     },
     Problem::signature, "checkpoint", 0, 0},
    {"the log's own checkpoint is removed",
     [](const SealedLog& log) { fs::remove(log.folder() + "/checkpoint"); }, Problem::truncated,
     "checkpoint", 0, 0},
};

// By somebody who makes checksums right, and numbers where that helps.
const Attack kForgeries[] = {
    {"a record is changed",
     [](const SealedLog& log) {
       change_frames(log, 1,
                     [](StoredSegment& segment) { forge(frame_of(segment, kVictim)->payload); });
     },
     Problem::root, kThird, 28, 41},
    {"the first record, which names the other logs, is changed",
     [](const SealedLog& log) {
       change_frames(log, 0, [](StoredSegment& segment) {
         std::string& payload = frame_of(segment, 1)->payload;
         payload.replace(payload.find("\"ring\""), 6, "\"gnir\"");
       });
     },
     Problem::root, kFirst, 1, 6},
    {"the last record is changed",
     [](const SealedLog& log) {
       change_frames(log, 2, [](StoredSegment& segment) { forge(frame_of(segment, 63)->payload); });
     },
     Problem::root, "checkpoint", 49, 63},
    {"two records change places",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         std::swap(frame_of(segment, kVictim)->payload, frame_of(segment, kVictim + 1)->payload);
         std::swap(frame_of(segment, kVictim)->time_ns, frame_of(segment, kVictim + 1)->time_ns);
       });
     },
     Problem::root, kThird, 28, 41},
    {"a record is deleted",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         segment.frames.erase(frame_of(segment, kVictim));
       });
     },
     Problem::missing, kSecond, kVictim, kVictim},
    {"a record is deleted and those behind it are numbered again",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         auto at = segment.frames.erase(frame_of(segment, kVictim));
         for (; at != segment.frames.end(); ++at) --at->seq;
       });
     },
     Problem::trailer, kSecond, 0, 0},
    {"a record is put in and those behind it are numbered again",
     [](const SealedLog& log) {
       change_frames(log, 2, [](StoredSegment& segment) {
         const auto victim = frame_of(segment, 60);
         const StoredFrame made = *victim;
         auto at = segment.frames.insert(victim, made);
         for (++at; at != segment.frames.end(); ++at) ++at->seq;
       });
     },
     Problem::root, "checkpoint", 49, 63},
    {"a record is another kind of frame",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         frame_of(segment, kVictim)->type = FrameType::heartbeat;
       });
     },
     Problem::label, kSecond, kVictim, kVictim},
    {"a record is no leaf any more",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         frame_of(segment, kVictim)->type = FrameType::sync;
       });
     },
     Problem::missing, kSecond, kVictim, kVictim},
    {"a record has the time of another day",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         frame_of(segment, kVictim)->time_ns -= 86'400'000'000'000;
       });
     },
     Problem::label, kSecond, kVictim, kVictim},
    {"a checkpoint is taken from its place to an earlier one",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         StoredFrame note = last_of(segment, FrameType::checkpoint);
         note.seq = 24;
         segment.frames.insert(frame_of(segment, 25), note);
       });
     },
     Problem::order, kSecond, 0, 0},
    {"an old checkpoint stands behind a newer one",
     [](const SealedLog& log) {
       StoredSegment first = take_apart(log.paths()[0]);
       StoredFrame old = last_of(first, FrameType::checkpoint);
       change_frames(log, 2, [&](StoredSegment& segment) {
         old.seq = 62;
         segment.frames.insert(frame_of(segment, 63), old);
       });
     },
     Problem::backwards, kThird, 0, 0},
    {"a checkpoint is changed",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         last_of(segment, FrameType::checkpoint).payload.back() = ' ';
       });
     },
     Problem::signature, kSecond, 0, 0},
    {"a sync mark tells of more records",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         last_of(segment, FrameType::sync).payload = R"({"v":1,"kind":"sync","durable":99})";
       });
     },
     Problem::truncated, kSecond, 0, 0},
    {"a trailer names another root",
     [](const SealedLog& log) {
       change_frames(log, 2, [](StoredSegment& segment) {
         std::string& payload = last_of(segment, FrameType::trailer).payload;
         char& digit = payload[payload.find("\"root\":\"") + 8];
         digit = digit == '0' ? '1' : '0';
       });
     },
     Problem::root, kThird, 63, 63},
    {"a trailer is no JSON",
     [](const SealedLog& log) {
       change_frames(log, 2, [](StoredSegment& segment) {
         last_of(segment, FrameType::trailer).payload = "trailer";
       });
     },
     Problem::trailer, kThird, 0, 0},
    {"a header has the root of another tree",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) { segment.header.root[0] ^= 1; });
     },
     Problem::header, kSecond, 0, 0},
    {"a header has another tree",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         segment.header.edge.back()[0] ^= 1;
         segment.header.root = Tree::resume(segment.header.tree_size, segment.header.edge)->root();
       });
     },
     Problem::link, kSecond, 0, 0},
    {"a header names another segment before it",
     [](const SealedLog& log) {
       change_frames(log, 1,
                     [](StoredSegment& segment) { segment.header.previous_segment[0] ^= 1; });
     },
     Problem::link, kSecond, 0, 0},
    {"a header says that it belongs to another log",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) { segment.header.log_uuid[0] ^= 1; });
     },
     Problem::header, kSecond, 0, 0},
    {"a header has another origin",
     [](const SealedLog& log) {
       change_frames(
           log, 1, [](StoredSegment& segment) { segment.header.origin = "test.example/another"; });
     },
     Problem::header, kSecond, 0, 0},
};

// By somebody who rebuilds everything but for what the key signed.
const Attack kRebuilt[] = {
    {"a record is changed and the tree rebuilt",
     [](const SealedLog& log) {
       change_frames(log, 1,
                     [](StoredSegment& segment) { forge(frame_of(segment, kVictim)->payload); });
       rebuild(log);
     },
     Problem::root, kThird, 28, 41},
    {"a record is deleted and everything behind it rebuilt",
     [](const SealedLog& log) {
       change_frames(log, 0,
                     [](StoredSegment& segment) { segment.frames.erase(frame_of(segment, 20)); });
       rebuild(log);
     },
     Problem::root, "0000000000000016.seg", 7, 20},
    {"a record is put in and everything behind it rebuilt",
     [](const SealedLog& log) {
       change_frames(log, 1, [](StoredSegment& segment) {
         const auto victim = frame_of(segment, kVictim);
         segment.frames.insert(victim, StoredFrame(*victim));
       });
       rebuild(log);
     },
     Problem::root, "000000000000002d.seg", 28, 41},
    {"the log is forged, rebuilt and signed by another key",
     [](const SealedLog& log) {
       change_frames(log, 0, [](StoredSegment& segment) { forge(frame_of(segment, 9)->payload); });
       const Signer other = signer_of('t');
       rebuild(log, &other);
     },
     Problem::signature, "checkpoint", 0, 0},
    {"the log is forged and rebuilt, and all checkpoints are taken out",
     [](const SealedLog& log) {
       for (std::size_t each = 0; each < 3; ++each) {
         change_frames(log, each, [](StoredSegment& segment) {
           std::erase_if(segment.frames, [](const StoredFrame& frame) {
             return frame.type == FrameType::checkpoint;
           });
         });
       }
       change_frames(log, 0, [](StoredSegment& segment) { forge(frame_of(segment, 9)->payload); });
       rebuild(log);
       fs::remove(log.folder() + "/checkpoint");
     },
     Problem::unsealed, "", 1, 63},
    {"what was written after the last checkpoint but one is forged, and the last one taken out",
     [](const SealedLog& log) {
       change_frames(log, 2, [](StoredSegment& segment) {
         forge(frame_of(segment, 60)->payload);
         segment.frames.erase(segment.frames.end() - 2);
         REQUIRE(segment.frames.back().type == FrameType::trailer);
         write_bytes(fs::path(segment.path).parent_path() / "checkpoint",
                     last_of(segment, FrameType::checkpoint).payload);
       });
       rebuild(log);
     },
     Problem::unsealed, "", 49, 63},
    {"the log is taken back to an earlier checkpoint, and closed there",
     [](const SealedLog& log) {
       fs::remove(log.paths()[2]);
       change_frames(log, 1, [](StoredSegment& segment) {
         auto& frames = segment.frames;
         const auto sealed = frame_of(segment, 27);
         const StoredFrame trailer = frames.back();
         StoredFrame note;
         for (const StoredFrame& each : frames) {
           if (each.type == FrameType::checkpoint && parse_checkpoint(each.payload)->size == 27) {
             note = each;
           }
         }
         frames.erase(sealed + 1, frames.end());
         frames.push_back(note);
         frames.push_back(trailer);
         write_bytes(fs::path(segment.path).parent_path() / "checkpoint", note.payload);
       });
       rebuild(log);
     },
     Problem::truncated, "", 28, 63, true},
    {"the whole log is one of another day, signed by the same key",
     [](const SealedLog& log) {
       change_frames(log, 0, [](StoredSegment& segment) { forge(frame_of(segment, 9)->payload); });
       const Signer same = log.signer();
       rebuild(log, &same);
     },
     Problem::root, "", 49, 63, true},
};

std::string shown(const LogVerification& log) {
  std::string out;
  for (const Finding& each : log.findings) {
    out.append(each.notice ? "note " : "").append(problem_name(each.problem)).append(" ");
    out.append(each.file).append(" at ").append(std::to_string(each.offset)).append(", ");
    out.append(std::to_string(each.first_seq)).append(" to ");
    out.append(std::to_string(each.last_seq)).append(": ").append(each.message).append("\n");
  }
  return out;
}

void check_attack(const Attack& attack, unsigned threads) {
  CAPTURE(std::string(attack.name));
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  VerifyOptions options = log.options();
  options.threads = threads;
  REQUIRE(verify_log(log.folder(), options)->intact());
  attack.attempt(log);
  if (attack.elsewhere) {
    CHECK(verify_log(log.folder(), options)->intact());
    options.against = {log.checkpoint()};
  }
  const auto out = verify_log(log.folder(), options);
  REQUIRE(out.has_value());
  CAPTURE(shown(*out));
  CHECK_FALSE(out->intact());
  const auto found = std::find_if(out->findings.begin(), out->findings.end(),
                                  [](const Finding& each) { return !each.notice; });
  REQUIRE(found != out->findings.end());
  CHECK(problem_name(found->problem) == problem_name(attack.problem));
  CHECK(found->file == attack.file);
  CHECK(found->log == log.name());
  CHECK(found->first_seq == attack.first_seq);
  CHECK(found->last_seq == attack.last_seq);
}

// Whether a record is in a range that is called proven.
bool is_proven(const LogVerification& log, std::uint64_t seq) {
  return std::any_of(log.proven.begin(), log.proven.end(), [seq](const ProvenRange& range) {
    return range.first_seq <= seq && seq <= range.last_seq;
  });
}

TEST_CASE("tamper: any bit of a segment that is changed is found, and nothing wrong is proven") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const std::string path = log.paths()[1];
  const std::string bytes = text_of(path);
  VerifyOptions options = log.options();
  options.threads = 1;
  const Place victim = place_of(path, kVictim);
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at < 200; ++at) offsets.push_back(at);
  for (std::size_t at = 0; at < victim.size; ++at) offsets.push_back(victim.offset + at);
  for (std::size_t at = 500; at > 0; --at) offsets.push_back(bytes.size() - at);
  for (const std::size_t at : offsets) {
    CAPTURE(at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    write_bytes(path, changed);
    const auto out = verify_log(log.folder(), options);
    REQUIRE(out.has_value());
    REQUIRE_FALSE(out->intact());
    const bool in_victim = at >= victim.offset && at < victim.offset + victim.size;
    if (in_victim) REQUIRE_FALSE(is_proven(*out, kVictim));
    REQUIRE(is_proven(*out, 6));
  }
  write_bytes(path, bytes);
  CHECK(verify_log(log.folder(), options)->intact());
}

TEST_CASE("tamper: a segment that ends anywhere is found") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const std::string path = log.paths()[2];
  const std::string bytes = text_of(path);
  VerifyOptions options = log.options();
  options.threads = 1;
  // From its last checkpoint on everything is proven: only the trailer can be missed.
  const StoredSegment stored = take_apart(path);
  const std::size_t trailer = bytes.size() - frame_size(stored.frames.back().payload.size());
  for (std::size_t size = 0; size < bytes.size(); size += 37) {
    CAPTURE(size);
    write_bytes(path, bytes.substr(0, size));
    const auto out = verify_log(log.folder(), options);
    REQUIRE(out.has_value());
    REQUIRE_FALSE(out->intact());
  }
  write_bytes(path, bytes.substr(0, trailer));
  const auto out = verify_log(log.folder(), options);
  CHECK(out->intact());
  CHECK_FALSE(out->ended);
  CHECK(is_proven(*out, 63));
}

TEST_CASE("tamper: what follows a damaged segment is proven again") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  change_bytes(log, 1, [](std::string& bytes, const std::string& path) {
    bytes[place_of(path, kVictim).offset + 100] ^= 1;
  });
  const auto out = verify_log(log.folder(), log.options());
  REQUIRE(out->proven.size() == 2);
  CHECK(out->proven[0].first_seq == 1);
  CHECK(out->proven[0].last_seq == 27);
  CHECK(out->proven[1].first_seq == 44);
  CHECK(out->proven[1].last_seq == 63);
  CHECK(out->by_checksum_only == 16);
  CHECK(out->problems == 1);
}

TEST_CASE("tamper: a compressed segment that was changed is found") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  REQUIRE(finish_segments(local_files(), log.folder(), {}).has_value());
  const std::string path = log.paths()[1];
  const std::string bytes = text_of(path);
  for (std::size_t at = 0; at < bytes.size(); at += 11) {
    CAPTURE(at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    write_bytes(path, changed);
    const auto out = verify_log(log.folder(), log.options());
    REQUIRE(out.has_value());
    // zstd leaves bits without a meaning: what was decompressed is what was signed.
    if (out->intact()) REQUIRE(out->by_checksum_only == 0);
    if (!out->intact()) REQUIRE_FALSE(is_proven(*out, kVictim));
  }
  write_bytes(path, bytes.substr(0, bytes.size() / 2));
  CHECK_FALSE(verify_log(log.folder(), log.options())->intact());
}

TEST_CASE("tamper: records that a forged note calls retired are told of") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const StoredSegment first = take_apart(log.paths()[0]);
  const std::string link = crypto::hex(segment_link(first.header, first.frames.back().payload));
  const auto note = [&](const std::string& link_text) {
    return R"({"v":1,"kind":"retired","first_seq":1,"last_seq":22,"salt":)" +
           std::to_string(first.header.salt) + R"(,"link":")" + link_text + "\"}\n";
  };
  fs::remove(log.paths()[0]);
  CHECK_FALSE(verify_log(log.folder(), log.options())->intact());
  write_bytes(log.folder() + "/retired", note(link));
  auto out = verify_log(log.folder(), log.options());
  CHECK(out->intact());
  CHECK(out->retired == 22);
  REQUIRE(out->notices == 1);
  CHECK(out->findings[0].problem == Problem::retired);
  CHECK(out->findings[0].last_seq == 22);
  REQUIRE(out->proven.size() == 1);
  CHECK(out->proven[0].first_seq == 23);
  write_bytes(log.folder() + "/retired", note(std::string(64, '0')));
  out = verify_log(log.folder(), log.options());
  CHECK(out->problems == 1);
  CHECK(out->findings[1].problem == Problem::link);
  // A checkpoint of records that are gone can only be compared where it was kept.
  VerifyOptions options = log.options();
  options.against = {log.signer().sign({log.origin(), 9, leaf_hash("x")})};
  write_bytes(log.folder() + "/retired", note(link));
  CHECK(verify_log(log.folder(), options)->notices == 2);
}

// --- directories ---------------------------------------------------------------------------------

std::string shown(const Verification& all) {
  std::string out;
  for (const Finding& each : all.findings) {
    out.append(problem_name(each.problem)).append(" ").append(each.log).append(": ");
    out.append(each.message).append("\n");
  }
  for (const LogVerification& log : all.logs) out += shown(log);
  return out;
}

// Three logs, of which the later ones name the earlier ones.
struct ThreeLogs {
  TemporaryFolder folder;
  SealedLog one{folder.path("."), "boot-1-a"};
  SealedLog two{folder.path("."), "boot-2-b", {{"boot-1-a", 63, one.root()}}};
  SealedLog three{
      folder.path("."), "boot-3-c", {{"boot-1-a", 63, one.root()}, {"boot-2-b", 63, two.root()}}};

  Verification verify(std::vector<std::string> against = {}) const {
    VerifyOptions options = one.options();
    options.against = std::move(against);
    auto out = verify_directory(folder.path("."), options);
    REQUIRE_MESSAGE(out.has_value(), out.error().text());
    return *out;
  }
};

TEST_CASE("tamper: an untouched directory is proven whole") {
  const ThreeLogs logs;
  const Verification all =
      logs.verify({logs.one.checkpoint(), logs.two.checkpoint(), logs.three.checkpoint()});
  CHECK(shown(all) == "");
  CHECK(all.intact());
  REQUIRE(all.logs.size() == 3);
  for (const LogVerification& log : all.logs) CHECK(log.by_checksum_only == 0);
}

TEST_CASE("tamper: what is done to whole logs is found by the others, or by a checkpoint") {
  struct Case {
    const char* name;
    void (*attempt)(const ThreeLogs& logs);
    std::vector<std::string> (*against)(const ThreeLogs& logs);
    Problem problem;
    const char* log;
  };
  const auto nothing = [](const ThreeLogs&) { return std::vector<std::string>(); };
  const Case cases[] = {
      {"a log is removed whole", [](const ThreeLogs& logs) { fs::remove_all(logs.two.folder()); },
       nothing, Problem::vanished, "boot-2-b"},
      {"all segments of a log are removed, and its checkpoint",
       [](const ThreeLogs& logs) {
         for (const auto& each : fs::directory_iterator(logs.two.folder())) fs::remove(each);
       },
       nothing, Problem::vanished, "boot-2-b"},
      {"all segments of a log are removed",
       [](const ThreeLogs& logs) {
         for (const std::string& path : logs.two.paths()) fs::remove(path);
       },
       nothing, Problem::truncated, "boot-2-b"},
      {"the newest log is removed, which no other names",
       [](const ThreeLogs& logs) { fs::remove_all(logs.three.folder()); },
       [](const ThreeLogs& logs) { return std::vector{logs.three.checkpoint()}; },
       Problem::vanished, ""},
      {"a log is taken back to its first segment",
       [](const ThreeLogs& logs) {
         fs::remove(logs.one.paths()[2]);
         fs::remove(logs.one.paths()[1]);
         StoredSegment first = take_apart(logs.one.paths()[0]);
         write_bytes(logs.one.folder() + "/checkpoint",
                     last_of(first, FrameType::checkpoint).payload);
       },
       nothing, Problem::truncated, "boot-1-a"},
      {"a log is written anew by somebody who has the key",
       [](const ThreeLogs& logs) {
         change_frames(logs.one, 0,
                       [](StoredSegment& segment) { forge(frame_of(segment, 9)->payload); });
         const Signer same = logs.one.signer();
         rebuild(logs.one, &same);
       },
       nothing, Problem::root, "boot-1-a"},
      {"a log is there once more under another name",
       [](const ThreeLogs& logs) { fs::copy(logs.two.folder(), logs.folder.path("boot-4-d")); },
       nothing, Problem::foreign, "boot-4-d"},
      {"a log has another name",
       [](const ThreeLogs& logs) { fs::rename(logs.three.folder(), logs.folder.path("boot-4-d")); },
       nothing, Problem::foreign, "boot-4-d"},
      {"a log stands in the place of another",
       [](const ThreeLogs& logs) {
         fs::remove_all(logs.one.folder());
         fs::copy(logs.three.folder(), logs.one.folder());
       },
       nothing, Problem::root, "boot-1-a"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const ThreeLogs logs;
    const std::vector<std::string> against = c.against(logs);
    c.attempt(logs);
    const Verification all = logs.verify(against);
    CAPTURE(shown(all));
    CHECK_FALSE(all.intact());
    bool found = false;
    const auto look = [&](const std::vector<Finding>& findings) {
      for (const Finding& each : findings) {
        found = found || (each.problem == c.problem && each.log == c.log);
      }
    };
    look(all.findings);
    for (const LogVerification& log : all.logs) look(log.findings);
    CHECK(found);
  }
}

TEST_CASE("tamper: what an editor of bytes can do is found, with its place") {
  for (const Attack& attack : kEdits) check_attack(attack, 1);
}

TEST_CASE("tamper: what somebody does who makes checksums right is found, with its place") {
  for (const Attack& attack : kForgeries) check_attack(attack, 2);
}

TEST_CASE("tamper: what somebody does who rebuilds the tree is found, with its place") {
  for (const Attack& attack : kRebuilt) check_attack(attack, 3);
}

}  // namespace
