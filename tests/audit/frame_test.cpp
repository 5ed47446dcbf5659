// Frames and segment headers: what is written is read back, and nothing else is.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/tree.hpp"

namespace mcpgov::audit {
namespace {

constexpr std::uint32_t kSalt = 0xA1B2C3D4;

std::string frame_of(std::string_view payload, FrameType type = FrameType::event) {
  std::string out;
  append_frame(out, {7, 1'763'620'000'000'000'000, type, kRedacted, payload}, kSalt);
  return out;
}

FrameState state_of(std::string_view bytes) {
  Frame frame;
  const char* why = nullptr;
  return parse_frame(bytes, kSalt, frame, why);
}

SegmentHeader sample_header() {
  SegmentHeader header;
  header.log_uuid[0] = 0xAB;
  header.first_seq = 8;
  header.created_ns = 1'763'620'000'000'000'000;
  header.salt = kSalt;
  header.previous_salt = 3;
  header.tree_size = 7;
  Tree tree;
  for (int each = 0; each < 7; ++each) tree.append(leaf_hash("x"));
  header.root = tree.root();
  header.edge.assign(tree.edge().begin(), tree.edge().end());
  header.previous_segment[1] = 1;
  header.settings[2] = 2;
  header.origin = "acme.example/log";
  return header;
}

TEST_CASE("a frame comes back as it was written") {
  for (const std::size_t size : {1U, 7U, 8U, 9U, 1000U, 60U * 1024U}) {
    CAPTURE(size);
    const std::string payload(size, 'p');
    const std::string bytes = frame_of(payload) + "next";
    Frame frame;
    const char* why = nullptr;
    REQUIRE(parse_frame(bytes, kSalt, frame, why) == FrameState::whole);
    CHECK(frame.payload == payload);
    CHECK(frame.seq == 7);
    CHECK(frame.time_ns == 1'763'620'000'000'000'000);
    CHECK(frame.type == FrameType::event);
    CHECK(frame.flags == kRedacted);
    CHECK(bytes.size() == frame_size(size) + 4);
    CHECK(frame_size(size) % 8 == 0);
  }
}

TEST_CASE("the bytes of a frame are those of the format, on every machine") {
  std::string bytes;
  append_frame(bytes, {0x0102030405060708, 0x1112131415161718, FrameType::sync, 0x2122, "abc"},
               kSalt);
  const std::string expected = std::string("\x03\0\0\0", 4) + "\x08\x07\x06\x05\x04\x03\x02\x01" +
                               "\x18\x17\x16\x15\x14\x13\x12\x11" +
                               std::string("\x08\x00\x22\x21", 4) + "\xD4\xC3\xB2\xA1" + "abc" +
                               std::string(5, '\0');
  CHECK(bytes.substr(4) == expected);
}

TEST_CASE("a bit that turned anywhere in a frame is noticed") {
  const std::string bytes = frame_of("{\"v\":1}");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string turned = bytes;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    CHECK(state_of(turned) != FrameState::whole);
  }
}

TEST_CASE("what is no frame has a state of its own") {
  const std::string bytes = frame_of("{\"v\":1}");
  CHECK(state_of("") == FrameState::cut_short);
  CHECK(state_of(std::string(4096, '\0')) == FrameState::blank);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(state_of(std::string_view(bytes).substr(0, size)) == FrameState::cut_short);
  }
  Frame frame;
  const char* why = nullptr;
  CHECK(parse_frame(bytes, kSalt + 1, frame, why) == FrameState::bad);
  CHECK(std::string_view(why) == "the frame is of another segment");
  std::string long_one = bytes;
  long_one.replace(4, 4, "\xFF\xFF\xFF\xFF");
  CHECK(state_of(long_one) == FrameState::bad);
  const std::uint32_t beyond = kMaxPayload + 1;
  std::memcpy(long_one.data() + 4, &beyond, sizeof beyond);
  CHECK(state_of(long_one) == FrameState::bad);
}

TEST_CASE("types and codings that are not known are refused, with a sum that fits") {
  for (const unsigned type : {0U, 10U, 255U}) {
    CHECK(state_of(frame_of("x", static_cast<FrameType>(type))) == FrameState::bad);
  }
  for (unsigned type = 1; type <= 9; ++type) {
    CHECK(state_of(frame_of("x", static_cast<FrameType>(type))) == FrameState::whole);
  }
}

TEST_CASE("frames move to another segment with their content") {
  std::string frames;
  for (const std::string_view payload : {"a", "bcdefghi", "{\"v\":1,\"kind\":\"call\"}"}) {
    append_frame(frames, {7, 9, FrameType::event, 0, payload}, kSalt);
  }
  std::string expected;
  for (const std::string_view payload : {"a", "bcdefghi", "{\"v\":1,\"kind\":\"call\"}"}) {
    append_frame(expected, {7, 9, FrameType::event, 0, payload}, 99);
  }
  reseal_frames(frames, 99);
  CHECK(frames == expected);
  std::string torn = expected.substr(0, expected.size() - 9);
  reseal_frames(torn, kSalt);
  CHECK(torn.size() == expected.size() - 9);
}

TEST_CASE("a segment's header comes back as it was written") {
  const SegmentHeader header = sample_header();
  std::string page = "before";
  append_segment_header(page, header);
  CHECK(page.size() == 6 + kSegmentHeader);
  SegmentHeader read;
  REQUIRE(parse_segment_header(std::string_view(page).substr(6), read) == nullptr);
  CHECK(read.log_uuid == header.log_uuid);
  CHECK(read.first_seq == 8);
  CHECK(read.created_ns == header.created_ns);
  CHECK(read.salt == kSalt);
  CHECK(read.previous_salt == 3);
  CHECK(read.tree_size == 7);
  CHECK(read.root == header.root);
  CHECK(read.edge == header.edge);
  CHECK(read.previous_segment == header.previous_segment);
  CHECK(read.settings == header.settings);
  CHECK(read.origin == header.origin);
}

TEST_CASE("a bit that turned anywhere in a header is noticed") {
  std::string page;
  append_segment_header(page, sample_header());
  SegmentHeader read;
  // Each byte once, with another bit each: all of them would be 32,768 sums of a page.
  for (std::size_t byte = 0; byte < page.size(); ++byte) {
    std::string turned = page;
    turned[byte] = static_cast<char>(turned[byte] ^ (1 << (byte % 8)));
    CAPTURE(byte);
    CHECK(parse_segment_header(turned, read) != nullptr);
  }
  CHECK(parse_segment_header(page.substr(0, 4095), read) != nullptr);
}

TEST_CASE("numbers of a header that contradict each other are refused, with a sum that fits") {
  SegmentHeader header = sample_header();
  SegmentHeader read;
  for (const std::uint64_t first : {0ULL, 1ULL, 7ULL, 9ULL}) {
    header.first_seq = first;
    std::string page;
    append_segment_header(page, header);
    CHECK(std::string_view(parse_segment_header(page, read)) ==
          "the header's numbers contradict each other");
  }
  header.first_seq = 0;
  header.tree_size = ~0ULL;
  header.edge.assign(100, {});
  header.origin.assign(5000, 'o');
  std::string page;
  append_segment_header(page, header);
  CHECK(page.size() == kSegmentHeader);
}

TEST_CASE("the link of a segment depends on its header and its trailer") {
  SegmentHeader header = sample_header();
  const crypto::Digest link = segment_link(header, "{}");
  CHECK(link == segment_link(header, "{}"));
  CHECK(link != segment_link(header, ""));
  header.created_ns += 1;
  CHECK(link != segment_link(header, "{}"));
  Trailer trailer;
  trailer.first_seq = 8;
  trailer.last_seq = 9;
  CHECK(trailer_payload(trailer) ==
        "{\"v\":1,\"kind\":\"trailer\",\"first_seq\":8,\"last_seq\":9,\"min_time_ns\":0,"
        "\"max_time_ns\":0,\"time_ns\":0,\"root\":\"" +
            std::string(64, '0') + "\"}");
}

}  // namespace
}  // namespace mcpgov::audit
