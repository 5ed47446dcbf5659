// Any bytes as policies: read or refused, and what was read decides without a fault; the index and
// three-valued evaluation agree with the plain answer.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/entities.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::policy;

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "U", "id": "a"}, "attrs": {"a": 1, "b": {"a": [1, "x"]}},
   "parents": [{"type": "G", "id": "g"}], "tags": {"a": true}},
  {"uid": {"type": "Action", "id": "a"}, "attrs": {},
   "parents": [{"type": "Action", "id": "g"}]}])";

Result<cedar::Engine> build(std::string_view text, bool index) {
  Symbols symbols;
  cedar::EntitiesInput input;
  input.text = kEntities;
  Result<Entities> entities = cedar::read_entities(input, symbols);
  if (!entities) std::abort();
  const Source source{"f", std::string(text)};
  cedar::Engine::Options options;
  options.index = index;
  return cedar::Engine::build({&source, 1}, std::move(symbols), std::move(*entities), options);
}

bool same(const Decision& a, const Decision& b) {
  return a.effect == b.effect &&
         std::equal(a.reasons.begin(), a.reasons.end(), b.reasons.begin(), b.reasons.end()) &&
         std::equal(a.errors.begin(), a.errors.end(), b.errors.begin(), b.errors.end(),
                    [](const PolicyError& x, const PolicyError& y) {
                      return x.policy == y.policy && x.code == y.code;
                    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const Result<cedar::Engine> engine = build(text, true);
  const Result<cedar::Engine> scanning = build(text, false);
  if (engine.has_value() != scanning.has_value()) std::abort();
  if (!engine) {
    if (engine.error().code == ErrorCode::none || engine.error().message.empty()) std::abort();
    return 0;
  }
  Arena arena;
  RequestSymbols symbols(engine->symbols(), arena);
  Request request;
  request.symbols = &symbols;
  request.principal = symbols.entity("U", "a");
  request.action = symbols.entity("Action", "a");
  request.resource = symbols.entity("R", "r");
  cedar::ContextInput input;
  input.text = R"({"a": 1, "b": {"a": true, "c": ["x", "y"]}, "s": "text", "t": [1, 2]})";
  const Result<Value> context = cedar::read_context(input, symbols);
  if (!context) std::abort();
  request.context = *context;

  const Decision decision = engine->authorize(request, arena);
  if (!same(decision, scanning->authorize(request, arena))) std::abort();
  if (engine->decide(request, arena) != decision.effect) std::abort();
  const Possible known = engine->possible(request, ErrorRule::cedar, arena);
  const bool allowed = decision.effect == Effect::allow;
  if (known.some != allowed || known.certain != allowed) std::abort();
  request.context = Value{};
  const Possible open = engine->possible(request, ErrorRule::cedar, arena);
  if ((allowed && !open.some) || (!allowed && open.certain)) std::abort();
  for (const PolicyError& error : decision.errors) {
    if (cedar::error_text(*engine, error).empty()) std::abort();
  }
  return 0;
}
