// Schemas in JSON: which are accepted, which refused and why.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

namespace {

Result<cedar::Schema> read(std::string_view text) {
  Symbols symbols;
  return cedar::read_schema_json(text, "s.json", symbols);
}

}  // namespace

// The verdicts of the reference engine 4.12.
TEST_CASE("schema in JSON: documents that are accepted") {
  const char* cases[] = {
      R"({})",
      R"({"N":{"entityTypes":{},"actions":{}}})",
      R"({"N":{"entityTypes":{},"actions":{},"annotations":{"a":"b"}}})",
      R"({"N":{"entityTypes":{},"actions":{},"annotations":{"a":null}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
      R"("type":"Long"}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
      R"("type":"Boolean"}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"T"}}},"actions":{},)"
      R"("commonTypes":{"T":{"type":"Record","attributes":{}}}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{},)"
      R"("additionalAttributes":false}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Set","element":{"type":"Long"}}},)"
      R"("B":{}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Entity","name":"A"}},"B":{}},)"
      R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"EntityOrCommon","name":"A"}},"B":{)"
      R"(}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"EntityOrCommon","name":"T"}},"B":{)"
      R"(}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"ipaddr"}},"B":{)"
      R"(}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"ipaddr"}},"B":{}},"actions":{},)"
      R"("commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
      R"("type":"Long","annotations":{"x":"y","b":null}}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"enum":["a"]}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"enum":["a","a"]}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"memberOfTypes":["B"]},"B":{}},"actions":{}}})",
      R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"ipaddr":{)"
      R"("type":"Long"}}}})",
      R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"Long",)"
      R"("annotations":{"doc":"x"}}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":null},"b":{)"
      R"(}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
      R"("principalTypes":["A"],"resourceTypes":["B"]}},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
      R"("principalTypes":[],"resourceTypes":["B"]}},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{}},"actions":{"a":{"appliesTo":{)"
      R"("principalTypes":["A"],"resourceTypes":["A"],"context":{"type":"C"}}}},)"
      R"("commonTypes":{"C":{"type":"Record","attributes":{"x":{"type":"Long",)"
      R"("required":false}}}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{)"
      R"("id":"b"}]},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
      R"("type":"Action"}]},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
      R"("type":"N::Action"}]},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":null},"b":{)"
      R"(}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"attributes":null},"b":{)"
      R"(}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"annotations":{)"
      R"("a":"b"}},"b":{}}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"__cedar":{)"
      R"("type":"Long"}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"":{)"
      R"("type":"Long"},"a b":{"type":"Bool"},"if":{"type":"String"},)"
      R"("\u00e9\n\u0001\u007f\u2028":{"type":"decimal"}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{"A":{}},"actions":{},"commonTypes":{"A":{)"
      R"("type":"Long"}}}})",
      R"({"":{"entityTypes":{"A":{}},"actions":{},"commonTypes":{"A":{)"
      R"("type":"Long"}}}})",
      R"({"B::A":{"entityTypes":{},"actions":{}},"A::B":{"entityTypes":{},"actions":{)"
      R"(}},"A":{"entityTypes":{},"actions":{}},"C::A":{"entityTypes":{},"actions":{)"
      R"(}},"B::C::A":{"entityTypes":{},"actions":{}},"":{"entityTypes":{},)"
      R"("actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Record","attributes":{"a":{)"
      R"("type":"Record","attributes":{"b":{"type":"Set","element":{"type":"Record",)"
      R"("attributes":{"x":{"type":"Long"}}}}}}}}}},"actions":{}}})",
      R"({"N":{"entityTypes":{},"actions":{},"annotations":{"if":"x"}}})",
      R"({"N":{"entityTypes":{},"actions":{},"annotations":{"__cedar":"x"}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Bool"}},"B":{}},"actions":{},)"
      R"("commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"Boolean"}},"Boolean":{}},)"
      R"("actions":{}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"__cedar::Long"}},"B":{}},)"
      R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{"tags":{"type":"EntityOrCommon",)"
      R"("name":"__cedar::Long"}},"B":{}},"actions":{},"commonTypes":{"T":{)"
      R"("type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
      R"("type":null}]},"b":{}}}})",
      R"({"N":{"entityTypes":{"B":{"tags":{"type":"EntityOrCommon",)"
      R"("name":"Action"}}},"actions":{"x":{}},"commonTypes":{"Action":{)"
      R"("type":"Long"}}}})",
      R"({"N":{"entityTypes":{"A":{}},"actions":{"a":{"appliesTo":{)"
      R"("principalTypes":["A","A"],"resourceTypes":["A"]}}}}})",
      R"({"N":{"entityTypes":{"A":{"enum":["a"]},"B":{"memberOfTypes":["A"]}},)"
      R"("actions":{}}})",
  };
  for (const char* text : cases) {
    CAPTURE(std::string(text));
    const Result<cedar::Schema> schema = read(text);
    if (!schema) FAIL_CHECK(schema.error().text());
  }
}

TEST_CASE("schema in JSON: documents that are refused, each with its code") {
  struct Case {
    ErrorCode code;
    const char* text;
  };
  const Case cases[] = {
      {ErrorCode::schema_action_cycle,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{)"
       R"("id":"a"}]},"b":{}}}})"},
      {ErrorCode::schema_common_cycle,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"A":{"type":"B"},"B":{)"
       R"("type":"A"}}}})"},
      {ErrorCode::schema_empty_list, R"({"N":{"entityTypes":{"A":{"enum":[]}},"actions":{}}})"},
      {ErrorCode::schema_not_a_record,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Long"}}},"actions":{}}})"},
      {ErrorCode::schema_not_a_record,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"T"}}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_not_a_record,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
       R"("principalTypes":["A"],"resourceTypes":["B"],"context":{"type":"Long"}}},)"
       R"("b":{}}}})"},
      {ErrorCode::schema_not_a_record,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Set","element":{)"
       R"("type":"Long"}}}},"actions":{}}})"},
      {ErrorCode::schema_reserved_name,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"Long":{"type":"Long"}}}})"},
      {ErrorCode::schema_reserved_name,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"__cedar":{)"
       R"("type":"Long"}}}})"},
      {ErrorCode::schema_reserved_name, R"({"N":{"entityTypes":{"Action":{}},"actions":{}}})"},
      {ErrorCode::schema_reserved_name, R"({"__cedar":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_reserved_name, R"({"N::__cedar":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_shadowing,
       R"({"":{"entityTypes":{"A":{}},"actions":{"x":{}}},"N":{"entityTypes":{},)"
       R"("actions":{"x":{}}}})"},
      {ErrorCode::schema_shadowing,
       R"({"":{"entityTypes":{"A":{}},"actions":{"x":{}}},"N":{"entityTypes":{"A":{}},)"
       R"("actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{},"zz":1}})"},
      {ErrorCode::schema_shape, R"({"":{"entityTypes":{},"actions":{},"annotations":{"a":"b"}}})"},
      {ErrorCode::schema_shape, R"({"N M":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record"}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Set"}},"B":{}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Long","element":{"type":"Long"}}},)"
       R"("B":{}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
       R"("type":"Long","foo":1}}}}},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"foo":1}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"enum":["a"],"shape":{"type":"Record",)"
       R"("attributes":{}}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"enum":["a"],"tags":{"type":"Long"}}},"actions":{)"
       R"(}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"enum":["a"],"memberOfTypes":[]}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":null,"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{}},"b":{)"
       R"(}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
       R"("principalTypes":["A"]}},"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
       R"("principalTypes":["A"],"resourceTypes":["B"],"context":null}},"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"appliesTo":{)"
       R"("principalTypes":["A"],"resourceTypes":["B"],"zz":1}},"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"zz":1},"b":{}}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"in":{}},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"N::A":{}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"N::T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"if":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape, R"({"entityTypes":{},"actions":{}})"},
      {ErrorCode::schema_shape, R"({"N":null})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":null,"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":null}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":[],"actions":{}}})"},
      {ErrorCode::schema_shape, R"(1)"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"annotations":{"a b":"x"}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{},"annotations":{"a":1}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{},"annotations":{"":"x"}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{},"annotations":null}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{},"commonTypes":null}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":null},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"shape":null}},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"tags":null}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"memberOfTypes":null}},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"enum":null}},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"enum":[1]}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"memberOfTypes":["A "]}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"memberOfTypes":["if"]}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
       R"("type":"Long","required":null}}}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
       R"("type":"Long","required":"x"}}}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{},)"
       R"("additionalAttributes":null}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{)"
       R"("type":"Long","name":"x"}}}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":1}},"B":{}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":null}},"B":{}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"element":{"type":"Long"}}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Long","element":null}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"A B"}},"B":{}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension",)"
       R"("name":"__cedar::ipaddr"}},"B":{}},"actions":{},"commonTypes":{"T":{)"
       R"("type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"if"}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":["b"]},"b":{)"
       R"(}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
       R"("x":1}]},"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
       R"("type":"Act ion"}]},"b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":1}]},)"
       R"("b":{}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{}]},"b":{)"
       R"(}}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"annotations":null}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"T":null}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"Long",)"
       R"("x":1}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"Long",)"
       R"("required":false}}}})"},
      {ErrorCode::schema_shape, R"({"N::":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"if":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":{"enum":["a",null]}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{},)"
       R"("annotations":{}}}},"actions":{}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Long","annotations":{}}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_shape,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Set","element":{"type":"Long",)"
       R"("required":true}}},"B":{}},"actions":{},"commonTypes":{"T":{)"
       R"("type":"Long"}}}})"},
      {ErrorCode::schema_shape, R"([])"},
      {ErrorCode::schema_unknown_action,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
       R"("type":"M::Action"}]},"b":{}}}})"},
      {ErrorCode::schema_unknown_action,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{)"
       R"("id":"c"}]},"b":{}}}})"},
      {ErrorCode::schema_unknown_action,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"memberOf":[{"id":"b",)"
       R"("type":"Foo"}]},"b":{}}}})"},
      {ErrorCode::schema_unknown_extension,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"ip"}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_extension,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"Long"}},"B":{)"
       R"(}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_extension,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"Zed"}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Entity","name":"Z"}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"A"}},"B":{}},"actions":{},)"
       R"("commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"N":{"entityTypes":{"A":{"memberOfTypes":["Z"]}},"actions":{}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"":{"entityTypes":{"ipaddr":{}},"actions":{}},"N":{"entityTypes":{"A":{)"
       R"("tags":{"type":"ipaddr"}}},"actions":{}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Entity","name":"__cedar::Long"}},)"
       R"("B":{}},"actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unknown_type,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Entity","name":"Action"}},"B":{}},)"
       R"("actions":{},"commonTypes":{"T":{"type":"Long"}}}})"},
      {ErrorCode::schema_unsupported,
       R"({"N":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{},)"
       R"("additionalAttributes":true}}},"actions":{}}})"},
      {ErrorCode::schema_unsupported,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"attributes":{}},"b":{)"
       R"(}}}})"},
      {ErrorCode::schema_unsupported,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"attributes":{"x":1}},)"
       R"("b":{}}}})"},
      {ErrorCode::schema_unsupported,
       R"({"N":{"entityTypes":{"A":{},"B":{}},"actions":{"a":{"attributes":1},"b":{)"
       R"(}}}})"},
      {ErrorCode::schema_unsupported,
       R"({"N":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"Record",)"
       R"("attributes":{},"additionalAttributes":true}}}})"},
      {ErrorCode::schema_json, R"()"},
      {ErrorCode::schema_json, R"({)"},
      {ErrorCode::schema_json, R"({"N":{"entityTypes":{},"actions":{}}} x)"},
      {ErrorCode::schema_json,
       R"({"N":{"entityTypes":{},"actions":{}},"N":{"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_json, R"({"N":{"entityTypes":{},"entityTypes":{},"actions":{}}})"},
      {ErrorCode::schema_json, R"({"N":{"entityTypes":{"A":{},"A":{}},"actions":{}}})"},
      {ErrorCode::schema_json,
       R"({"N":{"entityTypes":{"A":{"tags":{"type":"Record","attributes":{"a":{)"
       R"("type":"Long"},"a":{"type":"Long"}}}}},"actions":{}}})"},
      {ErrorCode::schema_json, R"({"N":{"entityTypes":{},"actions":{"a":{},"a":{}}}})"},
      {ErrorCode::schema_shape, R"({"N":[{},{},{}]})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{},"actions":{"a":[]}}})"},
      {ErrorCode::schema_shape, R"({"N":{"entityTypes":{"A":[]},"actions":{}}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    const Result<cedar::Schema> schema = read(c.text);
    REQUIRE_FALSE(schema.has_value());
    CHECK(code_name(schema.error().code) == code_name(c.code));
    CHECK(schema.error().line == 1);
    CHECK(schema.error().file == "s.json");
  }
}

TEST_CASE("schema in JSON: errors point at what is wrong") {
  struct Case {
    const char* text;
    std::uint32_t line;
    std::uint32_t column;
  };
  const Case cases[] = {
      {"{\n \"N\": {}}", 2, 7},
      {"{\"N\": {\"entityTypes\": {\n\"A\": {\"shap\": 1}}, \"actions\": {}}}", 2, 7},
      {"{\"N\": {\"entityTypes\": {\n \"A\": {\"tags\": {\"type\": \"Lon\"}}}, \"actions\": {}}}",
       2, 25},
      {"{\"N\": {\"entityTypes\": {}, \"actions\": {\n\"a\": {\"memberOf\":\n [{\"id\": "
       "\"b\"}]}}}}",
       3, 3},
      {"{\"N\": {\"entityTypes\": {}, \"actions\": {},\n \"if\": {}}}", 2, 2},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    const Result<cedar::Schema> schema = read(c.text);
    REQUIRE_FALSE(schema.has_value());
    CAPTURE(schema.error().text());
    CHECK(schema.error().line == c.line);
    CHECK(schema.error().column == c.column);
  }
}

TEST_CASE("schema in JSON: what nests without end or is too large is refused") {
  const auto sets = [](int depth) {
    std::string out = R"({"":{"entityTypes":{"A":{"tags":)";
    for (int i = 0; i < depth; ++i) out += R"({"type":"Set","element":)";
    out += R"({"type":"Long"})" + std::string(static_cast<std::size_t>(depth), '}');
    return out + R"(}},"actions":{}}})";
  };
  const auto records = [](int depth) {
    std::string out = R"({"":{"actions":{},"entityTypes":{"A":{"tags":)";
    for (int i = 0; i < depth; ++i) out += R"({"type":"Record","attributes":{"a":)";
    out += R"({"type":"Long","annotations":{}})";
    return out + std::string(2 * static_cast<std::size_t>(depth), '}') + "}}}}";
  };
  CHECK(read(sets(64)).has_value());
  CHECK(code_name(read(sets(65)).error().code) == "schema_too_deep");
  CHECK(code_name(read(sets(100000)).error().code) == "schema_too_deep");
  CHECK(read(records(64)).has_value());
  CHECK(code_name(read(records(65)).error().code) == "schema_too_deep");
  CHECK(code_name(read(records(100000)).error().code) == "schema_too_deep");
  CHECK(code_name(read(std::string((16 << 20) + 1, ' ')).error().code) == "schema_too_large");
}
