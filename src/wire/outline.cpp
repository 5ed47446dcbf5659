// The walk over tape and structural indexes.
// Tested by tests/wire/strictness_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/outline.hpp"

#include <algorithm>
#include <cstring>

namespace mcpgov::wire {
namespace {

// Up to this many keys are compared in pairs; beyond it the keys are sorted once, so that a huge
// object costs n log n. Objects of messages have fewer.
constexpr std::size_t kPairwise = 16;

void fault(Outline& out, ErrorCode code, std::uint32_t offset) noexcept {
  if (out.fault != ErrorCode::none) return;
  out.fault = code;
  out.fault_offset = offset;
}

}  // namespace

void Walk::start(const simdjson::dom::parser& parser, const char* bytes, std::uint32_t depth,
                 std::uint32_t members) {
  document_ = &parser.doc;
  structurals_ = parser.implementation->structural_indexes.get();
  bytes_ = bytes;
  next_ = 0;
  tape_ = 1;
  depth_limit_ = depth;
  members_left_ = members;
  outer_ = 0;
  exceeded = ErrorCode::none;
  frames_.clear();
  keys_.clear();
}

void Walk::shrink() {
  frames_ = {};
  keys_ = {};
}

void Walk::skip_bracket() noexcept {
  if (bytes_[position()] != ',') ++tape_;
  outer_ = 1;
  ++next_;
}

bool Walk::value(Outline& out) {
  out.present = 0;
  out.fault = ErrorCode::none;
  out.whole = {tape_, position(), 0};
  out.object = bytes_[position()] == '{';
  place_ = Place::top;
  do {
    switch (bytes_[position()]) {
      case '{':
      case '[':
        if (!open()) return false;
        break;
      case '}':
      case ']': close(out); break;
      case ',':
        end_member(out);
        place_ = place_of_elements(frames_.back().place);
        ++next_;
        break;
      case '"':
        // Only a key is followed by a colon.
        if (bytes_[structurals_[next_ + 1]] == ':') {
          if (!key(out)) return false;
          break;
        }
        [[fallthrough]];
      case 't':
      case 'f':
      case 'n':
        ++tape_;
        ++next_;
        break;
      default:  // a number and its value
        tape_ += 2;
        ++next_;
    }
  } while (!frames_.empty());
  if (out.whole.end == 0) out.whole.end = end_before(position());  // a scalar
  return true;
}

bool Walk::open() {
  if (frames_.size() + outer_ >= depth_limit_) {
    exceeded = ErrorCode::message_too_deep;
    return false;
  }
  const auto first = static_cast<std::uint32_t>(keys_.size());
  frames_.push_back({0, first, place_, Slot::noted});
  place_ = place_of_elements(place_);
  ++tape_;
  ++next_;
  return true;
}

void Walk::close(Outline& out) {
  end_member(out);
  const Frame& frame = frames_.back();
  if (keys_.size() - frame.first_key > kPairwise) check_many(out, frame);
  keys_.resize(frame.first_key);
  frames_.pop_back();
  if (frames_.empty()) out.whole.end = position() + 1;
  ++tape_;
  ++next_;
}

// The end of a value in front of the comma or bracket at `next`.
std::uint32_t Walk::end_before(std::uint32_t next) const noexcept {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (space(bytes_[next - 1])) --next;
  return next;
}

void Walk::end_member(Outline& out) noexcept {
  Frame& frame = frames_.back();
  if (frame.open == Slot::noted) return;
  out.slots[static_cast<std::size_t>(frame.open)].end = end_before(position());
  frame.open = Slot::noted;
}

bool Walk::key(Outline& out) {
  if (members_left_ == 0) {
    exceeded = ErrorCode::message_too_many_members;
    return false;
  }
  --members_left_;
  const std::string_view name = simdjson::internal::tape_ref(document_, tape_).get_string_view();
  Frame& frame = frames_.back();
  keys_.push_back(
      {name.data(), static_cast<std::uint32_t>(name.size()), position(), signature_of(name)});
  check_duplicate(out, frame);
  ++tape_;
  next_ += 2;  // the key and its colon
  place_ = place_of_elements(frame.place);
  if (frame.place == Place::other) return true;

  const MemberMatch& match = match_member(frame.place, name, keys_.back().signature);
  if (match.likeness == Likeness::variant) {
    fault(out, ErrorCode::member_case_variant, keys_.back().offset);
  } else if (match.likeness == Likeness::exact) {
    place_ = match.inside;
    frame.open = match.slot;
    if (match.slot == Slot::noted) return true;
    out.present |= std::uint64_t{1} << static_cast<unsigned>(match.slot);
    out.slots[static_cast<std::size_t>(match.slot)] = {tape_, position(), 0};
  }
  return true;
}

void Walk::check_duplicate(Outline& out, Frame& frame) noexcept {
  const Key& added = keys_.back();
  // The product spreads the signature over its upper bits (2^32 / golden ratio).
  const std::uint64_t bit = std::uint64_t{1} << (added.signature * 0x9e3779b9U >> 26);
  const bool perhaps = (frame.seen & bit) != 0;
  frame.seen |= bit;
  const std::size_t count = keys_.size() - frame.first_key;
  if (!perhaps || count > kPairwise) return;  // many are sorted when the object closes
  for (std::size_t i = frame.first_key; i + 1 < keys_.size(); ++i) {
    if (keys_[i].signature == added.signature && keys_[i].view() == added.view()) {
      fault(out, ErrorCode::duplicate_member, added.offset);
    }
  }
}

void Walk::check_many(Outline& out, const Frame& frame) {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(frame.first_key);
  std::sort(first, keys_.end(), [](const Key& a, const Key& b) {
    if (a.signature != b.signature) return a.signature < b.signature;
    return a.view() < b.view();
  });
  const auto twice = std::adjacent_find(
      first, keys_.end(), [](const Key& a, const Key& b) { return a.view() == b.view(); });
  if (twice == keys_.end()) return;
  fault(out, ErrorCode::duplicate_member, std::max(twice->offset, std::next(twice)->offset));
}

}  // namespace mcpgov::wire
