// What a JSON Schema says by itself, before what is inside of it is read. All that reads tools'
// schemas reads them through this, so that calls, policies and generated schemas mean the same.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mcpgov/catalog.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::catalog {

using Json = nlohmann::json;

// A schema inside of another one.
struct Part {
  const Json* schema = nullptr;
  std::string_view as;  // one of several types: the schema is read as if it had this one alone
  std::string step;     // JSON pointer from the outer schema
};

// Precedence and kinds are those of Cedar's MCP schema generator: `type` wins over `anyOf`, that
// over `oneOf`, that over `$ref`.
struct Shape {
  enum class Kind : std::uint8_t {
    unknown,  // `{}`, and what only other keywords describe (const, enum without a type, allOf)
    never,    // `false`
    boolean,
    integer,
    number,
    floating,  // `float`, which some generators write; a number
    string,
    enumeration,
    date,
    duration,
    ipv4,
    ipv6,
    decimal_text,
    null,
    set,
    tuple,
    choice,
    object,
    reference,
  };
  Kind kind = Kind::unknown;
  const Json* values = nullptr;      // enumeration: strings, at least one
  const Json* item = nullptr;        // set: null when items are of unknown type
  std::vector<Part> parts;           // tuple, choice: in order, may be empty
  const Json* properties = nullptr;  // object: null when it has none
  const Json* required = nullptr;    // object: names, or null
  const Json* rest = nullptr;        // object: schema of what is no property
  bool open = false;                 // object: what is no property may be anything
  bool silent = false;               // object: neither properties nor anything about others
  std::string_view reference;        // as it was written

  std::set<std::string_view> required_names() const;
};

// as: see Part. problem: why the schema cannot be understood, when the result is false.
// Throws: std::bad_alloc.
bool read_shape(const Json& schema, std::string_view as, Shape& out, const char*& problem);

// True when both describe the same values: the descriptions in them count as well, as they do in
// the generator.
bool same_shape(const Json& a, const Json& b);

// Where `#/$defs/X` and, in older drafts, `#/definitions/X` point; empty: neither.
struct Reference {
  std::string name;
  bool old_draft = false;
};
Reference read_reference(std::string_view text);

// The member of an object, or null.
const Json* member_of(const Json& object, std::string_view name);

// `name` as a part of a JSON pointer, with its slash (RFC 6901 section 3).
std::string pointer_part(std::string_view name);

// The tools of a list in any of its forms, and the definitions they share, or null.
struct ToolList {
  std::vector<const Json*> tools;
  std::vector<std::string> pointers;  // of the tools
  const Json* shared = nullptr;
};
// json: borrowed by the result. Errors: tool_list_invalid.
Result<ToolList> open_tool_list(const Json& json, std::string_view file);

// Empty: the tool has no usable name. position: in its list, for the message.
// Errors: tool_list_invalid.
Result<std::string_view> tool_name(const Json& tool, std::size_t position, const Limits& limits,
                                   std::string_view file);

// The schema of a tool's input or output, `{"json": …}` taken off; schema is null when it has none.
Part input_schema(const Json& tool);
Part output_schema(const Json& tool);

}  // namespace mcpgov::catalog
