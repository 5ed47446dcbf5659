// Damage at any place of a log, in compressed segments, and to whole logs of a directory.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "audit/attack_support.hpp"
#include "audit/closing.hpp"
#include "audit/sealed_log.hpp"
#include "audit/verify.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
namespace fs = std::filesystem;

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

}  // namespace
