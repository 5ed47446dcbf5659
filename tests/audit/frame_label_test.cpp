// Tests of src/audit/frame_label.hpp, with events as the log writes them.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_label.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/event.hpp"
#include "audit/log_frames.hpp"
#include "audit/log_support.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

std::string event_at(std::uint64_t time_us, bool intent = false) {
  test::Sample sample;
  sample.record.time_us = time_us;
  Event event;
  event.kind = intent ? EventKind::intent : EventKind::final;
  event.record = &sample.record;
  event.completion = intent ? nullptr : &sample.completion;
  std::string out;
  append_event(out, event);
  return out;
}

bool fits(FrameType type, std::uint64_t time_ns, std::string_view payload) {
  FrameLabels labels;
  return labels.fit({1, time_ns, type, 0, payload});
}

TEST_CASE("frame labels: the time of an event, to the microsecond") {
  FrameLabels labels;
  for (const std::uint64_t time_us :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1'763'620'000'123'456},
        std::uint64_t{1'763'620'000'999'999}, std::uint64_t{1'763'620'001'000'000},
        std::uint64_t{4'107'542'400'000'000}}) {
    CAPTURE(time_us);
    const std::string text = event_at(time_us);
    CHECK(labels.fit({1, time_us * 1000, FrameType::event, 0, text}));
    for (const std::uint64_t other :
         {time_us * 1000 + 1, (time_us + 1) * 1000, (time_us + 1'000'000) * 1000,
          (time_us + 86'400'000'000) * 1000, std::uint64_t{1'700'000'000'000'000'000}}) {
      CAPTURE(other);
      CHECK_FALSE(labels.fit({1, other, FrameType::event, 0, text}));
      CHECK(labels.fit({1, time_us * 1000, FrameType::event, 0, text}));
    }
  }
}

TEST_CASE("frame labels: the type of every record that a log writes") {
  const std::uint64_t time = 1'763'620'000'123'456;
  const struct {
    FrameType type;
    std::string payload;
  } cases[] = {
      {FrameType::event, event_at(time)},
      {FrameType::intent, event_at(time, true)},
      {FrameType::heartbeat, heartbeat_payload({}, time)},
      {FrameType::heartbeat, clock_payload(-7, time)},
      {FrameType::config, config_payload({}, {time, "log", {}, {}})},
      {FrameType::loss, loss_payload(1, 2, time)},
      {FrameType::recovery, rewrite_payload("write", "s", 1, time)},
  };
  for (const auto& c : cases) {
    CAPTURE(c.payload);
    for (const FrameType type : {FrameType::event, FrameType::intent, FrameType::heartbeat,
                                 FrameType::config, FrameType::loss, FrameType::recovery}) {
      CHECK(fits(type, time * 1000, c.payload) == (type == c.type));
    }
  }
}

TEST_CASE("frame labels: records of another form are let pass, and none is read past its end") {
  const std::string text = event_at(1'763'620'000'123'456);
  for (std::size_t size = 0; size < 100; ++size) {
    CAPTURE(size);
    // In memory of its own, where a sanitizer sees its end.
    const std::string part = text.substr(0, size);
    const bool has_time = size >= text.find("\"tenant\"") - 2;
    if (!has_time) CHECK(fits(FrameType::event, 5, part));
  }
  CHECK(fits(FrameType::event, 5, R"({"v":2,"kind":"call"})"));
  CHECK(fits(FrameType::event, 5, R"({"v":1,"kind":"a kind that is longer than ours"})"));
  CHECK(fits(FrameType::event, 5, R"({"v":1,"kind":"unknown"})"));
}

}  // namespace
