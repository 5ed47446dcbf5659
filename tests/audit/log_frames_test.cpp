// What a log writes about itself, as text.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_frames.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/frame.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using nlohmann::json;

TEST_CASE("log frames: the first record says what the log is and which others there were") {
  LogSettings settings;
  settings.directory = "/secret/place";
  settings.capture.rules = {{"pay_*", Level::redacted, Level::none, {"/amount"}, 0}};
  ConfigFrame config{1763620000123456, "b-1-u", "b-0-v", {{"old", 7, {0xab}}, {"empty", 0, {}}}};
  const json said = json::parse(config_payload(settings, config));
  CHECK(said["v"] == 1);
  CHECK(said["kind"] == "config");
  CHECK(said["time"] == "2025-11-20T06:26:40.123456Z");
  CHECK(said["log"] == "b-1-u");
  CHECK(said["parent"] == "b-0-v");
  CHECK(said["settings"]["mode"] == "ring");
  CHECK(said["settings"]["intent"] == json({"unclassified", "destructive"}));
  CHECK(said["settings"]["capture"]["rules"] == json({"pay_* redacted none /amount"}));
  CHECK(said["settings_digest"] == crypto::hex(settings_digest(settings)));
  CHECK(said["siblings"].size() == 2);
  CHECK(said["siblings"][0]["size"] == 7);
  CHECK(said["siblings"][0]["root"].get<std::string>().substr(0, 4) == "ab00");
  CHECK_FALSE(said["siblings"][1].contains("root"));
  CHECK(said.dump().find("/secret/place") == std::string::npos);

  settings.mode = Mode::durable;
  CHECK(said["settings_digest"] != crypto::hex(settings_digest(settings)));
}

TEST_CASE("log frames: whatever the settings and however many logs, a config fits into a frame") {
  LogSettings settings;
  settings.capture.rules.assign(5000, {std::string(500, 'x'), Level::full, Level::full, {}, 1});
  ConfigFrame config{0, std::string(100, 'n'), "", {}};
  config.siblings.assign(100000, {std::string(100, 's'), 1, {}});
  const std::string payload = config_payload(settings, config);
  CHECK(payload.size() <= kMaxPayload);
  const json said = json::parse(payload);
  CHECK(said["siblings"].size() == kMaxSiblings);
  CHECK(said["siblings_left_out"] == 100000 - kMaxSiblings);
  CHECK_FALSE(said.contains("settings"));
}

TEST_CASE("log frames: heartbeats, losses, steps of the clock and rewritten segments") {
  Health health;
  health.state = State::degraded;
  health.begun = 5;
  health.lost = 1;
  health.detail = "the disk \"is\" full";
  const json beat = json::parse(heartbeat_payload(health, 0));
  CHECK(beat["state"] == "degraded");
  CHECK(beat["begun"] == 5);
  CHECK(beat["lost"] == 1);
  CHECK(beat["detail"] == "the disk \"is\" full");
  CHECK(json::parse(loss_payload(2, 3, 0))["lost"] == 2);
  CHECK(json::parse(loss_payload(2, 3, 0))["missed"] == 3);
  CHECK(json::parse(clock_payload(-1500, 0))["step_ms"] == -1500);
  const json rewritten = json::parse(rewrite_payload("write: EIO", "0001.seg", 4, 0));
  CHECK(rewritten["kind"] == "recovery");
  CHECK(rewritten["from_seq"] == 4);
}
