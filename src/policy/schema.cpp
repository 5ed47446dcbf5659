// The public schema: read, checked by resolving it, printed in either form.
// Tested by tests/policy/public_schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_sorted.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/schema_parts.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy {

namespace {

// Warnings of one namespace, in the order of the text.
class Warnings {
 public:
  explicit Warnings(const cedar::SchemaParts& schema) : schema_(schema) {}

  void look(const cedar::DeclaredNamespace& space) {
    const auto entities = cedar::sorted(space.entities);
    auto at = entities.begin();
    for (const cedar::DeclaredCommon* common : cedar::sorted(space.commons)) {
      const std::string_view name = common->name.text;
      while (at != entities.end() && (*at)->name.text < name) ++at;
      if (at != entities.end() && (*at)->name.text == name) {
        add(SchemaWarning::Kind::shadows_entity, common->name,
            " hides the entity type of the same name");
      }
      builtin(common->name);
    }
    for (const cedar::DeclaredEntity& entity : space.entities) builtin(entity.name);
  }

  std::vector<SchemaWarning> take() {
    std::stable_sort(out_.begin(), out_.end(), [](const SchemaWarning& a, const SchemaWarning& b) {
      return a.line != b.line ? a.line < b.line : a.column < b.column;
    });
    return std::move(out_);
  }

 private:
  void builtin(const cedar::SchemaName& name) {
    if (cedar::builtin_type(name.text) == nullptr) return;
    add(SchemaWarning::Kind::shadows_builtin, name,
        " hides what is built in, which can still be named with `__cedar::`");
  }
  void add(SchemaWarning::Kind kind, const cedar::SchemaName& name, const char* what) {
    const cedar::Position position = cedar::position_of(schema_.text, name.offset);
    out_.push_back(
        {kind, schema_.name, position.line, position.column, cedar::shown(name.text) + what});
  }

  const cedar::SchemaParts& schema_;
  std::vector<SchemaWarning> out_;
};

Result<std::string> in_file(Result<std::string> written, const std::string& file) {
  if (written) return written;
  Error error = std::move(written).error();
  error.file = file;
  return error;
}

}  // namespace

std::string SchemaWarning::text() const {
  std::string out = file.empty() ? std::string() : file + ":";
  out += std::to_string(line) + ":" + std::to_string(column);
  return out + ": warning: " + message;
}

Schema::Schema(std::unique_ptr<const cedar::SchemaParts> parts) noexcept
    : parts_(std::move(parts)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::read(const Source& source, bool cedar_syntax) {
  auto parts = std::make_unique<cedar::SchemaParts>();
  parts->name = source.name;
  parts->text = source.text;
  parts->cedar_syntax = cedar_syntax;
  const auto in_file = [&](Error error) {
    error.file = source.name;
    return error;
  };
  const auto parse = cedar_syntax ? cedar::parse_schema : cedar::parse_schema_json;
  const Result<cedar::DeclaredSchema> declared = parse(parts->text, parts->arena);
  if (!declared) return in_file(declared.error());
  Symbols symbols;
  const Result<cedar::Schema> resolved = cedar::resolve_schema(*declared, parts->text, symbols);
  if (!resolved) return in_file(resolved.error());
  parts->declared = *declared;
  return Schema(std::move(parts));
}

Result<Schema> Schema::from_cedar(const Source& source) {
  return read(source, true);
}

Result<Schema> Schema::from_json(const Source& source) {
  return read(source, false);
}

Result<Schema> Schema::read(const Source& source) {
  return read(source, !cedar::is_schema_json(source.text));
}

Result<std::string> Schema::to_text() const {
  return in_file(cedar::schema_text(parts_->declared), parts_->name);
}

Result<std::string> Schema::to_json() const {
  return in_file(cedar::schema_json(parts_->declared), parts_->name);
}

std::vector<SchemaWarning> Schema::warnings() const {
  Warnings out(*parts_);
  if (!parts_->cedar_syntax) return {};
  for (const cedar::DeclaredNamespace& space : parts_->declared.namespaces) out.look(space);
  return out.take();
}

namespace cedar {

const SchemaParts& parts_of(const policy::Schema& schema) noexcept {
  return *schema.parts_;
}

}  // namespace cedar

}  // namespace mcpgov::policy
