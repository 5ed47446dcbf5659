// Attacks on a real log, each of them found with its place: by somebody with an editor, by somebody
// who makes the checksums right again, and by somebody who rebuilds the whole tree without the key.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "audit/attack_support.hpp"
#include "audit/sealed_log.hpp"
#include "audit/verify.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
namespace fs = std::filesystem;

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
