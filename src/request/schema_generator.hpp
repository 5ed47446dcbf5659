// From the tools of a server to the declarations of a Cedar schema.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "catalog/shape.hpp"
#include "mcpgov/request.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::request {

namespace cedar = policy::cedar;

// Writes declarations behind those of a stub. Use one for one schema.
// Threads: one thread. Throws: std::bad_alloc.
class SchemaGenerator {
 public:
  using Json = catalog::Json;
  using Part = catalog::Part;
  using Type = cedar::DeclaredType;

  // file: of the tools, for errors. Everything is borrowed; what is made lives in the arena.
  SchemaGenerator(const SchemaOptions& options, std::string_view file, Arena& arena)
      : options_(options), file_(file), arena_(arena) {}

  // Errors: stub_namespace, stub_principal_missing, stub_resource_missing, schema_duplicate.
  Result<void> start(const cedar::DeclaredSchema& stub, const policy::Source& source);
  // Errors: those of tool_schema() about tools.
  Result<void> add(const Json& tools);
  // What was declared. Use nothing else of the generator behind it.
  cedar::DeclaredSchema finish();

 private:
  // What a namespace declares, by name.
  struct Space {
    std::span<const cedar::SchemaAnnotation> annotations;
    std::map<std::string_view, cedar::DeclaredCommon> commons;
    std::map<std::string_view, cedar::DeclaredEntity> entities;
    std::map<std::string_view, cedar::DeclaredAction> actions;
  };
  // Definitions that references can name; the innermost scope that has a name wins.
  struct Scope {
    const Scope* outer = nullptr;
    const Json* definitions = nullptr;
    const Json* old_definitions = nullptr;  // `definitions`: declared when something refers to them
    std::string_view space = {};
    std::string pointer = {};
    // Definitions that contain themselves, by name: those that contain each other have one number.
    std::map<std::string, std::size_t, std::less<>> loops = {};
  };
  struct Place {
    std::string_view space = {};  // where a type declared for the schema stands
    std::string_view name = {};   // and how it is called
    std::string pointer = {};     // of the schema, in the list of tools
    const Scope* scope = nullptr;
    std::size_t loop = 0;  // of the definition that the schema is part of; 0: of none
  };
  struct Found {
    const Scope* scope = nullptr;  // null: nothing
    std::string name = {};
    bool old_draft = false;
  };
  // An entity type that more than one place would declare.
  struct Shared {
    std::string_view name = {};
    std::string_view space = {};  // that holds all places
    std::size_t places = 0;
    Part part = {};  // one of them
  };
  struct Context {
    std::string_view type;
    bool required = true;
  };
  using Names = std::initializer_list<std::string_view>;

  // schema_generator.cpp: the stub, and what each tool declares. Each returns false after fail().
  Result<void> read_stub(const cedar::DeclaredNamespace& stub, const policy::Source& source);
  void add_context(const cedar::SchemaName& type, std::span<const cedar::SchemaAnnotation> all);
  std::span<const cedar::SchemaAnnotation> kept(std::span<const cedar::SchemaAnnotation> all,
                                                Names dropped);
  bool add_tool(const Json& tool, const Scope& shared, const std::string& pointer);
  bool add_parameters(const Part& schema, std::string_view name, std::string_view space,
                      const Scope& outer, const std::string& pointer);
  bool add_action(std::string_view tool, std::string_view part, const std::string& pointer);
  bool add_common(std::string_view space, std::string_view name, const Type& type,
                  const std::string& pointer);
  bool add_entity(std::string_view space, std::string_view name, cedar::DeclaredEntity entity,
                  const std::string& pointer);
  bool is_taken(std::string_view path, std::string_view name);
  bool is_allowed(std::string_view common, const std::string& pointer);
  void unshadow(std::string_view path, Space& space);
  Type unshadowed(Type type);
  bool fail(ErrorCode code, const std::string& pointer, std::string sentence);

  // schema_generator_types.cpp: what a JSON Schema is in Cedar.
  bool type(const Part& part, const Place& place, Type& out);
  bool enumeration(const catalog::Shape& shape, const Place& place, Type& out);
  bool parts(const catalog::Shape& shape, const Place& place, Type& out);
  bool object(const Part& part, const catalog::Shape& shape, const Place& place, Type& out);
  bool members(const catalog::Shape& shape, const Place& place, std::string_view inner,
               std::span<const cedar::DeclaredAttribute>& out);
  bool opaque(std::string_view name, const Place& place, Type& out);
  bool number(std::string_view name, const Place& place, Type& out);
  Type unqualified(std::string_view space, Type type);
  Type shortened(std::string_view space, const Type& type);
  bool spend(const std::string& pointer);

  // schema_generator_definitions.cpp: `$defs` and who refers to them; names.
  bool add_definitions(Scope& scope);
  bool add_definition(const Scope& scope, const std::string& name, bool old_draft);
  bool ends(const Scope& scope);
  bool find_loops(Scope& scope);
  bool loops(const Part& part, const Place& place);
  bool loops_of(const Scope& scope, bool whole,
                std::map<std::string, std::size_t, std::less<>>& out);
  bool references(const Part& part, const Scope& scope, bool whole, std::set<std::string>& out);
  bool refer(std::string_view reference, const Place& place, Type& out);
  Found find(std::string_view reference, const Scope* scope) const;
  // Null: none that Cedar allows, after fail().
  const std::string_view* part_of(std::string_view name, const std::string& pointer);
  std::string_view join(std::string_view space, std::string_view name) {
    return arena_.concat({space, "::", name});
  }
  // Namespace and name of a type when namespaces are flattened; its whole name.
  std::pair<std::string_view, std::string_view> flat(std::string_view space, std::string_view name);
  std::string_view qualified(std::string_view space, std::string_view name);

  // schema_generator_shared.cpp: entity types that several places would declare.
  bool collect_tools(const catalog::ToolList& list);
  bool collect_parameters(const Part& schema, std::string_view space, const std::string& pointer);
  bool collect(const Part& part, std::string_view name, std::string_view space,
               const std::string& pointer);
  bool collect_object(const catalog::Shape& shape, std::string_view name, std::string_view space,
                      const std::string& pointer);
  bool place_shared();
  bool declare_shared(const Shared& shared);
  bool matches(const Shared& shared, const cedar::DeclaredEntity& entity) const;
  // Empty: the schema is none of those that can be shared.
  static std::string fingerprint(const catalog::Shape& shape, std::string_view name);
  const std::string_view* shared_space(const std::string& fingerprint) const;

  const SchemaOptions& options_;
  std::string_view file_;
  Arena& arena_;
  std::string_view root_;  // the namespace of the stub
  std::map<std::string_view, Space> spaces_;
  std::set<std::string_view> stub_entities_;
  std::set<std::string_view> opaque_;  // `Null` and the like, as far as they are used
  std::vector<cedar::SchemaName> principals_;
  std::vector<cedar::SchemaName> resources_;
  std::vector<cedar::DeclaredParent> parents_;
  std::map<std::string_view, Context> contexts_;    // by key
  std::map<std::string, Shared> seen_;              // by fingerprint
  std::map<std::string, std::string_view> placed_;  // the namespace of what is shared
  std::set<const Json*> old_;                       // definitions of older drafts, declared
  std::uint32_t types_ = 0;
  std::uint32_t walked_ = 0;
  Error error_;
};

}  // namespace mcpgov::request
