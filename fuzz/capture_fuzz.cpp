// Any bytes as arguments or result: what is stored is JSON, bounded, and never holds a secret that
// was planted among them.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "audit/capture.hpp"
#include "audit/frame.hpp"
#include "base/json_writer.hpp"

namespace {

using namespace mcpgov::audit;

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "capture_fuzz: %s\n", what);
  std::abort();
}

Capture& capture_at(Level level) {
  static const auto make = [](Level each) {
    CaptureSettings settings;
    settings.rules = {{"*", each, each, {"/a", "/*/b", "/0"}}};
    settings.drop = {"/drop", "/*/drop"};
    settings.detectors = {{"badge", "B-[0-9]{6}", "b-"}};
    settings.value_bytes = 512;
    settings.content_bytes = 2048;
    auto made = Capture::make(settings, std::string(32, 's'), nullptr, nullptr, nullptr);
    must(made.has_value(), "the settings are good");
    return *std::move(made);
  };
  static Capture all[] = {make(Level::metadata), make(Level::fields), make(Level::redacted),
                          make(Level::full)};
  return all[static_cast<std::size_t>(level) - 1];
}

simdjson::dom::element read(std::string_view json) {
  static simdjson::dom::parser parser;
  simdjson::dom::element out;
  must(parser.parse(simdjson::padded_string(json)).get(out) == simdjson::SUCCESS,
       "what is stored is JSON");
  return out;
}

std::string store(Level level, std::string_view text, std::size_t bytes, bool is_result) {
  Content content;
  content.is_result = is_result;
  content.tool = "tool";
  content.text = text;
  content.bytes = bytes;
  const Captured captured = capture_at(level)(content);
  must(captured.json.size() < 16'384, "what is stored is bounded");
  if (!captured.json.empty()) {
    const simdjson::dom::element stored = read(captured.json);
    const bool failed = (captured.flags & kCaptureFailed) != 0;
    must(!failed || stored["value"].error() != simdjson::SUCCESS, "no value after a failure");
    // Members that are never stored: neither here nor one level below.
    simdjson::dom::element dropped;
    if (stored["value"]["drop"].get(dropped) == simdjson::SUCCESS) {
      must(std::string_view(dropped["$redacted"]) == "drop", "places win");
    }
  }
  return std::string(captured.json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const auto level = static_cast<Level>(1 + bytes[0] % 4U);
  const bool cut = (bytes[0] & 0x80U) != 0;
  store(level, input, input.size() + (cut ? 1 : 0), (bytes[0] & 0x40U) != 0);

  std::string dropped;
  Capture& capture = capture_at(level);
  if (capture.drop_places(input, dropped)) {
    must(dropped.size() <= input.size() + 64 * 1024, "taking out adds little");
  }

  // The input as the text around a secret, in a value or in a name.
  const std::string secret = std::string("AK") + "IA" + "234567ABCDEFGHIJ";
  if (input.find(secret.substr(4)) != std::string_view::npos) return 0;
  const std::size_t at = bytes[1] * input.size() / 256;
  std::string text(input.substr(0, at));
  text += ' ' + secret + ' ';
  text += input.substr(at);
  std::string document = (bytes[0] & 0x20U) != 0 ? "{\"a\":" : "{";
  mcpgov::append_json_string(document, text);
  document += (bytes[0] & 0x20U) != 0 ? "}" : ":[1]}";
  for (const Level each : {Level::metadata, Level::fields, Level::redacted}) {
    const std::string stored = store(each, document, document.size(), false);
    must(stored.find(secret.substr(4)) == std::string::npos, "the secret is gone");
    const std::string_view half = std::string_view(document).substr(0, document.size() / 2);
    must(store(each, half, document.size(), false).find(secret.substr(4)) == std::string::npos,
         "of a cut text, too");
  }
  return 0;
}
