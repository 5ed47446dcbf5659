// Tokens by one look at a character, strings by their closing quote.
// Tested by tests/policy/lexer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/lexer.hpp"

#include <algorithm>
#include <array>

namespace mcpgov::policy::cedar {
namespace {

// kSingle: a token by itself, whatever follows. kRare: `/` and everything beyond ASCII.
enum : std::uint8_t { kStart = 1, kDigit = 2, kSpace = 4, kSingle = 8, kRare = 16 };

// Tokens that are one byte; Token::failed for every other byte.
constexpr std::array<Token, 256> make_single_bytes() {
  std::array<Token, 256> out{};
  out.fill(Token::failed);
  out['@'] = Token::at;
  out['.'] = Token::dot;
  out[','] = Token::comma;
  out[';'] = Token::semicolon;
  out['('] = Token::left_paren;
  out[')'] = Token::right_paren;
  out['{'] = Token::left_brace;
  out['}'] = Token::right_brace;
  out['['] = Token::left_bracket;
  out[']'] = Token::right_bracket;
  out['+'] = Token::plus;
  out['-'] = Token::minus;
  out['*'] = Token::star;
  out['%'] = Token::percent;
  return out;
}
constexpr std::array<Token, 256> kSingleBytes = make_single_bytes();

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> out{};
  for (unsigned c = 0; c < 256; ++c) {
    if (kSingleBytes[c] != Token::failed) out[c] = kSingle;
    if (c >= 0x80 || c == '/') out[c] = kRare;
  }
  for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = kStart;
  for (unsigned c = 'A'; c <= 'Z'; ++c) out[c] = kStart;
  out['_'] = kStart;
  for (unsigned c = '0'; c <= '9'; ++c) out[c] = kDigit;
  for (unsigned c = 0x09; c <= 0x0d; ++c) out[c] = kSpace;
  out[' '] = kSpace;
  return out;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) noexcept {
  return kClasses[static_cast<unsigned char>(c)];
}

// Unicode White_Space beyond ASCII, as the two or three bytes of UTF-8.
constexpr std::string_view kWideSpaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

}  // namespace

std::string_view token_text(Token token) noexcept {
  switch (token) {
    case Token::end: return "the end of the text";
    case Token::failed: return "an invalid token";
    case Token::identifier: return "identifier";
    case Token::number: return "number";
    case Token::string: return "string";
    case Token::slot: return "slot";
    case Token::at: return "@";
    case Token::dot: return ".";
    case Token::comma: return ",";
    case Token::semicolon: return ";";
    case Token::colon: return ":";
    case Token::path: return "::";
    case Token::left_paren: return "(";
    case Token::right_paren: return ")";
    case Token::left_brace: return "{";
    case Token::right_brace: return "}";
    case Token::left_bracket: return "[";
    case Token::right_bracket: return "]";
    case Token::equal: return "==";
    case Token::not_equal: return "!=";
    case Token::less: return "<";
    case Token::less_equal: return "<=";
    case Token::greater: return ">";
    case Token::greater_equal: return ">=";
    case Token::both: return "&&";
    case Token::either: return "||";
    case Token::plus: return "+";
    case Token::minus: return "-";
    case Token::star: return "*";
    case Token::bang: return "!";
    case Token::slash: return "/";
    case Token::percent: return "%";
    case Token::assign: return "=";
  }
  return "";
}

std::uint32_t space_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (class_of(text[0]) == kSpace) return 1;
  if (static_cast<unsigned char>(text[0]) < 0xc2) return 0;
  for (const std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return static_cast<std::uint32_t>(space.size());
  }
  return 0;
}

// What only few bytes begin: comments and white space beyond ASCII. False where there is none.
bool Lexer::skip_rare_space() noexcept {
  if (text_[at_] != '/') {
    const std::uint32_t space = space_length(text_.substr(at_));
    at_ += space;
    return space != 0;
  }
  if (!follows('/')) return false;
  at_ = std::min(text_.find_first_of("\n\r", at_), text_.size());
  return true;
}

Lexeme Lexer::fail(ErrorCode code) noexcept {
  failure_ = code;
  Lexeme out;
  out.token = Token::failed;
  out.offset = static_cast<std::uint32_t>(at_);
  return out;
}

void Lexer::read(Lexeme& out) noexcept {
  if (failure_ != ErrorCode::none) {
    out = fail(failure_);
    return;
  }
  const char* const text = text_.data();
  const std::size_t size = text_.size();
  std::size_t at = at_;
  for (;;) {
    while (at < size && class_of(text[at]) == kSpace) ++at;
    at_ = at;
    if (at == size || class_of(text[at]) != kRare || !skip_rare_space()) break;
    at = at_;
  }
  out.offset = static_cast<std::uint32_t>(at);
  if (at == size) {
    out.token = Token::end;
    out.text = {};
    return;
  }
  switch (class_of(text[at])) {
    case kStart: do { ++at;
      } while (at < size && (class_of(text[at]) & (kStart | kDigit)) != 0);
      out.token = Token::identifier;
      break;
    case kSingle: out.token = kSingleBytes[static_cast<unsigned char>(text[at++])]; break;
    case kDigit: out = number(); return;
    default: out = sign(); return;
  }
  out.text = {text + at_, at - at_};
  at_ = at;
}

Lexeme Lexer::number() noexcept {
  Lexeme out;
  out.token = Token::number;
  out.offset = static_cast<std::uint32_t>(at_);
  const std::size_t start = at_;
  for (; at_ < text_.size() && class_of(text_[at_]) == kDigit; ++at_) {
    const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
    if (out.number > (UINT64_MAX - digit) / 10) {
      at_ = start;
      return fail(ErrorCode::policy_integer_range);
    }
    out.number = out.number * 10 + digit;
  }
  out.text = text_.substr(start, at_ - start);
  return out;
}

Lexeme Lexer::string() noexcept {
  const std::size_t start = at_ + 1;
  bool plain = true;
  for (std::size_t at = start; at < text_.size(); ++at) {
    if (text_[at] == '"') {
      Lexeme out;
      out.token = Token::string;
      out.plain = plain;
      out.offset = static_cast<std::uint32_t>(at_);
      out.text = text_.substr(start, at - start);
      at_ = at + 1;
      return out;
    }
    if (text_[at] == '\r') plain = false;
    if (text_[at] != '\\') continue;
    plain = false;
    // A backslash before a line feed is no escape, so the whole string is no token.
    if (++at < text_.size() && text_[at] == '\n') break;
  }
  return fail(ErrorCode::policy_token);
}

Lexeme Lexer::slot() noexcept {
  const std::size_t start = at_;
  std::size_t at = at_ + 1;
  if (at >= text_.size() || class_of(text_[at]) != kStart) return fail(ErrorCode::policy_token);
  while (at < text_.size() && (class_of(text_[at]) & (kStart | kDigit)) != 0) ++at;
  at_ = at;
  Lexeme out;
  out.token = Token::slot;
  out.offset = static_cast<std::uint32_t>(start);
  out.text = text_.substr(start, at - start);
  return out;
}

Lexeme Lexer::sign() noexcept {
  Lexeme out;
  out.offset = static_cast<std::uint32_t>(at_);
  const auto give = [&](Token token, std::size_t length) {
    out.token = token;
    out.text = text_.substr(at_, length);
    at_ += length;
    return out;
  };
  switch (text_[at_]) {
    case '"': return string();
    case '/': return give(Token::slash, 1);
    case '?': return slot();
    case ':': return follows(':') ? give(Token::path, 2) : give(Token::colon, 1);
    case '=': return follows('=') ? give(Token::equal, 2) : give(Token::assign, 1);
    case '!': return follows('=') ? give(Token::not_equal, 2) : give(Token::bang, 1);
    case '<': return follows('=') ? give(Token::less_equal, 2) : give(Token::less, 1);
    case '>': return follows('=') ? give(Token::greater_equal, 2) : give(Token::greater, 1);
    case '&': return follows('&') ? give(Token::both, 2) : fail(ErrorCode::policy_token);
    case '|': return follows('|') ? give(Token::either, 2) : fail(ErrorCode::policy_token);
    default: return fail(ErrorCode::policy_token);
  }
}

bool is_identifier(std::string_view text) noexcept {
  if (text.empty() || class_of(text[0]) != kStart) return false;
  for (const char c : text) {
    if ((class_of(c) & (kStart | kDigit)) == 0) return false;
  }
  return true;
}

bool is_reserved(std::string_view word) noexcept {
  switch (word.size()) {
    case 2: return word == "if" || word == "in" || word == "is";
    case 3: return word == "has";
    case 4: return word == "true" || word == "then" || word == "else" || word == "like";
    case 5: return word == "false";
    case 7: return word == "__cedar";
    default: return false;
  }
}

Position position_of(std::string_view text, std::size_t offset) noexcept {
  return position_after(text, 0, {1, 1}, offset);
}

Position position_after(std::string_view text, std::size_t earlier, Position at,
                        std::size_t offset) noexcept {
  text = text.substr(0, offset);
  for (std::size_t line; (line = text.find('\n', earlier)) != std::string_view::npos;) {
    at = {at.line + 1, 1};
    earlier = line + 1;
  }
  if (earlier < text.size()) at.column += static_cast<std::uint32_t>(text.size() - earlier);
  return at;
}

}  // namespace mcpgov::policy::cedar
