// The checks of the reference engine (4.12, `confusable_string_checks`): strings, patterns, ids of
// entities and names of attributes. Types and functions are ASCII by grammar.
// Tested by tests/policy/lint_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/lint.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <tuple>
#include <utility>

#include "base/utf8.hpp"
#include "policy/cedar/characters.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

enum class TextKind : std::uint8_t { string, identifier };

// The first character of which the test is true.
template <class Test>
std::optional<char32_t> find_character(std::string_view text, Test test) {
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (c.size == 0) return {};
    if (test(c.value)) return c.value;
    text.remove_prefix(c.size);
  }
  return {};
}

std::string code_point_text(char32_t c) {
  char out[16];
  std::snprintf(out, sizeof out, "U+%04X", static_cast<unsigned>(c));
  return out;
}

// For a message: short, and nothing in it that a terminal obeys.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShownBytes = 80;
  std::size_t size = std::min(text.size(), kShownBytes);
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  std::string out;
  append_quoted(out, text.substr(0, size));
  if (size < text.size()) out += "...";
  return out;
}

bool is_ascii_byte(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
// ASCII without its control characters, which identifiers should not have.
bool is_shown_byte(char c) {
  return c >= ' ' && c <= '~';
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_ascii_byte);
}

class Linter {
 public:
  Linter(const Ast& ast, const ParsedPolicy& policy, const Symbols& symbols)
      : ast_(ast), policy_(policy), symbols_(symbols) {}

  std::vector<Lint> run() {
    entity(policy_.principal.entity, policy_.principal_offset);
    for (const EntityId action : policy_.actions) entity(action, policy_.action_offset);
    entity(policy_.resource.entity, policy_.resource_offset);
    for (const Node& each : ast_.nodes) node(each);
    const auto key = [](const Lint& lint) {
      return std::tie(lint.offset, lint.kind, lint.message);
    };
    std::sort(out_.begin(), out_.end(),
              [&](const Lint& a, const Lint& b) { return key(a) < key(b); });
    out_.erase(std::unique(out_.begin(), out_.end(),
                           [&](const Lint& a, const Lint& b) { return key(a) == key(b); }),
               out_.end());
    return std::move(out_);
  }

 private:
  void node(const Node& each) {
    switch (each.kind) {
      case NodeKind::literal: return literal(ast_.literals[each.a], each.offset);
      case NodeKind::get: return name(NameId{each.b}, each.offset);
      case NodeKind::has:
        for (const std::uint32_t part : ast_.list(each.b, each.c)) {
          name(NameId{part}, each.offset);
        }
        return;
      case NodeKind::like: return pattern(ast_.patterns[each.b], each.offset);
      case NodeKind::record:
        for (std::uint32_t i = 0; i < each.b; ++i) {
          name(NameId{ast_.lists[each.a + 2 * i]}, each.offset);
        }
        return;
      default: return;
    }
  }

  void literal(const Value& value, std::uint32_t offset) {
    if (value.kind == Kind::string) check(TextKind::string, value.string(), offset);
    if (value.kind == Kind::entity) entity(value.entity(), offset);
  }
  void name(NameId id, std::uint32_t offset) {
    check(TextKind::identifier, symbols_.text(id), offset);
  }
  void entity(EntityId id, std::uint32_t offset) {
    if (id != kNoEntity) check(TextKind::identifier, symbols_.id(id), offset);
  }

  // As it is printed, where what cannot be seen is escaped.
  void pattern(const Pattern& pieces, std::uint32_t offset) {
    if (std::all_of(pieces.begin(), pieces.end(), is_ascii)) return;
    std::string printed;
    std::string character;
    for (std::string_view piece : pieces) {
      while (!piece.empty()) {
        const std::size_t size = std::max<std::size_t>(1, decode_utf8(piece).size);
        character.clear();
        append_quoted(character, piece.substr(0, size));
        printed.append(character, 1, character.size() - 2);
        piece.remove_prefix(size);
      }
    }
    check(TextKind::string, printed, offset);
  }

  void check(TextKind kind, std::string_view text, std::uint32_t offset) {
    const bool string = kind == TextKind::string;
    if (std::all_of(text.begin(), text.end(), string ? is_ascii_byte : is_shown_byte)) return;
    const std::string subject = (string ? "the string " : "the identifier ") + quoted(text);
    if (const auto c = find_character(text, changes_direction)) {
      return add(offset,
                 string ? FindingKind::bidi_chars_in_string : FindingKind::bidi_chars_in_identifier,
                 subject + " holds " + code_point_text(*c) +
                     ", which changes the direction of the text shown after it");
    }
    const auto odd = [](char32_t c) {
      return c < 0x80 ? !is_shown_byte(static_cast<char>(c)) : !identifier_allowed(c);
    };
    if (const auto c = string ? std::nullopt : find_character(text, odd)) {
      return add(offset, FindingKind::confusable_identifier,
                 subject + " holds " + code_point_text(*c) +
                     ", which Unicode's security profile keeps out of identifiers");
    }
    if (is_single_script(text)) return;
    add(offset, string ? FindingKind::mixed_script_string : FindingKind::mixed_script_identifier,
        subject + " mixes scripts, so that some of its characters may be taken for others");
  }

  void add(std::uint32_t offset, FindingKind kind, std::string message) {
    out_.push_back({offset, kind, std::move(message)});
  }

  const Ast& ast_;
  const ParsedPolicy& policy_;
  const Symbols& symbols_;
  std::vector<Lint> out_;
};

}  // namespace

std::vector<Lint> lints_of(const Ast& ast, const ParsedPolicy& policy, const Symbols& symbols) {
  return Linter(ast, policy, symbols).run();
}

}  // namespace mcpgov::policy::cedar
