// Declarations to JSON, member by member in the order of the reference engine.
// Tested by tests/policy/schema_print_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_sorted.hpp"

namespace mcpgov::policy::cedar {
namespace {

using Form = DeclaredType::Form;

class JsonSchemaPrinter {
 public:
  Result<std::string> print(const DeclaredSchema& schema) {
    open('{');
    for (const DeclaredNamespace* space : sorted_namespaces(schema)) {
      key(space->path.text);
      declarations(*space);
    }
    close('}');
    if (full()) return schema_written_too_large();
    return std::move(out_);
  }

 private:
  // Whether to stop. Asked for each declaration, attribute and item of a list: what is written in
  // between is no longer than what was read.
  bool full() const noexcept { return out_.size() > kMaxWrittenSchemaBytes; }

  void open(char bracket) {
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void item() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void key(std::string_view name) {
    item();
    append_json_quoted(out_, name);
    out_ += ':';
  }
  void string(std::string_view name, std::string_view value) {
    key(name);
    append_json_quoted(out_, value);
  }

  void annotations(std::span<const SchemaAnnotation> all) {
    if (all.empty()) return;
    key("annotations");
    open('{');
    for (const SchemaAnnotation& each : all) {
      key(each.name);
      if (each.has_value) {
        append_json_quoted(out_, each.value);
      } else {
        out_ += "null";
      }
    }
    close('}');
  }

  void declarations(const DeclaredNamespace& space) {
    open('{');
    if (!space.commons.empty()) {
      key("commonTypes");
      open('{');
      for (const DeclaredCommon* common : sorted(space.commons)) {
        if (full()) return;
        key(common->name.text);
        open('{');
        type(common->type);
        annotations(common->annotations);
        close('}');
      }
      close('}');
    }
    key("entityTypes");
    open('{');
    for (const DeclaredEntity* each : sorted(space.entities)) {
      if (full()) return;
      key(each->name.text);
      entity(*each);
    }
    close('}');
    key("actions");
    open('{');
    for (const DeclaredAction* each : sorted(space.actions)) {
      if (full()) return;
      key(each->name.text);
      action(*each);
    }
    close('}');
    annotations(space.annotations);
    close('}');
  }

  void entity(const DeclaredEntity& entity) {
    open('{');
    if (entity.enumerated) {
      key("enum");
      open('[');
      for (const std::string_view id : entity.ids) {
        if (full()) return;
        item();
        append_json_quoted(out_, id);
      }
      close(']');
    }
    if (!entity.parents.empty()) names("memberOfTypes", entity.parents);
    if (!is_empty_record(entity.shape)) whole_type("shape", entity.shape);
    if (entity.tags != nullptr) whole_type("tags", *entity.tags);
    annotations(entity.annotations);
    close('}');
  }

  void action(const DeclaredAction& action) {
    open('{');
    if (action.has_applies_to) {
      key("appliesTo");
      open('{');
      names("resourceTypes", action.resources);
      names("principalTypes", action.principals);
      if (!is_empty_record(action.context)) whole_type("context", action.context);
      close('}');
    }
    if (action.has_parents) {
      key("memberOf");
      open('[');
      for (const DeclaredParent& parent : action.parents) {
        if (full()) return;
        item();
        open('{');
        string("id", parent.id.text);
        if (!parent.type.empty()) string("type", parent.type);
        close('}');
      }
      close(']');
    }
    annotations(action.annotations);
    close('}');
  }

  void names(std::string_view name, std::span<const SchemaName> all) {
    key(name);
    open('[');
    for (const SchemaName& each : all) {
      if (full()) return;
      item();
      append_json_quoted(out_, each.text);
    }
    close(']');
  }

  static bool is_empty_record(const DeclaredType& type) {
    return type.form == Form::record && type.attributes.empty();
  }

  void whole_type(std::string_view name, const DeclaredType& of) {
    key(name);
    open('{');
    type(of);
    close('}');
  }

  // The members of a type, for an object that may have others. Nests at most kMaxTypeDepth deep.
  void type(const DeclaredType& type) {
    switch (type.form) {
      case Form::boolean: string("type", "Boolean"); return;
      case Form::integer: string("type", "Long"); return;
      case Form::string: string("type", "String"); return;
      case Form::common: string("type", type.name.text); return;
      case Form::extension: named("Extension", type); return;
      case Form::entity: named("Entity", type); return;
      case Form::entity_or_common: named("EntityOrCommon", type); return;
      case Form::record: record(type); return;
      case Form::set: break;
    }
    string("type", "Set");
    whole_type("element", *type.element);
  }

  void named(std::string_view form, const DeclaredType& type) {
    string("type", form);
    string("name", type.name.text);
  }

  void record(const DeclaredType& record) {
    string("type", "Record");
    key("attributes");
    open('{');
    for (const DeclaredAttribute& each : record.attributes) {
      if (full()) return;
      key(each.name.text);
      open('{');
      type(each.type);
      annotations(each.annotations);
      if (!each.required) {
        key("required");
        out_ += "false";
      }
      close('}');
    }
    close('}');
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace

Result<std::string> schema_json(const DeclaredSchema& schema) {
  return JsonSchemaPrinter().print(schema);
}

}  // namespace mcpgov::policy::cedar
