// Values, uids and errors as text for people, in Cedar's own notation.
// Tested by tests/policy/print_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "policy/cedar/engine.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

std::string padded(std::uint64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::uint64_t magnitude(std::int64_t value) noexcept {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

// The fewest digits behind the point, at least one.
std::string decimal_text(std::int64_t value) {
  const std::uint64_t size = magnitude(value);
  std::string fraction = padded(size % 10000, 4);
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return (value < 0 ? "-" : "") + std::to_string(size / 10000) + "." + fraction;
}

std::string ip_text(const Ip& ip) {
  std::string out;
  if (ip.v6) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; i += 2) {
      const unsigned group = static_cast<unsigned>(ip.bytes[i]) << 8 | ip.bytes[i + 1];
      if (i > 0) out += ':';
      int shift = 12;
      while (shift > 0 && (group >> shift) == 0) shift -= 4;
      for (; shift >= 0; shift -= 4) out += kDigits[(group >> shift) & 15U];
    }
  } else {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) out += '.';
      out += std::to_string(ip.bytes[i]);
    }
  }
  return out + "/" + std::to_string(ip.prefix);
}

bool is_plain_name(std::string_view name) noexcept {
  return is_identifier(name) && !is_reserved(name);
}

void append(std::string& out, const RequestSymbols& symbols, const Value& value, int depth);

// Sorted by their text: ids differ from snapshot to snapshot, what is printed must not.
void append_items(std::string& out, const RequestSymbols& symbols, const Value& value, int depth) {
  std::vector<std::string> items(value.size);
  for (std::uint32_t i = 0; i < value.size; ++i) {
    if (value.kind == Kind::set) {
      append(items[i], symbols, value.items[i], depth - 1);
      continue;
    }
    const std::string_view name = symbols.text(value.fields[i].name);
    if (is_plain_name(name)) {
      items[i] += name;
    } else {
      append_quoted(items[i], name);
    }
    items[i] += ": ";
    append(items[i], symbols, value.fields[i].value, depth - 1);
  }
  std::sort(items.begin(), items.end());
  out += value.kind == Kind::set ? '[' : '{';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    out += items[i];
  }
  out += value.kind == Kind::set ? ']' : '}';
}

void append_milliseconds(std::string& out, std::int64_t value) {
  out += "duration(\"" + std::to_string(value) + "ms\")";
}

void append(std::string& out, const RequestSymbols& symbols, const Value& value, int depth) {
  switch (value.kind) {
    case Kind::unknown: out += "unknown"; return;
    case Kind::boolean: out += value.boolean() ? "true" : "false"; return;
    case Kind::integer: out += std::to_string(value.integer); return;
    case Kind::string: return append_quoted(out, value.string());
    case Kind::entity: out += uid_text(symbols, value.entity()); return;
    case Kind::decimal: out += "decimal(\"" + decimal_text(value.integer) + "\")"; return;
    case Kind::datetime:
      // Any datetime can be written as an offset; only years 0 to 9999 have a date.
      out += "datetime(\"1970-01-01\").offset(";
      append_milliseconds(out, value.integer);
      out += ')';
      return;
    case Kind::duration: return append_milliseconds(out, value.integer);
    case Kind::ip: out += "ip(\"" + ip_text(*value.ip) + "\")"; return;
    case Kind::set:
    case Kind::record:
      if (depth > 0) return append_items(out, symbols, value, depth);
      out += "...";
      return;
  }
}

}  // namespace

std::string uid_text(const RequestSymbols& symbols, EntityId entity) {
  if (entity == kNoEntity) return "unknown";
  std::string out(symbols.text(symbols.type(entity)));
  out += "::";
  append_quoted(out, symbols.id(entity));
  return out;
}

std::string value_text(const RequestSymbols& symbols, const Value& value) {
  std::string out;
  append(out, symbols, value, 2 * kMaxValueDepth);
  return out;
}

std::string error_text(const Engine& engine, const PolicyError& error) {
  const PolicyFacts facts = engine.policy(error.policy);
  std::string out = "policy `" + std::string(facts.id) + "` (";
  if (!facts.source.empty()) out += std::string(facts.source) + ":";
  out += std::to_string(facts.line) + ":" + std::to_string(facts.column) + "): ";
  out += code_sentence(error.code);
  return out;
}

}  // namespace mcpgov::policy::cedar
