// Schemas as they are printed: the bytes of the reference engine 4.12.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_declarations.hpp"

using namespace mcpgov;
using namespace mcpgov::policy::cedar;

namespace {

std::string text_of(const char* schema, bool json) {
  Arena arena;
  const Result<DeclaredSchema> declared =
      json ? parse_schema_json(schema, arena) : parse_schema(schema, arena);
  REQUIRE(declared.has_value());
  const Result<std::string> text = schema_text(*declared);
  return text ? *text : text.error().text();
}

std::string json_of(const char* schema, bool json) {
  Arena arena;
  const Result<DeclaredSchema> declared =
      json ? parse_schema_json(schema, arena) : parse_schema(schema, arena);
  REQUIRE(declared.has_value());
  return schema_json(*declared).value();
}

}  // namespace

TEST_CASE("schema printer: text") {
  struct Case {
    const char* schema;
    const char* text;
  };
  const Case cases[] = {
      {R"x()x", R"x()x"},
      {R"x(entity A;)x",
       R"x(entity A;
)x"},
      {R"x(entity B, A;)x",
       R"x(entity A;

entity B;
)x"},
      {R"x(namespace N {})x",
       R"x(namespace N {
}
)x"},
      {R"x(entity Z; namespace N {} namespace A { entity B; })x",
       R"x(entity Z;

namespace A {
  entity B;
}

namespace N {
}
)x"},
      {R"x(@b("x\u{301}") @a entity A {@c("\'") "é\n": Long, "_ab"?: Bool, "if": )x"
       R"x(Set<{}>, z: {}} tags {x: {y?: Long}};)x",
       R"x(@a("")
@b("x́")
entity A = {
  _ab?: Bool,
  "if": Set<{  }>,
  z: {  },
  @c("\'")
  "é\n": Long
} tags {
  x: {
    y?: Long
  }
};
)x"},
      {R"x(namespace M { type T = {}; type S = Set<{a: T}>; entity A = {r: {x: {)x"
       R"x(}}} tags {a: {}}; })x",
       R"x(namespace M {
  type S = Set<{
    a: T
  }>;

  type T = {  };

  entity A = {
    r: {
      x: {      }
    }
  } tags {
  a: {  }
};
}
)x"},
      {R"x(action b; action "a q" in [b, Action::"c"]; action c; entity U; action )x"
       R"x(d in c appliesTo {principal: U, resource: [U, U], context: {k?: Long}};)x",
       R"x(entity U;

action "a q" in [Action::"b", Action::"c"];

action "b";

action "c";

action "d" in [Action::"c"] appliesTo {
  principal: [U],
  resource: [U, U],
  context: {
    k?: Long
  }
};
)x"},
      {R"x(namespace N { entity U enum ["q", "\"\0"]; entity V in [U, N::V]; )x"
       R"x(action x appliesTo {principal: V, resource: V, context: C}; type C = {};)x"
       R"x( })x",
       R"x(namespace N {
  type C = {  };

  entity U enum ["q", "\"\0"];

  entity V in [U, N::V];

  action "x" appliesTo {
    principal: [V],
    resource: [V],
    context: C
  };
}
)x"},
      {R"x(@doc("x") namespace B::A {entity X;} namespace A::B {} namespace A {} )x"
       R"x(namespace C::A {} namespace B::C::A {})x",
       R"x(namespace A {
}

@doc("x")
namespace B::A {
  entity X;
}

namespace B::C::A {
}

namespace C::A {
}

namespace A::B {
}
)x"},
      {R"x(entity A {__cedar: Long, principal: Bool, "a b"?: String};)x",
       R"x(entity A = {
  "__cedar": Long,
  "a b"?: String,
  principal: Bool
};
)x"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.schema));
    CHECK(text_of(c.schema, false) == c.text);
    // What was printed is printed the same again.
    CHECK(text_of(c.text, false) == c.text);
  }
}

TEST_CASE("schema printer: JSON") {
  struct Case {
    const char* schema;
    const char* json;
  };
  const Case cases[] = {
      {R"x()x", R"x({})x"},
      {R"x(entity A;)x", R"x({"":{"entityTypes":{"A":{}},"actions":{}}})x"},
      {R"x(entity B, A;)x", R"x({"":{"entityTypes":{"A":{},"B":{}},"actions":{}}})x"},
      {R"x(namespace N {})x", R"x({"N":{"entityTypes":{},"actions":{}}})x"},
      {R"x(entity Z; namespace N {} namespace A { entity B; })x",
       R"x({"":{"entityTypes":{"Z":{}},"actions":{}},"A":{"entityTypes":{"B":{}},)x"
       R"x("actions":{}},"N":{"entityTypes":{},"actions":{}}})x"},
      {R"x(@b("x\u{301}") @a entity A {@c("\'") "é\n": Long, "_ab"?: Bool, "if": )x"
       R"x(Set<{}>, z: {}} tags {x: {y?: Long}};)x",
       R"x({"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"_ab":{)x"
       R"x("type":"EntityOrCommon","name":"Bool","required":false},"if":{)x"
       R"x("type":"Set","element":{"type":"Record","attributes":{}}},"z":{)x"
       R"x("type":"Record","attributes":{}},"é\n":{"type":"EntityOrCommon",)x"
       R"x("name":"Long","annotations":{"c":"'"}}}},"tags":{"type":"Record",)x"
       R"x("attributes":{"x":{"type":"Record","attributes":{"y":{)x"
       R"x("type":"EntityOrCommon","name":"Long","required":false}}}}},)x"
       R"x("annotations":{"a":"","b":"x́"}}},"actions":{}}})x"},
      {R"x(namespace M { type T = {}; type S = Set<{a: T}>; entity A = {r: {x: {)x"
       R"x(}}} tags {a: {}}; })x",
       R"x({"M":{"commonTypes":{"S":{"type":"Set","element":{"type":"Record",)x"
       R"x("attributes":{"a":{"type":"EntityOrCommon","name":"T"}}}},"T":{)x"
       R"x("type":"Record","attributes":{}}},"entityTypes":{"A":{"shape":{)x"
       R"x("type":"Record","attributes":{"r":{"type":"Record","attributes":{"x":{)x"
       R"x("type":"Record","attributes":{}}}}}},"tags":{"type":"Record",)x"
       R"x("attributes":{"a":{"type":"Record","attributes":{}}}}}},"actions":{}}})x"},
      {R"x(action b; action "a q" in [b, Action::"c"]; action c; entity U; action )x"
       R"x(d in c appliesTo {principal: U, resource: [U, U], context: {k?: Long}};)x",
       R"x({"":{"entityTypes":{"U":{}},"actions":{"a q":{"appliesTo":{)x"
       R"x("resourceTypes":[],"principalTypes":[]},"memberOf":[{"id":"b"},{"id":"c",)x"
       R"x("type":"Action"}]},"b":{"appliesTo":{"resourceTypes":[],)x"
       R"x("principalTypes":[]}},"c":{"appliesTo":{"resourceTypes":[],)x"
       R"x("principalTypes":[]}},"d":{"appliesTo":{"resourceTypes":["U","U"],)x"
       R"x("principalTypes":["U"],"context":{"type":"Record","attributes":{"k":{)x"
       R"x("type":"EntityOrCommon","name":"Long","required":false}}}},"memberOf":[{)x"
       R"x("id":"c"}]}}}})x"},
      {R"x(namespace N { entity U enum ["q", "\"\0"]; entity V in [U, N::V]; )x"
       R"x(action x appliesTo {principal: V, resource: V, context: C}; type C = {};)x"
       R"x( })x",
       R"x({"N":{"commonTypes":{"C":{"type":"Record","attributes":{}}},)x"
       R"x("entityTypes":{"U":{"enum":["q","\"\u0000"]},"V":{"memberOfTypes":["U",)x"
       R"x("N::V"]}},"actions":{"x":{"appliesTo":{"resourceTypes":["V"],)x"
       R"x("principalTypes":["V"],"context":{"type":"C"}}}}}})x"},
      {R"x(@doc("x") namespace B::A {entity X;} namespace A::B {} namespace A {} )x"
       R"x(namespace C::A {} namespace B::C::A {})x",
       R"x({"A":{"entityTypes":{},"actions":{}},"B::A":{"entityTypes":{"X":{}},)x"
       R"x("actions":{},"annotations":{"doc":"x"}},"B::C::A":{"entityTypes":{},)x"
       R"x("actions":{}},"C::A":{"entityTypes":{},"actions":{}},"A::B":{)x"
       R"x("entityTypes":{},"actions":{}}})x"},
      {R"x(entity A {__cedar: Long, principal: Bool, "a b"?: String};)x",
       R"x({"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{)x"
       R"x("__cedar":{"type":"EntityOrCommon","name":"Long"},"a b":{)x"
       R"x("type":"EntityOrCommon","name":"String","required":false},"principal":{)x"
       R"x("type":"EntityOrCommon","name":"Bool"}}}}},"actions":{}}})x"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.schema));
    CHECK(json_of(c.schema, false) == c.json);
    CHECK(json_of(c.json, true) == c.json);
  }
}

TEST_CASE("schema printer: forms that only JSON has") {
  const char* schema =
      R"x({"N":{"entityTypes":{"A":{"tags":{"type":"Boolean"}},"B":{)x"
      R"x("memberOfTypes":["A"],"shape":{"type":"Record","attributes":{"x":{)x"
      R"x("type":"Extension","name":"ipaddr"},"y":{"type":"Entity","name":"A"},"z":{)x"
      R"x("type":"T"},"l":{"type":"Long","annotations":{"n":null,"m":""}},"s":{)x"
      R"x("type":"String"},"o":{"type":"EntityOrCommon","name":"T"}}}}},)x"
      R"x("commonTypes":{"T":{"type":"Bool"},"C":{"type":"Record","attributes":{}}},)x"
      R"x("actions":{"a":{"appliesTo":{"principalTypes":["A"],"resourceTypes":[]}},)x"
      R"x("b":{},"c":{"memberOf":[]},"d":{"memberOf":[{"id":"a"},{"id":"b",)x"
      R"x("type":"N::Action"}],"appliesTo":{"principalTypes":["A"],)x"
      R"x("resourceTypes":["B"],"context":{"type":"C"}}}}}})x";
  CHECK(text_of(schema, true) ==
        R"x(namespace N {
  type C = {  };

  type T = Bool;

  entity A tags __cedar::Bool;

  entity B in [A] = {
    @m("")
    @n
    l: __cedar::Long,
    o: T,
    s: __cedar::String,
    x: __cedar::ipaddr,
    y: A,
    z: T
  };

  action "a";

  action "b";

  action "c";

  action "d" in [Action::"a", N::Action::"b"] appliesTo {
    principal: [A],
    resource: [B],
    context: C
  };
}
)x");
}

TEST_CASE("schema printer: characters of strings that are escaped, as the reference engine does") {
  struct Case {
    const char* text;
    const char* quoted;
  };
  const Case cases[] = {
      {"", R"("")"},
      {"a'b\"c\\d", R"("a\'b\"c\\d")"},
      {"\t\r\n\x01\x7f", R"("\t\r\n\u{1}\u{7f}")"},
      {"\xcc\x81x", R"("\u{301}x")"},  // a combining mark in front
      {"x\xcc\x81", "\"x\xcc\x81\""},  // and behind a letter
      {"\xdb\xac", R"("\u{6ec}")"},    // the same of another script
      {"x\xdb\xac", "\"x\xdb\xac\""},
      {"\xe2\x80\x8b\xef\xbb\xbf", R"("\u{200b}\u{feff}")"},  // invisible
      {"\xe2\x80\xae", R"("\u{202e}")"},                      // turns the direction of text
      {"\xc2\xa0\xe3\x80\x80", R"("\u{a0}\u{3000}")"},        // spaces
      {"\xcd\xb8\xf2\xb2\xb3\xb2", R"("\u{378}\u{b2cf2}")"},  // not assigned
      {"\xee\x89\x89", R"("\u{e249}")"},                      // private use
      {"\xf0\x9f\x98\x80\xe7\xa5\xa5", "\"\xf0\x9f\x98\x80\xe7\xa5\xa5\""},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.quoted));
    std::string out;
    append_quoted(out, c.text);
    CHECK(out == c.quoted);
  }
}

TEST_CASE("schema printer: strings of JSON and names in messages") {
  std::string out;
  append_json_quoted(out, std::string_view("\"\\\b\f\n\r\t\0\x1f\x7f\xc3\xa9", 12));
  CHECK(out == "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\xc3\xa9\"");
  CHECK(shown("a`b\nc") == "`a?b?c`");
  CHECK(shown(std::string(60, 'x')) == "`" + std::string(60, 'x') + "`");
  CHECK(shown(std::string(59, 'x') + "\xc3\xa9z") == "`" + std::string(59, 'x') + "…`");
}
