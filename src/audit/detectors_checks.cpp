// Checksums, entropy, and cheap looks before a pattern is tried.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors_checks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "base/base64.hpp"

namespace mcpgov::audit {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) noexcept {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
bool is_alnum(char c) noexcept {
  return is_digit(c) || is_letter(c);
}
bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
bool is_token(char c) noexcept {
  return is_alnum(c) || c == '-' || c == '_';
}

constexpr std::size_t kMostCardDigits = 19;  // ISO/IEC 7812-1 section 4.1

// Whether an issuer gives out numbers of this beginning and length. Beginnings are those of the
// registration authority's public list: Visa 4; Mastercard 51-55, 2221-2720; American Express 34,
// 37; Diners 30, 36, 38, 39; Discover 6011, 644-649, 65; JCB 3528-3589; UnionPay 62; Maestro 50,
// 56-58, 63, 67.
bool is_issued(unsigned four, std::size_t digits) noexcept {
  const unsigned two = four / 100;
  if (four / 1000 == 4) return digits == 13 || digits == 16 || digits == 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return digits == 16;
  if (two == 34 || two == 37) return digits == 15;
  if (two == 30 || two == 36 || two == 38 || two == 39) return digits == 14 || digits == 16;
  if (four == 6011 || two == 65 || (four >= 6440 && four <= 6499)) return digits == 16;
  if (four >= 3528 && four <= 3589) return digits == 16;
  if (two == 62) return digits >= 16;
  return (two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67) && digits == 16;
}

// ISO/IEC 7812-1 annex B: the check digit of Luhn.
bool is_card(std::span<const std::uint8_t> digits) noexcept {
  if (digits.size() < 13) return false;
  const unsigned four = digits[0] * 1000U + digits[1] * 100U + digits[2] * 10U + digits[3];
  if (!is_issued(four, digits.size())) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned digit = digits[digits.size() - 1 - i];
    const unsigned twice = digit * 2;
    sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 == 0;
}

// ISO 13616-1: the countries' lengths, from SWIFT's IBAN registry.
struct Country {
  char code[3];
  std::uint8_t size;
};
constexpr Country kCountries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
    {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27},
    {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20},
    {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27},
    {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NL", 18}, {"NO", 15},
    {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"SA", 24},
    {"SC", 31}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28}, {"TL", 23},
    {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
};

std::size_t iban_size(char first, char second) noexcept {
  for (const Country& each : kCountries) {
    if (each.code[0] == first && each.code[1] == second) return each.size;
  }
  return 0;
}

// A digit as itself, A as 10, …: the remainder goes on with one or two decimal places.
unsigned append_97(unsigned remainder, char c) noexcept {
  const unsigned value =
      is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A') + 10;
  return (remainder * (value < 10 ? 10U : 100U) + value) % 97U;
}

}  // namespace

double entropy_of(std::string_view text) noexcept {
  if (text.empty()) return 0;
  std::array<std::uint32_t, 256> counts = {};
  for (const char each : text) ++counts[static_cast<unsigned char>(each)];
  const auto all = static_cast<double>(text.size());
  double sum = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const double share = count / all;
    sum -= share * std::log2(share);
  }
  return sum;
}

std::size_t card_number_at(std::string_view text, std::size_t at) noexcept {
  if (at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '.')) return 0;
  std::array<std::uint8_t, kMostCardDigits> digits;
  std::size_t count = 0;
  std::size_t found = 0;
  for (std::size_t i = at; i < text.size() && is_digit(text[i]);) {
    // One group, and whether the number may end with it: another one may follow it in a list.
    for (; i < text.size() && is_digit(text[i]); ++i) {
      if (count == kMostCardDigits) return found;
      digits[count++] = static_cast<std::uint8_t>(text[i] - '0');
    }
    const bool ends = i == text.size() || !is_letter(text[i]);
    if (ends && is_card({digits.data(), count})) found = i - at;
    // Groups are not shorter than four digits, but for the last one.
    if (count < 4 || i == text.size() || (text[i] != ' ' && text[i] != '-')) break;
    ++i;
  }
  return found;
}

std::size_t iban_at(std::string_view text, std::size_t at) noexcept {
  if (at > 0 && is_alnum(text[at - 1])) return 0;
  if (text.size() - at < 4) return 0;
  const std::size_t size = iban_size(text[at], text[at + 1]);
  if (size == 0) return 0;
  unsigned remainder = 0;
  std::size_t count = 0;
  std::size_t i = at;
  for (; i < text.size() && count < size; ++i) {
    const char c = text[i];
    if (c == ' ' && count % 4 == 0 && count > 0 && text[i - 1] != ' ') continue;
    if (!is_digit(c) && !is_upper(c)) return 0;
    ++count;
    if (count > 4) remainder = append_97(remainder, c);
  }
  if (count != size || (i < text.size() && is_alnum(text[i]))) return 0;
  for (std::size_t k = at; k < at + 4; ++k) remainder = append_97(remainder, text[k]);
  return remainder == 1 ? i - at : 0;
}

std::size_t phone_at(std::string_view text, std::size_t at) noexcept {
  if (at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '+' || text[at - 1] == '/')) return 0;
  std::size_t digits = 0;
  std::size_t end = at;
  bool apart = false;  // the byte before was no digit
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c)) {
      if (++digits > 15) return 0;
      end = i + 1;
      apart = false;
    } else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')') {
      // `) ` and ` (` are two.
      if (apart && c != '(' && text[i - 1] != ')') break;
      apart = true;
    } else {
      break;
    }
  }
  if (digits < 8 || (end < text.size() && (is_letter(text[end]) || text[end] == '/'))) return 0;
  return end - at;
}

bool is_basic_credentials(std::string_view text) noexcept {
  try {
    std::string padded(text);
    while (padded.size() % 4 != 0) padded += '=';
    std::string plain;
    if (!decode_base64(padded, plain)) return false;
    const std::size_t colon = plain.find(':');
    return colon != std::string::npos && std::none_of(plain.begin(), plain.end(), [](char c) {
             return static_cast<unsigned char>(c) < 0x20;
           });
  } catch (...) {
    return true;  // no memory to look: take it out
  }
}

bool is_mixed(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), is_digit) &&
         std::any_of(text.begin(), text.end(), is_letter);
}

bool is_value(std::string_view text) noexcept {
  // Words of code, schemas and prose in the place of a value.
  static constexpr std::string_view kWords[] = {
      "null",   "none",     "nil",      "true",    "false",  "undefined", "string", "str",
      "text",   "required", "optional", "varchar", "bool",   "boolean",   "self",   "this",
      "object", "number",   "integer",  "int",     "secret", "password",  "bytes",  "char",
      "const",  "final",    "value",    "type",    "input",  "the",       "your",   "must",
  };
  std::string_view word = text;
  while (!word.empty() && !is_alnum(word.back())) word.remove_suffix(1);
  return std::none_of(std::begin(kWords), std::end(kWords), [&](std::string_view each) {
    return each.size() == word.size() &&
           std::equal(each.begin(), each.end(), word.begin(), [](char a, char b) {
             return a == b || (is_letter(b) && a == static_cast<char>(b | 0x20));
           });
  });
}

bool is_no_port(std::string_view text) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits == 0 || digits > 5 || digits == text.size() ||
         (text[digits] != '/' && text[digits] != '?' && text[digits] != '#');
}

namespace {

// Text from a place on. Of JSON text each escape is one character, and a quote is the end.
class Ahead {
 public:
  Ahead(std::string_view text, std::size_t at, bool raw) noexcept
      : text_(text), at_(at), raw_(raw) {}

  // 0: the end, or a `\u` (see unknown()), or a control character, which ends everything here.
  char next() noexcept {
    if (at_ >= text_.size()) return 0;
    const char c = text_[at_++];
    if (!raw_) return c;
    if (c == '"') {
      at_ = text_.size();
      return 0;
    }
    if (c != '\\') return c;
    const char escaped = at_ < text_.size() ? text_[at_++] : 'u';
    switch (escaped) {
      case 'n':
      case 'r':
      case 't':
      case 'f': return ' ';
      case '"':
      case '\\':
      case '/': return escaped;
      default: unknown_ = true; return 0;
    }
  }
  // Anything may have been there.
  bool unknown() const noexcept { return unknown_; }

 private:
  std::string_view text_;
  std::size_t at_;
  bool raw_;
  bool unknown_ = false;
};

bool is_space(char c) noexcept {
  return is_blank(c) || c == '\n' || c == '\r' || c == '\f';
}
bool is_credential(char c) noexcept {
  return is_token(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=' || c == '%';
}

// Behind blanks, `least` bytes of a token, one of which is of a kind that words have not.
template <class Kind>
bool credentials_follow(Ahead text, std::size_t least, Kind kind) noexcept {
  char c = text.next();
  if (!is_space(c)) return text.unknown();
  while (is_space(c)) c = text.next();
  bool seen = false;
  std::size_t size = 0;
  for (; is_credential(c) && size < 512; ++size) {
    seen = seen || kind(c);
    c = text.next();
  }
  return text.unknown() || (seen && size >= least);
}

}  // namespace

bool token_follows(std::string_view text, std::size_t, std::size_t after, bool raw) noexcept {
  Ahead ahead(text, after, raw);
  for (int i = 0; i < 10; ++i) {
    if (!is_credential(ahead.next())) return ahead.unknown();
  }
  return true;
}

bool bearer_follows(std::string_view text, std::size_t, std::size_t after, bool raw) noexcept {
  return credentials_follow(Ahead(text, after, raw), 16, is_digit);
}

bool basic_follows(std::string_view text, std::size_t, std::size_t after, bool raw) noexcept {
  return credentials_follow(Ahead(text, after, raw), 6,
                            [](char c) { return is_digit(c) || is_upper(c); });
}

namespace {

bool operator_follows(Ahead& ahead) noexcept {
  // A name's rest, closing marks, blanks: as many as the patterns allow, and some more.
  constexpr int kMost = 40;
  int i = 0;
  char c = ahead.next();
  for (; i < kMost && (is_token(c) || c == '.'); ++i) c = ahead.next();
  for (; i < kMost; ++i, c = ahead.next()) {
    if (c == '=' || c == ':' || c == '|') return true;
    if (!is_space(c) && c != '"' && c != '\'' && c != ']' && c != ')' && c != '\\') break;
  }
  return ahead.unknown();
}

// Behind the operator something of ten bytes with a digit.
bool secret_follows(Ahead& ahead) noexcept {
  char c = ahead.next();
  for (int i = 0; i < 16 && (is_space(c) || c == '=' || c == '>' || c == '|' || c == '"' ||
                             c == '\'' || c == '\\');
       ++i) {
    c = ahead.next();
  }
  bool digit = false;
  std::size_t size = 0;
  for (; size < 256 && c != 0 && !is_space(c) && c != '"' && c != '\''; ++size) {
    digit = digit || is_digit(c);
    c = ahead.next();
  }
  return ahead.unknown() || size == 256 || (digit && size >= 10);
}

}  // namespace

bool value_follows(std::string_view text, std::size_t, std::size_t after, bool raw) noexcept {
  Ahead ahead(text, after, raw);
  return operator_follows(ahead);
}

bool key_value_follows(std::string_view text, std::size_t at, std::size_t after,
                       bool raw) noexcept {
  // `key` alone is a word of everyday code; `api_key` and `accessKey` are not.
  Ahead ahead(text, after, raw);
  const bool compound = at > 0 && (is_token(text[at - 1]) || text[at - 1] == ' ');
  return (compound || (text[at] != 'k' && text[at] != 'K')) && operator_follows(ahead) &&
         (ahead.unknown() || secret_follows(ahead));
}

bool address_around(std::string_view text, std::size_t at, std::size_t after, bool raw) noexcept {
  if (at == 0) return false;
  const char before = text[at - 1];
  Ahead ahead(text, after, raw);
  return (is_alnum(ahead.next()) || ahead.unknown()) &&
         (is_token(before) || before == '.' || before == '+' || before == '%');
}

bool user_follows(std::string_view text, std::size_t, std::size_t after, bool raw) noexcept {
  Ahead ahead(text, after, raw);
  bool colon = false;
  for (int i = 0; i < 800; ++i) {
    const char c = ahead.next();
    if (c == 0 || is_space(c)) return ahead.unknown();
    if (c == '@') return colon;
    if (c == ':') colon = true;
    if (c == '"' || c == '<' || c == '>' || c == '\'') return false;
    if (!colon && (c == '/' || c == '?' || c == '#')) return false;
  }
  return false;
}

}  // namespace mcpgov::audit
