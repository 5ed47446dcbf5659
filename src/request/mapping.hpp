// The `agent` mapping: binds the names of one server's policies, then asks questions about calls.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "mcpgov/catalog.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/request.hpp"
#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"
#include "policy/entities.hpp"
#include "policy/request.hpp"
#include "policy/symbols.hpp"
#include "request/wanted.hpp"
#include "request/words.hpp"

namespace mcpgov::request {

// `Shop` or `Acme::Shop`: what Cedar allows as a namespace.
bool is_namespace(std::string_view space) noexcept;

// One server's namespace, bound to the names and entities of its policies.
// Threads: immutable, share freely.
class Mapping {
 public:
  struct Options {
    std::string space;   // Cedar namespace, `Payments` or `Acme::Payments`; empty: none
    std::string server;  // id of the McpServer entity
    UnknownTools unknown_tools = UnknownTools::deny;
  };

  // symbols, entities, reads: of one engine, borrowed for the life of the mapping.
  // Errors: config_value (the namespace is none of Cedar's).
  static Result<Mapping> bind(Options options, const policy::Symbols& symbols,
                              const policy::Entities& entities, const policy::ReadPath& reads);

  // Ids in the request's table; what no policy mentions is added there. Throws: std::bad_alloc.
  policy::NameId field(FieldWord word, policy::RequestSymbols& symbols) const;
  policy::NameId type(TypeWord word, policy::RequestSymbols& symbols) const;
  policy::EntityId action(ActionWord word, policy::RequestSymbols& symbols) const;
  policy::EntityId server(policy::RequestSymbols& symbols) const;

  // Ids that policies or entities mention, or kNoName: then no policy can see what bears the name.
  policy::NameId known(FieldWord word) const noexcept { return fields_[std::size_t(word)]; }
  policy::NameId known(TypeWord word) const noexcept { return types_[std::size_t(word)]; }

  // An entity and its ancestors in the store, sorted; empty where no policy mentions the entity.
  std::span<const policy::EntityId> call_tool_closure() const noexcept { return call_tool_up_; }
  std::span<const policy::EntityId> server_closure() const noexcept { return server_up_; }

  const Options& options() const noexcept { return options_; }
  const policy::Symbols& symbols() const noexcept { return *symbols_; }
  const policy::Entities& entities() const noexcept { return *entities_; }
  const policy::ReadPath& reads() const noexcept { return *reads_; }

  // Context fields that differ from item to item of a list, for policy::cedar::ListQuestion.
  std::span<const policy::NameId> varying() const noexcept { return varying_; }

 private:
  Mapping(Options options, const policy::Symbols& symbols, const policy::Entities& entities,
          const policy::ReadPath& reads);
  std::vector<policy::EntityId> closure(policy::EntityId entity) const;

  Options options_;
  const policy::Symbols* symbols_;
  const policy::Entities* entities_;
  const policy::ReadPath* reads_;
  std::array<policy::NameId, kFieldTexts.size()> fields_;
  std::array<policy::NameId, kTypeTexts.size()> types_;
  std::array<std::string, kTypeTexts.size()> type_texts_;
  std::array<policy::EntityId, kActionTexts.size()> actions_;
  policy::EntityId server_ = policy::kNoEntity;
  std::vector<policy::EntityId> call_tool_up_;
  std::vector<policy::EntityId> server_up_;
  std::vector<policy::NameId> varying_;
};

// What is known of the session. Borrowed.
struct SessionFacts {
  std::string_view id = {};         // a claim of whoever `source` names; empty: none
  std::string_view source = {};     // who says so: `host`, `transport`, `agent`; empty: none
  std::int64_t time_ms = 0;         // since 1970-01-01T00:00:00Z
  std::string_view source_ip = {};  // text of the peer's address; empty or malformed: none
  Transport transport = Transport::stdio;
  const Actor* workload = nullptr;  // what the caller runs in, verified; null: not known
};

// One call, or one item of a list. Borrowed.
// target: what it is about; of a completion the prompt, resource or template it refers to.
// method: of a list, that list's; each item then asks what using it would.
struct Call {
  wire::Method method = wire::Method::unknown;
  wire::Target target = {};
  const simdjson::dom::element* arguments = nullptr;  // null: none were given
  std::string_view arguments_text = {};               // the bytes of `arguments`
  const catalog::Tool* pinned = nullptr;              // from a reviewed list: decides the types
  const catalog::Tool* claimed = nullptr;             // from the server's own list
  bool input_unknown = false;  // arguments are not given yet: three-valued evaluation
};

// What to convert: only what policies read, or all of it for people who ask why.
enum class Detail : std::uint8_t { read, everything };

class PreparedPrincipal;

// Reads claims; kept from request to request so that it allocates only once.
// Threads: one thread.
struct Scratch {
  simdjson::dom::parser parser;
};

// The action of a tool: its name; `tool:<name>` where the name is that of another action or starts
// with `tool:`. So no server can name a tool to be permitted as something that is no tool.
std::string_view action_id(std::string_view tool, Arena& arena);

// Questions of one caller in one session. Everything asked lives in the arena of `symbols`, and
// borrows the strings of the message.
// Threads: one thread. Throws: std::bad_alloc only. A warm one allocates nothing on the heap.
class Question {
 public:
  // caller: has passed check_code(); null: there is none, and every question fails.
  // Everything is borrowed for the life of the question.
  Question(const Mapping& mapping, const Caller* caller, const SessionFacts& session,
           policy::RequestSymbols& symbols, Scratch& scratch, Detail detail = Detail::read);
  // prepared: of the same mapping and caller.
  Question(const Mapping& mapping, const Caller& caller, const PreparedPrincipal& prepared,
           const SessionFacts& session, policy::RequestSymbols& symbols, Scratch& scratch);

  // Fills `out`, completely or not at all.
  // Errors: caller_missing; method_unknown (nothing to decide about it), tool_unknown,
  //         tool_schema_invalid, argument_not_in_schema, argument_type, argument_missing,
  //         argument_not_representable, argument_too_complex.
  ErrorCode ask(const Call& call, policy::Request& out);

  policy::EntityId principal() const noexcept { return principal_; }

 private:
  struct Row;
  static const Row* row_of(const Call& call) noexcept;
  Wanted wanted() const noexcept;
  void fix_context(const Caller& caller);
  ErrorCode input(const Call& call, const Row& row, Wanted wanted, policy::Value& out);
  policy::EntityId action(const Call& call, const Row& row);
  policy::EntityId resource(const Call& call, const Row& row);
  policy::Value hints(const catalog::Tool& tool, Wanted wanted);
  policy::Value session_record(Wanted wanted);
  policy::Value actor_entity(const Actor& actor);
  policy::Value united(const policy::Value& first, const policy::Value& second);

  const Mapping& mapping_;
  const SessionFacts& session_;
  policy::RequestSymbols& symbols_;
  Detail detail_;
  policy::EntityId principal_ = policy::kNoEntity;
  // The same in every context of this question; filled where a policy reads them.
  policy::Field constant_[3];
  std::uint32_t constants_ = 0;
};

}  // namespace mcpgov::request
