// Equality, order and copies of values.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/value.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace mcpgov;
using namespace mcpgov::policy;

namespace {

// One of each kind and some that are easily confused, all different. Owned by the arena.
std::vector<Value> different_values(Arena& arena) {
  const auto set = [&](std::vector<Value> items) {
    return Value::of_set(arena.copy(std::span<const Value>(items)));
  };
  const auto record = [&](std::vector<Field> fields) {
    return Value::of_record(arena.copy(std::span<const Field>(fields)));
  };
  const auto ip = [&](std::uint8_t first, std::uint8_t prefix, bool v6) {
    Ip* out = arena.create<Ip>();
    out->bytes[0] = first;
    out->prefix = prefix;
    out->v6 = v6;
    return Value::of_ip(out);
  };
  const Value one = Value::of_integer(1);
  const Value two = Value::of_integer(2);
  return {
      Value::of_boolean(false),
      Value::of_boolean(true),
      Value::of_integer(0),
      one,
      two,
      Value::of_integer(INT64_MIN),
      Value::of_integer(INT64_MAX),
      Value::of_string(""),
      Value::of_string("1"),
      Value::of_string("a"),
      Value::of_string("b"),
      Value::of_string("ab"),
      Value::of_string(std::string_view("a\0b", 3)),
      Value::of_string(std::string_view("a\0c", 3)),
      Value::of_entity(EntityId{0}),
      Value::of_entity(EntityId{1}),
      Value::of_scalar(Kind::decimal, 1),
      Value::of_scalar(Kind::datetime, 1),
      Value::of_scalar(Kind::duration, 1),
      ip(10, 24, false),
      ip(10, 32, false),
      ip(11, 24, false),
      ip(10, 24, true),
      set({}),
      set({one}),
      set({two}),
      set({one, two}),
      set({set({one})}),
      set({set({one}), one}),
      record({}),
      record({{NameId{1}, one}}),
      record({{NameId{1}, two}}),
      record({{NameId{2}, one}}),
      record({{NameId{1}, one}, {NameId{2}, one}}),
  };
}

}  // namespace

TEST_CASE("value: a value equals itself, its copy, and nothing of another kind or content") {
  Arena arena;
  Arena copies;
  const std::vector<Value> values = different_values(arena);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      CAPTURE(i);
      CAPTURE(k);
      CHECK(equal(values[i], values[k]) == (i == k));
      CHECK(equal(values[i], copy(values[k], copies)) == (i == k));
    }
  }
}

TEST_CASE("value: the order is total: antisymmetric, transitive, and zero only for equals") {
  Arena arena;
  const std::vector<Value> values = different_values(arena);
  for (const Value& a : values) {
    for (const Value& b : values) {
      CHECK((order(a, b) < 0) == (order(b, a) > 0));
      CHECK((order(a, b) == 0) == equal(a, b));
      for (const Value& c : values) {
        if (order(a, b) < 0 && order(b, c) < 0) CHECK(order(a, c) < 0);
      }
    }
  }
}

TEST_CASE("value: an unknown equals nothing, not even itself, and is what a default value is") {
  const Value unknown{};
  CHECK(unknown.kind == Kind::unknown);
  CHECK_FALSE(equal(unknown, unknown));
  CHECK_FALSE(equal(unknown, Value::of_boolean(false)));
  CHECK_FALSE(equal(unknown, Value::of_integer(0)));
}

TEST_CASE("value: sets forget order and repetition, whatever they hold") {
  Arena arena;
  std::mt19937 random(7);
  const std::vector<Value> values = different_values(arena);
  const std::span<Value> once = arena.copy(std::span<const Value>(values));
  const Value expected = Value::of_set(once);
  CHECK(expected.size == values.size());
  for (int round = 0; round < 50; ++round) {
    std::vector<Value> shuffled = values;
    shuffled.insert(shuffled.end(), values.begin(), values.end());
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    CHECK(equal(Value::of_set(shuffled), expected));
  }
  for (const Value& value : values) CHECK(contains(expected.set(), value));
  CHECK_FALSE(contains(expected.set(), Value::of_integer(3)));
  CHECK_FALSE(contains(expected.set(), Value::of_string("c")));
  CHECK_FALSE(contains(Value::of_set({}).set(), Value::of_integer(3)));
}

TEST_CASE("value: a record finds each of its fields, and no other, below and above the scan") {
  for (const std::uint32_t count : {0U, 1U, 7U, 8U, 9U, 100U}) {
    CAPTURE(count);
    std::vector<Field> fields;
    for (std::uint32_t i = 0; i < count; ++i) {
      fields.push_back({NameId{2 * (count - i)}, Value::of_integer(i)});
    }
    const Value record = Value::of_record(fields);
    CHECK_FALSE(duplicate_name(record.record()));
    for (std::uint32_t i = 0; i < count; ++i) {
      const Value* found = record.field(NameId{2 * (count - i)});
      REQUIRE(found != nullptr);
      CHECK(found->integer == i);
      CHECK(record.field(NameId{2 * (count - i) + 1}) == nullptr);
    }
    CHECK(record.field(NameId{0}) == nullptr);
    CHECK(record.field(kNoName) == nullptr);
  }
}

TEST_CASE("value: a name given twice is seen wherever it stood") {
  std::vector<Field> fields = {{NameId{3}, {}}, {NameId{1}, {}}, {NameId{3}, {}}};
  CHECK(duplicate_name(Value::of_record(fields).record()));
}

TEST_CASE("value: a copy shares no byte with its source") {
  Arena copies;
  Value copied;
  {
    std::string text = "some text";
    Ip ip{{1, 2, 3, 4}, 32, false};
    std::vector<Value> items = {Value::of_string(text), Value::of_ip(&ip)};
    std::vector<Field> fields = {{NameId{1}, Value::of_set(items)},
                                 {NameId{2}, Value::of_string(text)}};
    copied = copy(Value::of_record(fields), copies);
    text.assign("overwritten text");
    ip.bytes[0] = 9;
    items.clear();
    fields.clear();
  }
  REQUIRE(copied.field(NameId{2}) != nullptr);
  CHECK(copied.field(NameId{2})->string() == "some text");
  const Ip expected{{1, 2, 3, 4}, 32, false};
  CHECK(contains(copied.field(NameId{1})->set(), Value::of_ip(&expected)));
  CHECK(contains(copied.field(NameId{1})->set(), Value::of_string("some text")));
}
