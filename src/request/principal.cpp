// The caller as an entity. Tested by tests/request/principal_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/principal.hpp"

#include <algorithm>
#include <cstring>

#include "request/arguments.hpp"

namespace mcpgov::request {

using policy::Entity;
using policy::EntityId;
using policy::Field;
using policy::kNoEntity;
using policy::kNoName;
using policy::NameId;
using policy::Value;

namespace {

TypeWord type_of(CallerKind kind) {
  switch (kind) {
    case CallerKind::user: return TypeWord::user;
    case CallerKind::agent: return TypeWord::agent;
    case CallerKind::workload: return TypeWord::workload;
    default: return TypeWord::anonymous;
  }
}

// `<issuer>#<name>` for many names of one issuer, in one piece of the arena.
class Ids {
 public:
  Ids(std::string_view issuer, std::size_t longest, Arena& arena) {
    // Escaping makes three bytes of one, see qualified_id().
    text_ = arena.array<char>(3 * issuer.size() + 1 + longest);
    for (const char c : issuer) {
      if (c == '%' || c == '#') {
        std::memcpy(text_ + prefix_, c == '%' ? "%25" : "%23", 3);
        prefix_ += 3;
      } else {
        text_[prefix_++] = c;
      }
    }
    text_[prefix_++] = '#';
  }
  // Good until the next one.
  std::string_view of(std::string_view name) {
    std::memcpy(text_ + prefix_, name.data(), name.size());
    return {text_, prefix_ + name.size()};
  }

 private:
  char* text_;
  std::size_t prefix_ = 0;
};

class Principal {
 public:
  Principal(const Mapping& mapping, const Caller& caller, policy::RequestSymbols& symbols,
            Scratch& scratch, Detail detail)
      : mapping_(mapping),
        caller_(caller),
        symbols_(symbols),
        scratch_(scratch),
        everything_(detail == Detail::everything) {}

  EntityId define() {
    const EntityId self = party(mapping_, caller_.kind, caller_.issuer, caller_.subject, symbols_);
    const Entity* stored = mapping_.entities().find(self);
    Entity facts;
    facts.attributes = attributes(stored);
    facts.tags = stored != nullptr ? stored->tags : Value::of_record({});
    facts.ancestors = ancestors(self, stored);
    symbols_.define(self, facts);
    return self;
  }

 private:
  // Parents of one kind. An entity nobody else mentions equals no literal and leads nowhere.
  std::size_t add_parents(TypeWord word, const std::vector<std::string>& names, Ids& ids,
                          EntityId* to) {
    NameId type = mapping_.known(word);
    if (type == kNoName && !everything_) return 0;
    if (everything_) type = mapping_.type(word, symbols_);
    std::size_t count = 0;
    for (const std::string& name : names) {
      const EntityId id = everything_ ? symbols_.entity(type, ids.of(name))
                                      : symbols_.frozen().find_entity(type, ids.of(name));
      if (id != kNoEntity) to[count++] = id;
    }
    return count;
  }

  std::span<const EntityId> ancestors(EntityId self, const Entity* stored) {
    std::size_t longest = 0;
    for (const std::string& name : caller_.groups) longest = std::max(longest, name.size());
    for (const std::string& name : caller_.roles) longest = std::max(longest, name.size());
    Arena& arena = symbols_.arena();
    const auto closed = stored != nullptr ? stored->ancestors : std::span<const EntityId>();
    auto* parents = arena.array<EntityId>(caller_.groups.size() + caller_.roles.size());
    Ids ids(caller_.issuer, longest, arena);
    std::size_t count = add_parents(TypeWord::group, caller_.groups, ids, parents);
    count += add_parents(TypeWord::role, caller_.roles, ids, parents + count);
    return count == 0 ? closed : ancestors_of(mapping_, {parents, count}, closed, self, arena);
  }

  // The name to use for an attribute, or kNoName where no policy can read it.
  NameId wanted(FieldWord word) const {
    return everything_ ? mapping_.field(word, symbols_) : mapping_.known(word);
  }
  void add(FieldWord word, const Value& value) {
    const NameId name = wanted(word);
    if (name != kNoName) fields_[count_++] = {name, value};
  }
  void add_text(FieldWord word, std::string_view text) {
    if (!text.empty()) add(word, Value::of_string(text));
  }
  bool has(NameId name) const {
    return std::any_of(fields_, fields_ + count_,
                       [&](const Field& field) { return field.name == name; });
  }

  // Facts of the caller first, then its claims, then what the store adds.
  Value attributes(const Entity* stored) {
    constexpr std::size_t kOwn = 6;
    const std::span<const Field> more =
        stored != nullptr ? stored->attributes.record() : std::span<const Field>();
    fields_ = symbols_.arena().array<Field>(kOwn + caller_.claims.size() + more.size());
    add_text(FieldWord::issuer, caller_.issuer);
    add_text(FieldWord::subject, caller_.subject);
    add_text(FieldWord::client, caller_.client);
    add_text(FieldWord::tenant, caller_.tenant);
    if (wanted(FieldWord::scopes) != kNoName) add(FieldWord::scopes, scopes());
    add(FieldWord::groups_complete, Value::of_boolean(caller_.groups_complete));
    for (const Claim& claim : caller_.claims) add_claim(claim);
    const std::span<const Field> own(fields_, count_);
    for (const Field& field : more) {
      const auto same = [&](const Field& mine) { return mine.name == field.name; };
      if (std::none_of(own.begin(), own.end(), same)) fields_[count_++] = field;
    }
    return Value::of_record({fields_, count_});
  }

  Value scopes() {
    auto* items = symbols_.arena().array<Value>(caller_.scopes.size());
    std::size_t count = 0;
    for (const std::string& scope : caller_.scopes) items[count++] = Value::of_string(scope);
    return Value::of_set({items, count});
  }

  // A claim never stands for one of the facts above, also where the caller lacks that fact: an
  // issuer's `tenant` claim is not the tenant. One that cannot be represented is left out, which
  // makes a policy that reads it fail instead of seeing something else.
  void add_claim(const Claim& claim) {
    for (const FieldWord word :
         {FieldWord::issuer, FieldWord::subject, FieldWord::client, FieldWord::tenant,
          FieldWord::scopes, FieldWord::groups_complete}) {
      if (claim.name == text_of(word)) return;
    }
    const NameId name =
        everything_ ? symbols_.name(claim.name) : symbols_.frozen().find_name(claim.name);
    if (name == kNoName || has(name)) return;
    Value value;
    if (read_claim(claim.json, value)) fields_[count_++] = {name, value};
  }

  // Read inside brackets, because simdjson allocates for a number that is a whole document.
  bool read_claim(std::string_view json, Value& out) {
    const std::size_t size = json.size() + 2;
    char* text = symbols_.arena().array<char>(size + simdjson::SIMDJSON_PADDING);
    text[0] = '[';
    std::memcpy(text + 1, json.data(), json.size());
    text[size - 1] = ']';
    std::memset(text + size, 0, simdjson::SIMDJSON_PADDING);
    simdjson::dom::array list;
    if (scratch_.parser.parse(text, size, false).get(list) != simdjson::SUCCESS) return false;
    simdjson::dom::element document;
    if (list.size() != 1 || list.at(0).get(document) != simdjson::SUCCESS) return false;
    ArgumentReader reader(mapping_, symbols_, {text, size});
    Value read;
    if (reader.natural(document, Wanted::everything(), false, read) != ErrorCode::none) {
      return false;
    }
    if (!unambiguous(read)) return false;
    // Its strings lie in the parser, which the next claim overwrites.
    out = policy::copy(read, symbols_.arena());
    return true;
  }

  // No object inside names a member twice. Depth: the reader has bounded it.
  static bool unambiguous(const Value& value) {
    if (value.kind == policy::Kind::set) {
      const auto items = value.set();
      return std::all_of(items.begin(), items.end(), unambiguous);
    }
    if (value.kind != policy::Kind::record) return true;
    const auto fields = value.record();
    return !policy::duplicate_name(fields) &&
           std::all_of(fields.begin(), fields.end(),
                       [](const Field& field) { return unambiguous(field.value); });
  }

  const Mapping& mapping_;
  const Caller& caller_;
  policy::RequestSymbols& symbols_;
  Scratch& scratch_;
  bool everything_;
  Field* fields_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace

EntityId party(const Mapping& mapping, CallerKind kind, std::string_view issuer,
               std::string_view subject, policy::RequestSymbols& symbols) {
  Ids ids(issuer, subject.size(), symbols.arena());
  return symbols.entity(mapping.type(type_of(kind), symbols), ids.of(subject));
}

std::span<const EntityId> ancestors_of(const Mapping& mapping, std::span<const EntityId> parents,
                                       std::span<const EntityId> closed, EntityId self,
                                       Arena& arena) {
  std::size_t size = parents.size() + closed.size();
  for (const EntityId id : parents) {
    const Entity* facts = mapping.entities().find(id);
    if (facts != nullptr) size += facts->ancestors.size();
  }
  auto* all = arena.array<EntityId>(size);
  EntityId* end = std::copy(closed.begin(), closed.end(), all);
  for (const EntityId id : parents) {
    *end++ = id;
    const Entity* facts = mapping.entities().find(id);
    if (facts != nullptr) end = std::copy(facts->ancestors.begin(), facts->ancestors.end(), end);
  }
  std::sort(all, end);
  end = std::unique(all, end);
  end = std::remove(all, end, self);
  return {all, static_cast<std::size_t>(end - all)};
}

PreparedPrincipal::PreparedPrincipal(const Mapping& mapping, const Caller& caller,
                                     Scratch& scratch) {
  policy::RequestSymbols symbols(mapping.symbols(), arena_);
  const EntityId self = define_principal(mapping, caller, symbols, scratch, Detail::read);
  const NameId type = symbols.type(self);
  type_ = symbols.text(type);
  id_ = symbols.id(self);
  const policy::Symbols& frozen = mapping.symbols();
  const bool known_type = frozen.find_name(type_) == type;
  const bool known_self = known_type && frozen.find_entity(type, id_) == self;
  // What else the table holds has a number that means something else in the next request.
  if (symbols.own_names() != (known_type ? 0U : 1U) ||
      symbols.own_entities() != (known_self ? 0U : 1U) || symbols.definitions() != 1) {
    return;
  }
  facts_ = *symbols.defined(self);
  self_ = self;
}

// In a new table the uid gets the same number again, so the facts fit.
EntityId PreparedPrincipal::define_in(policy::RequestSymbols& symbols) const {
  if (self_ == kNoEntity || symbols.own_names() + symbols.own_entities() != 0) return kNoEntity;
  const EntityId self = symbols.entity(type_, id_);
  if (self != self_) return kNoEntity;
  symbols.define(self, facts_);
  return self;
}

EntityId define_principal(const Mapping& mapping, const Caller& caller,
                          policy::RequestSymbols& symbols, Scratch& scratch, Detail detail) {
  return Principal(mapping, caller, symbols, scratch, detail).define();
}

}  // namespace mcpgov::request
