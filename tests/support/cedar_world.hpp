// A Cedar engine and one request, made from texts, for tests.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/policy.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/entities.hpp"

namespace mcpgov::policy::cedar {

// Symbols and entities of one JSON list; both are moved into an engine.
struct Store {
  Symbols symbols;
  Entities entities;
};

inline Store store_of(std::string_view entities_json) {
  Store out;
  EntitiesInput input;
  input.text = entities_json;
  Result<Entities> read = read_entities(input, out.symbols);
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  out.entities = std::move(*read);
  return out;
}

inline Result<Engine> engine_of(std::string_view policies, std::string_view entities_json = "[]",
                                const Engine::Options& options = {}) {
  Store store = store_of(entities_json);
  const Source source{"", std::string(policies)};
  return Engine::build({&source, 1}, std::move(store.symbols), std::move(store.entities), options);
}

// A request against an engine; its values live as long as it does.
class Asked {
 public:
  explicit Asked(const Engine& engine, Uid principal = {"U", "a"}, Uid action = {"Action", "act"},
                 Uid resource = {"R", "r"}, std::string_view context = "{}")
      : symbols_(std::make_unique<RequestSymbols>(engine.symbols(), arena_)) {
    request.symbols = symbols_.get();
    request.principal = entity(principal);
    request.action = entity(action);
    request.resource = entity(resource);
    ContextInput input;
    input.text = context;
    Result<Value> read = read_context(input, *symbols_);
    REQUIRE_MESSAGE(read.has_value(), read.error().text());
    request.context = *read;
  }

  EntityId entity(const Uid& uid) { return symbols_->entity(uid.type, uid.id); }
  RequestSymbols& symbols() { return *symbols_; }
  Arena& arena() { return arena_; }

  Request request;

 private:
  Arena arena_;
  std::unique_ptr<RequestSymbols> symbols_;
};

}  // namespace mcpgov::policy::cedar
