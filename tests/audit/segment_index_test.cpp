// Indexes: every value is found, nothing is believed that has a wrong sum.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/segment_index.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include <doctest/doctest.h>

#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::TemporaryFolder;

SegmentHeader sample_header() {
  SegmentHeader header;
  header.first_seq = 101;
  header.tree_size = 100;
  header.salt = 77;
  header.log_uuid[3] = 3;
  return header;
}

// 60 chunks of 40 events: an id and a trace for each, a session for each ten, four tools.
std::string build() {
  IndexBuilder builder;
  EventParser parser;
  std::uint64_t seq = 101;
  for (std::uint64_t chunk = 0; chunk < 60; ++chunk) {
    builder.begin_chunk(4096 + chunk * 1000);
    for (int each = 0; each < 40; ++each, ++seq) {
      const std::string text =
          test::event_text(seq, "s-" + std::to_string(seq / 10), "tool-" + std::to_string(seq % 4));
      ParsedEvent event;
      REQUIRE(parser.parse(text, event) == ErrorCode::none);
      builder.add({seq, 1000 + seq, FrameType::event, 0, text}, &event);
    }
  }
  builder.add({seq, 5, FrameType::heartbeat, 0, "{}"}, nullptr);
  return builder.finish(sample_header(), true);
}

TEST_CASE("every value of every event is found in its chunk") {
  const TemporaryFolder folder;
  const auto index = SegmentIndex::open(folder.write("a.idx", build()), sample_header());
  REQUIRE(index);
  CHECK(index->chunks().size() == 60);
  CHECK(index->last_seq() == 101 + 2400);
  CHECK(index->min_time_ns() == 5);
  CHECK(index->max_time_ns() == 1000 + 2500);
  CHECK(index->closed());
  std::vector<std::uint32_t> chunks;
  char id[33];
  for (std::uint64_t seq = 101; seq < 2501; ++seq) {
    std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(seq));
    const auto chunk = static_cast<std::uint32_t>((seq - 101) / 40);
    REQUIRE(index->find(index_key(Field::id, id), chunks));
    CHECK(chunks == std::vector<std::uint32_t>{chunk});
    REQUIRE(index->find(index_key(Field::session, "s-" + std::to_string(seq / 10)), chunks));
    CHECK(std::find(chunks.begin(), chunks.end(), chunk) != chunks.end());
    CHECK(chunks.size() <= 2);
    const auto place = index->chunk_of(seq);
    REQUIRE(place);
    CHECK(place->seq == 101 + chunk * 40);
    CHECK(place->offset == 4096 + chunk * 1000);
  }
  REQUIRE(index->find(index_key(Field::target, "tool-2"), chunks));
  CHECK(chunks.size() == 60);
  for (const auto& [field, value] : {std::pair{Field::caller, "alice"},
                                     {Field::caller, "https://id.example.com#alice"},
                                     {Field::caller, "host/1.0"},
                                     {Field::server, "shop"},
                                     {Field::policy, "shop/permit"},
                                     {Field::tenant, "acme"},
                                     {Field::method, "tools/call"},
                                     {Field::decision, "allow"},
                                     {Field::outcome, "completed"}}) {
    const std::string named = value;
    CAPTURE(named);
    REQUIRE(index->find(index_key(field, value), chunks));
    CHECK(chunks.size() == 60);
  }
}

TEST_CASE("what is not there is not found, and a value only under its own field") {
  const TemporaryFolder folder;
  const auto index = SegmentIndex::open(folder.write("a.idx", build()), sample_header());
  REQUIRE(index);
  std::vector<std::uint32_t> chunks{1};
  for (const auto& [field, value] : {std::pair{Field::session, "s-9"},
                                     {Field::session, "shop"},
                                     {Field::server, "s-11"},
                                     {Field::decision, "deny"}}) {
    REQUIRE(index->find(index_key(field, value), chunks));
    CHECK(chunks.empty());
  }
  CHECK_FALSE(index->chunk_of(100));
  CHECK_FALSE(index->chunk_of(2502));
  CHECK(index->chunk_of(2501));
}

TEST_CASE("an index of a segment without events is one") {
  const TemporaryFolder folder;
  IndexBuilder builder;
  const auto index = SegmentIndex::open(
      folder.write("a.idx", builder.finish(sample_header(), false)), sample_header());
  REQUIRE(index);
  CHECK_FALSE(index->closed());
  std::vector<std::uint32_t> chunks;
  CHECK(index->find(index_key(Field::id, "x"), chunks));
  CHECK(chunks.empty());
  CHECK_FALSE(index->chunk_of(101));
}

TEST_CASE("an index of another segment, or cut anywhere, is refused") {
  const TemporaryFolder folder(test::memory());
  const std::string good = build();
  const std::string path = folder.write("a.idx", good);
  SegmentHeader other = sample_header();
  other.salt ^= 1;
  CHECK(SegmentIndex::open(path, other).error().code == ErrorCode::audit_damaged);
  other = sample_header();
  other.first_seq = 102;
  CHECK(SegmentIndex::open(path, other).error().code == ErrorCode::audit_damaged);
  other = sample_header();
  other.log_uuid[0] = 1;
  CHECK(SegmentIndex::open(path, other).error().code == ErrorCode::audit_damaged);
  CHECK(SegmentIndex::open(folder.path("none"), other).error().code == ErrorCode::file_unreadable);
  for (std::size_t size = 0; size < good.size(); size += 61) {
    folder.write("cut.idx", std::string_view(good).substr(0, size));
    CHECK(SegmentIndex::open(folder.path("cut.idx"), sample_header()).error().code ==
          ErrorCode::audit_damaged);
  }
}

TEST_CASE("a bit that turned is noticed where it is read, or changes nothing") {
  const TemporaryFolder folder(test::memory());
  const std::string good = build();
  std::vector<std::uint32_t> chunks;
  const std::uint64_t one = index_key(Field::session, "s-14"),
                      all = index_key(Field::tenant, "acme");
  std::vector<std::uint32_t> every(60);
  std::iota(every.begin(), every.end(), 0U);
  // Pages are large and alike; of the lists behind them every byte is turned.
  const std::size_t lists = good.size() - 2000;
  for (std::size_t byte = 0; byte < good.size(); byte += byte < lists ? 7 : 1) {
    std::string turned = good;
    turned[byte] = static_cast<char>(turned[byte] ^ (1 << (byte % 8)));
    const auto index = SegmentIndex::open(folder.write("a.idx", turned), sample_header());
    if (!index) continue;
    CAPTURE(byte);
    CHECK(byte >= 128 + 60 * 16);
    if (index->find(one, chunks)) CHECK(chunks == std::vector<std::uint32_t>{0, 1});
    if (index->find(all, chunks)) CHECK(chunks == every);
  }
}

}  // namespace
}  // namespace mcpgov::audit
#endif
