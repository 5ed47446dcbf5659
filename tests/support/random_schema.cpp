// The model of a random schema, and its text.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/random_schema.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kAttributes[] = {"a", "b", "n", "s", "e", "odd name", "if", "type"};
constexpr std::string_view kEntities[] = {"U", "G", "R", "D", "E"};
constexpr std::string_view kActions[] = {"read", "write", "all", "odd action"};

bool plain(std::string_view name) {
  return name.find(' ') == std::string_view::npos && name != "if";
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string member_name(std::string_view name, Choices& choices) {
  return plain(name) && !choices.one_in(4) ? std::string(name) : quoted(name);
}

}  // namespace

RandomSchema::RandomSchema(Choices choices) : choices_(choices) {
  spaces_.emplace_back(choices_.one_in(3) ? "" : "N");
  if (choices_.one_in(3)) spaces_.emplace_back(spaces_[0].empty() ? "N" : "N::M");
  make_entities();
  make_actions();
}

void RandomSchema::make_entities() {
  const std::uint32_t count = 2 + choices_.of(4);
  for (std::uint32_t i = 0; i < count; ++i) {
    Entity entity;
    entity.space = spaces_[choices_.of(static_cast<std::uint32_t>(spaces_.size()))];
    entity.name = kEntities[i];
    // Enumerated types can be no children, but everything else.
    entity.enumerated = i > 1 && choices_.one_in(5);
    entities_.push_back(entity);
  }
  if (choices_.one_in(2)) {
    Attribute common{"C", true, {}};
    common.type.kind = Kind::record;
    common.type.attributes = attributes(1, 3);
    common.type.common = true;
    commons_.push_back(common);
  }
  for (Entity& entity : entities_) {
    if (entity.enumerated) continue;
    for (std::uint32_t more = choices_.of(3); more > 0; --more) {
      entity.parents.push_back(choices_.of(count));
    }
    entity.attributes = attributes(2, 4);
    if (choices_.one_in(3)) entity.tags.push_back(type(1));
  }
}

void RandomSchema::make_actions() {
  const auto entities = static_cast<std::uint32_t>(entities_.size());
  const std::uint32_t count = 1 + choices_.of(4);
  for (std::uint32_t i = 0; i < count; ++i) {
    Action action;
    action.space = spaces_[choices_.of(static_cast<std::uint32_t>(spaces_.size()))];
    action.id = kActions[i];
    action.applies = i == 0 || !choices_.one_in(5);
    if (i > 0 && choices_.one_in(2)) action.parents.push_back(choices_.of(i));
    for (std::uint32_t more = 1 + choices_.of(2); more > 0; --more) {
      action.principals.push_back(choices_.of(entities));
      action.resources.push_back(choices_.of(entities));
    }
    if (choices_.of(3) != 0) action.context = attributes(2, 4);
    actions_.push_back(action);
  }
}

RandomSchema::Type RandomSchema::type(int depth) {
  if (!commons_.empty() && choices_.one_in(8)) return commons_[0].type;
  Type out;
  out.kind = static_cast<Kind>(choices_.of(depth > 0 ? 12 : 7));
  if (out.kind > Kind::entity) out.kind = choices_.one_in(2) ? Kind::text : Kind::entity;
  if (depth <= 0 && choices_.one_in(4)) out.kind = Kind::entity;
  if (out.kind == Kind::set) out.element.push_back(type(depth - 1));
  if (out.kind == Kind::record) out.attributes = attributes(depth - 1, 3);
  if (out.kind == Kind::entity) {
    out.entity = choices_.of(static_cast<std::uint32_t>(entities_.size()));
  }
  return out;
}

std::vector<RandomSchema::Attribute> RandomSchema::attributes(int depth, std::uint32_t most) {
  std::vector<Attribute> out;
  const std::uint32_t first = choices_.of(8);
  for (std::uint32_t i = 0, count = choices_.of(most + 1); i < count; ++i) {
    out.push_back({std::string(kAttributes[(first + i) % 8]), !choices_.one_in(3), type(depth)});
  }
  return out;
}

std::string RandomSchema::entity_name(std::size_t entity, const std::string& space) {
  const Entity& named = entities_[entity];
  if (named.space == space && !choices_.one_in(3)) return named.name;
  return named.full();
}

std::string RandomSchema::entity_names(const std::vector<std::size_t>& list,
                                       const std::string& space) {
  if (list.size() == 1 && choices_.one_in(2)) return entity_name(list[0], space);
  std::string out = "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    out += (i == 0 ? "" : ", ") + entity_name(list[i], space);
  }
  return out + "]";
}

std::string RandomSchema::type_text(const Type& type, const std::string& space) {
  constexpr std::string_view kBuiltIn[] = {"Bool",   "Long",     "String",  "decimal",
                                           "ipaddr", "datetime", "duration"};
  if (type.common && !choices_.one_in(3)) {
    return space == spaces_[0] || spaces_[0].empty() ? "C" : spaces_[0] + "::C";
  }
  if (type.kind == Kind::set) return "Set<" + type_text(type.element[0], space) + ">";
  if (type.kind == Kind::entity) return entity_name(type.entity, space);
  if (type.kind != Kind::record) {
    return (choices_.one_in(5) ? "__cedar::" : "") +
           std::string(kBuiltIn[static_cast<std::size_t>(type.kind)]);
  }
  return attributes_text(type.attributes, space);
}

std::string RandomSchema::attributes_text(const std::vector<Attribute>& attributes,
                                          const std::string& space) {
  std::string out = "{";
  for (const Attribute& each : attributes) {
    if (choices_.one_in(8)) out += "@doc(\"" + each.name + "\") ";
    out += member_name(each.name, choices_) + (each.required ? ": " : "?: ") +
           type_text(each.type, space) + ", ";
  }
  return out + "}";
}

std::string RandomSchema::entity_text(const Entity& entity) {
  std::string out = choices_.one_in(6) ? "@doc(\"an entity\")\n" : "";
  out += "entity " + entity.name;
  if (entity.enumerated) return out + " enum [\"x\", \"y\"];\n";
  if (!entity.parents.empty()) out += " in " + entity_names(entity.parents, entity.space);
  if (!entity.attributes.empty() || choices_.one_in(3)) {
    out += (choices_.one_in(2) ? " = " : " ") + attributes_text(entity.attributes, entity.space);
  }
  if (!entity.tags.empty()) out += " tags " + type_text(entity.tags[0], entity.space);
  return out + ";\n";
}

std::string RandomSchema::action_text(const Action& action) {
  std::string out = "action " + member_name(action.id, choices_);
  if (!action.parents.empty()) {
    const Action& parent = actions_[action.parents[0]];
    out += " in [";
    out += parent.space == action.space && choices_.one_in(2)
               ? member_name(parent.id, choices_)
               : parent.type() + "::" + quoted(parent.id);
    out += "]";
  }
  if (!action.applies) return out + ";\n";
  out += " appliesTo {principal: " + entity_names(action.principals, action.space) +
         ", resource: " + entity_names(action.resources, action.space);
  if (!action.context.empty()) {
    out += ", context: " + attributes_text(action.context, action.space);
  }
  return out + "};\n";
}

std::string RandomSchema::commons_text(const std::string& space) {
  std::string out;
  for (const Attribute& each : commons_) {
    out += "type " + each.name + " = " + attributes_text(each.type.attributes, space) + ";\n";
  }
  return out;
}

std::string RandomSchema::schema() {
  std::string out;
  for (const std::string& space : spaces_) {
    std::string inside;
    if (space == spaces_[0]) inside += commons_text(space);
    for (const Entity& each : entities_) {
      if (each.space == space) inside += entity_text(each);
    }
    for (const Action& each : actions_) {
      if (each.space == space) inside += action_text(each);
    }
    out += space.empty() ? inside : "namespace " + space + " {\n" + inside + "}\n";
  }
  return choices_.one_in(16) ? mistaken(out) : out;
}

// One word in place of another, somewhere.
std::string RandomSchema::mistaken(std::string text) {
  constexpr std::string_view kWords[] = {"U",      "G",    "String", "Set",     "Long", "entity",
                                         "action", ";",    "[]",     "__cedar", "\"\"", "?",
                                         "in",     "tags", "{",      "type",    ",",    "N::U"};
  const std::size_t at = text.find(' ', choices_.of(static_cast<std::uint32_t>(text.size())));
  if (at == std::string::npos) return text + "}";
  const std::size_t end = choices_.one_in(2) ? text.find_first_of(" ,;{", at + 1) : at;
  return text.substr(0, at) + " " + std::string(choices_.from(kWords)) + " " +
         (end == std::string::npos ? "" : text.substr(end));
}

namespace {

constexpr std::string_view kWildNames[] = {"A", "B", "C", "Long", "ipaddr", "Set", "Action"};
constexpr std::string_view kWildPaths[] = {
    "A",       "B",      "C",         "Long",    "String",  "Bool",          "ipaddr",
    "decimal", "N::A",   "N::B",      "N::C",    "N::M::A", "__cedar::Long", "__cedar::ipaddr",
    "N::Long", "Action", "N::Action", "Boolean", "Entity",  "Record",        "M::A",
    "datetime"};

std::string wild_type(Choices& choices, int depth) {
  switch (choices.of(depth > 0 ? 6 : 4)) {
    case 4: return "Set<" + wild_type(choices, depth - 1) + ">";
    case 5: {
      std::string out = "{";
      for (std::uint32_t more = choices.of(3); more > 0; --more) {
        out += std::string(more == 1 ? "a" : "b") + (choices.one_in(3) ? "?" : "") + ": " +
               wild_type(choices, depth - 1) + ",";
      }
      return out + "}";
    }
    default: return std::string(choices.from(kWildPaths));
  }
}

std::string wild_declaration(Choices& choices) {
  const std::string name(choices.from(kWildNames));
  const std::string path(choices.from(kWildPaths));
  switch (choices.of(6)) {
    case 0: return "type " + name + " = " + wild_type(choices, 2) + ";\n";
    case 1: return "entity " + name + " enum [\"x\"];\n";
    case 2: {
      constexpr std::string_view kParents[] = {"a", "\"b\"", "Action::\"a\"", "N::Action::\"a\""};
      return "action " + std::string(choices.one_in(2) ? "a" : "b") +
             (choices.one_in(3) ? " in [" + std::string(choices.from(kParents)) + "]" : "") +
             (choices.one_in(3)
                  ? ";\n"
                  : " appliesTo {principal: " + path + ", resource: [" +
                        std::string(choices.from(kWildPaths)) + "], context: " +
                        (choices.one_in(2) ? "{}" : std::string(choices.from(kWildPaths))) +
                        "};\n");
    }
    default:
      return "entity " + name + (choices.one_in(3) ? " in [" + path + "]" : "") +
             " {a: " + wild_type(choices, 1) + "}" +
             (choices.one_in(4) ? " tags " + wild_type(choices, 1) : "") + ";\n";
  }
}

}  // namespace

std::string wild_schema(Choices& choices) {
  constexpr std::string_view kSpaces[] = {"", "N", "N::M", "M"};
  std::string out;
  const std::uint32_t first = choices.of(4);
  for (std::uint32_t i = 0, count = 1 + choices.of(3); i < count; ++i) {
    std::string inside;
    for (std::uint32_t more = 1 + choices.of(3); more > 0; --more) {
      inside += wild_declaration(choices);
    }
    const std::string space(kSpaces[(first + i) % 4]);
    out += space.empty() ? inside : "namespace " + space + " {\n" + inside + "}\n";
  }
  return out;
}

}  // namespace mcpgov::policy::cedar
