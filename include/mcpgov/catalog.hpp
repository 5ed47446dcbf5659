// Which tools a server has: their schemas, their hints, and whether calls to them can be judged.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::catalog {

struct Schema;  // internal: src/catalog/type.hpp

// Who says so: a file that somebody reviewed, or the server itself.
enum class Origin : std::uint8_t { pinned, claimed };

// What a tool says of itself (ToolAnnotations of MCP). A claim unless the list is pinned; absent
// stays absent, because the protocol's defaults are no statement of the server.
// Spec: MCP 2025-03-26 and later, schema `ToolAnnotations`.
struct Hints {
  std::optional<bool> read_only = {};
  std::optional<bool> destructive = {};
  std::optional<bool> idempotent = {};
  std::optional<bool> open_world = {};
  std::string_view title = {};  // empty: none
};

// One tool. Everything is borrowed from its catalog.
struct Tool {
  std::string_view name = {};
  Hints hints = {};
  // Arguments the tool wants mirrored in header fields, for wire::Parser::check_param_headers.
  std::span<const wire::ParamHeader> param_headers = {};
  // Not empty: the definition cannot be understood, and calls to the tool are denied.
  std::string_view unusable = {};
  const Schema* input = nullptr;  // null exactly when unusable

  bool usable() const noexcept { return input != nullptr; }
};

// Limits of a tool list, which is untrusted when the server itself sends it. Zero admits nothing.
struct Limits {
  std::size_t bytes = 64 * 1024 * 1024;  // of all pages
  std::uint32_t depth = 64;              // of JSON and of types
  std::uint32_t tools = 10'000;
  std::uint32_t types = 10'000;         // of one tool, an ordinary one has a dozen
  std::uint32_t all_types = 1'000'000;  // of all tools, about 64 bytes each
  std::uint32_t name_bytes = 1'024;     // of a tool's name; the protocol recommends 128
};

// The tools of one server. Copies share the contents.
// Threads: immutable, share freely.
class MCPGOV_API Catalog {
 public:
  Catalog();  // no tools; throws std::bad_alloc
  ~Catalog();
  Catalog(const Catalog&) noexcept;
  Catalog& operator=(const Catalog&) noexcept;

  // Reads a JSON-RPC reply with `result.tools`, an object with `tools`, a list of tools or one
  // tool. A tool has `name`, `inputSchema` (or `parameters`, each also as `{"json": …}`), and
  // optionally `annotations`, `title`, `$defs`; what else it has is ignored.
  // json: borrowed for the call. file: for errors, may be empty.
  // A claimed tool that cannot be understood is kept as unusable, so that calls to it are denied;
  // in a pinned list it is an error.
  // Errors: tool_list_invalid (with line and column where the text is no JSON),
  //         tool_schema_invalid (names the tool and the JSON pointer), tool_duplicate.
  // Throws: std::bad_alloc.
  // Spec: MCP `tools/list` of all revisions; JSON Schema 2020-12, the part docs/request.md lists.
  static Result<Catalog> from_tools_json(std::string_view json, Origin origin,
                                         std::string_view file = {});

  // The same for the pages of one list, in their order. Two tools of one name are an error across
  // pages too.
  static Result<Catalog> from_pages(std::span<const std::string_view> pages, Origin origin,
                                    std::string_view file = {});
  static Result<Catalog> from_pages(std::span<const std::string_view> pages, Origin origin,
                                    std::string_view file, const Limits& limits);

  // By name, compared byte by byte; null when there is none. Never allocates.
  const Tool* find(std::string_view name) const noexcept MCPGOV_LIFETIME_BOUND;
  // In the order of the list.
  std::span<const Tool> tools() const noexcept MCPGOV_LIFETIME_BOUND;
  Origin origin() const noexcept;

 private:
  friend class Reader;
  struct Contents;
  explicit Catalog(std::shared_ptr<const Contents> contents) noexcept;
  std::shared_ptr<const Contents> contents_;
};

}  // namespace mcpgov::catalog
