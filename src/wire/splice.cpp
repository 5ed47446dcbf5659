// Editing accepted JSON in place of writing it anew.
// Tested by tests/wire/splice_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/splice.hpp"

#include <algorithm>
#include <functional>

#include "wire/spans.hpp"

namespace mcpgov::wire {

void Splice::start(std::string_view text) {
  text_ = text;
  edits_.clear();
  added_.clear();
  valid_ = true;
}

bool Splice::offset_of(std::string_view part, std::size_t& offset) noexcept {
  // std::less orders pointers of different arrays too, which the built-in operators do not.
  const std::less_equal<const char*> ordered;
  const char* end = text_.data() + text_.size();
  valid_ = valid_ && part.data() != nullptr && ordered(text_.data(), part.data()) &&
           ordered(part.data(), end) && part.size() <= static_cast<std::size_t>(end - part.data());
  if (valid_) offset = static_cast<std::size_t>(part.data() - text_.data());
  return valid_;
}

void Splice::replace(std::string_view value, std::string_view with) {
  std::size_t begin = 0;
  if (offset_of(value, begin)) edits_.push_back({begin, begin + value.size(), with, 0});
}

void Splice::remove_elements(std::string_view array, std::span<const unsigned char> marks) {
  std::size_t unused = 0;
  if (!offset_of(array, unused)) return;
  ElementSpans elements(array);
  std::size_t kept_end = 0;  // of the last element that stays
  bool any_kept = false;
  std::size_t removed_from = 0;  // of the run of removed elements that is open
  bool removing = false;
  std::size_t last_end = 0;
  std::string_view element;
  for (std::size_t i = 0; elements.next(element); ++i) {
    std::size_t begin = 0;
    if (!offset_of(element, begin)) return;
    const bool removed = i < marks.size() && marks[i] != 0;
    if (removed && !removing) removed_from = begin;
    if (!removed) {
      if (removing) edits_.push_back({removed_from, begin, {}, 0});
      kept_end = begin + element.size();
      any_kept = true;
    }
    removing = removed;
    last_end = begin + element.size();
  }
  // A run at the end takes the comma before it instead of the one behind.
  if (removing) edits_.push_back({any_kept ? kept_end : removed_from, last_end, {}, 0});
}

void Splice::set_members(std::string_view object, std::span<const Member> members) {
  std::size_t begin = 0;
  if (!offset_of(object, begin)) return;
  if (object.size() < 2 || object.front() != '{' || object.back() != '}') {
    valid_ = false;
    return;
  }
  std::size_t last_end = begin + 1;
  bool has_members = false;
  MemberSpans existing(object);
  for (MemberSpans::Member member; existing.next(member);) {
    has_members = true;
    if (!offset_of(member.value, last_end)) return;
    last_end += member.value.size();
  }
  std::string added;
  for (const Member& member : members) {
    std::string_view value;
    if (find_member(object, member.key, value)) {
      replace(value, member.value);
      continue;
    }
    if (has_members || !added.empty()) added += ',';
    ((((added += '"') += member.key) += "\":") += member.value);
  }
  if (added.empty()) return;
  added_.push_back(std::move(added));
  edits_.push_back({last_end, last_end, {}, added_.size()});
}

bool Splice::apply(std::string& out) {
  out.clear();
  if (!valid_) return false;
  // Equal begins: an insertion comes before the removal of what follows it.
  std::stable_sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::size_t at = 0;
  out.reserve(text_.size());
  for (const Edit& edit : edits_) {
    if (edit.begin < at) {
      out.clear();
      return false;
    }
    out.append(text_, at, edit.begin - at);
    out += edit.added != 0 ? std::string_view(added_[edit.added - 1]) : edit.with;
    at = edit.end;
  }
  out.append(text_, at);
  return true;
}

}  // namespace mcpgov::wire
