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

TEST_CASE("every value of every event is found at its place, and nowhere else") {
  const TemporaryFolder folder;
  const auto index = SegmentIndex::open(folder.write("a.idx", build()), sample_header());
  REQUIRE(index);
  CHECK(index->chunks().size() == 60);
  CHECK(index->last_seq() == 101 + 2400);
  CHECK(index->min_time_ns() == 5);
  CHECK(index->max_time_ns() == 1000 + 2500);
  CHECK(index->closed());
  std::vector<LeafRun> leaves;
  char id[33];
  for (std::uint64_t seq = 101; seq < 2501; ++seq) {
    std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(seq));
    const auto chunk = static_cast<std::uint32_t>((seq - 101) / 40);
    const auto leaf = static_cast<std::uint32_t>(seq - 101);
    REQUIRE(index->find(index_key(Field::id, id), leaves));
    CHECK(leaves == std::vector<LeafRun>{{leaf, 1}});
    REQUIRE(index->find(index_key(Field::session, "s-" + std::to_string(seq / 10)), leaves));
    const auto from = static_cast<std::uint32_t>(std::max(seq / 10 * 10, std::uint64_t{101}) - 101);
    const auto to =
        static_cast<std::uint32_t>(std::min(seq / 10 * 10 + 10, std::uint64_t{2501}) - 101);
    CHECK(leaves == std::vector<LeafRun>{{from, to - from}});
    const auto place = index->chunk_of(seq);
    REQUIRE(place);
    CHECK(place->seq == 101 + chunk * 40);
    CHECK(place->offset == 4096 + chunk * 1000);
  }
  REQUIRE(index->find(index_key(Field::target, "tool-2"), leaves));
  REQUIRE(leaves.size() == 600);
  for (std::uint32_t each = 0; each < 600; ++each) CHECK(leaves[each] == LeafRun{each * 4 + 1, 1});
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
    REQUIRE(index->find(index_key(field, value), leaves));
    CHECK(leaves == std::vector<LeafRun>{{0, 2400}});
  }
}

TEST_CASE("what is not there is not found, and a value only under its own field") {
  const TemporaryFolder folder;
  const auto index = SegmentIndex::open(folder.write("a.idx", build()), sample_header());
  REQUIRE(index);
  std::vector<LeafRun> leaves{{1, 1}};
  for (const auto& [field, value] : {std::pair{Field::session, "s-9"},
                                     {Field::session, "shop"},
                                     {Field::server, "s-11"},
                                     {Field::decision, "deny"}}) {
    REQUIRE(index->find(index_key(field, value), leaves));
    CHECK(leaves.empty());
  }
  CHECK_FALSE(index->chunk_of(100));
  CHECK_FALSE(index->chunk_of(2502));
  CHECK(index->chunk_of(2501));
}

TEST_CASE("what is in both of two lists of leaves, whichever of them is the shorter") {
  using Runs = std::vector<LeafRun>;
  struct Case {
    const char* name;
    Runs a, b, both;
  };
  const Case cases[] = {
      {"nothing", {}, {{0, 10}}, {}},
      {"side by side", {{0, 5}}, {{5, 5}}, {}},
      {"one within a run", {{7, 1}}, {{0, 10}}, {{7, 1}}},
      {"overlapping ends", {{0, 6}}, {{4, 6}}, {{4, 2}}},
      {"several in one", {{1, 1}, {3, 2}, {9, 4}}, {{2, 9}}, {{3, 2}, {9, 2}}},
      {"the same", {{1, 2}, {5, 1}}, {{1, 2}, {5, 1}}, {{1, 2}, {5, 1}}},
      {"up to the largest", {{0x7FFFFFFF, 1}}, {{0, 0x80000000}}, {{0x7FFFFFFF, 1}}},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.name));
    CHECK(in_both(each.a, each.b) == each.both);
    CHECK(in_both(each.b, each.a) == each.both);
  }
}

TEST_CASE("leaves that are no events, and values that come again, are kept apart") {
  const TemporaryFolder folder;
  IndexBuilder builder;
  EventParser parser;
  builder.begin_chunk(4096);
  for (std::uint64_t seq = 101; seq < 121; ++seq) {
    const std::string text = test::event_text(seq, "s", seq % 5 == 0 ? "b" : "a");
    ParsedEvent event;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    builder.add({seq, seq, FrameType::event, 0, text}, seq == 110 ? nullptr : &event);
  }
  const auto index = SegmentIndex::open(
      folder.write("a.idx", builder.finish(sample_header(), true)), sample_header());
  REQUIRE(index);
  std::vector<LeafRun> leaves;
  REQUIRE(index->find(index_key(Field::session, "s"), leaves));
  CHECK(leaves == std::vector<LeafRun>{{0, 9}, {10, 10}});
  REQUIRE(index->find(index_key(Field::target, "a"), leaves));
  CHECK(leaves == std::vector<LeafRun>{{0, 4}, {5, 4}, {10, 4}, {15, 4}});
  REQUIRE(index->find(index_key(Field::target, "b"), leaves));
  CHECK(leaves == std::vector<LeafRun>{{4, 1}, {14, 1}, {19, 1}});
}

TEST_CASE("an index of a segment without events is one") {
  const TemporaryFolder folder;
  IndexBuilder builder;
  const auto index = SegmentIndex::open(
      folder.write("a.idx", builder.finish(sample_header(), false)), sample_header());
  REQUIRE(index);
  CHECK_FALSE(index->closed());
  std::vector<LeafRun> leaves;
  CHECK(index->find(index_key(Field::id, "x"), leaves));
  CHECK(leaves.empty());
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
  std::vector<LeafRun> leaves;
  const std::uint64_t one = index_key(Field::session, "s-14"),
                      some = index_key(Field::target, "tool-2"),
                      all = index_key(Field::tenant, "acme");
  std::vector<LeafRun> fourth;
  for (std::uint32_t each = 0; each < 600; ++each) fourth.push_back({each * 4 + 1, 1});
  // Pages are large and alike; of the lists behind them every byte is turned.
  const std::size_t lists = good.size() - 2000;
  for (std::size_t byte = 0; byte < good.size(); byte += byte < lists ? 7 : 1) {
    std::string turned = good;
    turned[byte] = static_cast<char>(turned[byte] ^ (1 << (byte % 8)));
    const auto index = SegmentIndex::open(folder.write("a.idx", turned), sample_header());
    if (!index) continue;
    CAPTURE(byte);
    CHECK(byte >= 128 + 60 * 16);
    if (index->find(one, leaves)) CHECK(leaves == std::vector<LeafRun>{{39, 10}});
    if (index->find(some, leaves)) CHECK(leaves == fourth);
    if (index->find(all, leaves)) CHECK(leaves == std::vector<LeafRun>{{0, 2400}});
  }
}

}  // namespace
}  // namespace mcpgov::audit
#endif
