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

// Reads one scalar of valid UTF-8.
char32_t scalar_at(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(at);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t scalar = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) scalar = (scalar << 6) | (byte(at + i) & 0x3fU);
  at += length;
  return scalar;
}

// What cannot be seen or would change how the text around it looks: controls, format and
// bidirectional characters, wide spaces and line separators, private use, what is no character.
bool is_hidden(char32_t c) noexcept {
  struct Range {
    char32_t first;
    char32_t last;
  };
  // Unicode 15: general categories Cc, Cf, Zs (but U+0020), Zl, Zp, Co and noncharacters of the
  // first planes. Unassigned characters are printed as they are.
  static constexpr Range kHidden[] = {
      {0x00, 0x1f},        {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},
      {0x61c, 0x61c},      {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
      {0x8e2, 0x8e2},      {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},
      {0x2028, 0x202f},    {0x205f, 0x206f},   {0x3000, 0x3000},   {0xe000, 0xf8ff},
      {0xfeff, 0xfeff},    {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},
      {0x110cd, 0x110cd},  {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
      {0xe0000, 0x10ffff},
  };
  for (const Range& range : kHidden) {
    if (c <= range.last) return c >= range.first;
  }
  return false;
}

// Combining marks of the blocks made for them: one at the start of a string would change the quote.
bool is_combining(char32_t c) noexcept {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x591 && c <= 0x5bd) ||
         (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
         (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) ||
         (c >= 0xfe20 && c <= 0xfe2f);
}

void append_escaped(std::string& out, char32_t c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u{";
  int shift = 20;
  while (shift > 0 && (c >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += kDigits[(c >> shift) & 15U];
  out += '}';
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = scalar_at(text, at);
    switch (c) {
      case 0: out += "\\0"; continue;
      case '\t': out += "\\t"; continue;
      case '\r': out += "\\r"; continue;
      case '\n': out += "\\n"; continue;
      case '\\': out += "\\\\"; continue;
      case '"': out += "\\\""; continue;
      case '\'': out += "\\'"; continue;
      default: break;
    }
    if (is_hidden(c) || (start == 0 && is_combining(c))) {
      append_escaped(out, c);
    } else {
      out += text.substr(start, at - start);
    }
  }
  out += '"';
}

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
