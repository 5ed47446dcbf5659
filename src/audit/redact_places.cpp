// Places in JSON, followed while a document is walked.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/redact_places.hpp"

#include <bit>

namespace mcpgov::audit {

namespace {

constexpr std::size_t kPlaces = 64;  // the bits of Bits
constexpr std::size_t kSegments = 32;

Error refused(std::string_view what, const std::string& pointer, const char* why) {
  return {ErrorCode::audit_capture, std::string(what) + ": `" + pointer + "` " + why, {}, 0, 0};
}

// RFC 6901 section 4: ~1 is `/`, ~0 is `~`, and nothing else follows a `~`.
bool unescape(std::string_view segment, std::string& out) {
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      out += segment[i];
      continue;
    }
    if (++i == segment.size() || (segment[i] != '0' && segment[i] != '1')) return false;
    out += segment[i] == '0' ? '~' : '/';
  }
  return true;
}

}  // namespace

Result<Places> Places::make(const std::vector<std::string>& pointers, std::string_view what) {
  Places out;
  for (const std::string& pointer : pointers) {
    if (pointer.empty()) {
      out.root_ = true;
      continue;
    }
    if (pointer[0] != '/')
      return refused(what, pointer, "is no JSON pointer: it begins with no `/`");
    std::vector<std::string>& segments = out.places_.emplace_back();
    for (std::size_t at = 0; at < pointer.size();) {
      const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
      if (!unescape(std::string_view(pointer).substr(at + 1, end - at - 1),
                    segments.emplace_back())) {
        return refused(what, pointer, "has a `~` without 0 or 1 behind it");
      }
      at = end;
    }
    if (segments.size() > kSegments) return refused(what, pointer, "has more than 32 segments");
    if (out.places_.size() > kPlaces) return refused(what, pointer, "is one more than 64 places");
  }
  return out;
}

Places::Bits Places::all() const noexcept {
  return places_.size() == kPlaces ? ~Bits{0} : (Bits{1} << places_.size()) - 1;
}

Places::Bits Places::enter(Bits bits, std::size_t depth, std::string_view name,
                           bool& here) const noexcept {
  Bits out = 0;
  here = false;
  for (Bits rest = bits; rest != 0; rest &= rest - 1) {
    const auto index = static_cast<std::size_t>(std::countr_zero(rest));
    const std::vector<std::string>& segments = places_[index];
    if (depth >= segments.size() || (segments[depth] != "*" && segments[depth] != name)) continue;
    out |= Bits{1} << index;
    here = here || segments.size() == depth + 1;
  }
  return out;
}

}  // namespace mcpgov::audit
