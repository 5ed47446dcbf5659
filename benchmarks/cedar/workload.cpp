// Reading of workload folders.
//
// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "measure.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/policy_set.hpp"
#include "policy/entities.hpp"

namespace mcpgov::bench {
namespace {

namespace cedar = policy::cedar;

Name name_of(const nlohmann::json& from) {
  return {from.at("type").get<std::string>(), from.at("id").get<std::string>()};
}

policy::EntityId entity_of(const Name& name, policy::RequestSymbols& symbols) {
  return symbols.entity(name.type, name.id);
}

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path.string() + " cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

nlohmann::json file_json(const std::filesystem::path& path) {
  return nlohmann::json::parse(file_text(path));
}

void print(const nlohmann::json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

TextQuestion::TextQuestion(const nlohmann::json& from)
    : principal(name_of(from.at("principal"))),
      action(name_of(from.at("action"))),
      resource(name_of(from.at("resource"))),
      context(from.at("context").dump()) {}

Case::Case(const cedar::Engine& in, const TextQuestion& text, const cedar::Schema* schema)
    : engine(&in),
      arena(std::make_unique<Arena>()),
      symbols(std::make_unique<policy::RequestSymbols>(in.symbols(), *arena)) {
  request.symbols = symbols.get();
  request.principal = entity_of(text.principal, *symbols);
  request.action = entity_of(text.action, *symbols);
  request.resource = entity_of(text.resource, *symbols);
  cedar::ContextInput input;
  input.text = text.context;
  input.schema = schema;
  input.action = request.action;
  request.context = must(cedar::read_context(input, *symbols));
}

Folder::Folder(std::filesystem::path path)
    : path_(std::move(path)), facts_(file_json(path_ / "workload.json")) {}

std::string Folder::entities(std::size_t set) const {
  return file_text(path_ / fmt::format("entities.{}.json", set));
}

std::vector<TextQuestion> Folder::questions(std::size_t set) const {
  std::vector<TextQuestion> out;
  for (const nlohmann::json& each : file_json(path_ / fmt::format("requests.{}.json", set))) {
    out.emplace_back(each);
  }
  return out;
}

cedar::Engine Folder::engine(std::size_t set, double* bytes) const {
  policy::Symbols symbols;
  const std::string text = entities(set);
  policy::Entities entities = must(cedar::read_entities({text, {}, nullptr}, symbols));
  const policy::Source source{"", policies()};
  const double before = heap_bytes();
  const auto built = [&]() -> cedar::Engine {
    if (!std::filesystem::exists(path_ / "links.json")) {
      return must(cedar::Engine::build({&source, 1}, std::move(symbols), std::move(entities)));
    }
    cedar::PolicySet policies;
    if (auto read = policies.read(source, policy::Ids::positional); !read)
      fail(read.error().text());
    for (const nlohmann::json& link : file_json(path_ / "links.json")) {
      cedar::SlotEntities slots;
      const auto fill = [&](const char* slot, policy::EntityId& entity) {
        if (!link.contains(slot)) return;
        const Name name = name_of(link.at(slot));
        entity = policies.symbols().entity(policies.symbols().name(name.type), name.id);
      };
      fill("principal", slots.principal);
      fill("resource", slots.resource);
      const auto linked = policies.link("policy0", link.at("id").get<std::string>(), slots);
      if (!linked) fail(linked.error().text());
    }
    return cedar::Engine::build(policies, std::move(symbols), std::move(entities), {});
  };
  cedar::Engine engine = built();
  if (bytes != nullptr) *bytes = heap_bytes() - before;
  return engine;
}

std::string answer_text(const cedar::Engine& engine, const policy::Decision& decision) {
  std::vector<std::string> reasons;
  std::vector<std::string> errors;
  for (const auto number : decision.reasons) reasons.emplace_back(engine.policy(number).id);
  for (const auto& error : decision.errors) errors.emplace_back(engine.policy(error.policy).id);
  std::sort(reasons.begin(), reasons.end());
  std::sort(errors.begin(), errors.end());
  return fmt::format("{};{};{}", decision.effect == policy::Effect::allow ? "allow" : "deny",
                     fmt::join(reasons, ","), fmt::join(errors, ","));
}

void Digest::add(std::string_view text) {
  const auto byte = [&](char c) {
    hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  };
  for (const char c : text) byte(c);
  byte('\n');
}

std::string Digest::text() const {
  return fmt::format("{:016x}", hash_);
}

}  // namespace mcpgov::bench
