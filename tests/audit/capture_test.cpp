// What is stored of arguments and results, level by level.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/capture.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/frame.hpp"
#include "crypto/hmac.hpp"

namespace mcpgov::audit {
namespace {

const std::string kSecret(32, 's');

Capture make(const CaptureSettings& settings) {
  auto made = Capture::make(settings, kSecret, nullptr, nullptr, nullptr);
  if (!made) FAIL(made.error().text());
  return *std::move(made);
}

CaptureSettings at(Level level) {
  CaptureSettings settings;
  settings.rules = {{"*", level, level}};
  return settings;
}

Content arguments(std::string_view text) {
  Content content;
  content.tool = "pay";
  content.text = text;
  content.bytes = text.size();
  return content;
}

// Digests depend on keys that other tests look at.
std::string without_digests(std::string json) {
  for (std::size_t at = 0; (at = json.find("k1:", at)) != std::string::npos; at += 3) {
    json.erase(at + 3, 32);
  }
  return json;
}

std::string stored(const CaptureSettings& settings, std::string_view text) {
  Capture capture = make(settings);
  return without_digests(std::string(capture(arguments(text)).json));
}

TEST_CASE("capture: without settings, sizes, a keyed digest and the names of members are stored") {
  CHECK(stored({}, R"({"to":"ann","sum":12})") ==
        R"({"bytes":21,"tokens":5,"tokens_by":"estimate","digest":"k1:","keys":["to","sum"]})");
}

TEST_CASE("capture: at level none there is nothing") {
  CHECK(stored(at(Level::none), R"({"to":"ann"})").empty());
}

TEST_CASE("capture: at level redacted secrets are replaced, and the rest stays") {
  CHECK(
      stored(at(Level::redacted), R"({"to":"ann", "password": "hunter2" })") ==
      R"({"bytes":36,"tokens":9,"tokens_by":"estimate","digest":"k1:","keys":["to","password"],)"
      R"("value":{"to":"ann","password":{"$redacted":"name:*password*","bytes":7,"digest":"k1:"}},)"
      R"("found":{"name":1}})");
}

TEST_CASE("capture: at level full everything stays but the places that are never stored") {
  CaptureSettings settings = at(Level::full);
  settings.drop = {"/card/number"};
  CHECK(stored(settings, R"({"card":{"number":"1","name":"a"},"password":"x"})")
            .find(R"("value":{"card":{"number":{"$redacted":"drop"},"name":"a"},"password":"x"},)"
                  R"("found":{"drop":1}})") != std::string::npos);
}

TEST_CASE("capture: at level fields only the chosen places are stored") {
  CaptureSettings settings = at(Level::fields);
  settings.rules[0].keep = {"/to", "/items/*/id"};
  CHECK(stored(settings, R"({"to":"ann","x":1,"items":[{"id":1,"n":2},{"n":3,"id":4},5]})")
            .find(R"("value":{"to":"ann","items":[{"id":1},{"id":4},{"$left_out":1}]}})") !=
        std::string::npos);
}

TEST_CASE("capture: the first rule that fits the tool counts, and none means metadata") {
  CaptureSettings settings;
  settings.rules = {{"pay_*", Level::none, Level::redacted},
                    {"pay_card", Level::full, Level::full},
                    {"get", Level::redacted, Level::none}};
  const Capture capture = make(settings);
  CHECK_FALSE(capture.wants("pay_card", false));
  CHECK(capture.wants("pay_card", true));
  CHECK(capture.wants("get", false));
  CHECK_FALSE(capture.wants("get", true));
  CHECK(capture.wants("Get", true));
  CHECK(capture.wants("", false));
}

TEST_CASE("capture: level full ends at its time") {
  CaptureSettings settings;
  settings.rules = {{"*", Level::full, Level::full, {}, 1000}};
  Capture capture = make(settings);
  const std::string text = R"({"password":"hunter2"})";
  Content content = arguments(text);
  content.time_s = 999;
  CHECK(std::string(capture(content).json).find("hunter2") != std::string::npos);
  content.time_s = 1000;
  CHECK(std::string(capture(content).json).find("hunter2") == std::string::npos);
}

TEST_CASE("capture: a digest is keyed by tenant and use, in the documented way") {
  // HMAC(HMAC(32 times `s`, "mcpgov digest v1" 0 use 0 tenant), text), by the plain function.
  const auto expected = [](std::string_view use, std::string_view tenant, std::string_view text) {
    std::string label = "mcpgov digest v1";
    label += '\0' + std::string(use) + '\0' + std::string(tenant);
    const crypto::Digest key = crypto::hmac_sha256(kSecret, label);
    const std::string_view bytes(reinterpret_cast<const char*>(key.data()), key.size());
    return "k1:" + crypto::hex(crypto::hmac_sha256(bytes, text)).substr(0, 32);
  };
  Capture capture = make(at(Level::redacted));
  const std::string text = R"({"password":"hunter2"})";
  for (const char* tenant : {"", "acme", "", "other"}) {
    Content content = arguments(text);
    content.tenant = tenant;
    const std::string stored(capture(content).json);
    CHECK(stored.find("\"digest\":\"" + expected("arguments", tenant, text)) != std::string::npos);
    CHECK(stored.find("\"digest\":\"" + expected("value", tenant, "hunter2")) != std::string::npos);
    content.is_result = true;
    CHECK(std::string(capture(content).json).find(expected("result", tenant, text)) !=
          std::string::npos);
  }
}

TEST_CASE("capture: of a cut text the digest says of how much it is, and tokens are estimated") {
  const auto count = [](void*, std::string_view text) noexcept -> std::uint64_t {
    return text.size() + 1000;
  };
  auto capture = Capture::make(at(Level::redacted), kSecret, nullptr, count, nullptr);
  REQUIRE(capture.has_value());
  Content content = arguments(R"({"a":1,"b":2})");
  CHECK(std::string((*capture)(content).json)
            .starts_with(R"({"bytes":13,"tokens":1013,"tokens_by":"host",)"));
  content.bytes = 4000;
  const Captured captured = (*capture)(content);
  CHECK((captured.flags & kArgumentsCut) == 0);  // all of the value was there
  CHECK(without_digests(std::string(captured.json))
            .starts_with(R"({"bytes":4000,"tokens":1000,"tokens_by":"estimate","digest":"k1:",)"
                         R"("digest_bytes":13,)"));
  content.text = R"({"a":1,"b)";
  const Captured cut = (*capture)(content);
  CHECK((cut.flags & kArgumentsCut) != 0);
  CHECK(std::string(cut.json).ends_with(R"("value":{"a":1,"$cut":"bytes"},"cut":true})"));
  content.is_result = true;
  CHECK((*capture)(content).flags == kResultCut);
}

TEST_CASE("capture: what cannot be read falls back to metadata and says so") {
  Capture capture = make(at(Level::redacted));
  for (const char* text : {"nope", R"({"a":)", "\"\\x\"", R"({"a":1}})", "\"a\nb\""}) {
    CAPTURE(std::string(text));
    const Captured captured = capture(arguments(text));
    CHECK(captured.flags == kCaptureFailed);
    CHECK(std::string(captured.json).find("\"value\"") == std::string::npos);
    CHECK(std::string(captured.json).starts_with("{\"bytes\":"));
  }
}

TEST_CASE("capture: content that would take too much work falls back to metadata") {
  CaptureSettings settings = at(Level::redacted);
  settings.value_bytes = settings.content_bytes = 4'000'000;
  Capture capture = make(settings);
  std::string text = "\"";
  while (text.size() < 300'000) text += "eyJaaaaaaaaaa";
  text += '"';
  // Not base64 alone, so that it is not simply described.
  text.insert(100, " , ");
  CHECK((capture(arguments(text)).flags & kCaptureFailed) != 0);
}

TEST_CASE("capture: settings that cannot be used are refused") {
  CaptureSettings cases[4];
  cases[0].drop = {"no-pointer"};
  cases[1].rules = {{"*", Level::fields, Level::fields, {"/a~"}}};
  cases[2].names = {""};
  cases[3].detectors = {{"ahead", "a(?=b)"}};
  for (const CaptureSettings& each : cases) {
    const auto refused = Capture::make(each, kSecret, nullptr, nullptr, nullptr);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::audit_capture);
  }
}

TEST_CASE("capture: an empty side is nothing, and places to be dropped are, without settings") {
  Capture capture = make(at(Level::redacted));
  CHECK(capture(arguments("")).json.empty());
  std::string out;
  CHECK(capture.drop_places(R"({"a":1})", out));
  CHECK(out == R"({"a":1})");
}

}  // namespace
}  // namespace mcpgov::audit
