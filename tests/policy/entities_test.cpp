// Entities and contexts from JSON, and the closed hierarchy.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/entities.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

namespace {

// One entity `U::"a"` with the given attributes.
std::string with_attributes(const std::string& attributes) {
  return R"([{"uid": {"type": "U", "id": "a"}, "parents": [], "attrs": )" + attributes + "}]";
}

std::string with_attribute(const std::string& value) {
  return with_attributes(R"({"x": )" + value + "}");
}

std::string with_uid(const std::string& uid) {
  return R"([{"attrs": {}, "parents": [], "uid": )" + uid + "}]";
}

std::string nested(int depth, const char* open, const char* core, const char* close) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += open;
  out += core;
  for (int i = 0; i < depth; ++i) out += close;
  return out;
}

struct Store {
  Symbols symbols;
  Result<Entities> entities;

  explicit Store(std::string_view text) : entities(read_entities({text, "e.json"}, symbols)) {}
  EntityId id(std::string_view type, std::string_view name) const {
    return symbols.find_entity(symbols.find_name(type), name);
  }
  const Entity* find(std::string_view type, std::string_view name) const {
    return entities->find(id(type, name));
  }
  // The attribute `x` of `U::"a"`.
  const Value* x() const {
    const Entity* entity = find("U", "a");
    return entity == nullptr ? nullptr : entity->attributes.field(symbols.find_name("x"));
  }
};

}  // namespace

TEST_CASE("entities: documents that are refused, with code and position") {
  struct Case {
    const char* sentence;
    std::string text;  // with a `^` in front of what the error points at
    ErrorCode code;
  };
  constexpr ErrorCode json = ErrorCode::entities_json;
  constexpr ErrorCode shape = ErrorCode::entities_shape;
  constexpr ErrorCode value = ErrorCode::entities_value;
  constexpr ErrorCode deep = ErrorCode::entities_too_deep;
  constexpr ErrorCode duplicate = ErrorCode::entities_duplicate;
  constexpr ErrorCode action = ErrorCode::entities_action_parent;
  const std::string first = R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[]},)";
  const Case cases[] = {
      {"no text at all", "^", json},
      {"no JSON", "^entities", json},
      {"an open list", "[^", json},
      {"bytes after the list", "[] ^x", json},
      {"two lists", "[] ^[]", json},
      {"a trailing comma", "[1,^]", json},
      {"a comment", "[] ^// none", json},
      {"a byte order mark", "^\xef\xbb\xbf[]", json},
      {"a byte that is no UTF-8", "[\"^\xff\"]", json},
      {"half a surrogate pair", R"(["\ud800^"])", json},
      {"a raw control character", "[\"^\n\"]", json},
      {"a number beyond a double", "[1e99^9]", json},
      {"an object instead of a list", "^{}", shape},
      {"a string instead of a list", "^\"U\"", shape},
      {"null instead of an entity", "[ ^null]", shape},
      {"a list instead of an entity", "[^[]]", shape},
      {"an empty entity", "[ ^{}]", shape},
      {"no uid", R"([^{"attrs": {}, "parents": []}])", shape},
      {"no attributes", R"([^{"uid": {"type":"U","id":"a"}, "parents": []}])", shape},
      {"no parents", R"([^{"uid": {"type":"U","id":"a"}, "attrs": {}}])", shape},
      {"a uid as text", with_uid(R"(^"U::\"a\"")"), shape},
      {"a uid as null", with_uid("^null"), shape},
      {"a uid without id", with_uid(R"(^{"type": "U"})"), shape},
      {"a uid without type", with_uid(R"(^{"id": "U"})"), shape},
      {"a uid with a number as id", with_uid(R"(^{"type": "U", "id": 1})"), shape},
      {"a uid with a number as type", with_uid(R"(^{"type": 1, "id": "a"})"), shape},
      {"a type with spaces", with_uid(R"(^{"type": "A :: B", "id": "a"})"), shape},
      {"a type with a comment", with_uid(R"(^{"type": "A//\n::B", "id": "a"})"), shape},
      {"an empty type", with_uid(R"(^{"type": "", "id": "a"})"), shape},
      {"a type ending in colons", with_uid(R"(^{"type": "A::", "id": "a"})"), shape},
      {"a type beginning with colons", with_uid(R"(^{"type": "::A", "id": "a"})"), shape},
      {"a type with one colon", with_uid(R"(^{"type": "A:B", "id": "a"})"), shape},
      {"a type beginning with a digit", with_uid(R"(^{"type": "1A", "id": "a"})"), shape},
      {"a type in another script", with_uid(R"(^{"type": "\u00dc", "id": "a"})"), shape},
      {"a reserved word as type", with_uid(R"(^{"type": "if", "id": "a"})"), shape},
      {"`__cedar` in a type", with_uid(R"(^{"type": "__cedar::B", "id": "a"})"), shape},
      {"`__cedar` at the end of a type", with_uid(R"(^{"type": "B::__cedar", "id": "a"})"), shape},
      {"`__expr` as uid", with_uid(R"(^{"__expr": "U::\"a\""})"), value},
      {"attributes as a list", with_attributes("^[]"), shape},
      {"attributes as null", with_attributes("^null"), shape},
      {"tags as a list", R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[],"tags":^[]}])",
       shape},
      {"parents as an object", R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":^{}}])",
       shape},
      {"a parent as text", R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[^"U"]}])", shape},
      {"null as a value", with_attribute("^null"), value},
      {"null inside a set", with_attribute("[1, ^null]"), value},
      {"null inside a record", with_attribute(R"({"y": ^null})"), value},
      {"a fraction", with_attribute("^1.5"), value},
      {"a whole number written as a fraction", with_attribute("[1 ,2, ^1.0]"), value},
      {"an exponent", with_attribute("^1e3"), value},
      {"negative zero", with_attribute("^-0"), value},
      {"one more than the largest integer", with_attribute("^9223372036854775808"), value},
      {"one less than the smallest integer", with_attribute("^-9223372036854775809"), value},
      {"an integer beyond 64 bits", with_attribute("^18446744073709551616"), value},
      {"an attribute given twice", with_attributes(R"({"x": 1, ^"x": 1})"), json},
      {"an attribute given twice, once escaped", with_attributes(R"({"x": 1, ^"\u0078": 1})"),
       json},
      {"an attribute given twice among many",
       with_attributes(R"({"a":1,"b":{},"c":[],"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,^"a":2})"),
       json},
      {"an unknown member given twice",
       R"([{"z":1,^"z":1,"uid":{"type":"U","id":"a"},"attrs":{},"parents":[]}])", json},
      {"the `__expr` escape", with_attribute(R"(^{"__expr": "1"})"), value},
      {"an extension value that is none",
       with_attribute(R"({"__extn": ^{"fn": "ip", "arg": "zzz"}})"), value},
      {"an unknown extension function", with_attribute(R"({"__extn": ^{"fn": "foo", "arg": "1"}})"),
       value},
      {"an extension function with too many arguments",
       with_attribute(R"({"__extn": ^{"fn": "ip", "args": ["1.1.1.1", "1.1.1.1"]}})"), value},
      {"an extension function without arguments",
       with_attribute(R"({"__extn": ^{"fn": "ip", "args": []}})"), value},
      {"an extension function with an argument of another kind",
       with_attribute(R"({"__extn": ^{"fn": "ip", "arg": 1}})"), value},
      {"an extension function with a null argument",
       with_attribute(R"({"__extn": {"fn": "ip", "arg": ^null}})"), value},
      {"an entity value of a malformed type",
       with_attribute(R"({"__entity": ^{"type": "U ", "id": "b"}})"), shape},
      {"sets nested too deeply", with_attribute(nested(63, "[", "^[1]", "]")), deep},
      {"records nested too deeply", with_attribute(nested(63, R"({"y":)", R"(^{"y":1})", "}")),
       deep},
      {"brackets nested too deeply", nested(195, "[", "^[]", "]"), deep},
      {"differing entities of one uid",
       first + R"(^{"uid":{"type":"U","id":"a"},"attrs":{"x":1},"parents":[]}])", duplicate},
      {"entities of one uid with differing tags",
       first + R"(^{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[],"tags":{"t":1}}])",
       duplicate},
      {"entities of one uid with differing parents",
       first + R"(^{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[{"type":"G","id":"g"}]}])",
       duplicate},
      {"an action with a parent that is none",
       R"([{"uid":{"type":"Action","id":"a"},"attrs":{},"parents":[^{"type":"G","id":"g"}]}])",
       action},
      {"a namespaced action with a parent that is none",
       R"([{"uid":{"type":"N::Action","id":"a"},"attrs":{},"parents":[^{"type":"G","id":"g"}]}])",
       action},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    std::string text = c.text;
    const std::size_t mark = text.find('^');
    REQUIRE(mark != std::string::npos);
    text.erase(mark, 1);
    const Store store(text);
    REQUIRE_FALSE(store.entities.has_value());
    const Error& error = store.entities.error();
    CAPTURE(error.text());
    CHECK(code_name(error.code) == code_name(c.code));
    CHECK(error.line == 1);
    CHECK(error.column == mark + 1);
    CHECK(error.file == "e.json");
    CHECK(error.message.find('\n') == std::string::npos);
  }
}

TEST_CASE("entities: a document above the size limit is refused unread") {
  const std::string text(kMaxEntitiesBytes + 1, ' ');
  const Store store(text);
  REQUIRE_FALSE(store.entities.has_value());
  CHECK(store.entities.error().code == ErrorCode::entities_too_large);
}

TEST_CASE("entities: positions count lines, and errors name the entity but no value") {
  const Store store(
      "[\n  {\"uid\": {\"type\": \"U\", \"id\": \"al`\\n\"}, \"parents\": [],\n"
      "   \"attrs\": {\"secret\": [1,\n     \"geheim\", 0.5]}}\n]");
  REQUIRE_FALSE(store.entities.has_value());
  CHECK(store.entities.error().text() ==
        "e.json:4:16: in the entity `U::\"al??\"`: a number that is no 64-bit integer "
        "[entities_value]");
}

TEST_CASE("entities: documents that are accepted") {
  const std::string deep = nested(62, "[", R"({"y": 1})", "]");
  struct Case {
    const char* sentence;
    std::string text;
    std::size_t count;
  };
  const Case cases[] = {
      {"no entities", "[]", 0},
      {"space around everything", " \n[ ]\t", 0},
      {"an entity", with_attributes("{}"), 1},
      {"a uid in its escape", with_uid(R"({"__entity": {"type": "U", "id": "a"}})"), 1},
      {"a uid with another member", with_uid(R"({"type": "U", "id": "a", "x": null})"), 1},
      {"an escaped uid with another member",
       with_uid(R"({"__entity": {"type": "U", "id": "a", "x": 1}, "y": 0.5})"), 1},
      {"an unknown member, whatever it holds",
       R"([{"z":[null,0.5],"uid":{"type":"U","id":"a"},"attrs":{},"parents":[]}])", 1},
      {"identical entities",
       R"([{"uid":{"type":"U","id":"a"},"attrs":{"x":[1,2]},"parents":[]},)"
       R"({"uid":{"type":"U","id":"a"},"attrs":{"x":[2,1,1]},"parents":[],"tags":{}}])",
       1},
      {"a parent that is not in the store",
       R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[{"type":"G","id":"g"}]}])", 1},
      {"a parent given twice",
       R"([{"uid":{"type":"U","id":"a"},"attrs":{},)"
       R"("parents":[{"type":"G","id":"g"},{"__entity":{"type":"G","id":"g"}}]}])",
       1},
      {"an action below an action of another namespace",
       R"([{"uid":{"type":"N::Action","id":"a"},"attrs":{},)"
       R"("parents":[{"type":"Action","id":"g"}]}])",
       1},
      {"an entity below an action",
       R"([{"uid":{"type":"U","id":"a"},"attrs":{},"parents":[{"type":"Action","id":"g"}]}])", 1},
      {"an entity whose type only ends like an action",
       R"([{"uid":{"type":"Reaction","id":"a"},"attrs":{},"parents":[{"type":"G","id":"g"}]}])", 1},
      {"values as deep as allowed", with_attribute(deep), 1},
      {"an empty id, and one with every kind of byte",
       R"([{"uid":{"type":"U","id":""},"attrs":{},"parents":[]},)"
       R"({"uid":{"type":"U","id":"\u0000 \" \ud83d\ude00 é"},"attrs":{},"parents":[]}])",
       2},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    const Store store(c.text);
    if (!store.entities) FAIL(store.entities.error().text());
    CHECK(store.entities->ids().size() == c.count);
  }
}

TEST_CASE("entities: what each JSON value becomes") {
  struct Case {
    const char* sentence;
    const char* json;
    Kind kind;
    std::int64_t number;  // integer of a scalar, or size of a string, set or record
  };
  const Case cases[] = {
      {"true", "true", Kind::boolean, 1},
      {"the largest integer", "9223372036854775807", Kind::integer, INT64_MAX},
      {"the smallest integer", "-9223372036854775808", Kind::integer, INT64_MIN},
      {"an integer above 2^53", "9007199254740993", Kind::integer, 9007199254740993},
      {"zero", "0", Kind::integer, 0},
      {"a string", R"("\u00e9")", Kind::string, 2},
      {"a set without its repetitions", "[1, 1, 2]", Kind::set, 2},
      {"a record", R"({"a": 1, "b": {}})", Kind::record, 2},
      {"an entity", R"({"__entity": {"type": "G", "id": "g"}})", Kind::entity, -1},
      {"an entity, more inside", R"({"__entity": {"type": "G", "id": "g", "x": 1}})", Kind::entity,
       -1},
      {"an extension value", R"({"__extn": {"fn": "decimal", "arg": "1.5"}})", Kind::decimal,
       15000},
      {"an extension value, argument first", R"({"__extn": {"arg": "1.5", "fn": "decimal"}})",
       Kind::decimal, 15000},
      {"an extension value, argument in a list",
       R"({"__extn": {"fn": "duration", "args": ["1s"]}})", Kind::duration, 1000},
      {"an extension value, more inside",
       R"({"__extn": {"fn": "duration", "arg": "1s", "x": null}})", Kind::duration, 1000},
      {"an ip", R"({"__extn": {"fn": "ip", "arg": "::1"}})", Kind::ip, -1},
      {"a method", R"({"__extn": {"fn": "isIpv4", "arg": {"__extn": {"fn": "ip", "arg": "::1"}}}})",
       Kind::boolean, 0},
      {"a method of two",
       R"({"__extn": {"fn": "offset", "args": [)"
       R"({"__extn": {"fn": "datetime", "arg": "1970-01-02"}},)"
       R"({"__extn": {"fn": "duration", "arg": "-1d"}}]}})",
       Kind::datetime, 0},
      {"an entity escape with a sibling is a record",
       R"({"__entity": {"type": "G", "id": "g"}, "x": 1})", Kind::record, 2},
      {"an extension escape with a sibling is a record",
       R"({"__extn": {"fn": "ip", "arg": "zzz"}, "x": 1})", Kind::record, 2},
      {"an entity escape without id is a record", R"({"__entity": {"type": "G"}})", Kind::record,
       1},
      {"an entity escape of text is a record", R"({"__entity": "G::\"g\""})", Kind::record, 1},
      {"an extension escape without argument is a record", R"({"__extn": {"fn": "ip"}})",
       Kind::record, 1},
      {"an extension escape of text is a record", R"({"__extn": "1.5"})", Kind::record, 1},
      {"a short entity form without a schema is a record", R"({"type": "G", "id": "g"})",
       Kind::record, 2},
      {"a short extension form without a schema is a record", R"({"fn": "ip", "arg": "1.1.1.1"})",
       Kind::record, 2},
      {"`__expr` of something else is a record", R"({"__expr": 1})", Kind::record, 1},
      {"`__expr` with a sibling is a record", R"({"__expr": "1", "x": 1})", Kind::record, 2},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    const Store store(with_attribute(c.json));
    if (!store.entities) FAIL(store.entities.error().text());
    const Value* x = store.x();
    REQUIRE(x != nullptr);
    CHECK(x->kind == c.kind);
    const bool sized = c.kind == Kind::string || c.kind == Kind::set || c.kind == Kind::record;
    if (c.number >= 0) CHECK((sized ? x->size : x->integer) == c.number);
    if (c.number < 0 && c.kind == Kind::integer) CHECK(x->integer == c.number);
    if (c.kind == Kind::entity) CHECK(x->entity() == store.id("G", "g"));
  }
}

TEST_CASE("entities: tags and attributes are separate, and only what is listed is known") {
  const Store store(R"([{"uid": {"type": "U", "id": "a"}, "attrs": {"x": 1}, "tags": {"y": "z"},
                         "parents": [{"type": "G", "id": "g"}]}])");
  REQUIRE(store.entities.has_value());
  const Entity* entity = store.find("U", "a");
  REQUIRE(entity != nullptr);
  CHECK(entity->attributes.size == 1);
  CHECK(entity->attributes.field(store.symbols.find_name("y")) == nullptr);
  REQUIRE(entity->tags.field(store.symbols.find_name("y")) != nullptr);
  CHECK(entity->tags.field(store.symbols.find_name("y"))->string() == "z");
  CHECK(store.id("G", "g") != kNoEntity);
  CHECK(store.find("G", "g") == nullptr);
  CHECK(store.entities->find(kNoEntity) == nullptr);
  CHECK(store.entities->find(EntityId{1000}) == nullptr);
}

namespace {

// n entities `U::"0"` … with parents by number.
std::string hierarchy(const std::vector<std::vector<int>>& parents) {
  std::string text = "[";
  for (std::size_t i = 0; i < parents.size(); ++i) {
    text += (i == 0 ? "" : ",");
    text += R"({"uid":{"type":"U","id":")" + std::to_string(i) + R"("},"attrs":{},"parents":[)";
    for (std::size_t k = 0; k < parents[i].size(); ++k) {
      text += (k == 0 ? "" : ",");
      text += R"({"type":"U","id":")" + std::to_string(parents[i][k]) + R"("})";
    }
    text += "]}";
  }
  return text + "]";
}

}  // namespace

TEST_CASE("entities: the hierarchy is closed exactly, as a slow search shows") {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    // Parents have higher numbers after a shuffle of names, so there is no cycle.
    const int count = 1 + static_cast<int>(random() % 40);
    std::vector<std::vector<int>> parents(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      for (int k = i + 1; k < count + 2; ++k) {  // two of them are not in the store
        if (random() % 10 == 0) parents[static_cast<std::size_t>(i)].push_back(k);
      }
    }
    const Store store(hierarchy(parents));
    REQUIRE(store.entities.has_value());
    for (int i = 0; i < count; ++i) {
      std::set<EntityId> expected;
      std::vector<int> open = parents[static_cast<std::size_t>(i)];
      while (!open.empty()) {
        const int at = open.back();
        open.pop_back();
        if (!expected.insert(store.id("U", std::to_string(at))).second || at >= count) continue;
        const auto& above = parents[static_cast<std::size_t>(at)];
        open.insert(open.end(), above.begin(), above.end());
      }
      const auto ancestors = store.find("U", std::to_string(i))->ancestors;
      CHECK(std::equal(ancestors.begin(), ancestors.end(), expected.begin(), expected.end()));
    }
  }
}

TEST_CASE("entities: cycles of any length are refused, wherever they hang") {
  const std::vector<std::vector<int>> cases[] = {
      {{0}},
      {{1}, {0}},
      {{1}, {2}, {0}},
      {{1}, {2}, {3}, {1}},          // a way into the cycle
      {{}, {0}, {1, 3}, {2}},        // a way out of it
      {{1, 1}, {2}, {3}, {4}, {0}},  // a parent named twice
  };
  for (const auto& parents : cases) {
    CAPTURE(parents.size());
    const Store store(hierarchy(parents));
    REQUIRE_FALSE(store.entities.has_value());
    CHECK(store.entities.error().code == ErrorCode::entities_cycle);
    CHECK(store.entities.error().message.find("`U::\"") != std::string::npos);
  }
}

TEST_CASE("entities: a long chain needs no stack, and its closure has a limit") {
  std::vector<std::vector<int>> chain(3000);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) chain[i] = {static_cast<int>(i) + 1};
  const Store store(hierarchy(chain));
  REQUIRE(store.entities.has_value());
  CHECK(store.find("U", "0")->ancestors.size() == 2999);
  CHECK(store.find("U", "2999")->ancestors.empty());

  // n(n-1)/2 pairs exceed the limit of 2^25 from n = 8193 on.
  std::vector<std::vector<int>> longer(8200);
  for (std::size_t i = 0; i + 1 < longer.size(); ++i) longer[i] = {static_cast<int>(i) + 1};
  const Store refused(hierarchy(longer));
  REQUIRE_FALSE(refused.entities.has_value());
  CHECK(refused.entities.error().code == ErrorCode::entities_too_large);
  CHECK(refused.entities.error().message.find("pairs") != std::string::npos);
}

TEST_CASE("entities: many ways to few ancestors have a limit too") {
  // In layers of 64 there are 64 ways to each ancestor but those of the next layer.
  const auto layers = [](int count) {
    std::vector<std::vector<int>> parents(static_cast<std::size_t>(64 * count));
    for (int i = 0; i < 64 * (count - 1); ++i) {
      for (int k = 0; k < 64; ++k) {
        parents[static_cast<std::size_t>(i)].push_back((i / 64 + 1) * 64 + k);
      }
    }
    return parents;
  };
  const Store store(hierarchy(layers(10)));
  REQUIRE(store.entities.has_value());
  CHECK(store.find("U", "0")->ancestors.size() == 9 * 64);

  // 64³ · Σ (L - i - 1) ways exceed 2^28 from L = 47 on, with 2^22 pairs.
  const Store refused(hierarchy(layers(47)));
  REQUIRE_FALSE(refused.entities.has_value());
  CHECK(refused.entities.error().code == ErrorCode::entities_too_large);
  CHECK(refused.entities.error().message.find("ways") != std::string::npos);
}

TEST_CASE("context: what is refused") {
  struct Case {
    const char* sentence;
    std::string text;
    ErrorCode code;
  };
  const Case cases[] = {
      {"a list", "[]", ErrorCode::context_not_a_record},
      {"a string", "\"a\"", ErrorCode::context_not_a_record},
      {"null", "null", ErrorCode::context_not_a_record},
      {"an entity", R"({"__entity": {"type": "U", "id": "a"}})", ErrorCode::context_not_a_record},
      {"an extension value", R"({"__extn": {"fn": "ip", "arg": "::1"}})",
       ErrorCode::context_not_a_record},
      {"`__expr`", R"({"__expr": "1"})", ErrorCode::entities_value},
      {"no JSON", "{", ErrorCode::entities_json},
      {"a name given twice", R"({"a": 1, "a": 2})", ErrorCode::entities_json},
      {"null inside", R"({"a": null})", ErrorCode::entities_value},
      {"a fraction inside", R"({"a": [0.5]})", ErrorCode::entities_value},
      {"a malformed entity type inside", R"({"a": {"__entity": {"type": "", "id": "a"}}})",
       ErrorCode::entities_shape},
      {"nested too deeply", nested(65, R"({"a":)", "1", "}"), ErrorCode::entities_too_deep},
      {"too large", std::string(kMaxContextBytes + 1, ' '), ErrorCode::entities_too_large},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    const Symbols frozen;
    Arena arena;
    RequestSymbols symbols(frozen, arena);
    const Result<Value> context = read_context({c.text}, symbols);
    REQUIRE_FALSE(context.has_value());
    CHECK(code_name(context.error().code) == code_name(c.code));
    CHECK(context.error().line == 1);
  }
}

TEST_CASE("context: names of the frozen table keep their ids, others go to the request") {
  Symbols frozen;
  const NameId known = frozen.name("known");
  Arena arena;
  RequestSymbols symbols(frozen, arena);
  const std::string text =
      R"({"known": 1, "new": {"__entity": {"type": "known", "id": "e"}}, "deep": [[{"new": 2}]]})";
  const Result<Value> context = read_context({text}, symbols);
  REQUIRE(context.has_value());
  CHECK(context->size == 3);
  REQUIRE(context->field(known) != nullptr);
  CHECK(context->field(known)->integer == 1);
  const Value* entity = context->field(symbols.name("new"));
  REQUIRE(entity != nullptr);
  CHECK(symbols.type(entity->entity()) == known);
  CHECK(symbols.id(entity->entity()) == "e");
  CHECK(frozen.name_count() == 1);
  CHECK(read_context({""}, symbols)->size == 0);
  CHECK(read_context({"{}"}, symbols)->size == 0);
  CHECK(read_context({nested(64, R"({"a":)", "1", "}")}, symbols).has_value());
}
