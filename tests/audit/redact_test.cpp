// What becomes of JSON text on its way into the log. Secrets are made up and put together here.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/redact.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/json.hpp"

namespace mcpgov::audit {
namespace {

const crypto::KeyedSha256 kKey(std::string(32, 'k'));

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view each : parts) out += each;
  return out;
}

const std::string kToken = join({"AK", "IA", "234567ABCDEFGHIJ"});

struct Setup {
  CaptureSettings settings;
  NameRules names;
  Detectors detectors;
  Redactor redactor;
  bool names_once = true;  // in an object: a second one is no JSON of parse_json()

  static NameRules rules_of(const CaptureSettings& settings) {
    std::vector<std::string> out = settings.names;
    for (const std::string_view each : secret_names()) out.emplace_back(each);
    return NameRules(std::move(out));
  }
  static Detectors detectors_of(const CaptureSettings& settings) {
    auto made = Detectors::make(settings);
    if (!made) FAIL(made.error().text());
    return *std::move(made);
  }
  explicit Setup(CaptureSettings given = {})
      : settings(std::move(given)),
        names(rules_of(settings)),
        detectors(detectors_of(settings)),
        redactor(detectors, names) {}

  // What is stored; `failed` when nothing may be. Digests lose their digits.
  std::string run(RedactOrder order) {
    order.digests = &kKey;
    std::string out;
    Tally tally;
    Work work{0, 2'000'000};
    const RedactEnd end = redactor.run(order, out, tally, work);
    if (end == RedactEnd::failed) return "failed";
    INFO(out);
    if (names_once) CHECK(parse_json(out, {}, {}).has_value());
    for (std::size_t at = 0; (at = out.find("k1:", at)) != std::string::npos; at += 3) {
      out.erase(at + 3, 32);
    }
    return end == RedactEnd::cut ? "cut " + out : out;
  }
  std::string run(std::string_view text) {
    RedactOrder order;
    order.text = text;
    return run(order);
  }
};

std::string redacted(std::string_view rule, std::size_t bytes) {
  return R"({"$redacted":")" + std::string(rule) + R"(","bytes":)" + std::to_string(bytes) +
         R"(,"digest":"k1:"})";
}

TEST_CASE("redact: what holds no secret stays, without the space between its tokens") {
  Setup setup;
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", R"({})"},
      {R"([])", R"([])"},
      {R"("x")", R"("x")"},
      {R"(true)", R"(true)"},
      {R"(-1.5e+3)", R"(-1.5e+3)"},
      {" {\n \"a\" :\t[ 1 , null , { } ] , \"b\" : \"x y\" } \r\n",
       R"({"a":[1,null,{}],"b":"x y"})"},
      {R"({"a":"\n\"\\\/ x"})", R"({"a":"\n\"\\\/ x"})"},
      {R"({"é":"ü — €"})", R"({"é":"ü — €"})"},
  };
  for (const auto& [text, stored] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    CHECK(setup.run(text) == stored);
  }
}

TEST_CASE("redact: what is no JSON is not stored") {
  Setup setup;
  const std::string cases[] = {
      "",
      " ",
      "nope",
      "{",
      "[1,2",
      R"({"a")",
      R"({"a":)",
      R"({"a":1)",
      R"({a:1})",
      R"({"a" 1})",
      R"({"a":1,})",
      "[1,]",
      "[1 2]",
      "01",
      "1.",
      "-",
      "+1",
      "1e",
      ".5",
      "truex",
      R"("a)",
      R"("\x")",
      R"("\u12")",
      R"("\")",
      "{} {}",
      "[]]",
      R"({"a":1]})",
      R"([}])",
      "\"a\nb\"",
      R"({"a":[1}})",
      "[1],",
      "\"\x01\"",
      "nul",
      "[tru]",
      R"({1:2})",
      "'a'",
      std::string(70, '[') + std::string(70, ']'),
  };
  for (const std::string& each : cases) {
    CAPTURE(each);
    CHECK(setup.run(each) == "failed");
  }
}

TEST_CASE("redact: a secret is found however its string is escaped") {
  Setup setup;
  const std::string whole = redacted("aws-access-token", 20);
  const std::string marker = "⟦aws-access-token 20 k1:⟧";
  const std::string tail = kToken.substr(1);
  const std::pair<std::string, std::string> cases[] = {
      {'"' + kToken + '"', whole},
      {R"("\u0041)" + tail + '"', whole},
      {R"("\u0041\u004b)" + kToken.substr(2) + '"', whole},
      {R"({"a":"x )" + kToken + R"( y"})", R"({"a":"x )" + marker + R"( y"})"},
      {R"(["\n)" + kToken + R"(\t"])", R"(["\n)" + marker + R"(\t"])"},
      {R"(["\ud83d\ude00)" + kToken + R"("])", "[\"\xf0\x9f\x98\x80" + marker + "\"]"},
      {R"(["\ud83d)" + kToken + R"("])", "[\"\xef\xbf\xbd" + marker + "\"]"},
      {"[\"\xff" + kToken + "\"]", "[\"\xef\xbf\xbd" + marker + "\"]"},
      {R"({")" + kToken + R"(":1})", R"({")" + marker + R"(":1})"},
      {R"({"\u0041)" + tail + R"(":1})", R"({")" + marker + R"(":1})"},
      {R"("postgres:\/\/ann:hunter2@db")", R"("postgres://ann:⟦url-password 7 k1:⟧@db")"},
      {"4111111111111111", redacted("payment-card", 16)},
      {R"({"n":-4111111111111111})", R"({"n":)" + redacted("payment-card", 17) + "}"},
      {"[4.111111111111111e15]", "[" + redacted("payment-card", 20) + "]"},
      {"[1732090000000,42.36008123456789]", "[1732090000000,42.36008123456789]"},
  };
  for (const auto& [text, stored] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    CHECK(setup.run(text) == stored);
  }
}

TEST_CASE("redact: members with the name of a secret lose their value, whatever it is") {
  CaptureSettings settings;
  settings.names = {"internal-*", "Größe"};
  Setup setup(settings);
  const std::string name = R"("name:*password*")";
  const std::pair<std::string, std::string> cases[] = {
      {R"({"password":"x"})", redacted("name:*password*", 1)},
      {R"({"DbPassword":"x"})", redacted("name:*password*", 1)},
      {R"({"pass\u0077ord":"x"})", redacted("name:*password*", 1)},
      {R"({"password":12})", redacted("name:*password*", 2)},
      {R"({"password":["a","b"]})", redacted("name:*password*", 9)},
      {R"({"password":{"a":{"b":1}}})", redacted("name:*password*", 13)},
      {R"({"password":"\u0041"})", redacted("name:*password*", 1)},
      {R"({"apiKey":"x"})", redacted("name:*apikey*", 1)},
      {R"({"Authorization":"x"})", redacted("name:*authorization*", 1)},
      {R"({"Internal-Id":"x"})", redacted("name:internal-*", 1)},
      {R"({"Größe":"x"})", redacted("name:Größe", 1)},
      {R"({"password":null})", "null"},
      {R"({"password":true})", "true"},
      {R"({"password":""})", R"("")"},
      {R"({"pass":"x"})", redacted("name:pass", 1)},
      {R"({"passenger":"x"})", R"("x")"},
      {R"({"tokenizer":"x"})", R"("x")"},
      {R"({"max_tokens":5})", "5"},
      {R"({"key":"x"})", R"("x")"},
      {R"({"monkey":"x"})", R"("x")"},
  };
  for (const auto& [text, value] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    const std::string stored = setup.run(text);
    const std::size_t colon = stored.find("\":");
    REQUIRE(colon != std::string::npos);
    CHECK(stored.substr(colon + 2, stored.size() - colon - 3) == value);
  }
}

TEST_CASE("redact: equal values have equal digests, however they are written") {
  Setup setup;
  RedactOrder order;
  order.digests = &kKey;
  const auto digest = [&](const std::string& text) {
    order.text = text;
    std::string out;
    Tally tally;
    Work work{0, 1'000'000};
    REQUIRE(setup.redactor.run(order, out, tally, work) == RedactEnd::whole);
    const std::size_t at = out.find("k1:");
    REQUIRE(at != std::string::npos);
    return out.substr(at, 35);
  };
  const std::string first = digest('"' + kToken + '"');
  CHECK(digest(R"({"password":")" + kToken + R"("})") == first);
  CHECK(digest(R"("\u0041)" + kToken.substr(1) + '"') == first);
  CHECK(digest("\"say " + kToken + ".\"") == first);
  CHECK(digest(R"({"password":"other"})") != first);
}

TEST_CASE("redact: places that are never stored win, and `*` stands for any name or index") {
  Setup setup;
  const auto places = Places::make({"/a/b", "/list/*/x", "/c~1d", "/deep/*/*/z"}, "drop");
  REQUIRE(places.has_value());
  RedactOrder order;
  order.drop = &*places;
  const std::string gone = R"({"$redacted":"drop"})";
  const std::pair<std::string, std::string> cases[] = {
      {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":)" + gone + R"(,"c":2}})"},
      {R"({"b":1,"a":[1]})", R"({"b":1,"a":[1]})"},
      {R"({"list":[{"x":1},{"y":2},{"x":"\""}]})",
       R"({"list":[{"x":)" + gone + R"(},{"y":2},{"x":)" + gone + "}]}"},
      {R"({"c/d":{}})", R"({"c/d":)" + gone + "}"},
      {R"({"deep":[[{"z":1}],{"q":{"z":[]}}]})",
       R"({"deep":[[{"z":)" + gone + R"(}],{"q":{"z":)" + gone + "}}]}"},
  };
  for (const auto& [text, stored] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    order.text = text;
    CHECK(setup.run(order) == stored);
    std::string dropped;
    CHECK(drop_places(*places, text, dropped));
    CHECK(dropped == stored);
  }
  const std::string escaped = R"({"a":{"\u0062":[1,{"x":2}]}})";
  order.text = escaped;
  CHECK(setup.run(order) == R"({"a":{"b":)" + gone + "}}");
  std::string dropped;
  CHECK(drop_places(*places, escaped, dropped));
  CHECK(dropped == R"({"a":{"\u0062":)" + gone + "}}");
  for (const char* each : {"", "{", R"({"a":{"b":)", R"({"a":{"b":1)", "[1,2] x"}) {
    CAPTURE(std::string(each));
    std::string out;
    CHECK_FALSE(drop_places(*places, each, out));
  }
}

TEST_CASE("redact: taking out places alone changes nothing else, however large it is") {
  const auto places = Places::make({"/gone"}, "drop");
  REQUIRE(places.has_value());
  std::string items;
  for (int i = 0; i < 3000; ++i) items += std::to_string(i) + ",";
  const std::string rest =
      R"({"t":")" + kToken + R"(","s":")" + std::string(100'000, 'x') + R"(","l":[)" + items + "0]";
  std::string out = "before ";
  CHECK(drop_places(*places, rest + R"(,"gone":"x"})", out));
  CHECK(out == "before " + rest + R"(,"gone":{"$redacted":"drop"}})");
}

TEST_CASE("redact: pointers that are none are refused") {
  for (const char* each : {"a", "a/b", "/a~", "/a~2b", "#/a"}) {
    CAPTURE(std::string(each));
    const auto refused = Places::make({each}, "drop");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::audit_capture);
    CHECK(refused.error().text().find(each) != std::string::npos);
  }
  CHECK_FALSE(Places::make(std::vector<std::string>(65, "/a"), "keep").has_value());
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "/a";
  CHECK_FALSE(Places::make({deep}, "keep").has_value());
}

TEST_CASE(
    "redact: level fields stores chosen places, redacted, and says what is missing in lists") {
  Setup setup;
  const auto keep = Places::make({"/a", "/l/*/x", "/m/1"}, "keep");
  REQUIRE(keep.has_value());
  RedactOrder order;
  order.keep = &*keep;
  const std::pair<std::string, std::string> cases[] = {
      {R"({"z":1,"a":{"q":2},"y":3})", R"({"a":{"q":2}})"},
      {R"({ "a" : "x" , "l" : [ { "x" : 1 , "y" : 2 } , 3 ] })",
       R"({"a":"x","l":[{"x":1},{"$left_out":1}]})"},
      {R"({"m":[1,2,3,4]})", R"({"m":[{"$left_out":1},2,{"$left_out":2}]})"},
      {R"({"a":{"password":"x"}})", R"({"a":{"password":)" + redacted("name:*password*", 1) + "}}"},
      {R"({"l":[[1],{"y":1}]})", R"({"l":[[{"$left_out":1}],{}]})"},
      {R"({"z":")" + kToken + R"("})", "{}"},
      {"[1,2]", R"([{"$left_out":2}])"},
      {R"("x")", "null"},
      {"{}", "{}"},
  };
  for (const auto& [text, stored] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    order.text = text;
    CHECK(setup.run(order) == stored);
  }
  const auto everything = Places::make({""}, "keep");
  order.keep = &*everything;
  order.text = R"({"a":[1]})";
  CHECK(setup.run(order) == R"({"a":[1]})");
}

TEST_CASE("redact: what is too large is cut, with a marker of its kind") {
  Setup setup;
  const std::string word = "word ";
  std::string prose;
  while (prose.size() < 6000) prose += word;
  CHECK(setup.run('"' + prose + '"') == "cut \"" + prose.substr(0, 4096) + "⟦cut 6000 k1:⟧\"");

  std::string members = "{";
  for (int i = 0; i < 300; ++i) members += "\"" + std::to_string(i) + "\":1,";
  members.back() = '}';
  const std::string stored_members = setup.run(members);
  CHECK(stored_members.starts_with("cut {"));
  CHECK(stored_members.ends_with(R"("255":1,"$cut":{"members":44}})"));

  std::string items = "[";
  for (int i = 0; i < 1500; ++i) items += "1,";
  items.back() = ']';
  CHECK(setup.run(items).ends_with(R"(1,{"$cut":{"items":500}}])"));

  std::string many = "[";
  for (int i = 0; i < 900; ++i) many += '"' + std::string(90, 'x') + " \",";
  many.back() = ']';
  const std::string stored_many = setup.run(many);
  CHECK(stored_many.size() < 17'000);
  CHECK(stored_many.ends_with(R"(x ",{"$cut":"bytes"}])"));

  const std::string deep = std::string(40, '[') + "1" + std::string(40, ']');
  CHECK(setup.run(deep) ==
        "cut " + std::string(32, '[') + R"({"$cut":"depth","bytes":17})" + std::string(32, ']'));
}

TEST_CASE("redact: base64 becomes a note of its size, type and digest") {
  Setup setup;
  const std::string bytes(400, 'A');
  const auto blob = [](std::string_view type, std::size_t size) {
    return R"({"$blob":{)" + (type.empty() ? "" : "\"mime\":\"" + std::string(type) + "\",") +
           R"("bytes":)" + std::to_string(size) + R"(,"digest":"k1:"}})";
  };
  CHECK(setup.run('"' + bytes + "==\"") == blob("", 402));
  CHECK(setup.run("\"iVBORw0KGgo" + bytes + '"') == blob("image/png", 411));
  CHECK(setup.run("\"data:audio/wav;base64," + bytes + '"') == blob("audio/wav", 422));
  CHECK(setup.run("\"data:" + kToken + ";base64," + bytes + '"') == blob("", 433));
  CHECK(setup.run('"' + bytes + "\\n" + bytes + '"') == blob("", 802));
  const std::string prose = bytes + " is no base64";
  CHECK(setup.run('"' + prose + '"') == '"' + prose + '"');
}

TEST_CASE("redact: what stands behind a long piece of base64 is seen as ever, at every place") {
  Setup setup;
  for (std::size_t size = 1000; size < 1150; ++size) {
    CAPTURE(size);
    const std::string bytes(size, 'A');
    const std::string blob =
        R"({"$blob":{"bytes":)" + std::to_string(size) + R"(,"digest":"k1:"}})";
    CHECK(setup.run(R"({"a":")" + bytes + R"(","b":")" + kToken + R"(","c":"\\"})") ==
          R"({"a":)" + blob + R"(,"b":)" + redacted("aws-access-token", 20) + R"(,"c":"\\"})");
    CHECK(setup.run(R"([")" + bytes + R"(",4111111111111111,"x"])") ==
          "[" + blob + "," + redacted("payment-card", 16) + R"(,"x"])");
    // Not base64 to its end, and no data URL: a secret in it is found.
    CHECK(setup.run(R"([")" + bytes + " " + kToken + R"("])").find(kToken) == std::string::npos);
    CHECK(setup.run(R"([")" + bytes + R"(\" )" + kToken + R"("])").find(kToken) ==
          std::string::npos);
    CHECK(setup.run(R"(["data:\";base64,)" + bytes + R"(",")" + kToken + R"("])").find(kToken) ==
          std::string::npos);
    CHECK(setup.run(R"(["data:a", ";base64,)" + bytes + R"(",")" + kToken + R"("])")
              .starts_with(R"(["data:a",")"));
    // Not ended.
    CHECK(setup.run(R"([")" + bytes + "==") == "failed");
  }
}

// Members in the order of the object before are taken in a shorter way than those with spaces
// between: what is stored must be the same.
TEST_CASE("redact: objects of one kind are stored as any others") {
  std::mt19937 random(5);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const std::vector<std::string> values = {
      "1",
      "0",
      "01",
      "-5",
      "12.50",
      "1.",
      "1.5e3",
      "4111111111111111",
      "41111111.11111111",
      "true",
      "false",
      "null",
      "nul",
      "truer",
      "{}",
      "[]",
      "[1,2]",
      "[1.5,true,01]",
      "[1,]",
      "[1,4111111111111111]",
      "[2,3}",
      R"({"id":1})",
      R"("")",
      R"("x")",
      R"("a\"b")",
      R"("a\\")",
      R"("k\u0041")",
      R"("\ud800")",
      "\"\xc3\xa4\"",
      "\"\xff\"",
      "\"\xe2\x9f\xa6\"",
      "\"a\nb\"",
      '"' + kToken + '"',
      R"("ann@example.com")",
      R"("password=hunter2hunter2")",
      R"("+49 30 1234567")",
      std::string("\"") + std::string(62, 'a') + "\"",
      std::string("\"") + std::string(63, 'b') + "\"",
      std::string("\"") + std::string(63, 'c') + R"(\"d")",
      std::string("\"") + std::string(64, 'e') + "\"",
      std::string(63, '7'),
      std::string(64, '7'),
      std::string(65, '7'),
      "\"" + std::string(300, 'A') + "\"",
  };
  const std::vector<std::string> names = {"id",         "name",  "a_rather_long_name_of_28_bytes",
                                          "$blob",      "",      "password",
                                          "a\\\"b",     "total", "ann@example.com",
                                          "token_count"};
  Setup tight;
  Setup loose;
  tight.names_once = loose.names_once = false;
  std::size_t stored = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> order;
    for (std::size_t i = below(7); i > 0; --i) order.push_back(names[below(names.size())]);
    std::string compact = "[";
    std::string spaced = "[";
    const auto both = [&](std::string_view text) {
      compact += text;
      spaced += text;
    };
    // Mostly harmless values, so that many documents are stored.
    const auto value = [&] { return values[below(8) == 0 ? below(values.size()) : below(2)]; };
    for (std::size_t object = 1 + below(6); object > 0; --object) {
      both("{");
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0) both(",");
        spaced += ' ';
        both('"' + order[below(20) == 0 ? below(order.size()) : i] + "\":");
        spaced += ' ';
        both(value());
      }
      both(object > 1 ? "}," : below(30) == 0 ? ",}" : "}");
    }
    both("]");
    RedactOrder each;
    each.value_bytes = below(4) == 0 ? 40 : 4096;
    each.text = compact;
    const std::string out = tight.run(each);
    each.text = spaced;
    CAPTURE(compact);
    CHECK(out == loose.run(each));
    stored += out != "failed" ? 1 : 0;
    // Cut anywhere, nothing of the short way reads beyond the text.
    each.text = std::string_view(compact).substr(0, below(compact.size()));
    each.cut = true;
    tight.run(each);
  }
  CHECK(stored > 1000);
}

TEST_CASE("redact: what looks like our own markers is told apart") {
  Setup setup;
  CHECK(setup.run(R"({"$redacted":"x","a":"⟦cut⟧"})") == R"({"$$redacted":"x","a":"⟦⟦cut⟧"})");
  CHECK(setup.run(R"({"\u0024blob":1})") == R"({"$$blob":1})");
}

TEST_CASE("redact: what a terminal must not see is escaped") {
  Setup setup;
  CHECK(setup.run("\"a\x7f\xc2\x9b\xe2\x80\xae\xef\xbb\xbf\"") == R"("a\u007f\u009b\u202e\ufeff")");
  CHECK(setup.run("{\"\xe2\x80\xa8\":1}") == R"({"\u2028":1})");
}

TEST_CASE("redact: of a cut text what is sure is stored") {
  Setup setup;
  RedactOrder order;
  order.cut = true;
  const std::pair<std::string, std::string> cases[] = {
      {"", R"(cut {"$cut":"bytes"})"},
      {"{", R"(cut {"$cut":"bytes"})"},
      {R"({"a":1)", R"(cut {"$cut":"bytes"})"},
      {R"({"a":1,"b)", R"(cut {"a":1,"$cut":"bytes"})"},
      {R"({"a":1,"b":)", R"(cut {"a":1,"$cut":"bytes"})"},
      {R"({"a":1,"b":[tr)", R"(cut {"a":1,"b":[{"$cut":"bytes"}]})"},
      {R"({"a":"some )" + kToken.substr(0, 12), R"(cut {"a":"⟦cut⟧","$cut":"bytes"})"},
      {R"({"password":"hun)", R"(cut {"$cut":"bytes"})"},
      {"[41111111111", R"(cut [{"$cut":"bytes"}])"},
  };
  for (const auto& [text, stored] : cases) {
    const std::string shown = text;
    CAPTURE(shown);
    order.text = text;
    CHECK(setup.run(order) == stored);
  }
  std::string prose;
  while (prose.size() < 1000) prose += "word ";
  const std::string text = "[\"" + prose + kToken.substr(0, 10);
  order.text = text;
  const std::string stored = setup.run(order);
  CHECK(stored.starts_with("cut [\"word word"));
  CHECK(stored.size() > 700);
  CHECK(stored.find(kToken.substr(0, 4)) == std::string::npos);
  // A token that is longer than what is left out behind any text.
  const std::string long_token = "[\"" + prose + "ey" + "J" + std::string(900, 'x');
  order.text = long_token;
  CHECK(setup.run(order).find("xxx") == std::string::npos);
  const std::string in_value =
      "[\"" + prose + prose + prose + prose + "ey" + "J" + std::string(3000, 'x') + ".eyJ\"]";
  CHECK(setup.run(in_value).find("xxx") == std::string::npos);
  for (const char* each : {"[1}", "nope,", "[\"\\x", "{]"}) {
    CAPTURE(std::string(each));
    order.text = each;
    CHECK(setup.run(order) == "failed");
  }
}

TEST_CASE("redact: names of members, without their values, and never a secret among them") {
  Setup setup;
  const auto names = [&](std::string_view text, bool cut = false) -> std::string {
    RedactOrder order;
    order.text = text;
    order.cut = cut;
    order.digests = &kKey;
    std::string out;
    Tally tally;
    Work work{0, 1'000'000};
    if (!setup.redactor.write_keys(order, out, tally, work)) return "failed";
    const std::size_t digest = out.find("k1:");
    if (digest != std::string::npos) out.erase(digest + 3, 32);
    return out;
  };
  CHECK(names(R"({"a":1, "b" : {"c":[2]} ,"d":"x"})") == R"(["a","b","d"])");
  CHECK(names("{}") == "[]");
  CHECK(names("[1]").empty());
  CHECK(names(R"({")" + kToken + R"(":1})") == R"(["⟦aws-access-token 20 k1:⟧"])");
  CHECK(names(R"({"a":1,"b)", true) == R"(["a"])");
  CHECK(names(R"({"a":1,"b")", true) == R"(["a"])");
  CHECK(names(R"({"a":1,"b)") == "failed");
  CHECK(names(R"({"a":1 "b":2})") == "failed");
  CHECK(names(R"({"a"})") == "failed");
}

TEST_CASE("redact: a pattern of names fits all of a name, without case where asked") {
  CHECK(fits("*", "", true));
  CHECK(fits("a*c", "abbc", true));
  CHECK(fits("*a*b*", "xxaxxbxx", false));
  CHECK(fits("AB", "ab", true));
  CHECK_FALSE(fits("AB", "ab", false));
  CHECK_FALSE(fits("a*c", "abd", true));
  CHECK_FALSE(fits("", "a", true));
  CHECK_FALSE(fits("a", "", true));
  CHECK_FALSE(fits("a*a", "a", true));
}

}  // namespace
}  // namespace mcpgov::audit
