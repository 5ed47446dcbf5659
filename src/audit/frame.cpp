// Writing and reading the bytes of segment files, little-endian on every machine.
// Tested by tests/audit/frame_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/crc32c.hpp"
#include "base/json_writer.hpp"
#include "base/little_endian.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::string_view kMagic = "MCPGVSEG";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxOrigin = 1024;
constexpr std::size_t kMaxEdge = 64;
// Places in the header page.
constexpr std::size_t kVersionAt = 8, kSumAt = 12, kUuidAt = 16, kFirstSeqAt = 32, kCreatedAt = 40,
                      kSaltAt = 48, kFormerSaltAt = 52, kTreeSizeAt = 56, kRootAt = 64,
                      kFormerAt = 96, kSettingsAt = 128, kOriginSizeAt = 160, kOriginAt = 162,
                      kEdgeAt = 2048;
static_assert(kOriginAt + kMaxOrigin <= kEdgeAt && kEdgeAt + kMaxEdge * 32 == kSegmentHeader);

// The sum of bytes that hold sums themselves says little; RocksDB and LevelDB therefore turn it
// by 15 bits and add a constant (util/crc32c.h, Mask).
std::uint32_t masked(std::uint32_t sum) noexcept {
  return std::rotr(sum, 15) + 0xA282EAD8U;
}

std::uint32_t frame_sum(const char* frame, std::size_t payload, std::uint32_t salt) noexcept {
  char seed[4];
  put_little(seed, salt);
  const std::uint32_t seeded = crc32c(0, {seed, sizeof seed});
  return masked(crc32c(seeded, {frame + 4, kFrameHeader - 4 + payload}));
}

std::uint32_t header_sum(std::string_view page) noexcept {
  return masked(crc32c(crc32c(0, page.substr(0, kSumAt)), page.substr(kSumAt + 4)));
}

void put_digest(char* at, const crypto::Digest& digest) noexcept {
  std::memcpy(at, digest.data(), digest.size());
}

crypto::Digest get_digest(const char* at) noexcept {
  crypto::Digest digest;
  std::memcpy(digest.data(), at, digest.size());
  return digest;
}

bool is_zero(std::string_view bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](char each) { return each == 0; });
}

}  // namespace

const char* const kWrongSum = "the frame's checksum is wrong";

void append_segment_header(std::string& out, const SegmentHeader& header) {
  const std::size_t begin = out.size();
  out.append(kSegmentHeader, '\0');
  char* const page = out.data() + begin;
  std::memcpy(page, kMagic.data(), kMagic.size());
  put_little(page + kVersionAt, kVersion);
  std::memcpy(page + kUuidAt, header.log_uuid.data(), header.log_uuid.size());
  put_little(page + kFirstSeqAt, header.first_seq);
  put_little(page + kCreatedAt, header.created_ns);
  put_little(page + kSaltAt, header.salt);
  put_little(page + kFormerSaltAt, header.previous_salt);
  put_little(page + kTreeSizeAt, header.tree_size);
  put_digest(page + kRootAt, header.root);
  put_digest(page + kFormerAt, header.previous_segment);
  put_digest(page + kSettingsAt, header.settings);
  const std::size_t origin = std::min(header.origin.size(), kMaxOrigin);
  put_little(page + kOriginSizeAt, static_cast<std::uint16_t>(origin));
  std::memcpy(page + kOriginAt, header.origin.data(), origin);
  for (std::size_t each = 0; each < std::min(header.edge.size(), kMaxEdge); ++each) {
    put_digest(page + kEdgeAt + each * 32, header.edge[each]);
  }
  put_little(page + kSumAt, header_sum({page, kSegmentHeader}));
}

const char* parse_segment_header(std::string_view page, SegmentHeader& header) {
  if (page.size() < kSegmentHeader) return "the file ends within its header";
  page = page.substr(0, kSegmentHeader);
  const char* const at = page.data();
  if (page.substr(0, kMagic.size()) != kMagic) return "the file is no segment";
  if (get_little<std::uint32_t>(at + kVersionAt) != kVersion)
    return "the segment has another version";
  if (get_little<std::uint32_t>(at + kSumAt) != header_sum(page))
    return "the header's checksum is wrong";
  const std::size_t origin = get_little<std::uint16_t>(at + kOriginSizeAt);
  if (origin > kMaxOrigin) return "the origin is too long";
  std::memcpy(header.log_uuid.data(), at + kUuidAt, header.log_uuid.size());
  header.first_seq = get_little<std::uint64_t>(at + kFirstSeqAt);
  header.created_ns = get_little<std::uint64_t>(at + kCreatedAt);
  header.salt = get_little<std::uint32_t>(at + kSaltAt);
  header.previous_salt = get_little<std::uint32_t>(at + kFormerSaltAt);
  header.tree_size = get_little<std::uint64_t>(at + kTreeSizeAt);
  header.root = get_digest(at + kRootAt);
  header.previous_segment = get_digest(at + kFormerAt);
  header.settings = get_digest(at + kSettingsAt);
  header.origin.assign(at + kOriginAt, origin);
  // Numbers count from 1, so the tree before a segment holds all that came before it.
  if (header.first_seq == 0 || header.tree_size != header.first_seq - 1) {
    return "the header's numbers contradict each other";
  }
  const auto edge = static_cast<std::size_t>(std::popcount(header.tree_size));
  header.edge.clear();
  for (std::size_t each = 0; each < edge; ++each) {
    header.edge.push_back(get_digest(at + kEdgeAt + each * 32));
  }
  return nullptr;
}

void append_frame(std::string& out, const Frame& frame, std::uint32_t salt) {
  const std::size_t begin = out.size();
  const std::size_t payload = std::min(frame.payload.size(), kMaxPayload);
  const std::size_t whole = frame_size(payload);
  // Room for the header only is set first: the payload is written once.
  out.resize(begin + kFrameHeader);
  out.append(frame.payload.data(), payload);
  out.append(whole - kFrameHeader - payload, '\0');
  char* const at = out.data() + begin;
  put_little(at + 4, static_cast<std::uint32_t>(payload));
  put_little(at + 8, frame.seq);
  put_little(at + 16, frame.time_ns);
  at[24] = static_cast<char>(frame.type);
  at[25] = 0;  // codec: the payload as it is
  put_little(at + 26, frame.flags);
  put_little(at + 28, salt);
  put_little(at, frame_sum(at, payload, salt));
}

FrameState parse_frame(std::string_view bytes, std::uint32_t salt, Frame& frame,
                       const char*& why) noexcept {
  if (bytes.size() < 8) return FrameState::cut_short;
  const char* const at = bytes.data();
  const std::size_t payload = get_little<std::uint32_t>(at + 4);
  if (payload == 0) return FrameState::blank;
  const auto bad = [&why](const char* reason) {
    why = reason;
    return FrameState::bad;
  };
  if (payload > kMaxPayload) return bad("the frame's length is out of range");
  if (bytes.size() < frame_size(payload)) return FrameState::cut_short;
  if (get_little<std::uint32_t>(at + 28) != salt) return bad("the frame is of another segment");
  if (get_little<std::uint32_t>(at) != frame_sum(at, payload, salt)) {
    return bad(kWrongSum);
  }
  const auto type = static_cast<unsigned char>(at[24]);
  if (type == 0 || type > static_cast<unsigned char>(FrameType::intent)) {
    return bad("the frame's type is not known");
  }
  if (at[25] != 0) return bad("the frame's coding is not known");
  const std::size_t end = kFrameHeader + payload;
  if (!is_zero(bytes.substr(end, frame_size(payload) - end))) {
    return bad("bytes behind the frame are not zero");
  }
  frame.seq = get_little<std::uint64_t>(at + 8);
  frame.time_ns = get_little<std::uint64_t>(at + 16);
  frame.type = static_cast<FrameType>(type);
  frame.flags = get_little<std::uint16_t>(at + 26);
  frame.payload = bytes.substr(kFrameHeader, payload);
  return FrameState::whole;
}

std::string_view next_payload(std::string_view frames, std::size_t& at) noexcept {
  const std::size_t size = get_little<std::uint32_t>(frames.data() + at + 4);
  const std::string_view payload = frames.substr(at + kFrameHeader, size);
  at += frame_size(size);
  return payload;
}

void reseal_frames(std::string& frames, std::uint32_t salt) noexcept {
  std::size_t begin = 0;
  while (begin + kFrameHeader <= frames.size()) {
    char* const at = frames.data() + begin;
    const std::size_t payload = get_little<std::uint32_t>(at + 4);
    if (payload > frames.size() - begin - kFrameHeader) return;
    put_little(at + 28, salt);
    put_little(at, frame_sum(at, payload, salt));
    begin += frame_size(payload);
  }
}

crypto::Digest segment_link(const SegmentHeader& header, std::string_view trailer) {
  std::string bytes;
  append_segment_header(bytes, header);
  bytes += trailer;
  return crypto::sha256(bytes);
}

std::string trailer_payload(const Trailer& trailer) {
  std::string out;
  JsonWriter json(out);
  json.number("v", 1);
  json.string("kind", "trailer");
  json.number("first_seq", trailer.first_seq);
  json.number("last_seq", trailer.last_seq);
  json.number("min_time_ns", trailer.min_time_ns);
  json.number("max_time_ns", trailer.max_time_ns);
  json.number("time_ns", trailer.time_ns);
  json.string("root", crypto::hex(trailer.root));
  json.finish();
  return out;
}

}  // namespace mcpgov::audit
