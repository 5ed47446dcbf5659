// Tests of src/audit/frame_texts.hpp: what writers of frames write is read back, and nothing else.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_texts.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/tree.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("frame texts: a config frame as it is written") {
  LogSettings settings;
  settings.heartbeat_s = 17;
  ConfigText config;
  REQUIRE(read_config(config_payload(settings, {1, "boot-1-a", {}, {}}), config));
  CHECK(config.log == "boot-1-a");
  CHECK(config.heartbeat_s == 17);
  CHECK(config.siblings.empty());
  const std::vector<Sibling> siblings = {{"boot-1-b", 0, {}}, {"boot-1-c", 9, leaf_hash("x")}};
  const std::string text = config_payload(settings, {1, "boot-1-a", "boot-1-b", siblings});
  REQUIRE(read_config(text, config));
  REQUIRE(config.siblings.size() == 2);
  CHECK(config.siblings[0].log == "boot-1-b");
  CHECK(config.siblings[0].size == 0);
  CHECK(config.siblings[1].size == 9);
  CHECK(config.siblings[1].root == leaf_hash("x"));
}

TEST_CASE("frame texts: texts that are no config") {
  const std::string text = config_payload({}, {1, "a", {}, {{"b", 9, leaf_hash("x")}}});
  struct Case {
    const char* name;
    std::string text;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"no JSON", "config"},
      {"a list", "[]"},
      {"another kind", replaced(text, "\"config\"", "\"heartbeat\"")},
      {"no kind", R"({"v":1,"log":"a"})"},
      {"no name", R"({"v":1,"kind":"config"})"},
      {"a name that is no text", R"({"v":1,"kind":"config","log":7})"},
      {"siblings that are no list", R"({"v":1,"kind":"config","log":"a","siblings":{}})"},
      {"a sibling that is no object", R"({"v":1,"kind":"config","log":"a","siblings":[7]})"},
      {"a sibling without a size", R"({"v":1,"kind":"config","log":"a","siblings":[{"log":"b"}]})"},
      {"a negative size", replaced(text, "\"size\":9", "\"size\":-9")},
      {"a size with a fraction", replaced(text, "\"size\":9", "\"size\":9.5")},
      {"a root in capitals", replaced(text, crypto::hex(leaf_hash("x")), std::string(64, 'A'))},
      {"a short root", replaced(text, crypto::hex(leaf_hash("x")), std::string(62, 'a'))},
      {"a size and no root",
       R"({"v":1,"kind":"config","log":"a","siblings":[{"log":"b","size":9}]})"},
      {"a member twice", R"({"v":1,"kind":"config","log":"a","log":"b"})"},
      {"more after it", text + "{}"},
      {"deep nesting", R"({"v":1,"kind":"config","log":"a","x":)" + std::string(50, '[') +
                           std::string(50, ']') + "}"},
      {"more bytes than a frame has", R"({"kind":"config","log":"a"})" + std::string(61440, ' ')},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    ConfigText config;
    CHECK_FALSE(read_config(c.text, config));
  }
}

TEST_CASE("frame texts: trailers, sync marks and notes of retention") {
  const Trailer written{3, 9, 100, 200, 300, leaf_hash("x")};
  const std::string text = trailer_payload(written);
  Trailer trailer;
  REQUIRE(read_trailer(text, trailer));
  CHECK(trailer_payload(trailer) == text);
  for (const char* name : {"kind", "first_seq", "last_seq", "min_time_ns", "root"}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(read_trailer(replaced(text, name, "other"), trailer));
  }
  std::uint64_t durable = 0;
  CHECK(read_sync(R"({"v":1,"kind":"sync","durable":12})", durable));
  CHECK(durable == 12);
  for (const char* bad : {"", "12", R"({"v":1,"kind":"sync"})", R"({"v":1,"durable":12})",
                          R"({"v":1,"kind":"sync","durable":"12"})",
                          R"({"v":1,"kind":"sync","durable":18446744073709551616})"}) {
    CAPTURE(std::string(bad));
    CHECK_FALSE(read_sync(bad, durable));
  }
  const std::string line =
      R"({"v":1,"kind":"retired","first_seq":1,"last_seq":20,"salt":7,"link":")" +
      crypto::hex(leaf_hash("x")) + R"(","checkpoint":"note"})";
  RetiredText retired;
  REQUIRE(read_retired(line, retired));
  CHECK(retired.first_seq == 1);
  CHECK(retired.last_seq == 20);
  CHECK(retired.salt == 7);
  CHECK(retired.link == leaf_hash("x"));
  CHECK(retired.checkpoint == "note");
  for (const char* name : {"kind", "first_seq", "last_seq", "salt", "link"}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(read_retired(replaced(line, name, "other"), retired));
  }
  CHECK_FALSE(read_retired(replaced(line, "\"salt\":7", "\"salt\":4294967296"), retired));
}

}  // namespace
