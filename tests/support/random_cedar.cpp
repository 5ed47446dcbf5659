// The vocabulary is small on purpose: random things must meet often.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/random_cedar.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kNames[] = {"a", "b", "n", "s", "e", "r", "t", "x"};
constexpr std::string_view kTypes[] = {"U", "G", "R", "N::U"};
constexpr std::string_view kIds[] = {"1", "2", "3"};
constexpr std::string_view kActions[] = {"read", "write", "all", "none"};
constexpr std::string_view kTexts[] = {"", "a", "b", "ab", "aab", "a*b", "1.2.3.4", "0.5"};
constexpr std::string_view kPatterns[] = {"", "*", "a*", "*b", "a*b", "*a*b*", "a\\*b", "**"};
constexpr std::string_view kNumbers[] = {
    "0", "1", "2", "-1", "7", "9223372036854775807", "-9223372036854775808"};
constexpr std::string_view kDecimals[] = {"0.5", "1.0", "1.0000", "-2.25", "1", "x"};
constexpr std::string_view kIps[] = {"1.2.3.4",   "1.2.3.0/24", "::1", "127.0.0.1/8",
                                     "224.0.0.1", "1.2.3",      "x"};
constexpr std::string_view kDates[] = {"2024-01-01", "2024-01-01T12:00:00Z", "1969-12-31",
                                       "2024-13-01"};
constexpr std::string_view kDurations[] = {"1h", "60m", "-1d2h", "9223372036854775807ms", "1x"};

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

RandomCedar::Name RandomCedar::uid() {
  const std::string_view type = choices_.from(kTypes);
  return {type, choices_.from(kIds)};
}

RandomCedar::Name RandomCedar::action_uid() {
  return {"Action", choices_.from(kActions)};
}

std::string RandomCedar::uid_text() {
  const Name name = choices_.one_in(6) ? action_uid() : uid();
  return std::string(name.type) + "::" + quoted(name.id);
}

std::string RandomCedar::uid_json() {
  const Name name = uid();
  return "{\"type\": " + quoted(name.type) + ", \"id\": " + quoted(name.id) + "}";
}

std::string RandomCedar::any(int depth) {
  return expr(static_cast<Type>(choices_.of(static_cast<std::uint32_t>(Type::count))), depth);
}

// Of the type, with exceptions.
std::string RandomCedar::expr(Type type, int depth) {
  if (depth > 0 && choices_.one_in(16)) return "(" + any(depth - 1) + ")";
  if (depth > 0 && choices_.one_in(10)) {
    return "(if " + truth(depth - 1) + " then " + expr(type, depth - 1) + " else " +
           expr(type, depth - 1) + ")";
  }
  if (choices_.of(3) == 0) return path(depth);
  return "(" + typed(type, depth) + ")";
}

std::string RandomCedar::typed(Type type, int depth) {
  switch (type) {
    case Type::truth: return truth(depth);
    case Type::number: return number(depth);
    case Type::text: return quoted(choices_.from(kTexts));
    case Type::set: return list(depth, static_cast<Type>(choices_.of(6)));
    case Type::record: return record(depth);
    case Type::entity: return uid_text();
    default: return extension(type, depth);
  }
}

std::string RandomCedar::path(int depth) {
  constexpr std::string_view kVariables[] = {"principal", "resource", "action",
                                             "context",   "context",  "context"};
  std::string out(choices_.from(kVariables));
  for (std::uint32_t steps = choices_.of(3); steps > 0; --steps) {
    const std::string_view name = choices_.from(kNames);
    out += choices_.one_in(4) ? "[" + quoted(name) + "]" : "." + std::string(name);
  }
  if (depth > 0 && choices_.one_in(12)) {
    out += ".getTag(" + expr(Type::text, depth - 1) + ")";
  }
  return out;
}

std::string RandomCedar::list(int depth, Type type) {
  std::string out = "[";
  for (std::uint32_t count = choices_.of(4); count > 0 && depth > 0; --count) {
    out += expr(type, depth - 1) + (count == 1 && choices_.one_in(2) ? "" : ", ");
  }
  return out + "]";
}

std::string RandomCedar::record(int depth) {
  std::string out = "{";
  const std::uint32_t first = choices_.of(8);
  for (std::uint32_t i = 0, count = choices_.of(4); i < count && depth > 0; ++i) {
    const std::string_view name = kNames[(first + i) % 8];
    out += (choices_.one_in(3) ? quoted(name) : std::string(name)) + ": " + any(depth - 1) + ",";
  }
  return out + "}";
}

std::string RandomCedar::number(int depth) {
  if (depth <= 0 || choices_.of(2) == 0) return std::string(choices_.from(kNumbers));
  constexpr std::string_view kOperators[] = {" + ", " - ", " * "};
  if (choices_.one_in(6)) return "-" + expr(Type::number, depth - 1);
  std::string out = expr(Type::number, depth - 1);
  for (std::uint32_t more = 1 + choices_.of(2); more > 0; --more) {
    out += std::string(choices_.from(kOperators)) + expr(Type::number, depth - 1);
  }
  return out;
}

std::string RandomCedar::extension(Type type, int depth) {
  const auto make = [&](const char* function, std::string_view text) {
    const bool computed = depth > 0 && choices_.one_in(8);
    std::string argument = computed ? expr(Type::text, depth - 1) : quoted(text);
    if (choices_.one_in(40)) argument += ", 1";
    return std::string(function) + "(" + argument + ")";
  };
  const bool more = depth > 0 && choices_.one_in(4);
  switch (type) {
    case Type::decimal: return make("decimal", choices_.from(kDecimals));
    case Type::ip: return make("ip", choices_.from(kIps));
    case Type::datetime:
      if (!more) return make("datetime", choices_.from(kDates));
      return choices_.one_in(2)
                 ? expr(type, depth - 1) + ".toDate()"
                 : expr(type, depth - 1) + ".offset(" + expr(Type::duration, depth - 1) + ")";
    default:
      if (!more) return make("duration", choices_.from(kDurations));
      return choices_.one_in(2) ? expr(Type::datetime, depth - 1) + ".toTime()"
                                : expr(Type::datetime, depth - 1) + ".durationSince(" +
                                      expr(Type::datetime, depth - 1) + ")";
  }
}

std::string RandomCedar::truth(int depth) {
  if (depth <= 0) return choices_.of(3) == 0 ? path(0) : (choices_.of(2) == 0 ? "true" : "false");
  const std::uint32_t pick = choices_.of(10);
  if (pick < 2) {
    const std::string_view joint = pick == 0 ? " && " : " || ";
    std::string out = expr(Type::truth, depth - 1);
    for (std::uint32_t more = 1 + choices_.of(3); more > 0; --more) {
      out += std::string(joint) + expr(Type::truth, depth - 1);
    }
    return out;
  }
  if (pick == 2) return "!" + expr(Type::truth, depth - 1);
  return relation(depth);
}

std::string RandomCedar::relation(int depth) {
  constexpr std::string_view kEqual[] = {" == ", " != "};
  constexpr std::string_view kOrder[] = {" < ", " <= ", " > ", " >= "};
  constexpr std::string_view kSets[] = {".containsAll(", ".containsAny("};
  constexpr std::string_view kCompare[] = {".lessThan(", ".greaterThanOrEqual("};
  constexpr std::string_view kIpTests[] = {".isIpv4()", ".isLoopback()", ".isMulticast()"};
  constexpr Type kOrdered[] = {Type::number, Type::number, Type::datetime, Type::duration};
  const int below = depth - 1;
  switch (choices_.of(16)) {
    case 0:
    case 1:
    case 2: {
      const auto type = static_cast<Type>(choices_.of(static_cast<std::uint32_t>(Type::count)));
      const std::string left = expr(type, below);
      return left + std::string(choices_.from(kEqual)) + expr(type, below);
    }
    case 3:
    case 4: {
      const Type type = choices_.from(kOrdered);
      const std::string left = expr(type, below);
      return left + std::string(choices_.from(kOrder)) + expr(type, below);
    }
    case 5: return expr(Type::entity, below) + " in " + expr(Type::entity, below);
    case 6: return expr(Type::entity, below) + " in " + list(depth, Type::entity);
    case 7: return expr(Type::entity, below) + " is " + std::string(choices_.from(kTypes));
    case 8:
      return expr(Type::entity, below) + " is " + std::string(choices_.from(kTypes)) + " in " +
             expr(Type::entity, below);
    case 9: return expr(Type::text, below) + " like " + quoted(choices_.from(kPatterns));
    case 10: return path(below) + " has " + quoted(choices_.from(kNames));
    case 11: {
      std::string out = path(below) + " has " + std::string(choices_.from(kNames));
      for (std::uint32_t more = choices_.of(3); more > 0; --more) {
        out += "." + std::string(choices_.from(kNames));
      }
      return out;
    }
    case 12: return expr(Type::set, below) + ".contains(" + any(below) + ")";
    case 13:
      if (choices_.of(3) == 0) return expr(Type::set, below) + ".isEmpty()";
      return expr(Type::set, below) + std::string(choices_.from(kSets)) + expr(Type::set, below) +
             ")";
    case 14: return path(below) + ".hasTag(" + expr(Type::text, below) + ")";
    default:
      if (choices_.of(2) == 0) {
        return expr(Type::decimal, below) + std::string(choices_.from(kCompare)) +
               expr(Type::decimal, below) + ")";
      }
      if (choices_.of(2) == 0) return expr(Type::ip, below) + std::string(choices_.from(kIpTests));
      return expr(Type::ip, below) + ".isInRange(" + expr(Type::ip, below) + ")";
  }
}

std::string RandomCedar::scope(std::string_view variable) {
  std::string out(variable);
  const Name name = uid();
  const std::string text = std::string(name.type) + "::" + quoted(name.id);
  switch (choices_.of(8)) {
    case 0: return out + " == " + text;
    case 1: return out + " in " + text;
    case 2: return out + " is " + std::string(choices_.from(kTypes));
    case 3: return out + " is " + std::string(choices_.from(kTypes)) + " in " + text;
    default: return out;
  }
}

std::string RandomCedar::action_scope() {
  const auto one = [&] { return "Action::" + quoted(action_uid().id); };
  switch (choices_.of(6)) {
    case 0: return "action == " + one();
    case 1: return "action in " + one();
    case 2: {
      std::string out = "action in [";
      for (std::uint32_t count = choices_.of(4); count > 0; --count) out += one() + ",";
      return out + "]";
    }
    default: return "action";
  }
}

std::string RandomCedar::policy() {
  std::string out = choices_.of(3) == 0 ? "forbid(" : "permit(";
  out += scope("principal") + ", ";
  out += action_scope() + ", ";
  out += scope("resource") + ")";
  for (std::uint32_t count = choices_.of(3); count > 0; --count) {
    out += choices_.one_in(4) ? " unless { " : " when { ";
    out += truth(3) + " }";
  }
  return out + ";\n";
}

std::string RandomCedar::value_json(int depth) {
  switch (choices_.of(depth > 0 ? 10 : 5)) {
    case 0: return choices_.of(2) == 0 ? "true" : "false";
    case 1:
    case 2: return std::string(choices_.from(kNumbers));
    case 3: return quoted(choices_.from(kTexts));
    case 4: return "{\"__entity\": " + uid_json() + "}";
    case 5: return R"({"__extn": {"fn": "ip", "arg": "1.2.3.4"}})";
    case 6: return R"({"__extn": {"fn": "decimal", "arg": "0.5"}})";
    case 7:
    case 8: {
      std::string out = "[";
      for (std::uint32_t count = choices_.of(4); count > 0; --count) {
        out += value_json(depth - 1) + (count == 1 ? "" : ",");
      }
      return out + "]";
    }
    default: {
      std::string out = "{";
      const std::uint32_t first = choices_.of(8);
      for (std::uint32_t i = 0, count = choices_.of(4); i < count; ++i) {
        out += (i == 0 ? "" : ",") + quoted(kNames[(first + i) % 8]) + ": " + value_json(depth - 1);
      }
      return out + "}";
    }
  }
}

std::string RandomCedar::context_json() {
  std::string out = "{";
  for (const std::string_view name : kNames) {
    if (choices_.one_in(4)) continue;
    out += (out.size() == 1 ? "" : ", ") + quoted(name) + ": " + value_json(2);
  }
  return out + "}";
}

// Parents come later in the vocabulary, so there is no cycle.
std::string RandomCedar::entities_json() {
  std::string out = "[";
  const std::uint32_t count = static_cast<std::uint32_t>(std::size(kTypes) * std::size(kIds));
  const auto uid_of = [&](std::uint32_t number) {
    return "{\"type\": " + quoted(kTypes[number % std::size(kTypes)]) +
           ", \"id\": " + quoted(kIds[number / std::size(kTypes)]) + "}";
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    if (choices_.one_in(5)) continue;
    if (out.size() > 1) out += ", ";
    out += "{\"uid\": " + uid_of(i) + ", \"attrs\": " + context_json() + ", \"parents\": [";
    bool first = true;
    for (std::uint32_t parent = i + 1; parent < count; ++parent) {
      if (!choices_.one_in(4)) continue;
      out += (first ? "" : ", ") + uid_of(parent);
      first = false;
    }
    out += "]";
    if (choices_.of(2) == 0) out += ", \"tags\": {\"a\": 1, \"ab\": " + value_json(1) + "}";
    out += "}";
  }
  for (const std::string_view action : {"read", "write"}) {
    if (out.size() > 1) out += ", ";
    out += "{\"uid\": {\"type\": \"Action\", \"id\": " + quoted(action) +
           "}, \"attrs\": {}, \"parents\": [{\"type\": \"Action\", \"id\": \"all\"}]}";
  }
  return out + "]";
}

}  // namespace mcpgov::policy::cedar
