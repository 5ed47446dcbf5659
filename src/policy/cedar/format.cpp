// Formats policy by policy and proves that nothing else has changed.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/cedar/format_layout.hpp"
#include "policy/cedar/parser.hpp"

namespace mcpgov::policy::cedar {
namespace {

// The end of the string or comment that begins there; `at` itself when none does.
std::size_t end_of_opaque(std::string_view text, std::size_t at) {
  if (text.substr(at).starts_with("//")) {
    return std::min(text.find_first_of("\n\r", at), text.size());
  }
  if (text[at] != '"') return at;
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    if (text[end] == '"') return end + 1;
    if (text[end] == '\\') ++end;
  }
  return at;
}

// text: between two strings or comments. A line end that it begins with stays.
void append_filled_lines(std::string_view text, std::string& out) {
  if (text.starts_with('\n')) out += '\n';
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    if (end == std::string_view::npos || !trimmed(line).empty()) out += line;
    text.remove_prefix(line.size());
  }
}

bool same_nodes(const Ast& a, const Ast& b) {
  const auto same_node = [](const Node& x, const Node& y) {
    return x.kind == y.kind && x.a == y.a && x.b == y.b && x.c == y.c && x.spelling == y.spelling;
  };
  const auto same_literal = [](const Value& x, const Value& y) { return equal(x, y); };
  const auto same_pattern = [](const Pattern& x, const Pattern& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end());
  };
  return std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same_node) &&
         a.lists == b.lists &&
         std::equal(a.literals.begin(), a.literals.end(), b.literals.begin(), b.literals.end(),
                    same_literal) &&
         std::equal(a.patterns.begin(), a.patterns.end(), b.patterns.begin(), b.patterns.end(),
                    same_pattern);
}

bool same_scope(const Scope& a, const Scope& b) {
  return a.kind == b.kind && a.type == b.type && a.entity == b.entity;
}

bool same_policy(const ParsedPolicy& a, const ParsedPolicy& b) {
  const auto same_annotation = [](const AnnotationText& x, const AnnotationText& y) {
    return x.name == y.name && x.value == y.value;
  };
  const auto same_condition = [](const Condition& x, const Condition& y) {
    return x.body == y.body && x.unless == y.unless;
  };
  return a.forbid == b.forbid && a.is_template == b.is_template &&
         same_scope(a.principal, b.principal) && same_scope(a.resource, b.resource) &&
         a.action == b.action && a.actions == b.actions &&
         std::equal(a.annotations.begin(), a.annotations.end(), b.annotations.begin(),
                    b.annotations.end(), same_annotation) &&
         std::equal(a.conditions.begin(), a.conditions.end(), b.conditions.begin(),
                    b.conditions.end(), same_condition);
}

// Reads both side by side. Errors: those of the text; internal when the result differs.
Result<void> check_same(std::string_view name, std::string_view text, std::string_view result) {
  Symbols symbols;
  Arena arena;
  Parser before(name, text, symbols, arena);
  Parser after(name, result, symbols, arena);
  Ast ast_before;
  Ast ast_after;
  ParsedPolicy policy_before;
  ParsedPolicy policy_after;
  for (;;) {
    ast_before.clear();
    ast_after.clear();
    const bool more = before.next(ast_before, policy_before);
    if (before.failed()) return before.error();
    const bool same = after.next(ast_after, policy_after) == more && !after.failed();
    if (!same || (more && !(same_policy(policy_before, policy_after) &&
                            same_nodes(ast_before, ast_after)))) {
      return Error{ErrorCode::internal, "formatting would change the meaning of the policies",
                   std::string(name), 0, 0};
    }
    if (!more) return {};
  }
}

Result<void> check_readable(std::string_view name, std::string_view text) {
  Symbols symbols;
  Arena arena;
  Parser parser(name, text, symbols, arena);
  Ast ast;
  ParsedPolicy policy;
  while (parser.next(ast, policy)) ast.clear();
  if (parser.failed()) return parser.error();
  return {};
}

}  // namespace

void append_without_blank_lines(std::string_view text, std::string& out) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_opaque(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    append_filled_lines(text.substr(begin, at - begin), out);
    out += text.substr(at, end - at);
    begin = at = end;
  }
  append_filled_lines(text.substr(begin), out);
}

Result<std::string> format_policies(std::string_view name, std::string_view text,
                                    const FormatStyle& style) {
  if (auto readable = check_readable(name, text); !readable) return readable.error();
  Words words = words_of(text);
  Layout layout(words, style.indent, style.keep_every_comment);
  Document document;
  std::string out;
  std::string laid_out;
  std::string policy;
  for (bool first = true; layout.next(document); first = false) {
    laid_out.clear();
    document.render(style.width, laid_out);
    document.clear();
    policy.clear();
    append_without_blank_lines(laid_out, policy);
    if (!first) out += "\n\n";
    out += trimmed(policy);
  }
  out += '\n';
  for (const std::string_view comment : words.at_end()) {
    out += comment;
    out += '\n';
  }
  if (auto same = check_same(name, text, out); !same) return same.error();
  return out;
}

}  // namespace mcpgov::policy::cedar
