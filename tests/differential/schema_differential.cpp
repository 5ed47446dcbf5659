// Random schemas with policies, entities and requests, and what we say about them, one JSON object
// per line, for schema_wasm.mjs to compare with the official engine:
// schema_differential SEED COUNT.
//
// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/entities.hpp"
#include "support/random_schema.hpp"
#include "support/random_writing.hpp"
#include "support/seeded_cases.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::policy;
using cedar::Choices;
using cedar::RandomSchema;
using nlohmann::json;

struct Case {
  std::string schema;
  std::string policies;
  std::string templates;  // one, for the same schema
  std::string entities;
  RandomSchema::Request request;
  FormatOptions layout;

  // The names that have a space, everywhere.
  void write_in_other_letters(Choices& choices) {
    for (const std::string_view name : {"odd name", "odd id", "odd action"}) {
      const std::string other = cedar::world_text(choices);
      for (std::string* each : {&schema, &policies, &templates, &entities, &request.principal.id,
                                &request.action.id, &request.resource.id, &request.context}) {
        cedar::replace_all(*each, name, other);
      }
    }
    for (const std::string_view text : {"\"xy\"", "\"x*\""}) {
      const std::string other = "\"" + cedar::world_text(choices) + "\"";
      for (std::string* each : {&policies, &templates}) cedar::replace_all(*each, text, other);
    }
  }
};

Case make_case(std::uint64_t seed) {
  RandomSchema random{Choices(seed)};
  Case out;
  out.schema = random.schema();
  for (std::uint32_t more = 1 + random.choices().of(3); more > 0; --more) {
    out.policies += random.policy();
  }
  out.templates = as_template(random.policy(), random.choices());
  out.entities = random.entities_json();
  out.request = random.request();
  if (seed % 3 == 0) {
    out.policies = rewritten(out.policies, random.choices());
    out.templates = rewritten(out.templates, random.choices());
  }
  if (seed % 5 == 0) out.write_in_other_letters(random.choices());
  if (seed % 4 == 0) out.schema = wild_schema(random.choices());
  constexpr std::uint32_t kWidths[] = {20, 40, 80, 120};
  out.layout.width = random.choices().from(kWidths);
  out.layout.indent = 1 + random.choices().of(4);
  out.layout.comments = FormatOptions::Comments::as_reference;
  return out;
}

json uid_of(const RandomSchema::Uid& uid) {
  return {{"type", uid.type}, {"id", uid.id}};
}

// The schema alone: its verdict, and both of its forms.
json schema_answer(const Case& given) {
  Symbols symbols;
  if (const auto read = cedar::read_schema(given.schema, "s", symbols); !read) {
    return {{"error", read.error().text()}};
  }
  Arena arena;
  const auto declared = cedar::parse_schema(given.schema, arena);
  const auto text = cedar::schema_text(*declared);
  return {{"json", json::parse(*cedar::schema_json(*declared))},
          {"text", text ? json(*text) : json(nullptr)}};
}

json policies_answer(const Case& given) {
  const Source source{"", given.policies};
  const auto set = PolicySet::from_cedar({&source, 1}, Ids::positional);
  if (!set) return {{"error", set.error().text()}};
  json out = {{"json", json::object()}};
  for (const PolicyEntry& entry : set->entries()) {
    const auto written = set->json(entry.id);
    out["json"][std::string(entry.id)] =
        written ? json::parse(*written) : json(written.error().text());
  }
  const auto tidy = format(source, given.layout);
  out["formatted"] = tidy ? *tidy : tidy.error().text();
  return out;
}

// What validation finds, and what it does not look for: texts that look like something else.
json findings_answer(const std::string& policies, const std::string& schema) {
  const Source source{"", policies};
  ValidationOptions options;
  options.ids = Ids::positional;
  const auto findings = validate({&source, 1}, {"", schema}, options);
  const auto lints = lint({&source, 1}, Ids::positional);
  if (!findings) return {{"error", findings.error().text()}};
  if (!lints) return {{"error", lints.error().text()}};
  json out = {{"errors", json::array()}, {"warnings", json::array()}};
  for (const auto* list : {&*findings, &*lints}) {
    for (const Finding& each : *list) {
      out[each.severity == Severity::error ? "errors" : "warnings"].push_back(
          {{"policy", each.policy},
           {"kind", finding_kind_text(each.kind)},
           {"text", each.message}});
    }
  }
  return out;
}

// Entities and request against the schema, and the decision.
json decision_answer(const Case& given) {
  Symbols symbols;
  const auto schema = cedar::read_schema(given.schema, "s", symbols);
  if (!schema) return nullptr;
  auto entities = cedar::read_entities({given.entities, "e", &*schema}, symbols);
  if (!entities) return {{"entities", entities.error().text()}};
  const Source source{"", given.policies};
  const auto engine = cedar::Engine::build({&source, 1}, std::move(symbols), *std::move(entities));
  if (!engine) return {{"policies", engine.error().text()}};
  Arena arena;
  RequestSymbols names(engine->symbols(), arena);
  policy::Request request;
  const auto uid = [&](const RandomSchema::Uid& from) { return names.entity(from.type, from.id); };
  request.principal = uid(given.request.principal);
  request.action = uid(given.request.action);
  request.resource = uid(given.request.resource);
  request.symbols = &names;
  const auto context =
      cedar::read_context({given.request.context, &*schema, request.action}, names);
  if (!context) return {{"request", context.error().text()}};
  request.context = *context;
  if (const auto fits = cedar::validate_request(*schema, request); !fits) {
    return {{"request", fits.error().text()}};
  }
  const Decision decision = engine->authorize(request, arena);
  json out = {{"decision", decision.effect == Effect::allow ? "allow" : "deny"},
              {"reason", json::array()},
              {"errors", json::array()}};
  for (const auto number : decision.reasons) out["reason"].push_back(engine->policy(number).id);
  for (const auto& error : decision.errors) {
    out["errors"].push_back(engine->policy(error.policy).id);
  }
  return out;
}

json template_layout(const Case& given) {
  const auto tidy = format({"", given.templates}, given.layout);
  return tidy ? *tidy : tidy.error().text();
}

json answered(std::uint64_t seed) {
  const Case given = make_case(seed);
  return {{"seed", seed},
          {"schema", given.schema},
          {"policies", given.policies},
          {"template", given.templates},
          {"entities", json::parse(given.entities)},
          {"principal", uid_of(given.request.principal)},
          {"action", uid_of(given.request.action)},
          {"resource", uid_of(given.request.resource)},
          {"context", json::parse(given.request.context)},
          {"width", given.layout.width},
          {"indent", given.layout.indent},
          {"ours",
           {{"schema", schema_answer(given)},
            {"policies", policies_answer(given)},
            {"findings", findings_answer(given.policies, given.schema)},
            {"template", findings_answer(given.templates, given.schema)},
            {"formatted template", template_layout(given)},
            {"decision", decision_answer(given)}}}};
}

}  // namespace

int main(int argc, char** argv) {
  return mcpgov::random::write_cases(argc, argv, answered);
}
