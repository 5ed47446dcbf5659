// Random policies and templates in every form we can give them, one JSON object per line, for
// est_wasm.mjs to compare with the official engine: est_differential SEED COUNT.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "support/random_cedar.hpp"
#include "support/seeded_cases.hpp"

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

// Strings whose printing has rules of its own.
constexpr std::string_view kStrings[] = {"\"\"",
                                         "\"a'b\"",
                                         R"("\"\\\n\r\t\0")",
                                         R"("\u{7f}\u{80}\u{200b}")",
                                         R"("\u{301}x")",
                                         R"("x\u{301}")",
                                         "\"é😀\"",
                                         R"("\u{2028}\u{feff}")",
                                         "\"if\"",
                                         "\"a b\"",
                                         "\"__cedar\"",
                                         R"("*")",
                                         R"("\u{e0001}")",
                                         R"("\u{1f468}\u{200d}")"};
constexpr std::string_view kPatterns[] = {R"("\*a*")", R"("x\u{301}*\"\\")", R"("é*\u{200b}\'")",
                                          "\"**\""};
constexpr std::string_view kAnnotations[] = {"@a ", "@if(\"x\") ", "@id(\"p\") ", "@Z(\"é'\\n\") ",
                                             "@b(\"\") "};

// A policy of the usual vocabulary with what it lacks: annotations, slots, strange strings.
std::string decorated(RandomCedar& random) {
  Choices& choices = random.choices();
  std::string out;
  for (const std::string_view annotation : kAnnotations) {
    if (choices.one_in(5)) out += annotation;
  }
  std::string policy = without_large_numbers(random.policy());
  const auto slot = [&](std::string_view variable) {
    constexpr std::string_view kScopes[] = {" == ?", " in ?", " is U in ?"};
    const std::size_t at = policy.find(variable);
    const std::size_t end = policy.find_first_of(",)", at);
    policy.replace(
        at, end - at,
        std::string(variable) + std::string(choices.from(kScopes)) + std::string(variable));
  };
  if (choices.one_in(4)) slot("principal");
  if (choices.one_in(4)) {
    // The resource follows a list of actions, which holds commas.
    const std::size_t at = policy.find("resource");
    const std::size_t end = policy.find(')', at);
    policy.replace(at, end - at,
                   choices.one_in(2) ? "resource in ?resource" : "resource == ?resource");
  }
  out += policy.substr(0, policy.rfind(';'));
  if (choices.one_in(2)) {
    const std::string text(choices.from(kStrings));
    out += " when { context[" + text + "] == " + text + " || context has " + text + " || {" + text +
           ": 1, x: -1}[" + text + "] like " + std::string(choices.from(kPatterns)) +
           " || U::" + text + " in [-(1), - -1, !!true] }";
  }
  return out + ";";
}

json make_case(std::uint64_t seed) {
  RandomCedar random{Choices(seed)};
  const Source source{"", decorated(random)};
  json out = {{"seed", seed}, {"text", source.text}};
  const auto failed = [&](const Error& error) {
    out["error"] = error.text();
    return out;
  };
  const Result<PolicySet> set = PolicySet::from_cedar({&source, 1}, Ids::positional);
  if (!set) return failed(set.error());
  const bool is_template = set->find("policy0")->role == PolicyRole::policy_template;
  const Result<std::string> written = set->json("policy0");
  if (!written) return failed(written.error());

  PolicySet again;
  const Result<void> added = is_template ? again.add_template_json("policy0", *written)
                                         : again.add_json("policy0", *written);
  if (!added) return failed(added.error());
  const Result<std::string> text = again.text("policy0");
  if (!text) return failed(text.error());
  // What was printed is read again, and says the same.
  PolicySet third;
  const Result<void> read =
      is_template ? third.add_template("policy0", *text) : third.add("policy0", *text);
  if (!read) return failed(read.error());
  if (*third.json("policy0") != *written || *again.json("policy0") != *written) {
    return failed({ErrorCode::internal, "a round changed the policy", {}, 0, 0});
  }
  out["template"] = is_template;
  out["json"] = json::parse(*written);
  out["printed"] = *text;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  return mcpgov::random::write_cases(argc, argv, make_case);
}
