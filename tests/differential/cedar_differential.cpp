// Random Cedar cases with our answers, one JSON object per line, for cedar_wasm.mjs to compare with
// the official engine: cedar_differential SEED COUNT.
//
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mcpgov/policy.hpp"
#include "policy/cedar/lexer.hpp"
#include "support/random_cedar.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::policy;
using mcpgov::policy::cedar::Choices;
using mcpgov::policy::cedar::RandomCedar;
using nlohmann::json;

// JavaScript has no integers beyond 2^53, so documents must not hold any.
std::string without_large_numbers(std::string text) {
  for (const std::string_view large : {"9223372036854775807", "9223372036854775808"}) {
    for (std::size_t at = 0; (at = text.find(large, at)) != std::string::npos;) {
      text.replace(at, large.size(), "99");
    }
  }
  return text;
}

// Pieces that make a text interesting where they do not belong.
constexpr std::string_view kPieces[] = {"principal",
                                        "action",
                                        "resource",
                                        "context",
                                        "true",
                                        "false",
                                        "if",
                                        "then",
                                        "else",
                                        "in",
                                        "is",
                                        "like",
                                        "has",
                                        "__cedar",
                                        "permit",
                                        "forbid",
                                        "when",
                                        "unless",
                                        "?principal",
                                        "?resource",
                                        "?other",
                                        "(",
                                        ")",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        ",",
                                        ";",
                                        ":",
                                        "::",
                                        ".",
                                        "@",
                                        "@id(\"x\")",
                                        "@if",
                                        "==",
                                        "!=",
                                        "<",
                                        "<=",
                                        ">",
                                        ">=",
                                        "&&",
                                        "||",
                                        "+",
                                        "-",
                                        "--",
                                        "*",
                                        "/",
                                        "%",
                                        "!",
                                        "!!",
                                        "=",
                                        "0",
                                        "007",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "18446744073709551616",
                                        "\"\"",
                                        "\"a\"",
                                        "\"\\u{2a}\"",
                                        "\"\\x2a\"",
                                        "\"\\*\"",
                                        "\"\\u{4_1}\"",
                                        "\"\\u{d800}\"",
                                        "\"\\x80\"",
                                        "\"\\'\"",
                                        "\"\n\"",
                                        "\"\r\"",
                                        "U::\"a\"",
                                        "Action::\"a\"",
                                        "N::Action::\"a\"",
                                        "U",
                                        "N::U",
                                        "a",
                                        "ip(\"1.2.3.4\")",
                                        "ip(",
                                        "decimal(",
                                        ".isIpv4()",
                                        ".contains(",
                                        ".isEmpty()",
                                        ".getTag(\"a\")",
                                        ".hasTag(",
                                        ".lessThan(",
                                        ".a",
                                        "[\"a\"]",
                                        " has a.b",
                                        " like \"a*\"",
                                        " is U in ",
                                        "//c\n",
                                        "/*c*/",
                                        "\xc2\xa0",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\x8b",
                                        "#",
                                        "&",
                                        "|",
                                        "'"};

// The places between tokens, by our own lexer.
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  cedar::Lexer lexer(text);
  std::size_t last = 0;
  for (cedar::Lexeme now = lexer.next(); now.token != cedar::Token::end; now = lexer.next()) {
    if (now.token == cedar::Token::failed) break;
    if (now.offset > last) out.emplace_back(text.substr(last, now.offset - last));
    last = now.offset;
  }
  out.emplace_back(text.substr(last));
  return out;
}

std::string mutate(const std::string& text, Choices& choices) {
  std::vector<std::string> tokens = tokens_of(text);
  for (std::uint32_t edits = choices.one_in(4) ? 2 : 1; edits > 0 && !tokens.empty(); --edits) {
    const auto count = static_cast<std::uint32_t>(tokens.size());
    const auto at = tokens.begin() + choices.of(count);
    switch (choices.of(5)) {
      case 0: tokens.erase(at); break;
      case 1: tokens.insert(at, std::string(choices.from(kPieces))); break;
      case 2: *at = std::string(choices.from(kPieces)); break;
      case 3: std::swap(*at, tokens[choices.of(count)]); break;
      default: tokens.insert(at, " " + tokens[choices.of(count)] + " "); break;
    }
  }
  std::string out;
  for (const std::string& token : tokens) out += token;
  return out;
}

json answer_of(const Result<Answer>& answer) {
  json out = {{"parsed", true}};
  out["decision"] = answer->effect == Effect::allow ? "allow" : "deny";
  out["reason"] = answer->reasons;
  out["errors"] = json::array();
  for (const Failure& failure : answer->failures) out["errors"].push_back(failure.policy);
  return out;
}

json uid_of(const RandomCedar::Name& name) {
  return {{"type", name.type}, {"id", name.id}};
}

json make_case(std::uint64_t seed) {
  RandomCedar random{Choices(seed)};
  Source source;
  for (std::uint32_t i = 1 + random.choices().of(3); i > 0; --i) source.text += random.policy();
  if (seed % 2 == 0) source.text = mutate(source.text, random.choices());
  const RandomCedar::Name principal = random.uid();
  const RandomCedar::Name action = random.action_uid();
  const RandomCedar::Name resource = random.uid();
  const std::string context = without_large_numbers(random.context_json());
  const std::string entities = without_large_numbers(random.entities_json());

  json out = {{"seed", seed},
              {"policies", source.text},
              {"principal", uid_of(principal)},
              {"action", uid_of(action)},
              {"resource", uid_of(resource)},
              {"context", json::parse(context)},
              {"entities", json::parse(entities)}};
  const Result<Engine> engine = Engine::cedar({&source, 1}, entities, Ids::positional);
  if (!engine) {
    out["ours"] = {{"parsed", false}, {"error", engine.error().text()}};
    return out;
  }
  const Question question{
      {principal.type, principal.id}, {action.type, action.id}, {resource.type, resource.id}};
  const Result<Answer> answer = engine->authorize(question, context);
  out["ours"] = answer ? answer_of(answer) : json{{"error", answer.error().text()}};
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 0;
  std::uint64_t count = 0;
  const auto read = [](const char* text, std::uint64_t& out) {
    const char* const end = text + std::strlen(text);
    return std::from_chars(text, end, out).ptr == end;
  };
  if (argc != 3 || !read(argv[1], seed) || !read(argv[2], count)) {
    std::fputs("usage: cedar_differential SEED COUNT\n", stderr);
    return 2;
  }
  for (std::uint64_t i = 0; i < count; ++i) std::cout << make_case(seed + i).dump() << '\n';
  return 0;
}
