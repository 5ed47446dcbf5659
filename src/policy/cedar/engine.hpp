// A compiled Cedar policy set with its entities: the decisions, the possible decisions, and the
// facts other rooms need about its policies.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"
#include "policy/request.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy {
class Entities;
}

namespace mcpgov::policy::cedar {

class PolicySet;
struct PartialRequest;  // policy/cedar/partial.hpp
struct Residuals;

struct Annotation {
  std::string_view name;
  std::string_view value;
};

// Threads: immutable, share freely; each call brings its own arena.
class Engine {
 public:
  struct Options {
    Ids ids = Ids::positional;
    bool index = true;  // off: every policy is looked at; the answer is the same
  };

  // symbols: the table `entities` was read into; policies add their own names to it.
  // Errors: those of reading policies, see mcpgov/policy.hpp.
  // Throws: std::bad_alloc.
  static Result<Engine> build(std::span<const Source> sources, Symbols symbols, Entities entities,
                              const Options& options);
  static Result<Engine> build(std::span<const Source> sources, Symbols symbols, Entities entities);
  // The policies and links of a set, under their ids there; Options::ids says nothing.
  static Engine build(const PolicySet& policies, Symbols symbols, Entities entities,
                      const Options& options);

  // Every matching policy is evaluated; reasons and errors are complete and in source order.
  // A request without principal, action or resource (kNoEntity), or whose context is no record,
  // is denied. An unknown value that a policy reads is a type error of that policy.
  // The answer lives in the arena. Throws: std::bad_alloc.
  Decision authorize(const Request& request, Arena& arena) const;

  // The same effect, at the first policy that settles it.
  Effect decide(const Request& request, Arena& arena) const;

  // What can come out whatever the unknown values turn out to be: values of kind unknown anywhere
  // in the context or in attributes (the field is there, its value may be anything), an unknown
  // context, and entities that are kNoEntity.
  Possible possible(const Request& request, ErrorRule rule, Arena& arena) const;

  // The same with what is left of each policy, and with types. Policies are read again, so this is
  // for people and tools, not for every call. Errors: policy_too_large (a JSON policy).
  Result<Residuals> partial(const PartialRequest& request, ErrorRule rule, Arena& arena) const;

  // What the context paths of all policies are: the root stands for `context` itself.
  // A caller that converts only these gives every policy what it could see.
  const ReadPath& reads() const noexcept;

  const Symbols& symbols() const noexcept;
  const Entities& entities() const noexcept;

  // Instructions of all programs. A template has one, however often it is linked.
  std::size_t program_size() const noexcept;
  std::uint32_t policy_count() const noexcept;
  PolicyFacts policy(PolicyNumber policy) const noexcept;
  bool forbids(PolicyNumber policy) const noexcept;
  std::span<const Annotation> annotations(PolicyNumber policy) const noexcept;

  // True when the principal's constraint is `is`, `==` or `in` with an entity type of this last
  // name (`Anonymous` matches `Shop::Anonymous`). Without a constraint it names nothing.
  bool principal_scope_names(PolicyNumber policy, std::string_view type) const noexcept;

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

 private:
  friend class EngineBuilder;
  friend class ListQuestion;
  friend class PartialQuestion;
  struct Snapshot;
  explicit Engine(std::unique_ptr<const Snapshot> snapshot) noexcept;
  std::unique_ptr<const Snapshot> snapshot_;
};

// One question about many items: the same principal, action and resource and parts of the context
// differ. Policies that read nothing of what varies are evaluated once.
// Borrowed: engine and arena. probe() equals possible() of the same request.
// Threads: one thread.
class ListQuestion {
 public:
  // varying: names of the context's fields that differ from item to item; everything else in the
  // context must stay equal over all probes, and so must what the request says of its principal.
  ListQuestion(const Engine& engine, EntityId principal, const RequestSymbols& symbols,
               std::span<const NameId> varying, ErrorRule rule, Arena& arena);

  Possible probe(EntityId action, EntityId resource, const Value& context);

 private:
  struct State;
  State* state_;  // in the arena
};

// Text for people. Normal forms of Cedar: `Type::"id"` and values as the language writes them.
std::string uid_text(const RequestSymbols& symbols, EntityId entity);
std::string value_text(const RequestSymbols& symbols, const Value& value);
// ``policy `ID` (file:line): type error``: one sentence without values of the request.
std::string error_text(const Engine& engine, const PolicyError& error);

}  // namespace mcpgov::policy::cedar
