// Cedar's four extension types: decimal, ipaddr, datetime and duration, with every function.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

// Texts of the constructors, or nothing where Cedar refuses them. Sources: Cedar 4.5 reference,
// "Operators and functions"; where it is silent, the reference engine 4.12.
std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept;   // 10^-4
std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept;  // ms since 1970
std::optional<std::int64_t> parse_duration(std::string_view text) noexcept;  // ms
std::optional<Ip> parse_ip(std::string_view text) noexcept;

// `function` is called as f(x), `method` as x.f(y); the other way is a parse error.
enum class CallStyle : std::uint8_t { function, method };

// One row for the parser (does it exist, in which style), the compiler and the evaluator.
// A wrong number of arguments of these functions is an error at run time, not in the text.
struct ExtensionFunction {
  std::string_view name;
  CallStyle style;
  std::uint8_t arity;              // with the receiver
  std::array<Kind, 2> parameters;  // the first `arity` count
  Kind result;
  // Given `arity` arguments of the right kinds. Throws: std::bad_alloc.
  ErrorCode (*compute)(std::span<const Value> args, Arena& arena, Value& out);

  // Checks the number of arguments, then their kinds from left to right, then computes.
  // An unknown argument is a type error here: three-valued evaluation looks before it calls.
  // out: untouched unless the result is `none`.
  // Errors: eval_arity, eval_type, eval_extension. Throws: std::bad_alloc only.
  ErrorCode call(std::span<const Value> args, Arena& arena, Value& out) const;
};

// All of them, sorted by name. Static storage.
std::span<const ExtensionFunction> extension_functions() noexcept;

// By name, or null.
const ExtensionFunction* find_extension_function(std::string_view name) noexcept;

}  // namespace mcpgov::policy::cedar
