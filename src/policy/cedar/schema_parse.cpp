// Schema text to declarations, by recursive descent.
// Tested by tests/policy/schema_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
namespace {

// The tokens of policies and, where these have no use for it, a question mark.
class SchemaLexer {
 public:
  explicit SchemaLexer(std::string_view text) : text_(text), lexer_(text) {}

  Lexeme next() {
    Lexeme lexeme = lexer_.next();
    lexeme.offset += base_;
    if (lexeme.token == Token::failed && lexeme.offset < text_.size() &&
        text_[lexeme.offset] == '?') {
      base_ = lexeme.offset + 1;
      lexer_ = Lexer(text_.substr(base_));
      lexeme.token = Token::slot;
      lexeme.text = {};  // a real slot has a name
    }
    return lexeme;
  }

 private:
  std::string_view text_;
  Lexer lexer_;
  std::uint32_t base_ = 0;
};

// Every function returns false when it fails; the first failure is kept.
class SchemaParser {
 public:
  explicit SchemaParser(std::string_view text) : text_(text), lexer_(text) { advance(); }

  Result<std::vector<DeclaredNamespace>> parse() {
    std::vector<DeclaredNamespace> out(1);
    while (now_.token != Token::end) {
      if (!annotations()) return error();
      if (!word("namespace")) {
        if (!declaration(out[0])) return error();
        continue;
      }
      advance();
      DeclaredNamespace space;
      if (!path(space.path) || !take(Token::left_brace)) return error();
      while (now_.token != Token::right_brace) {
        if (!annotations() || !declaration(space)) return error();
      }
      advance();
      out.push_back(std::move(space));
    }
    return out;
  }

 private:
  Error error() const { return error_at(ErrorCode::schema_syntax, reason_, text_, offset_); }

  bool fail(std::string reason, std::uint32_t offset) {
    if (reason_.empty()) {
      reason_ = std::move(reason);
      offset_ = offset;
    }
    return false;
  }
  bool unexpected() {
    if (now_.token == Token::identifier) return fail("unexpected word", now_.offset);
    return fail("unexpected `" + std::string(token_text(now_.token)) + "`", now_.offset);
  }

  void advance() { now_ = lexer_.next(); }
  bool word(std::string_view text) const {
    return now_.token == Token::identifier && now_.text == text;
  }
  bool take(Token token) {
    if (now_.token != token) return unexpected();
    advance();
    return true;
  }
  bool take_if(Token token) {
    if (now_.token != token) return false;
    advance();
    return true;
  }
  bool take_word_if(std::string_view text) {
    if (!word(text)) return false;
    advance();
    return true;
  }

  bool string(std::string& out) {
    if (now_.token != Token::string) return unexpected();
    std::size_t bad = 0;
    if (!unescape(now_.text, out, bad)) {
      return fail("not a valid escape", now_.offset + 1 + static_cast<std::uint32_t>(bad));
    }
    advance();
    return true;
  }

  // An identifier that is no reserved word. `__cedar` is for the caller to judge.
  bool identifier(SchemaName& out) {
    if (now_.token != Token::identifier) return unexpected();
    if (now_.text != "__cedar" && !is_type_name(now_.text)) {
      return fail("a reserved word", now_.offset);
    }
    out = {std::string(now_.text), now_.offset};
    advance();
    return true;
  }

  // Identifier or string.
  bool name(SchemaName& out) {
    if (now_.token != Token::string) return identifier(out);
    out.offset = now_.offset;
    return string(out.text);
  }

  bool path(SchemaName& out) {
    if (!identifier(out)) return false;
    while (take_if(Token::path)) {
      SchemaName part;
      if (!identifier(part)) return false;
      out.text += "::" + part.text;
    }
    return true;
  }

  bool annotations() {
    std::set<std::string_view> seen;
    while (now_.token == Token::at) {
      advance();
      if (now_.token != Token::identifier) return unexpected();
      if (!seen.insert(now_.text).second) return fail("an annotation given twice", now_.offset);
      advance();
      std::string value;
      if (take_if(Token::left_paren) && (!string(value) || !take(Token::right_paren))) return false;
    }
    return true;
  }

  bool declaration(DeclaredNamespace& out) {
    if (take_word_if("entity")) return entities(out.entities.emplace_back());
    if (take_word_if("action")) return actions(out.actions.emplace_back());
    if (take_word_if("type")) return common(out.commons.emplace_back());
    return unexpected();
  }

  // One item or more, without a comma at the end.
  template <class Item, class Read>
  bool list(std::vector<Item>& out, Read read) {
    do {
      if (!read(out.emplace_back())) return false;
    } while (take_if(Token::comma));
    return true;
  }

  // One item, or several in brackets.
  template <class Item, class Read>
  bool one_or_list(std::vector<Item>& out, bool may_be_empty, Read read) {
    if (!take_if(Token::left_bracket)) return read(out.emplace_back());
    if (may_be_empty && take_if(Token::right_bracket)) return true;
    return list(out, read) && take(Token::right_bracket);
  }

  bool entities(DeclaredEntities& out) {
    const auto read_name = [&](SchemaName& name) { return identifier(name); };
    const auto read_path = [&](SchemaName& name) { return path(name); };
    if (!list(out.names, read_name)) return false;
    if (take_word_if("enum")) {
      out.enumerated = true;
      return take(Token::left_bracket) &&
             list(out.ids, [&](std::string& id) { return string(id); }) &&
             take(Token::right_bracket) && take(Token::semicolon);
    }
    if (take_word_if("in") && !one_or_list(out.parents, true, read_path)) return false;
    const bool assigned = take_if(Token::assign);
    if (now_.token == Token::left_brace) {
      if (!record(out.shape, 1)) return false;
    } else if (assigned) {
      return unexpected();
    }
    if (take_word_if("tags") && !type(out.tags.emplace_back(), 0)) return false;
    return take(Token::semicolon);
  }

  bool actions(DeclaredActions& out) {
    if (!list(out.names, [&](SchemaName& read) { return name(read); })) return false;
    if (take_word_if("in") &&
        !one_or_list(out.parents, false, [&](DeclaredParent& read) { return parent(read); })) {
      return false;
    }
    if (take_word_if("appliesTo") && !applies_to(out)) return false;
    if (take_word_if("attributes") && (!take(Token::left_brace) || !take(Token::right_brace))) {
      return false;
    }
    return take(Token::semicolon);
  }

  // `b`, `"b"`, `Action::"b"` or `N::Action::"b"`.
  bool parent(DeclaredParent& out) {
    if (!name(out.id)) return false;
    while (take_if(Token::path)) {
      out.type += (out.type.empty() ? "" : "::") + out.id.text;
      if (now_.token == Token::string) {
        out.id.text.clear();
        return string(out.id.text);
      }
      SchemaName part;
      if (!identifier(part)) return false;
      out.id.text = part.text;
    }
    // A name with a path is no action: actions are named by strings there.
    return out.type.empty() || unexpected();
  }

  bool applies_to(DeclaredActions& out) {
    bool has_context = false;
    const std::uint32_t start = now_.offset;
    if (!take(Token::left_brace)) return false;
    do {
      if (now_.token == Token::right_brace && !out.principals.empty()) break;  // a comma at the end
      const std::uint32_t at = now_.offset;
      if (take_word_if("context")) {
        if (has_context) return fail("`context` given twice", at);
        has_context = true;
        if (!take(Token::colon) || !context(out.context)) return false;
        continue;
      }
      const bool principal = word("principal");
      if (!principal && !word("resource")) return unexpected();
      advance();
      std::vector<SchemaName>& types = principal ? out.principals : out.resources;
      if (!types.empty()) return fail("`principal` or `resource` given twice", at);
      if (!take(Token::colon) ||
          !one_or_list(types, false, [&](SchemaName& read) { return path(read); })) {
        return false;
      }
    } while (take_if(Token::comma));
    if (!take(Token::right_brace)) return false;
    if (!out.principals.empty() && !out.resources.empty()) return true;
    return fail("`principal` or `resource` is missing", start);
  }

  bool context(DeclaredType& out) {
    if (now_.token == Token::left_brace) return record(out, 1);
    out.form = DeclaredType::Form::name;
    return path(out.name);
  }

  bool common(DeclaredCommon& out) {
    static constexpr std::string_view kTaken[] = {"Bool", "Boolean", "Entity", "Extension",
                                                  "Long", "Record",  "Set",    "String"};
    if (!identifier(out.name)) return false;
    if (std::find(std::begin(kTaken), std::end(kTaken), out.name.text) != std::end(kTaken)) {
      return fail("the name of a built-in type", out.name.offset);
    }
    return take(Token::assign) && type(out.type, 0) && take(Token::semicolon);
  }

  bool type(DeclaredType& out, int depth) {
    if (depth >= kMaxTypeDepth) return fail("types nested too deeply", now_.offset);
    if (now_.token == Token::left_brace) return record(out, depth + 1);
    const bool set = word("Set");
    if (!path(out.name)) return false;
    out.form = DeclaredType::Form::name;
    if (!set || out.name.text != "Set" || !take_if(Token::less)) return true;
    out.form = DeclaredType::Form::set;
    return type(out.element.emplace_back(), depth + 1) && take(Token::greater);
  }

  bool record(DeclaredType& out, int depth) {
    out.form = DeclaredType::Form::record;
    if (!take(Token::left_brace)) return false;
    while (now_.token != Token::right_brace) {
      DeclaredAttribute& attribute = out.attributes.emplace_back();
      if (!annotations()) return false;
      SchemaName read;
      if (!name(read)) return false;
      attribute.name = std::move(read.text);
      attribute.required = !(now_.token == Token::slot && now_.text.empty());
      if (!attribute.required) advance();
      if (!take(Token::colon) || !type(attribute.type, depth)) return false;
      if (!take_if(Token::comma)) break;
    }
    return take(Token::right_brace);
  }

  std::string_view text_;
  SchemaLexer lexer_;
  Lexeme now_;
  std::string reason_;
  std::uint32_t offset_ = 0;
};

}  // namespace

Result<std::vector<DeclaredNamespace>> parse_schema(std::string_view text) {
  constexpr std::size_t longest = std::size_t{16} << 20;
  if (text.size() > longest) {
    return error_at(ErrorCode::schema_syntax, "the text exceeds the size limit", text, 0);
  }
  if (const std::size_t bad = invalid_utf8(text); bad != std::string_view::npos) {
    return error_at(ErrorCode::schema_syntax, "not valid UTF-8", text, bad);
  }
  return SchemaParser(text).parse();
}

}  // namespace mcpgov::policy::cedar
