// The question a call asks of the policies: how methods, callers and arguments become entities and
// a context. docs/request.md has the whole model with an example.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::request {

// Calls to tools no catalog knows. A schema decides the types of arguments, and `==` across types
// is false without an error, so that policies written for the schema would not match.
enum class UnknownTools : std::uint8_t {
  deny,     // refused: the default
  natural,  // arguments as JSON has them, for policies written for that
};

// A question in Cedar's own writing, for people: what `mcpgov authorize` explains.
struct Text {
  std::string principal;  // Payments::User::"https://login.example.com#ann"
  std::string action;     // Payments::Action::"read_file"
  std::string resource;   // Payments::McpServer::"payments"
  std::string context;    // {input: {path: "/etc/motd"}, session: {…}}
  std::string entities;   // one per line: uid, ancestors, attributes, tags; sorted by uid
};

// The principal's id: `<issuer>#<subject>`, where the issuer's own `%` and `#` are written `%25`
// and `%23`. So the first `#` separates, and two different callers never have the same id.
// Groups, roles and actors are named in the same way.
// Throws: std::bad_alloc.
MCPGOV_API std::string qualified_id(std::string_view issuer, std::string_view name);

// ---- Schema generation --------------------------------------------------------------------------
//
// From what a server offers to the Cedar schema its policies are validated against. A stub declares
// one namespace: who calls (`@mcp_principal`), what calls are about (`@mcp_resource`), what every
// context has (`@mcp_context("key")`) and which actions a tool's action is in (`@mcp_action`).
//
//   auto stub = request::default_stub("Shop");
//   if (!stub) return fail(stub.error());
//   auto schema = request::tool_schema(*stub, {"tools.json", text},
//                                      request::SchemaOptions::agent());

// The options of Cedar's generator for MCP (cedar-policy-mcp-schema-generator 0.6), and how exact
// its output is followed.
struct SchemaOptions {
  // What has no name in Cedar. as_reference: is an error, as in that generator. agent: has the name
  // that the requests of the `agent` mapping use, see docs/request.md.
  enum class Names : std::uint8_t { as_reference, agent };

  bool include_outputs = false;            // the context has `output?` too
  bool objects_as_records = false;         // else they are entities; with additional ones always
  bool erase_annotations = true;           // those of the stub that start with `mcp_`
  bool flatten_namespaces = false;         // `t_Input_mode` instead of `t::Input::mode`
  bool encode_numbers_as_decimal = false;  // else they are opaque entities
  bool deduplicate_entity_types = false;   // equal ones move to the namespace that holds all
  Names names = Names::as_reference;

  // What fits the requests made here: objects as records, numbers as decimals, our names.
  MCPGOV_API static SchemaOptions agent() noexcept;
};

enum class SchemaForm : std::uint8_t { cedar, json };

// stub: in Cedar syntax. tools: as for catalog::Catalog::from_tools_json.
// Errors: those of reading schemas; stub_namespace, stub_principal_missing, stub_resource_missing;
//         tool_list_invalid, tool_duplicate, and with tool and JSON pointer tool_schema_invalid,
//         tool_schema_name, tool_schema_conflict, tool_schema_reference, tool_schema_cycle;
//         schema_too_large; schema_not_expressible (Cedar syntax only).
// Throws: std::bad_alloc.
MCPGOV_API Result<std::string> tool_schema(const policy::Source& stub, const policy::Source& tools,
                                           const SchemaOptions& options = {},
                                           SchemaForm form = SchemaForm::cedar);

// The stub of the `agent` mapping, policies/mcp.cedarschema, for a namespace.
// Errors: config_value (the namespace is none of Cedar's). Throws: std::bad_alloc.
MCPGOV_API Result<policy::Source> default_stub(std::string_view space);

}  // namespace mcpgov::request
