// Declarations to schema text, line by line as the reference engine's printer writes it.
// Tested by tests/policy/schema_print_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_sorted.hpp"

namespace mcpgov::policy::cedar {
namespace {

using Form = DeclaredType::Form;

// indent: spaces before what stands on a line of its own.
class SchemaPrinter {
 public:
  Result<std::string> print(const DeclaredSchema& schema) {
    bool first = true;
    for (const DeclaredNamespace* space : sorted_namespaces(schema)) {
      if (!first) out_ += '\n';
      first = false;
      if (space->path.text.empty()) {
        declarations(*space, 0);
        continue;
      }
      annotations(space->annotations, 0);
      out_ += "namespace ";
      out_ += space->path.text;
      out_ += " {\n";
      declarations(*space, 2);
      out_ += "}\n";
    }
    if (full()) return schema_written_too_large();
    return std::move(out_);
  }

 private:
  // Whether to stop. Asked for each declaration, attribute and item of a list: what is written in
  // between is no longer than what was read.
  bool full() const noexcept { return out_.size() > kMaxWrittenSchemaBytes; }

  void line(std::size_t indent) { out_.append(indent, ' '); }

  void annotations(std::span<const SchemaAnnotation> all, std::size_t indent) {
    for (const SchemaAnnotation& each : all) {
      line(indent);
      out_ += '@';
      out_ += each.name;
      if (each.has_value) {
        out_ += '(';
        append_quoted(out_, each.value);
        out_ += ')';
      }
      out_ += '\n';
    }
  }

  // Declarations are set apart by empty lines.
  void declarations(const DeclaredNamespace& space, std::size_t indent) {
    bool first = true;
    const auto begin = [&](std::span<const SchemaAnnotation> given, std::string_view word) {
      if (!first) out_ += '\n';
      first = false;
      annotations(given, indent);
      line(indent);
      out_ += word;
    };
    for (const DeclaredCommon* common : sorted(space.commons)) {
      if (full()) return;
      begin(common->annotations, "type ");
      out_ += common->name.text;
      out_ += " = ";
      type(common->type, indent);
      out_ += ";\n";
    }
    for (const DeclaredEntity* entity : sorted(space.entities)) {
      if (full()) return;
      begin(entity->annotations, "entity ");
      out_ += entity->name.text;
      this->entity(*entity, indent);
      out_ += ";\n";
    }
    for (const DeclaredAction* action : sorted(space.actions)) {
      if (full()) return;
      begin(action->annotations, "action ");
      append_quoted(out_, action->name.text);
      this->action(*action, indent);
      out_ += ";\n";
    }
  }

  void entity(const DeclaredEntity& entity, std::size_t indent) {
    if (entity.enumerated) {
      out_ += " enum ";
      list(entity.ids, [&](std::string_view id) { append_quoted(out_, id); });
      return;
    }
    if (!entity.parents.empty()) {
      out_ += " in ";
      names(entity.parents);
    }
    if (!entity.shape.attributes.empty()) {
      out_ += " = ";
      type(entity.shape, indent);
    }
    if (entity.tags == nullptr) return;
    out_ += " tags ";
    type(*entity.tags, 0);  // the reference printer forgets the indentation here
  }

  void action(const DeclaredAction& action, std::size_t indent) {
    if (!action.parents.empty()) {
      out_ += " in ";
      list(action.parents, [&](const DeclaredParent& parent) {
        out_ += parent.type.empty() ? "Action" : parent.type;
        out_ += "::";
        append_quoted(out_, parent.id.text);
      });
    }
    // Cedar syntax has no way to say that only one of the two is missing.
    if (action.principals.empty() || action.resources.empty()) return;
    const std::size_t inner = indent + 2;
    out_ += " appliesTo {\n";
    line(inner);
    out_ += "principal: ";
    names(action.principals);
    out_ += ",\n";
    line(inner);
    out_ += "resource: ";
    names(action.resources);
    out_ += ",\n";
    line(inner);
    out_ += "context: ";
    // Of empty records only this one is printed without space inside.
    type(action.context, is_empty(action.context) ? 0 : inner);
    out_ += '\n';
    line(indent);
    out_ += '}';
  }

  static bool is_empty(const DeclaredType& type) {
    return type.form == Form::record && type.attributes.empty();
  }

  template <class Item, class Print>
  void list(std::span<const Item> items, Print print) {
    out_ += '[';
    for (std::size_t i = 0; i < items.size() && !full(); ++i) {
      if (i != 0) out_ += ", ";
      print(items[i]);
    }
    out_ += ']';
  }
  void names(std::span<const SchemaName> all) {
    list(all, [&](const SchemaName& name) { out_ += name.text; });
  }

  // Nests at most kMaxTypeDepth deep, as both readers see to.
  void type(const DeclaredType& type, std::size_t indent) {
    switch (type.form) {
      case Form::boolean: out_ += "__cedar::Bool"; return;
      case Form::integer: out_ += "__cedar::Long"; return;
      case Form::string: out_ += "__cedar::String"; return;
      case Form::extension: out_ += "__cedar::"; [[fallthrough]];
      case Form::entity_or_common:
      case Form::entity:
      case Form::common: out_ += type.name.text; return;
      case Form::record: record(type.attributes, indent); return;
      case Form::set: break;
    }
    out_ += "Set<";
    this->type(*type.element, indent);
    out_ += '>';
  }

  void record(std::span<const DeclaredAttribute> attributes, std::size_t indent) {
    out_ += '{';
    for (std::size_t i = 0; i < attributes.size() && !full(); ++i) {
      const DeclaredAttribute& each = attributes[i];
      if (i == 0) out_ += '\n';
      annotations(each.annotations, indent + 2);
      line(indent + 2);
      if (is_identifier(each.name.text) && !is_reserved(each.name.text)) {
        out_ += each.name.text;
      } else {
        append_quoted(out_, each.name.text);
      }
      out_ += each.required ? ": " : "?: ";
      type(each.type, indent + 2);
      out_ += i + 1 == attributes.size() ? "\n" : ",\n";
    }
    line(indent);  // also inside `{}`, as the reference printer has it
    out_ += '}';
  }

  std::string out_;
};

}  // namespace

Error schema_written_too_large() {
  return {ErrorCode::schema_too_large,
          "the schema would be longer than " + std::to_string(kMaxWrittenSchemaBytes) +
              " bytes when written",
          {},
          0,
          0};
}

namespace {

Error not_expressible(const DeclaredNamespace& space, const SchemaName& name, const char* why) {
  std::string full(space.path.text);
  if (!full.empty()) full += "::";
  full += name.text;
  return {ErrorCode::schema_not_expressible, "`" + full + "` " + why, {}, 0, 0};
}

}  // namespace

Result<std::string> schema_text(const DeclaredSchema& schema) {
  for (const DeclaredNamespace& space : schema.namespaces) {
    for (const DeclaredEntity& entity : space.entities) {
      if (entity.shape.form == Form::record) continue;
      return not_expressible(space, entity.name,
                             "has a shape that Cedar syntax cannot give: only a record can be one");
    }
    if (space.path.text.empty()) continue;
    const std::vector<const DeclaredEntity*> entities = sorted(space.entities);
    auto at = entities.begin();
    for (const DeclaredCommon* common : sorted(space.commons)) {
      while (at != entities.end() && (*at)->name.text < common->name.text) ++at;
      if (at == entities.end() || (*at)->name.text != common->name.text) continue;
      return not_expressible(space, common->name, "is both an entity type and a common type");
    }
  }
  return SchemaPrinter().print(schema);
}

}  // namespace mcpgov::policy::cedar
