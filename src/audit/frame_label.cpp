// Comparing frames with the beginning of their records, which events have in a fixed form.
// Tested by tests/audit/frame_label_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_label.hpp"

#include <cstring>
#include <string_view>

#include "base/os_time.hpp"

namespace mcpgov::audit {
namespace {

struct Kind {
  std::string_view name;
  FrameType type;
};
constexpr Kind kKinds[] = {
    {"call", FrameType::event},          {"intent", FrameType::intent},
    {"heartbeat", FrameType::heartbeat}, {"clock", FrameType::heartbeat},
    {"config", FrameType::config},       {"loss", FrameType::loss},
    {"recovery", FrameType::recovery},
};

// Takes `before` off the text. False: it does not begin so.
bool take(std::string_view& text, std::string_view before) noexcept {
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  return true;
}

}  // namespace

bool FrameLabels::is_time(const char* text, std::uint64_t time_ns) noexcept {
  const std::uint64_t time_us = time_ns / 1000;
  if (second_ != time_us / 1'000'000 || written_[0] == 0) {
    char whole[kTimestampSize];
    write_timestamp(time_us, whole);
    std::memcpy(written_, whole, sizeof written_);
    second_ = time_us / 1'000'000;
  }
  if (std::memcmp(text, written_, sizeof written_) != 0) return false;
  std::uint64_t fraction = 0;
  for (std::size_t at = sizeof written_; at < kTimestampSize - 1; ++at) {
    fraction = fraction * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  return fraction == time_us % 1'000'000 && time_ns % 1000 == 0;
}

bool FrameLabels::fit(const Frame& frame) noexcept {
  std::string_view text = frame.payload;
  if (!take(text, R"({"v":1,"kind":")")) return true;
  const std::string_view name = text.substr(0, text.substr(0, 16).find('"'));
  for (const Kind& kind : kKinds) {
    if (kind.name != name) continue;
    if (kind.type != frame.type) return false;
    if (kind.type != FrameType::event && kind.type != FrameType::intent) return true;
    text.remove_prefix(name.size());
    // An id of ours needs no escapes.
    constexpr std::size_t kId = 32;
    if (!take(text, R"(","id":")") || text.size() < kId) return true;
    text.remove_prefix(kId);
    if (!take(text, R"(","time":")") || text.size() < kTimestampSize) return true;
    return is_time(text.data(), frame.time_ns);
  }
  return true;
}

}  // namespace mcpgov::audit
