// Tool lists: reading pages, keeping tools, finding them by name.
// Tested by tests/catalog/catalog_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/catalog.hpp"

#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "catalog/contents.hpp"
#include "catalog/schema_reader.hpp"

namespace mcpgov::catalog {
namespace {

// Names come from the server: an address as seed keeps it from choosing names that collide.
std::uint64_t hash_name(std::string_view name, const void* seed) noexcept {
  return hash_bytes(name, reinterpret_cast<std::uintptr_t>(seed));
}

// Annotations of the wrong type are no statement.
std::optional<bool> hint(const Json* annotations, const char* name) {
  const Json* value = annotations == nullptr ? nullptr : member_of(*annotations, name);
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

Hints read_hints(const Json& definition, Arena& arena) {
  const Json* annotations = member_of(definition, "annotations");
  Hints hints;
  hints.read_only = hint(annotations, "readOnlyHint");
  hints.destructive = hint(annotations, "destructiveHint");
  hints.idempotent = hint(annotations, "idempotentHint");
  hints.open_world = hint(annotations, "openWorldHint");
  // The annotation is older (2025-03-26) than the tool's own title (2025-06-18); what is shown to
  // people is the latter, so it comes first here as well.
  for (const Json* holder : {&definition, annotations}) {
    const Json* title = holder == nullptr ? nullptr : member_of(*holder, "title");
    if (title == nullptr || !title->is_string()) continue;
    hints.title = arena.copy(title->get_ref<const std::string&>());
    break;
  }
  return hints;
}

}  // namespace

const Tool* Catalog::Contents::find(std::string_view name) const noexcept {
  if (slots.empty()) return nullptr;
  const std::uint64_t hash = hash_name(name, this);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = hash & mask; slots[at].tool != 0; at = (at + 1) & mask) {
    if (slots[at].tag != tag) continue;
    const Tool& tool = tools[slots[at].tool - 1];
    if (same_text(tool.name, name)) return &tool;
  }
  return nullptr;
}

void Catalog::Contents::index(std::uint32_t position) {
  const auto place = [this](std::uint32_t tool) {
    const std::uint64_t hash = hash_name(tools[tool].name, this);
    const std::size_t mask = slots.size() - 1;
    std::size_t at = hash & mask;
    while (slots[at].tool != 0) at = (at + 1) & mask;
    slots[at] = {static_cast<std::uint32_t>(hash >> 32), tool + 1};
  };
  if (std::size_t{position} * 2 < slots.size()) return place(position);
  const std::size_t size = slots.empty() ? 16 : slots.size() * 2;
  slots.assign(size, {});
  for (std::uint32_t tool = 0; tool <= position; ++tool) place(tool);
}

Reader::Reader(Origin origin, std::string_view file, const Limits& limits)
    : limits_(limits), file_(file), contents_(std::make_shared<Catalog::Contents>()) {
  contents_->origin = origin;
}

Error Reader::error(ErrorCode code, std::string sentence) const {
  return {code, std::move(sentence), file_, 0, 0};
}

Result<void> Reader::page(std::string_view json) {
  bytes_ += json.size();
  if (bytes_ > limits_.bytes) {
    return error(ErrorCode::tool_list_invalid, "the tool list exceeds the size limit");
  }
  JsonLimits limits;
  limits.bytes = limits_.bytes;
  limits.depth = limits_.depth;
  const Result<Json> read = parse_json(json, limits, file_, ErrorCode::tool_list_invalid);
  if (!read) return read.error();
  const Result<ToolList> list = open_tool_list(*read, file_);
  if (!list) return list.error();
  std::size_t position = 0;
  for (const Json* definition : list->tools) {
    Result<void> added = tool(*definition, list->shared, position++);
    if (!added) return added;
  }
  return {};
}

Result<void> Reader::tool(const Json& definition, const Json* shared, std::size_t position) {
  const Result<std::string_view> name = tool_name(definition, position, limits_, file_);
  if (!name) return name.error();
  const std::string text(*name);
  if (contents_->find(text) != nullptr) {
    return error(ErrorCode::tool_duplicate, "two tools are called `" + text + "`");
  }
  if (contents_->tools.size() >= limits_.tools) {
    return error(ErrorCode::tool_list_invalid, "the list has too many tools");
  }
  Tool tool;
  tool.name = contents_->arena.copy(text);
  tool.hints = read_hints(definition, contents_->arena);
  Result<void> understood = schema(tool, definition, shared);
  if (!understood) {
    if (contents_->origin == Origin::pinned) return understood;
    tool.unusable = contents_->arena.copy(understood.error().message);
  }
  contents_->tools.push_back(tool);
  contents_->index(static_cast<std::uint32_t>(contents_->tools.size() - 1));
  return {};
}

Result<void> Reader::schema(Tool& tool, const Json& definition, const Json* shared) {
  const std::string where = "tool `" + std::string(tool.name) + "`: ";
  const Part input = input_schema(definition);
  if (input.schema == nullptr) {
    return error(ErrorCode::tool_schema_invalid, where + "it has no `inputSchema`");
  }
  SchemaReader reader(contents_->arena, tool.name, limits_);
  reader.add_definitions(shared, "");
  reader.add_definitions(member_of(definition, "$defs"), identifier(tool.name) + "::");
  const Schema* schema = reader.read(*input.schema);
  types_ += reader.type_count();
  if (types_ > limits_.all_types) {
    return error(ErrorCode::tool_schema_invalid, where + "the list has too many types");
  }
  if (schema == nullptr) {
    return error(ErrorCode::tool_schema_invalid,
                 where + input.step + reader.pointer() + ": " + reader.sentence());
  }
  tool.input = schema;
  tool.param_headers = reader.param_headers();
  return {};
}

Catalog Reader::finish() {
  return Catalog(std::move(contents_));
}

Catalog::Catalog() : contents_(std::make_shared<const Contents>()) {}
Catalog::Catalog(std::shared_ptr<const Contents> contents) noexcept
    : contents_(std::move(contents)) {}
Catalog::~Catalog() = default;
Catalog::Catalog(const Catalog&) noexcept = default;
Catalog& Catalog::operator=(const Catalog&) noexcept = default;

Result<Catalog> Catalog::from_tools_json(std::string_view json, Origin origin,
                                         std::string_view file) {
  return from_pages({&json, 1}, origin, file, Limits{});
}

Result<Catalog> Catalog::from_pages(std::span<const std::string_view> pages, Origin origin,
                                    std::string_view file) {
  return from_pages(pages, origin, file, Limits{});
}

Result<Catalog> Catalog::from_pages(std::span<const std::string_view> pages, Origin origin,
                                    std::string_view file, const Limits& limits) {
  Reader reader(origin, file, limits);
  for (const std::string_view page : pages) {
    Result<void> read = reader.page(page);
    if (!read) return std::move(read).error();
  }
  return reader.finish();
}

const Tool* Catalog::find(std::string_view name) const noexcept {
  return contents_->find(name);
}
std::span<const Tool> Catalog::tools() const noexcept {
  return contents_->tools;
}
Origin Catalog::origin() const noexcept {
  return contents_->origin;
}

}  // namespace mcpgov::catalog
