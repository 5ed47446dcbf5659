// Arguments that a tool wants mirrored in header fields.
// Tested by tests/wire/http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "wire/document.hpp"
#include "wire/http.hpp"
#include "wire/refusals.hpp"

namespace mcpgov::wire {
namespace {

using simdjson::dom::element;

// Integers a tool may mirror are within what every JSON reader holds exactly (2^53 - 1).
constexpr double kExact = 9007199254740991.0;

// An integer as JSON may write it: 42 and 42.0 are the same number.
bool as_integer(const element& value, std::int64_t& out) noexcept {
  if (value.get_int64().get(out) == simdjson::SUCCESS) return true;
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) return false;
  if (std::trunc(number) != number || std::fabs(number) > kExact) return false;
  out = static_cast<std::int64_t>(number);
  return true;
}

// `-12`, also `-12.0`; no sign `+`, no exponent, no leading zeros.
bool as_integer(std::string_view text, std::int64_t& out) noexcept {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc()) return false;
  const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return false;
  std::string_view rest(parsed.ptr,
                        static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
  if (rest.empty()) return true;
  return rest.size() > 1 && rest[0] == '.' && rest.find_first_not_of('0', 1) == rest.npos;
}

ErrorCode match_integer(std::string_view field, const element& value) noexcept {
  std::int64_t wanted = 0;
  std::int64_t given = 0;
  if (!as_integer(value, wanted)) return ErrorCode::header_mismatch;
  if (as_integer(field, given)) {
    return given == wanted ? ErrorCode::none : ErrorCode::header_mismatch;
  }
  std::array<char, 24> digits = {};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), wanted).ptr;
  return match_field(field, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

ErrorCode match_value(std::string_view field, const element& value,
                      ParamHeader::Type type) noexcept {
  switch (type) {
    case ParamHeader::Type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) break;
      return match_field(field, text);
    }
    case ParamHeader::Type::boolean: {
      bool flag = false;
      if (value.get_bool().get(flag) != simdjson::SUCCESS) break;
      return match_field(field, flag ? "true" : "false");
    }
    case ParamHeader::Type::integer: return match_integer(field, value);
  }
  return ErrorCode::header_mismatch;
}

ErrorCode check_one(std::span<const Header> headers, const ParamHeader& wanted,
                    const simdjson::simdjson_result<element>& arguments) {
  Field field;
  const ErrorCode code = find_field(headers, "mcp-param-", wanted.name, field);
  if (code != ErrorCode::none) return code;
  element value;
  const bool absent =
      arguments.at_pointer(wanted.pointer).get(value) != simdjson::SUCCESS || value.is_null();
  if (absent) return field.present ? ErrorCode::header_mismatch : ErrorCode::none;
  return field.present ? match_value(field.value, value, wanted.type) : ErrorCode::header_missing;
}

}  // namespace

Refusal Parser::check_param_headers(const Message& message, const HttpHead& http,
                                    std::span<const ParamHeader> wanted) const noexcept {
  if (!is_modern(message.revision)) return {};
  try {
    const auto arguments = arguments_tree(*this, message);
    for (const ParamHeader& one : wanted) {
      const ErrorCode code = check_one(http.headers, one, arguments);
      if (code != ErrorCode::none) return refuse(code, 0, message.revision);
    }
  } catch (...) {  // simdjson unescapes pointers in a string
    return refuse(ErrorCode::out_of_memory);
  }
  return {};
}

}  // namespace mcpgov::wire
