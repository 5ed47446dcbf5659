// Pieces are few and often from one script, so that many texts are just on the border of a lint.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/random_writing.hpp"

#include <algorithm>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kLatin[] = {"a", "e", "Z", "\xc3\xa9", "\xc3\x9f", "\xef\xac\x81", "7"};
constexpr std::string_view kGreekAndCyrillic[] = {"\xce\xb1", "\xce\xa9", "\xd0\xb0", "\xd1\x8f"};
constexpr std::string_view kEastAsian[] = {
    "\xe6\x97\xa5", "\xe3\x81\x82", "\xe3\x82\xab", "\xed\x95\x9c",
    "\xef\xbd\xb1", "\xef\xbc\xa1", "\xe3\x80\x80", "\xe1\x84\x80\xe1\x85\xa1"};
constexpr std::string_view kRightToLeft[] = {"\xd9\x84\xd8\xa7", "\xd9\x84", "\xd8\xa7",
                                             "\xd7\x90",         "\xd9\xa3", "\xd9\x8b"};
constexpr std::string_view kEmoji[] = {
    "\xf0\x9f\x98\x80", "\xf0\x9f\x91\xa9", "\xe2\x80\x8d",     "\xf0\x9f\x8f\xbd", "\xef\xb8\x8f",
    "\xe2\x9d\xa4",     "\xf0\x9f\x87\xa9", "\xf0\x9f\x87\xaa", "\xe2\x83\xa3",     "\xef\xb8\x8e",
    "\xf0\x9f\x8f\xb4", "\xf3\xa0\x81\xa7", "\xf3\xa0\x81\xbf"};
constexpr std::string_view kUnseen[] = {"\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
                                        "\xe2\x80\x8b", "\xcc\x81",     "\xc2\xa0",
                                        "\xc2\xad",     "\xe2\x80\xa8", "\xf3\xa0\x84\x80"};
constexpr std::string_view kAscii[] = {"x", "_", " ", "-", "//", "1", "(", ";"};

constexpr std::string_view kSpace[] = {" ", "\n", "\n\n\n", "\t", "\r\n", "  \n"};
constexpr std::string_view kRareSpace[] = {
    "\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\xa8", "\xc2\x85", "\x0b", "\x0c", "\r"};
constexpr std::string_view kComments[] = {"// why",   "//",         "// \"quoted",
                                          "//x // y", "//   } ;  ", "// when { true }"};
constexpr std::string_view kAnnotations[] = {"@id", "@why", "@if", "@_1", "@permit"};

std::string piece(Choices& choices, std::uint32_t script) {
  switch (script) {
    case 0: return std::string(choices.from(kLatin));
    case 1: return std::string(choices.from(kGreekAndCyrillic));
    case 2: return std::string(choices.from(kEastAsian));
    case 3: return std::string(choices.from(kRightToLeft));
    case 4: return std::string(choices.from(kEmoji));
    case 5: return std::string(choices.from(kUnseen));
    default: return std::string(choices.from(kAscii));
  }
}

std::string comment(Choices& choices) {
  std::string out(choices.from(kComments));
  if (choices.one_in(4)) out += " " + world_text(choices);
  return out + (choices.one_in(8) ? "\r\n" : choices.one_in(6) ? "\n\n" : "\n");
}

// The word that a token with its white space begins with.
std::string_view word_of(const std::string& token) {
  const std::string_view text = token;
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '/';
  });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

bool is_effect(std::string_view word) {
  return word == "permit" || word == "forbid";
}

}  // namespace

std::vector<std::string> tokens_with_space(std::string_view text) {
  std::vector<std::string> out;
  Lexer lexer(text);
  std::size_t last = 0;
  for (Lexeme now = lexer.next(); now.token != Token::end; now = lexer.next()) {
    if (now.token == Token::failed) break;
    if (now.offset > last) out.emplace_back(text.substr(last, now.offset - last));
    last = now.offset;
  }
  out.emplace_back(text.substr(last));
  return out;
}

std::string world_text(Choices& choices) {
  const std::uint32_t usual = choices.of(7);
  std::string out;
  for (std::uint32_t more = 1 + choices.of(5); more > 0; --more) {
    out += piece(choices, choices.one_in(4) ? choices.of(7) : usual);
  }
  // Names that stand for others must not meet them.
  const bool ascii = std::none_of(out.begin(), out.end(), [](char c) { return (c & 0x80) != 0; });
  return ascii ? out + "\xc3\xa9" : out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

std::string rewritten(std::string_view policies, Choices& choices) {
  constexpr std::uint32_t kEvery[] = {4, 12, 1000};
  const std::uint32_t every = choices.from(kEvery);
  std::string out = choices.one_in(6) ? comment(choices) : "";
  for (const std::string& token : tokens_with_space(policies)) {
    if (is_effect(word_of(token)) && choices.one_in(4)) {
      const std::uint32_t first = choices.of(5);
      for (std::uint32_t more = 0, count = 1 + choices.of(2); more < count; ++more) {
        out += kAnnotations[(first + more) % 5];
        if (!choices.one_in(4)) out += "(\"" + world_text(choices) + "\")";
        out += choices.one_in(3) ? comment(choices) : " ";
      }
    }
    out += token;
    if (!choices.one_in(every)) continue;
    switch (choices.of(4)) {
      case 0: out += choices.one_in(6) ? choices.from(kRareSpace) : choices.from(kSpace); break;
      case 1: out += comment(choices) + std::string(choices.from(kSpace)); break;
      case 2: out += comment(choices) + comment(choices); break;
      default: out += " " + comment(choices); break;
    }
  }
  return out;
}

std::string as_template(std::string_view policy, Choices& choices) {
  const std::uint32_t which = choices.of(3);  // 0: the principal, 1: the resource, 2: both
  std::string out;
  bool in_scope = false;
  bool skips = false;  // the rest of a constraint whose place the slot takes
  std::string slot;
  for (const std::string& token : tokens_with_space(policy)) {
    const std::string_view word = word_of(token);
    if (is_effect(word)) in_scope = true;
    if (in_scope && !slot.empty() && (word == "," || word == ")" || word == "in" || word == "==")) {
      const bool ends = word == "," || word == ")";
      if (!skips) {
        constexpr std::string_view kOperators[] = {" == ", " in "};
        const bool typed = out.find(" is ", out.rfind(slot)) != std::string::npos;
        out += std::string(typed ? " in " : choices.from(kOperators)) + "?" + slot;
      }
      skips = !ends;
      if (ends) slot.clear();
    }
    if (in_scope && word == "principal" && which != 1) slot = word;
    if (in_scope && word == "resource" && which != 0) slot = word;
    if (in_scope && word == ")") in_scope = false;
    if (!skips) out += token;
  }
  return out;
}

}  // namespace mcpgov::policy::cedar
