// What is stored of arguments and results, level by level.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/capture.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/frame.hpp"

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

}  // namespace
}  // namespace mcpgov::audit
