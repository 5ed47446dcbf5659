// Random Cedar cases with our answers, one JSON object per line, for cedar_wasm.mjs to compare with
// the official engine: cedar_differential SEED COUNT.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "support/random_cedar.hpp"
#include "support/random_writing.hpp"
#include "support/seeded_cases.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::policy;
using mcpgov::policy::cedar::Choices;
using mcpgov::policy::cedar::RandomCedar;
using mcpgov::policy::cedar::replace_all;
using mcpgov::policy::cedar::rewritten;
using mcpgov::policy::cedar::tokens_with_space;
using mcpgov::policy::cedar::world_text;
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

std::string mutate(const std::string& text, Choices& choices) {
  std::vector<std::string> tokens = tokens_with_space(text);
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

// The layout that the reference writes, and whether ours of all comments still is the same
// policies.
json layout_of(const Source& source, Choices& choices) {
  constexpr std::uint32_t kWidths[] = {1, 20, 40, 80, 120};
  FormatOptions options;
  options.width = choices.from(kWidths);
  options.indent = choices.of(5);
  options.comments = FormatOptions::Comments::as_reference;
  const Result<std::string> as_reference = format(source, options);
  json out = {{"width", options.width}, {"indent", options.indent}};
  out["text"] = as_reference ? json(*as_reference) : json(nullptr);
  options.comments = FormatOptions::Comments::all;
  const Result<std::string> all = format(source, options);
  out["all"] = all ? json(*all) : json(nullptr);
  return out;
}

json make_case(std::uint64_t seed) {
  RandomCedar random{Choices(seed)};
  Source source;
  for (std::uint32_t i = 1 + random.choices().of(3); i > 0; --i) source.text += random.policy();
  if (seed % 3 == 0) source.text = rewritten(source.text, random.choices());
  if (seed % 2 == 0) source.text = mutate(source.text, random.choices());
  RandomCedar::Name principal = random.uid();
  const RandomCedar::Name action = random.action_uid();
  RandomCedar::Name resource = random.uid();
  std::string context = without_large_numbers(random.context_json());
  std::string entities = without_large_numbers(random.entities_json());
  // An entity and a text of other letters, everywhere.
  const std::string id = world_text(random.choices());
  const std::string text = world_text(random.choices());
  if (seed % 5 == 0) {
    for (std::string* each : {&source.text, &context, &entities}) {
      replace_all(*each, "\"3\"", "\"" + id + "\"");
      replace_all(*each, "\"ab\"", "\"" + text + "\"");
    }
    for (RandomCedar::Name* each : {&principal, &resource}) {
      if (each->id == "3") each->id = id;
    }
  }

  json out = {{"seed", seed},
              {"policies", source.text},
              {"principal", uid_of(principal)},
              {"action", uid_of(action)},
              {"resource", uid_of(resource)},
              {"context", json::parse(context)},
              {"entities", json::parse(entities)}};
  out["layout"] = layout_of(source, random.choices());
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
  return mcpgov::random::write_cases(argc, argv, make_case);
}
