// Looking up keys in an index, of which every byte may be wrong.
// Tested by tests/audit/segment_index_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/segment_index.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "audit/index_layout.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace mcpgov::audit {

using namespace index_layout;

namespace {

std::uint64_t key_at(std::string_view page, std::size_t entry) noexcept {
  char bytes[8] = {};
  std::memcpy(bytes, page.data() + kPageHeader + entry * kEntry, kKeyBytes);
  return get_little<std::uint64_t>(bytes);
}

std::uint32_t sum_of(std::string_view bytes) noexcept {
  return crc32c(0, bytes);
}

bool read_varint(std::string_view& bytes, std::uint32_t& number) noexcept {
  number = 0;
  for (unsigned shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 28 && byte > 0x0F) return false;
    number |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

Error damaged(const std::string& path) {
  return {ErrorCode::audit_damaged, "the index `" + path + "` is damaged", path, 0, 0};
}

}  // namespace

std::vector<LeafRun> in_both(const std::vector<LeafRun>& a, const std::vector<LeafRun>& b) {
  std::vector<LeafRun> out;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::uint32_t first = std::max(a[i].first, b[j].first);
    const std::uint64_t end = std::min(a[i].end(), b[j].end());
    if (first < end) out.push_back({first, static_cast<std::uint32_t>(end - first)});
    ++(a[i].end() < b[j].end() ? i : j);
  }
  return out;
}

Result<SegmentIndex> SegmentIndex::open(const std::string& path, const SegmentHeader& segment) {
  SegmentIndex index;
  std::uint64_t bytes = 0, changed_ns = 0;
  std::array<char, kHeader> head;
  std::size_t got = 0;
  int error = index.file_.open(path);
  if (error == 0) error = index.file_.stat(bytes, changed_ns);
  if (error == 0) error = index.file_.read_at(0, head, got);
  if (error != 0) {
    return Error{ErrorCode::file_unreadable, "cannot read `" + path + "`: " + io_error_text(error),
                 path, 0, 0};
  }
  const std::string_view header(head.data(), got);
  const bool is_one =
      got == kHeader && header.starts_with(kMagic) &&
      get_little<std::uint32_t>(head.data() + kVersionAt) == kVersion &&
      get_little<std::uint32_t>(head.data() + kSumAt) == sum_of(header.substr(kUuidAt));
  if (!is_one) return damaged(path);
  const auto* const uuid = reinterpret_cast<const char*>(segment.log_uuid.data());
  const bool same = header.substr(kUuidAt, 16) == std::string_view(uuid, 16) &&
                    get_little<std::uint64_t>(head.data() + kFirstSeqAt) == segment.first_seq &&
                    get_little<std::uint32_t>(head.data() + kSaltAt) == segment.salt;
  if (!same) return damaged(path);
  index.last_seq_ = get_little<std::uint64_t>(head.data() + kLastSeqAt);
  index.min_time_ns_ = get_little<std::uint64_t>(head.data() + kMinTimeAt);
  index.max_time_ns_ = get_little<std::uint64_t>(head.data() + kMaxTimeAt);
  const std::uint32_t chunks = get_little<std::uint32_t>(head.data() + kChunksAt);
  index.pages_ = get_little<std::uint32_t>(head.data() + kPagesAt);
  index.list_bytes_ = get_little<std::uint32_t>(head.data() + kListBytesAt);
  index.closed_ = get_little<std::uint32_t>(head.data() + kClosedAt) == 1;
  if (index.last_seq_ >= segment.first_seq) index.leaves_ = index.last_seq_ + 1 - segment.first_seq;
  if (chunks > kMaxIndexChunks || index.leaves_ > kListBit) return damaged(path);
  index.pages_at_ = kHeader + std::uint64_t{chunks} * kPlace;
  index.lists_at_ = index.pages_at_ + index.pages_ * kPage;
  if (index.lists_at_ + index.list_bytes_ != bytes) return damaged(path);
  std::string places(chunks * kPlace, '\0');
  error = index.file_.read_at(kHeader, places, got);
  const bool whole = error == 0 && got == places.size() &&
                     sum_of(places) == get_little<std::uint32_t>(head.data() + kPlacesSumAt);
  if (!whole) return damaged(path);
  for (std::size_t each = 0; each < chunks; ++each) {
    const char* const at = places.data() + each * kPlace;
    index.chunks_.push_back({get_little<std::uint64_t>(at), get_little<std::uint64_t>(at + 8)});
  }
  return index;
}

std::optional<SegmentIndex::Place> SegmentIndex::chunk_of(std::uint64_t seq) const {
  if (seq > last_seq_) return std::nullopt;
  const auto after =
      std::upper_bound(chunks_.begin(), chunks_.end(), seq,
                       [](std::uint64_t wanted, const Place& place) { return wanted < place.seq; });
  if (after == chunks_.begin()) return std::nullopt;
  return *(after - 1);
}

bool SegmentIndex::load_page(std::uint64_t page, std::string& into) const {
  into.resize(kPage);
  std::size_t got = 0;
  if (file_.read_at(pages_at_ + page * kPage, into, got) != 0 || got != kPage) return false;
  const std::size_t count = get_little<std::uint32_t>(into.data() + 4);
  return get_little<std::uint32_t>(into.data()) == sum_of(std::string_view(into).substr(4)) &&
         count != 0 && count <= kPageEntries;
}

bool SegmentIndex::find(std::uint64_t key, std::vector<LeafRun>& leaves) const {
  leaves.clear();
  std::string page;
  std::uint64_t low = 0, high = pages_;  // the page is in [low, high)
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (!load_page(middle, page)) return false;
    const std::size_t count = get_little<std::uint32_t>(page.data() + 4);
    if (key < key_at(page, 0)) {
      high = middle;
    } else if (key > key_at(page, count - 1)) {
      low = middle + 1;
    } else {
      std::size_t first = 0, last = count;
      while (first < last) {
        const std::size_t half = first + (last - first) / 2;
        if (key_at(page, half) < key) {
          first = half + 1;
        } else {
          last = half;
        }
      }
      if (first == count || key_at(page, first) != key) return true;
      const char* const at = page.data() + kPageHeader + first * kEntry + kKeyBytes;
      const std::uint32_t value = get_little<std::uint32_t>(at);
      if ((value & kListBit) != 0) return load_list(value & ~kListBit, leaves);
      if (value >= leaves_) return false;
      leaves.push_back({value, 1});
      return true;
    }
  }
  return true;
}

bool SegmentIndex::load_list(std::uint32_t at, std::vector<LeafRun>& leaves) const {
  char head[kListHeader];
  std::size_t got = 0;
  if (at + std::uint64_t{kListHeader} > list_bytes_) return false;
  if (file_.read_at(lists_at_ + at, head, got) != 0 || got != sizeof head) return false;
  const std::uint32_t bytes = get_little<std::uint32_t>(head + 4);
  const bool fits = bytes <= list_bytes_ - at - kListHeader && bytes <= kMaxListBytes;
  if (!fits) return false;
  std::string list(bytes, '\0');
  if (file_.read_at(lists_at_ + at + kListHeader, list, got) != 0 || got != bytes) return false;
  if (sum_of(list) != get_little<std::uint32_t>(head)) return false;
  std::string_view rest = list;
  std::uint64_t end = 0;  // of the run before
  while (!rest.empty()) {
    std::uint32_t step = 0, more = 0;
    if (!read_varint(rest, step) || (step < 2 && !leaves.empty())) return false;
    if ((step & 1) != 0 && !read_varint(rest, more)) return false;
    const std::uint64_t first = end + (step >> 1);
    end = first + 1 + ((step & 1) != 0 ? std::uint64_t{more} + 1 : 0);
    if (end > leaves_) return false;
    leaves.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - first)});
  }
  return true;
}

}  // namespace mcpgov::audit
