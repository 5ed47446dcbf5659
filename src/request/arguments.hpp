// From JSON arguments to a policy value: checked against the tool's schema, or as JSON has them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <simdjson.h>

#include "catalog/type.hpp"
#include "mcpgov/result.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"
#include "request/mapping.hpp"
#include "request/number_texts.hpp"
#include "request/wanted.hpp"

namespace mcpgov::request {

// Reads one document. The whole of it is checked; only what is wanted is converted.
// Threads: one thread. Throws: std::bad_alloc only.
class ArgumentReader {
 public:
  using Element = simdjson::dom::element;

  // text: the bytes of the document that will be read. Everything is borrowed; values borrow
  // strings of the document, so it must live as long as they do.
  ArgumentReader(const Mapping& mapping, policy::RequestSymbols& symbols, std::string_view text)
      : mapping_(mapping), symbols_(symbols), arena_(symbols.arena()), numbers_(text) {}

  // Values that a document may hold at most, counted again for every alternative they are tried
  // as: alternatives inside alternatives could otherwise double the work at each level. Some 5 ms.
  static constexpr std::uint32_t kVisits = 250'000;

  // The arguments of a tool, an object; out: a record.
  // Errors: argument_not_in_schema, argument_type, argument_missing, argument_not_representable,
  //         argument_too_complex.
  ErrorCode typed(const catalog::Schema& schema, Element document, Wanted wanted,
                  policy::Value& out);

  // JSON as it is: whole numbers Long, other numbers decimal, arrays sets, objects records.
  // Errors: argument_type (`record` is asked for and it is none), argument_not_representable,
  //         argument_too_complex.
  ErrorCode natural(Element document, Wanted wanted, bool record, policy::Value& out);

  // The arguments of a prompt: an object of strings.
  ErrorCode strings(Element document, Wanted wanted, policy::Value& out);

 private:
  // Where a value stands, for ids that are the same whenever the arguments are.
  struct Step {
    const Step* outer;
    std::string_view name;  // of a member; unused for items
    std::uint32_t number;   // of an item
    bool item;
  };
  struct At {
    const Step* step;
    std::uint32_t depth;  // of the value made so far: alternatives add a level of their own
  };
  class Fields;

  ErrorCode visit(const catalog::Type& type, Element value, Wanted wanted, At at,
                  policy::Value& out);
  ErrorCode visit_number(bool whole, Element value, Wanted wanted, policy::Value& out);
  ErrorCode visit_text(const catalog::Type& type, std::string_view text, Wanted wanted,
                       policy::Value& out);
  ErrorCode visit_set(const catalog::Type& type, Element value, Wanted wanted, At at,
                      policy::Value& out);
  ErrorCode visit_tuple(const catalog::Type& type, Element value, Wanted wanted, At at,
                        policy::Value& out);
  ErrorCode visit_choice(const catalog::Type& type, Element value, Wanted wanted, At at,
                         policy::Value& out);
  ErrorCode visit_object(const catalog::Type& type, Element value, Wanted wanted, At at,
                         bool entity, policy::Value& out);
  ErrorCode visit_unknown(Element value, Wanted wanted, At at, policy::Value& out);
  ErrorCode visit_natural(Element value, Wanted wanted, std::uint32_t depth, policy::Value& out);
  ErrorCode skip(Element value, std::uint32_t depth);
  bool spend() noexcept { return visits_ < kVisits && ++visits_ != 0; }

  // Names of members: known ones for nothing, others are added only where all is wanted.
  policy::NameId name_of(std::string_view text, Wanted wanted);
  policy::Value null_entity();
  policy::Value entity(std::string_view path, std::string_view id);
  std::string_view pointer(const Step* step);

  const Mapping& mapping_;
  policy::RequestSymbols& symbols_;
  Arena& arena_;
  NumberTexts numbers_;
  std::size_t number_ = 0;  // how many numbers were passed
  std::uint32_t visits_ = 0;
  const catalog::Schema* schema_ = nullptr;
};

// The entity type `<namespace>::<path>`. Throws: std::bad_alloc.
std::string_view type_text(const Mapping& mapping, std::string_view path, Arena& arena);

}  // namespace mcpgov::request
