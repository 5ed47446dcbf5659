// Verification of what a writer leaves whose disk fails now and then.
//
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "audit/log_stream.hpp"
#include "audit/sealed_log.hpp"
#include "audit/segment_support.hpp"
#include "audit/verify.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;

TEST_CASE("verify: segments that were replaced or left behind by a failing disk are one log") {
  const TemporaryFolder folder;
  FailingFiles files;
  REQUIRE(local_files().make_folder(folder.path("log")) == 0);
  const Signer signer = signer_of('s');
  StreamSettings settings;
  settings.files = &files;
  settings.folder = folder.path("log");
  settings.segment_bytes = kMinSegment;
  settings.origin = "test.example/log";
  std::uint64_t now = 1'763'620'000'000'000'000;
  auto opened = LogStream::open(settings, signer, now);
  REQUIRE(opened.has_value());
  LogStream& stream = **opened;
  Tree tree;
  const auto write = [&] {
    auto batch = std::make_unique<Batch>();
    const std::string payload = "{\"v\":1,\"text\":\"" + std::string(20'000, 'x') + "\"}";
    batch->salt = stream.salt();
    batch->first_seq = batch->last_seq = tree.size() + 1;
    batch->min_time_ns = batch->max_time_ns = now;
    append_frame(batch->frames, {tree.size() + 1, now, FrameType::event, 0, payload}, batch->salt);
    tree.append(leaf_hash(payload));
    batch->after = tree;
    batch->records = 1;
    (void)stream.write(std::move(batch), now);
  };
  int replaced = 0;
  for (int round = 0; round < 400; ++round) {
    const std::uint32_t salt = stream.salt();
    write();
    // Just begun: nothing of it is durable, and its file is replaced.
    const bool begun = stream.salt() != salt;
    replaced += begun ? 1 : 0;
    if (begun || round % 90 == 3) {
      files.sync_error = EIO;
      (void)stream.sync(now);
      files.sync_error = 0;
      now += 2'000'000'000;
      stream.tend(now);
    }
    if (round % 5 == 0) {
      REQUIRE(stream.sync(now));
      const std::string note = stream.seal(now);
      if (!note.empty()) std::ofstream(folder.path("log/checkpoint")) << note;
    }
  }
  REQUIRE(stream.sync(now));
  std::ofstream(folder.path("log/checkpoint")) << stream.seal(now);
  REQUIRE(stream.close(now));
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  const auto out = verify_log(folder.path("log"), options);
  REQUIRE(out.has_value());
  for (const Finding& each : out->findings) CAPTURE(each.message);
  CHECK(out->problems == 0);
  CHECK(out->last_seq == tree.size());
  CHECK(out->by_checksum_only == 0);
  CHECK(replaced > 2);
  if (!out->findings.empty()) MESSAGE(out->findings[0].message << " " << out->findings[0].file);
}

}  // namespace
