// A server with policies, entities and tools, and calls to it: what the tests of this room share.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/arena.hpp"
#include "mcpgov/catalog.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/schema_types.hpp"
#include "request/mapping.hpp"
#include "request/principal.hpp"
#include "request/render.hpp"
#include "wire/document.hpp"

namespace mcpgov::world {

inline catalog::Catalog tools(const std::string& json,
                              catalog::Origin origin = catalog::Origin::pinned) {
  auto read = catalog::Catalog::from_tools_json(json, origin);
  REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  return *read;
}

// A list of one tool `t` with these properties.
inline std::string tool_with(const std::string& properties, const std::string& more = "") {
  return R"([{"name":"t","inputSchema":{"type":"object","properties":{)" + properties + "}" + more +
         "}}]";
}

inline Caller ann() {
  Caller caller;
  caller.kind = CallerKind::user;
  caller.issuer = "https://login.example.com";
  caller.subject = "ann";
  return caller;
}

struct Setting {
  std::string policies = "permit(principal, action, resource);";
  std::string entities = "[]";
  std::string space = "Shop";
  std::string server = "shop";
  std::string schema = {};  // in Cedar syntax; empty: none
  request::UnknownTools unknown_tools = request::UnknownTools::deny;
};

class Server {
 public:
  explicit Server(const Setting& setting) {
    policy::Symbols symbols;
    if (!setting.schema.empty()) {
      auto schema = policy::cedar::read_schema(setting.schema, "schema", symbols);
      REQUIRE_MESSAGE(schema.has_value(), (schema ? "" : schema.error().text()));
      schema_ = std::make_unique<policy::cedar::Schema>(*std::move(schema));
    }
    auto entities = policy::cedar::read_entities({setting.entities, "e.json"}, symbols);
    REQUIRE_MESSAGE(entities.has_value(), (entities ? "" : entities.error().text()));
    const policy::Source source{"p.cedar", setting.policies};
    auto engine =
        policy::cedar::Engine::build({&source, 1}, std::move(symbols), std::move(*entities));
    REQUIRE_MESSAGE(engine.has_value(), (engine ? "" : engine.error().text()));
    engine_ = std::make_unique<policy::cedar::Engine>(std::move(*engine));
    auto mapping =
        request::Mapping::bind({setting.space, setting.server, setting.unknown_tools},
                               engine_->symbols(), engine_->entities(), engine_->reads());
    REQUIRE(mapping);
    mapping_ = std::make_unique<request::Mapping>(std::move(*mapping));
  }

  const policy::cedar::Engine& engine() const { return *engine_; }
  const request::Mapping& mapping() const { return *mapping_; }
  const policy::cedar::Schema& schema() const { return *schema_; }

 private:
  std::unique_ptr<policy::cedar::Schema> schema_;
  std::unique_ptr<policy::cedar::Engine> engine_;
  std::unique_ptr<request::Mapping> mapping_;
};

// One call in the making. The members may be changed before ask().
class Asked {
 public:
  explicit Asked(const Server& server) : server_(server) {}

  Caller caller = ann();
  request::SessionFacts session = {};
  request::Call call = {};
  request::Detail detail = request::Detail::read;

  // A call of `t`, with the tool from `pinned` (null: from nowhere) and these arguments.
  ErrorCode tool(const catalog::Catalog* pinned, const std::string& arguments) {
    call.pinned = pinned == nullptr ? nullptr : pinned->find("t");
    return message(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t")" +
                   (arguments.empty() ? "" : ",\"arguments\":" + arguments) + "}}");
  }

  // Any message of a client, read by the wire.
  ErrorCode message(const std::string& json,
                    mcpgov::Direction direction = mcpgov::Direction::from_client) {
    wire::ParseContext context;
    context.direction = direction;
    context.limits.members = 300'000;
    const wire::Batch batch = parser_.parse(json, context);
    if (batch.refusal.refused()) return batch.refusal.code;
    const wire::Message& message = batch.messages[0];
    if (message.refusal.refused()) return message.refusal.code;
    call.method = message.method;
    call.target = message.target;
    call.arguments = nullptr;
    if (wire::arguments_tree(parser_, message).get(arguments_) == simdjson::SUCCESS) {
      call.arguments = &arguments_;
      call.arguments_text = message.arguments;
    }
    return ask();
  }

  ErrorCode ask() {
    arena_ = std::make_unique<Arena>();
    symbols_ = std::make_unique<policy::RequestSymbols>(server_.engine().symbols(), *arena_);
    request::Question question(server_.mapping(), &caller, session, *symbols_, scratch_, detail);
    request = {};
    const ErrorCode code = question.ask(call, request);
    if (detail == request::Detail::read && caller.kind != CallerKind::none) compare_prepared(code);
    return code;
  }

  bool allowed() {
    return server_.engine().authorize(request, *arena_).effect == policy::Effect::allow;
  }
  request::Text text() const { return request::render(request, server_.engine().entities()); }

  policy::Request request = {};

 private:
  // A principal made beforehand asks the same question.
  void compare_prepared(ErrorCode code) {
    Arena arena;
    policy::RequestSymbols symbols(server_.engine().symbols(), arena);
    const request::PreparedPrincipal prepared(server_.mapping(), caller, scratch_);
    request::Question question(server_.mapping(), caller, prepared, session, symbols, scratch_);
    policy::Request same;
    CHECK(question.ask(call, same) == code);
    if (code != ErrorCode::none) return;
    CHECK(same.principal == request.principal);
    const request::Text a = text();
    const request::Text b = request::render(same, server_.engine().entities());
    CHECK(a.principal == b.principal);
    CHECK(a.action == b.action);
    CHECK(a.resource == b.resource);
    CHECK(a.context == b.context);
    CHECK(a.entities == b.entities);
  }

  const Server& server_;
  wire::Parser parser_;
  simdjson::dom::element arguments_;
  std::unique_ptr<Arena> arena_;
  std::unique_ptr<policy::RequestSymbols> symbols_;
  request::Scratch scratch_;
};

}  // namespace mcpgov::world

namespace world = mcpgov::world;
