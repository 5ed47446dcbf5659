// Schema text to declarations, by recursive descent.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "policy/cedar/joined_path.hpp"
#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_tokens.hpp"

namespace mcpgov::policy::cedar {
namespace {

struct OpenNamespace {
  SchemaName path;
  std::span<const SchemaAnnotation> annotations;
  std::vector<DeclaredCommon> commons;
  std::vector<DeclaredEntity> entities;
  std::vector<DeclaredAction> actions;

  DeclaredNamespace close(Arena& arena) {
    const DeclaredNamespace out{path, annotations, arena.copy(std::span(std::as_const(commons))),
                                arena.copy(std::span(std::as_const(entities))),
                                arena.copy(std::span(std::as_const(actions)))};
    commons.clear();
    entities.clear();
    actions.clear();
    return out;
  }
};

class SchemaParser : private SchemaTokens {
 public:
  using SchemaTokens::SchemaTokens;

  Result<DeclaredSchema> parse() {
    std::vector<DeclaredNamespace> spaces(1);
    OpenNamespace outside;
    OpenNamespace inside;
    bool any_outside = false;
    while (now_.token != Token::end) {
      std::span<const SchemaAnnotation> given;
      if (!annotations(given)) return error();
      if (!take_word_if("namespace")) {
        if (!declaration(outside, given)) return error();
        any_outside = true;
        continue;
      }
      inside.annotations = given;
      if (!path(inside.path) || !take(Token::left_brace)) return error();
      while (now_.token != Token::right_brace) {
        if (!annotations(given) || !declaration(inside, given)) return error();
      }
      advance();
      spaces.push_back(inside.close(arena_));
    }
    spaces[0] = outside.close(arena_);
    const std::span<const DeclaredNamespace> all(spaces);
    return DeclaredSchema{arena_.copy(all.subspan(any_outside ? 0 : 1))};
  }

 private:
  bool declaration(OpenNamespace& out, std::span<const SchemaAnnotation> given) {
    if (take_word_if("entity")) return entities(out.entities, given);
    if (take_word_if("action")) return actions(out.actions, given);
    if (take_word_if("type")) return common(out.commons, given);
    return unexpected("`entity`, `action`, `type` or `namespace`");
  }

  // One item or more, without a comma at the end.
  template <class Item, class Read>
  bool list(Pile<Item>& pile, Read read) {
    do {
      Item item;
      if (!read(item)) return false;
      pile.push(item);
    } while (take_if(Token::comma));
    return true;
  }

  // One item, or several in brackets.
  template <class Item, class Read>
  bool one_or_list(std::span<const Item>& out, Pile<Item>& pile, Read read) {
    const std::size_t mark = pile.mark();
    if (take_if(Token::left_bracket)) {
      if (now_.token != Token::right_bracket && !list(pile, read)) return false;
      if (!take(Token::right_bracket)) return false;
    } else {
      Item item;
      if (!read(item)) return false;
      pile.push(item);
    }
    out = pile.take(mark, arena_);
    return true;
  }

  bool entities(std::vector<DeclaredEntity>& out, std::span<const SchemaAnnotation> given) {
    DeclaredEntity entity;
    entity.annotations = given;
    const std::size_t mark = names_.mark();
    if (!list(names_, [&](SchemaName& name) { return identifier(name); })) return false;
    const std::span<const SchemaName> names = names_.take(mark, arena_);
    if (take_word_if("enum") ? !enumerated(entity) : !standard(entity)) return false;
    for (const SchemaName& name : names) {
      entity.name = name;
      out.push_back(entity);
    }
    return take(Token::semicolon);
  }

  bool enumerated(DeclaredEntity& out) {
    out.enumerated = true;
    if (!take(Token::left_bracket)) return false;
    if (now_.token == Token::right_bracket) {
      return fail(ErrorCode::schema_empty_list, "an enumerated type needs an id", now_.offset);
    }
    const std::size_t mark = ids_.mark();
    if (!list(ids_, [&](std::string_view& id) { return string(id); })) return false;
    out.ids = ids_.take(mark, arena_);
    return take(Token::right_bracket);
  }

  bool standard(DeclaredEntity& out) {
    if (take_word_if("in") &&
        !one_or_list(out.parents, names_, [&](SchemaName& name) { return path(name); })) {
      return false;
    }
    const bool assigned = take_if(Token::assign);
    if (now_.token == Token::left_brace) {
      if (!record(out.shape, 1)) return false;
    } else if (assigned) {
      return unexpected("`{`");
    }
    if (!take_word_if("tags")) return true;
    DeclaredType tags;
    if (!type(tags, 0)) return false;
    out.tags = arena_.create<DeclaredType>(tags);
    return true;
  }

  bool actions(std::vector<DeclaredAction>& out, std::span<const SchemaAnnotation> given) {
    DeclaredAction action;
    action.annotations = given;
    const std::size_t mark = names_.mark();
    if (!list(names_, [&](SchemaName& read) { return name(read); })) return false;
    const std::span<const SchemaName> names = names_.take(mark, arena_);
    if (take_word_if("in")) {
      const std::uint32_t at = now_.offset;
      action.has_parents = true;
      if (!one_or_list(action.parents, parents_,
                       [&](DeclaredParent& read) { return parent(read); })) {
        return false;
      }
      if (action.parents.empty()) {
        return fail(ErrorCode::schema_empty_list, "expected an action after `in`", at);
      }
    }
    if (take_word_if("appliesTo") && !applies_to(action)) return false;
    if (take_word_if("attributes") && (!take(Token::left_brace) || !take(Token::right_brace))) {
      return false;
    }
    for (const SchemaName& each : names) {
      action.name = each;
      out.push_back(action);
    }
    return take(Token::semicolon);
  }

  // `b`, `"b"`, `Action::"b"` or `N::Action::"b"`.
  bool parent(DeclaredParent& out) {
    if (!name(out.id)) return false;
    std::optional<JoinedPath> type;
    while (take_if(Token::path)) {
      if (type) {
        type->add(out.id.text);
      } else {
        type.emplace(out.id.text);
      }
      if (now_.token == Token::string) {
        out.type = type->text(arena_);
        return string(out.id.text);
      }
      if (!identifier(out.id)) return false;
    }
    // A name with a path is no action: actions are named by strings there.
    return !type || unexpected("`::` and the action's id as a string");
  }

  bool applies_to(DeclaredAction& out) {
    enum Part { kPrincipal, kResource, kContext };
    bool given[3] = {};
    const std::uint32_t start = now_.offset;
    if (!take(Token::left_brace)) return false;
    do {
      const std::uint32_t at = now_.offset;
      const Part part = word("principal") ? kPrincipal : word("resource") ? kResource : kContext;
      if (part == kContext && !word("context")) {
        // Nothing behind a comma, of which one may stand at the end.
        if (now_.token == Token::right_brace && (given[0] || given[1] || given[2])) break;
        return unexpected("`principal`, `resource` or `context`");
      }
      if (given[part]) {
        return fail(ErrorCode::schema_applies_to, "`" + std::string(now_.text) + "` given twice",
                    at);
      }
      given[part] = true;
      advance();
      if (!take(Token::colon)) return false;
      if (part == kContext ? !context(out.context)
                           : !applicable(part == kPrincipal ? out.principals : out.resources)) {
        return false;
      }
    } while (take_if(Token::comma));
    if (!take(Token::right_brace)) return false;
    if (given[kPrincipal] && given[kResource]) return true;
    return fail(ErrorCode::schema_applies_to,
                given[kPrincipal] ? "`resource` is missing" : "`principal` is missing", start);
  }

  bool applicable(std::span<const SchemaName>& out) {
    const std::uint32_t at = now_.offset;
    if (!one_or_list(out, names_, [&](SchemaName& name) { return path(name); })) return false;
    return !out.empty() || fail(ErrorCode::schema_empty_list, "expected an entity type", at);
  }

  bool context(DeclaredType& out) {
    if (now_.token == Token::left_brace) return record(out, 1);
    out.form = DeclaredType::Form::common;
    return path(out.name);
  }

  bool common(std::vector<DeclaredCommon>& out, std::span<const SchemaAnnotation> given) {
    DeclaredCommon common;
    common.annotations = given;
    if (!identifier(common.name)) return false;
    if (!take(Token::assign) || !type(common.type, 0)) return false;
    out.push_back(common);
    return take(Token::semicolon);
  }

  bool type(DeclaredType& out, int depth) {
    if (now_.token == Token::left_brace) return record(out, depth + 1);
    const bool set = word("Set");
    out.form = DeclaredType::Form::entity_or_common;
    if (!path(out.name)) return false;
    if (!set || out.name.text != "Set" || now_.token != Token::less) return true;
    if (depth >= kMaxTypeDepth) return too_deep();
    advance();
    out.form = DeclaredType::Form::set;
    DeclaredType element;
    if (!type(element, depth + 1)) return false;
    out.element = arena_.create<DeclaredType>(element);
    return take(Token::greater);
  }

  bool too_deep() {
    return fail(ErrorCode::schema_too_deep, "types are nested too deeply", now_.offset);
  }

  bool record(DeclaredType& out, int depth) {
    if (depth > kMaxTypeDepth) return too_deep();
    out.form = DeclaredType::Form::record;
    out.name.offset = now_.offset;
    if (!take(Token::left_brace)) return false;
    const std::size_t mark = attributes_.mark();
    while (now_.token != Token::right_brace) {
      DeclaredAttribute attribute;
      if (!annotations(attribute.annotations) || !name(attribute.name)) return false;
      attribute.required = !take_optional_mark();
      if (!take(Token::colon) || !type(attribute.type, depth)) return false;
      attributes_.push(attribute);
      if (!take_if(Token::comma)) break;
    }
    out.attributes = sorted_attributes(attributes_.take(mark, arena_));
    return take(Token::right_brace);
  }

  Pile<SchemaName> names_;
  Pile<std::string_view> ids_;
  Pile<DeclaredAttribute> attributes_;
  Pile<DeclaredParent> parents_;
};

}  // namespace

std::span<DeclaredAttribute> sorted_attributes(std::span<DeclaredAttribute> attributes) {
  const auto before = [](const DeclaredAttribute& a, const DeclaredAttribute& b) {
    return a.name.text < b.name.text;
  };
  std::size_t sorted = 1;
  while (sorted < attributes.size() && before(attributes[sorted - 1], attributes[sorted])) ++sorted;
  if (sorted >= attributes.size()) return attributes;
  std::stable_sort(attributes.begin(), attributes.end(), before);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (i + 1 < attributes.size() && attributes[i].name.text == attributes[i + 1].name.text) {
      continue;
    }
    attributes[kept++] = attributes[i];
  }
  return attributes.first(kept);
}

Result<DeclaredSchema> parse_schema(std::string_view text, Arena& arena) {
  if (text.size() > kMaxSchemaBytes) {
    return error_at(ErrorCode::schema_too_large, "the text exceeds the size limit", text, 0);
  }
  if (const std::size_t bad = invalid_utf8(text); bad != std::string_view::npos) {
    return error_at(ErrorCode::schema_syntax, "not valid UTF-8", text, bad);
  }
  return SchemaParser(text, arena).parse();
}

}  // namespace mcpgov::policy::cedar
