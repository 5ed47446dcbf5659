// Numbers, texts and values of unknown type, and the names and entities arguments become.
// Tested by tests/request/arguments_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstring>
#include <limits>

#include "base/decimal_text.hpp"
#include "policy/cedar/extension.hpp"
#include "request/arguments.hpp"
#include "request/iso.hpp"

namespace mcpgov::request {

using catalog::Type;
using catalog::TypeKind;
using policy::Kind;
using policy::NameId;
using policy::Value;
using simdjson::dom::element_type;

namespace {

constexpr std::uint32_t kMostLevels = 256;
// Cedar's decimal has four digits behind the point (language reference, "decimal").
constexpr int kDecimalDigits = 4;
constexpr std::int64_t kDecimalScale = 10'000;

}  // namespace

// whole: an integer, however it is written: 5, 5.0 and 5e0 are one number (JSON Schema 2020-12
// core, section 4.2.2), and a policy must not see a difference that the tool does not.
ErrorCode ArgumentReader::visit_number(bool whole, Element value, Wanted wanted, Value& out) {
  const element_type is = value.type();
  if (is != element_type::INT64 && is != element_type::UINT64 && is != element_type::DOUBLE) {
    return ErrorCode::argument_type;
  }
  const std::size_t number = number_++;
  Exactness exactness = Exactness::exact;
  std::int64_t scaled = 0;
  if (is == element_type::INT64) {
    scaled = value.get_int64().value_unsafe();
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kDecimalScale;
    if (!whole && (scaled > kMost || scaled < -kMost)) exactness = Exactness::out_of_range;
    if (!whole && exactness == Exactness::exact) scaled *= kDecimalScale;
  } else if (is == element_type::UINT64) {
    exactness = Exactness::out_of_range;  // simdjson uses it only above the range of int64
  } else if (whole || wanted.any()) {
    const ScaledNumber read = scaled_number(numbers_.at(number), whole ? 0 : kDecimalDigits);
    exactness = read.exactness;
    scaled = read.value;
    if (whole && exactness == Exactness::fractional) return ErrorCode::argument_type;
    if (exactness == Exactness::malformed) return ErrorCode::argument_type;
  }
  if (!wanted.any()) return ErrorCode::none;
  if (wanted.presence()) {
    out = Value::of_boolean(false);
    return ErrorCode::none;
  }
  if (exactness != Exactness::exact) return ErrorCode::argument_not_representable;
  out = whole ? Value::of_integer(scaled) : Value::of_scalar(Kind::decimal, scaled);
  return ErrorCode::none;
}

ErrorCode ArgumentReader::visit_text(const Type& type, std::string_view text, Wanted wanted,
                                     Value& out) {
  const auto scalar = [&](Kind kind, const ScalarText& read) {
    if (read.code == ErrorCode::argument_type) return read.code;
    if (!wanted.any()) return ErrorCode::none;
    if (wanted.presence()) {
      out = Value::of_boolean(false);
      return ErrorCode::none;
    }
    if (read.code == ErrorCode::none) out = Value::of_scalar(kind, read.value);
    return read.code;
  };
  const auto address = [&](const std::optional<policy::Ip>& ip) {
    if (!ip) return ErrorCode::argument_type;
    if (wanted.any()) out = Value::of_ip(arena_.create<policy::Ip>(*ip));
    return ErrorCode::none;
  };
  switch (type.kind) {
    case TypeKind::enumeration:
      if (!type.has_value(text)) return ErrorCode::argument_type;
      if (wanted.any()) out = entity(type.path, text);
      return ErrorCode::none;
    case TypeKind::date: return scalar(Kind::datetime, iso_datetime(text));
    case TypeKind::duration: return scalar(Kind::duration, iso_duration(text));
    case TypeKind::decimal_text: return scalar(Kind::decimal, decimal_text(text));
    case TypeKind::ipv4: return address(ipv4_address(text));
    case TypeKind::ipv6: return address(ipv6_address(text));
    default: out = Value::of_string(text); return ErrorCode::none;
  }
}

ErrorCode ArgumentReader::visit_unknown(Element value, Wanted wanted, At at, Value& out) {
  if (wanted.any()) {
    out = Value::of_entity(
        symbols_.entity(mapping_.type(TypeWord::unknown, symbols_), pointer(at.step)));
  }
  return skip(value, at.depth);
}

// Passes over a value nobody reads; its numbers count.
ErrorCode ArgumentReader::skip(Element value, std::uint32_t depth) {
  if (!spend() || depth > kMostLevels) return ErrorCode::argument_too_complex;
  switch (value.type()) {
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE: ++number_; return ErrorCode::none;
    case element_type::ARRAY: {
      const simdjson::dom::array array = value.get_array().value_unsafe();
      for (const Element item : array) {
        const ErrorCode code = skip(item, depth + 1);
        if (code != ErrorCode::none) return code;
      }
      return ErrorCode::none;
    }
    case element_type::OBJECT: {
      const simdjson::dom::object object = value.get_object().value_unsafe();
      for (const simdjson::dom::key_value_pair member : object) {
        const ErrorCode code = skip(member.value, depth + 1);
        if (code != ErrorCode::none) return code;
      }
      return ErrorCode::none;
    }
    default: return ErrorCode::none;
  }
}

NameId ArgumentReader::name_of(std::string_view text, Wanted wanted) {
  return wanted.whole() ? symbols_.name(text) : symbols_.frozen().find_name(text);
}

Value ArgumentReader::null_entity() {
  return Value::of_entity(symbols_.entity(mapping_.type(TypeWord::null, symbols_), "null"));
}

Value ArgumentReader::entity(std::string_view path, std::string_view id) {
  return Value::of_entity(symbols_.entity(type_text(mapping_, path, arena_), id));
}

// The JSON pointer below the arguments (RFC 6901): the same arguments give the same ids.
std::string_view ArgumentReader::pointer(const Step* step) {
  std::size_t size = 0;
  for (const Step* at = step; at != nullptr; at = at->outer) {
    size += at->item ? 11 : 1 + 2 * at->name.size();
  }
  char* const end = arena_.array<char>(size) + size;
  char* to = end;
  for (const Step* at = step; at != nullptr; at = at->outer) {
    if (at->item) {
      char digits[10];
      const auto last = std::to_chars(digits, digits + sizeof digits, at->number).ptr;
      to -= last - digits;
      std::memcpy(to, digits, static_cast<std::size_t>(last - digits));
    } else {
      for (std::size_t i = at->name.size(); i-- > 0;) {
        const char c = at->name[i];
        *--to = c == '~' ? '0' : c == '/' ? '1' : c;
        if (c == '~' || c == '/') *--to = '~';
      }
    }
    *--to = '/';
  }
  return {to, static_cast<std::size_t>(end - to)};
}

}  // namespace mcpgov::request
