// Policies, entities and requests that mostly fit a random schema.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "support/random_schema.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kIds[] = {"x", "y", "odd id"};
constexpr std::string_view kTexts[] = {"", "x", "xy", "a*", "1.2.3.4", "0.5"};
constexpr std::string_view kPatterns[] = {"*", "x*", "*y", "a\\*"};
constexpr std::string_view kNumbers[] = {"0", "1", "-1", "7"};
constexpr std::string_view kDecimals[] = {"0.5", "1.0", "-2.25"};
constexpr std::string_view kIps[] = {"1.2.3.4", "1.2.3.0/24", "::1", "224.0.0.1"};
constexpr std::string_view kDates[] = {"2024-01-01", "2024-01-01T12:00:00Z"};
constexpr std::string_view kDurations[] = {"1h", "-1d2h", "5ms"};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool plain(std::string_view name) {
  return name.find(' ') == std::string_view::npos && name != "if";
}

}  // namespace

// ---- Environments and paths ---------------------------------------------------------------------

void RandomSchema::enter_environment() {
  do {
    action_ = choices_.of(static_cast<std::uint32_t>(actions_.size()));
  } while (!actions_[action_].applies && !choices_.one_in(6));
  const Action& action = actions_[action_];
  const auto one_of = [&](const std::vector<std::size_t>& list) {
    return list[choices_.of(static_cast<std::uint32_t>(list.size()))];
  };
  principal_ = one_of(action.principals);
  resource_ = one_of(action.resources);
  paths_.clear();
  add_paths("context", "", action.context, 3);
  add_paths("principal", "", entities_[principal_].attributes, 3);
  add_paths("resource", "", entities_[resource_].attributes, 3);
}

void RandomSchema::add_paths(const std::string& text, const std::string& guard,
                             const std::vector<Attribute>& attributes, int depth) {
  for (const Attribute& each : attributes) {
    const std::string path =
        plain(each.name) ? text + "." + each.name : text + "[" + quoted(each.name) + "]";
    std::string checks = guard;
    if (!each.required) {
      checks += (checks.empty() ? "" : " && ") + text + " has " +
                (plain(each.name) ? each.name : quoted(each.name));
    }
    paths_.push_back({path, checks, &each.type});
    if (depth <= 0) continue;
    if (each.type.kind == Kind::record) {
      add_paths(path, checks, each.type.attributes, depth - 1);
    } else if (each.type.kind == Kind::entity) {
      add_paths(path, checks, entities_[each.type.entity].attributes, depth - 2);
    }
  }
}

// A path of that kind, or nothing.
std::string RandomSchema::path_of(const Type& type) {
  std::vector<const Path*> found;
  for (const Path& path : paths_) {
    if (path.type->kind != type.kind) continue;
    if (type.kind == Kind::entity && path.type->entity != type.entity && !rarely()) continue;
    if (type.kind == Kind::set && path.type->element[0].kind != type.element[0].kind) continue;
    found.push_back(&path);
  }
  if (found.empty()) return {};
  const Path& path = *found[choices_.of(static_cast<std::uint32_t>(found.size()))];
  if (path.guard.empty() || choices_.one_in(5)) return path.text;
  // The guard as it is usually written, as the test of an `if` that falls back to a literal.
  return "(if " + path.guard + " then " + path.text + " else " + exact(type, 0) + ")";
}

// ---- Expressions --------------------------------------------------------------------------------

RandomSchema::Type RandomSchema::any_type(int depth) {
  Type out;
  out.kind = static_cast<Kind>(choices_.of(depth > 0 ? 10 : 7));
  if (out.kind == Kind::set) out.element.push_back(any_type(0));
  if (out.kind == Kind::entity) {
    out.entity = choices_.of(static_cast<std::uint32_t>(entities_.size()));
  }
  return out;
}

std::string RandomSchema::expr(const Type& type, int depth) {
  if (rarely()) return "(" + exact(any_type(1), depth - 1) + ")";
  if (depth > 0 && choices_.one_in(12)) {
    return "(if " + truth(depth - 1) + " then " + expr(type, depth - 1) + " else " +
           expr(type, depth - 1) + ")";
  }
  if (choices_.of(2) == 0) {
    std::string path = path_of(type);
    if (!path.empty()) return path;
  }
  return exact(type, depth);
}

std::string RandomSchema::exact(const Type& type, int depth) {
  switch (type.kind) {
    case Kind::truth: return depth > 0 ? "(" + truth(depth - 1) + ")" : "true";
    case Kind::number:
      if (depth > 0 && choices_.one_in(3)) {
        constexpr std::string_view kOperators[] = {" + ", " - ", " * "};
        return "(" + expr(type, depth - 1) + std::string(choices_.from(kOperators)) +
               expr(type, depth - 1) + ")";
      }
      return std::string(choices_.from(kNumbers));
    case Kind::text: return quoted(choices_.from(kTexts));
    case Kind::set: {
      std::string out = "[";
      for (std::uint32_t more = choices_.one_in(40) ? 0 : 1 + choices_.of(2); more > 0; --more) {
        out += expr(type.element[0], depth - 1) + (more > 1 ? ", " : "");
      }
      return out + "]";
    }
    case Kind::record: {
      std::string out = "{";
      for (const Attribute& each : type.attributes) {
        if (!each.required && choices_.one_in(2)) continue;
        out += quoted(each.name) + ": " + expr(each.type, depth - 1) + ", ";
      }
      return out + "}";
    }
    case Kind::entity:
      if (type.entity == principal_ && choices_.one_in(2)) return "principal";
      if (type.entity == resource_ && choices_.one_in(2)) return "resource";
      return uid_text(type.entity);
    default: return extension(type.kind, depth);
  }
}

std::string RandomSchema::extension(Kind kind, int depth) {
  const auto make = [&](const char* function, std::string_view text) {
    const std::string_view shown = rarely() ? "wrong" : text;
    return std::string(function) + "(" + quoted(shown) + ")";
  };
  const Type date{Kind::datetime, {}, {}};
  const Type span{Kind::duration, {}, {}};
  const bool more = depth > 0 && choices_.one_in(4);
  switch (kind) {
    case Kind::decimal: return make("decimal", choices_.from(kDecimals));
    case Kind::ip: return make("ip", choices_.from(kIps));
    case Kind::datetime:
      if (!more) return make("datetime", choices_.from(kDates));
      return expr(date, depth - 1) + ".offset(" + expr(span, depth - 1) + ")";
    default:
      if (!more) return make("duration", choices_.from(kDurations));
      return choices_.one_in(2)
                 ? expr(date, depth - 1) + ".toTime()"
                 : expr(date, depth - 1) + ".durationSince(" + expr(date, depth - 1) + ")";
  }
}

std::string RandomSchema::set_test(int depth) {
  const Type element = any_type(0);
  Type set;
  set.kind = Kind::set;
  set.element.push_back(element);
  const std::string left = expr(set, depth - 1);
  switch (choices_.of(4)) {
    case 0: return left + ".isEmpty()";
    case 1: return left + ".containsAll(" + expr(set, depth - 1) + ")";
    case 2: return left + ".containsAny(" + expr(set, depth - 1) + ")";
    default: return left + ".contains(" + expr(element, depth - 1) + ")";
  }
}

std::string RandomSchema::tag_test(int depth) {
  const bool of_principal = choices_.one_in(2);
  const std::string who = of_principal ? "principal" : "resource";
  const Entity& entity = entities_[of_principal ? principal_ : resource_];
  const std::string key = quoted(choices_.from(kTexts));
  if (entity.tags.empty() || choices_.one_in(6)) return who + ".hasTag(" + key + ")";
  const std::string guard = choices_.one_in(5) ? "true" : who + ".hasTag(" + key + ")";
  return guard + " && " + who + ".getTag(" + key + ") == " + expr(entity.tags[0], depth - 1);
}

std::string RandomSchema::hierarchy(int depth) {
  const Type type{Kind::entity, {}, {}, choices_.one_in(2) ? principal_ : resource_};
  const std::string left = expr(type, depth - 1);
  const Entity& entity = entities_[type.entity];
  std::size_t above = choices_.of(static_cast<std::uint32_t>(entities_.size()));
  if (!entity.parents.empty() && !choices_.one_in(4)) above = entity.parents[0];
  switch (choices_.of(5)) {
    case 0: return left + " is " + entities_[above].full();
    case 1: return left + " is " + entity.full() + " in " + uid_text(above);
    case 2: return left + " in [" + uid_text(above) + ", " + uid_text(above) + "]";
    case 3: return "action in " + actions_[0].type() + "::" + quoted(actions_[0].id);
    default: return left + " in " + uid_text(above);
  }
}

std::string RandomSchema::comparison(int depth) {
  const Type type = any_type(1);
  const bool ordered =
      type.kind == Kind::number || type.kind == Kind::datetime || type.kind == Kind::duration;
  const std::string left = expr(type, depth - 1);
  if (ordered && choices_.one_in(2)) {
    constexpr std::string_view kOperators[] = {" < ", " <= ", " > ", " >= "};
    return left + std::string(choices_.from(kOperators)) + expr(type, depth - 1);
  }
  if (type.kind == Kind::text && choices_.one_in(2)) {
    return left + " like " + quoted(choices_.from(kPatterns));
  }
  if (type.kind == Kind::decimal && choices_.one_in(2)) {
    return left + ".lessThan(" + expr(type, depth - 1) + ")";
  }
  if (type.kind == Kind::ip && choices_.one_in(2)) {
    return left + (choices_.one_in(2) ? ".isIpv4()" : ".isInRange(" + expr(type, depth - 1) + ")");
  }
  return left + (choices_.one_in(4) ? " != " : " == ") + expr(type, depth - 1);
}

std::string RandomSchema::truth(int depth) {
  if (depth <= 0) return choices_.one_in(6) ? "false" : "true";
  switch (choices_.of(12)) {
    case 0: return "!(" + truth(depth - 1) + ")";
    case 1:
    case 2: return "(" + truth(depth - 1) + ") && (" + truth(depth - 1) + ")";
    case 3: return "(" + truth(depth - 1) + ") || (" + truth(depth - 1) + ")";
    case 4: {
      // A field that is checked and then read, by hand.
      if (paths_.empty()) return comparison(depth);
      const Path& path = paths_[choices_.of(static_cast<std::uint32_t>(paths_.size()))];
      const std::string guard = path.guard.empty() ? "true" : path.guard;
      return guard + (choices_.one_in(8) ? " || " : " && ") + path.text +
             " == " + exact(*path.type, 1);
    }
    case 5: return set_test(depth);
    case 6: return tag_test(depth);
    case 7:
    case 8: return hierarchy(depth);
    default: return comparison(depth);
  }
}

// ---- Policies -----------------------------------------------------------------------------------

std::string RandomSchema::entity_id(std::size_t entity) {
  if (entities_[entity].enumerated && !rarely()) return choices_.one_in(2) ? "x" : "y";
  return std::string(choices_.from(kIds));
}

std::string RandomSchema::uid_text(std::size_t entity) {
  const std::string type = rarely() ? "Unheard" : entities_[entity].full();
  return type + "::" + quoted(entity_id(entity));
}

std::string RandomSchema::scope(std::string_view variable, std::size_t entity) {
  const Entity& type = entities_[entity];
  const std::string name(variable);
  std::size_t above = type.parents.empty() ? entity : type.parents[0];
  if (choices_.one_in(10)) above = choices_.of(static_cast<std::uint32_t>(entities_.size()));
  switch (choices_.of(6)) {
    case 0: return name + " == " + uid_text(entity);
    case 1: return name + " in " + uid_text(above);
    case 2: return name + " is " + type.full();
    case 3: return name + " is " + type.full() + " in " + uid_text(above);
    default: return name;
  }
}

std::string RandomSchema::action_scope() {
  const auto uid = [&](std::size_t action) {
    return actions_[action].type() + "::" + quoted(rarely() ? "unheard" : actions_[action].id);
  };
  switch (choices_.of(5)) {
    case 0:
      return "action in " +
             uid(actions_[action_].parents.empty() ? action_ : actions_[action_].parents[0]);
    case 1: return "action in [" + uid(action_) + ", " + uid(0) + "]";
    case 2: return "action";
    default: return "action == " + uid(action_);
  }
}

std::string RandomSchema::policy() {
  enter_environment();
  std::string out;
  if (choices_.one_in(8)) out += "@note(\"n\")\n";
  out += choices_.one_in(4) ? "forbid (" : "permit (";
  out += scope("principal", principal_) + ", " + action_scope() + ", " +
         scope("resource", resource_) + ")";
  for (std::uint32_t more = choices_.of(3); more > 0; --more) {
    out += (choices_.one_in(6) ? "\nunless { " : "\nwhen { ") + truth(3) + " }";
    if (choices_.one_in(10)) out += " // why";
  }
  return out + "\n;\n";
}

// ---- Entities and requests ----------------------------------------------------------------------

std::string RandomSchema::record_json(const std::vector<Attribute>& attributes, int depth) {
  std::string out = "{";
  for (const Attribute& each : attributes) {
    if ((!each.required && choices_.one_in(2)) || rarely()) continue;
    out += (out.size() > 1 ? "," : "") + quoted(each.name) + ":" + value_json(each.type, depth);
  }
  if (rarely()) out += std::string(out.size() > 1 ? "," : "") + "\"unheard\":1";
  return out + "}";
}

std::string RandomSchema::value_json(const Type& type, int depth) {
  const auto extension = [&](const char* function, std::string_view text) {
    const std::string call =
        "{\"fn\":" + quoted(function) + ",\"arg\":" + quoted(rarely() ? "wrong" : text) + "}";
    switch (choices_.of(3)) {
      case 0: return quoted(text);
      case 1: return call;
      default: return "{\"__extn\":" + call + "}";
    }
  };
  if (rarely()) return choices_.one_in(2) ? "1" : "\"text\"";
  switch (type.kind) {
    case Kind::truth: return choices_.one_in(2) ? "true" : "false";
    case Kind::number: return std::string(choices_.from(kNumbers));
    case Kind::text: return quoted(choices_.from(kTexts));
    case Kind::decimal: return extension("decimal", choices_.from(kDecimals));
    case Kind::ip: return extension("ip", choices_.from(kIps));
    case Kind::datetime: return extension("datetime", choices_.from(kDates));
    case Kind::duration: return extension("duration", choices_.from(kDurations));
    case Kind::set: {
      std::string out = "[";
      for (std::uint32_t more = choices_.of(3); more > 0; --more) {
        out += value_json(type.element[0], depth - 1) + (more > 1 ? "," : "");
      }
      return out + "]";
    }
    case Kind::record: return record_json(type.attributes, depth - 1);
    case Kind::entity: break;
  }
  const std::string uid = "{\"type\":" + quoted(entities_[type.entity].full()) +
                          ",\"id\":" + quoted(entity_id(type.entity)) + "}";
  return choices_.one_in(2) ? uid : "{\"__entity\":" + uid + "}";
}

std::string RandomSchema::entities_json() {
  std::string out = "[";
  for (std::size_t i = 0; i < entities_.size(); ++i) {
    const Entity& entity = entities_[i];
    for (const std::string_view id : kIds) {
      if (choices_.one_in(3) || (entity.enumerated && id == "odd id" && !rarely())) continue;
      out += (out.size() > 1 ? ",\n{" : "{") + std::string("\"uid\":{\"type\":") +
             quoted(entity.full()) + ",\"id\":" + quoted(id) +
             "},\"attrs\":" + record_json(entity.attributes, 3) + ",\"parents\":[";
      // Only upwards in the list: no cycles, and the parent types that the schema allows.
      const auto above = std::find_if(entity.parents.begin(), entity.parents.end(),
                                      [&](std::size_t parent) { return parent > i; });
      if (above != entity.parents.end() && choices_.one_in(2)) {
        out += "{\"type\":" + quoted(entities_[*above].full()) +
               ",\"id\":" + quoted(entity_id(*above)) + "}";
      }
      out += "]";
      if (!entity.tags.empty() && choices_.one_in(2)) {
        out += ",\"tags\":{\"x\":" + value_json(entity.tags[0], 2) + "}";
      }
      out += "}";
    }
  }
  return out + "]";
}

RandomSchema::Request RandomSchema::request() {
  enter_environment();
  const Action& action = actions_[action_];
  const auto uid = [&](std::size_t entity) {
    return Uid{rarely() ? "Unheard" : entities_[entity].full(), entity_id(entity)};
  };
  return {
      uid(principal_), {action.type(), action.id}, uid(resource_), record_json(action.context, 3)};
}

}  // namespace mcpgov::policy::cedar
