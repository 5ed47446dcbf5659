// The table of extension functions, and what each computes.
// Tested by tests/policy/extension_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/extension.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace mcpgov::policy::cedar {
namespace {

using Arguments = std::span<const Value>;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

template <Kind kind, std::optional<std::int64_t> (*parse)(std::string_view)>
ErrorCode construct(Arguments args, Arena&, Value& out) {
  const std::optional<std::int64_t> parsed = parse(args[0].string());
  if (!parsed) return ErrorCode::eval_extension;
  out = Value::of_scalar(kind, *parsed);
  return ErrorCode::none;
}

ErrorCode construct_ip(Arguments args, Arena& arena, Value& out) {
  const std::optional<Ip> parsed = parse_ip(args[0].string());
  if (!parsed) return ErrorCode::eval_extension;
  out = Value::of_ip(arena.create<Ip>(*parsed));
  return ErrorCode::none;
}

template <bool (*holds)(std::int64_t, std::int64_t)>
ErrorCode compare(Arguments args, Arena&, Value& out) {
  out = Value::of_boolean(holds(args[0].integer, args[1].integer));
  return ErrorCode::none;
}
bool less(std::int64_t a, std::int64_t b) {
  return a < b;
}
bool less_equal(std::int64_t a, std::int64_t b) {
  return a <= b;
}
bool greater(std::int64_t a, std::int64_t b) {
  return a > b;
}
bool greater_equal(std::int64_t a, std::int64_t b) {
  return a >= b;
}

template <bool (*holds)(const Ip&)>
ErrorCode test_ip(Arguments args, Arena&, Value& out) {
  out = Value::of_boolean(holds(*args[0].ip));
  return ErrorCode::none;
}
bool is_v4(const Ip& ip) {
  return !ip.v6;
}
bool is_v6(const Ip& ip) {
  return ip.v6;
}

// A range is loopback or multicast when all of it is, hence the prefixes. An IPv4 address mapped
// into IPv6 is an IPv6 address here, as in the reference engine.
bool is_loopback(const Ip& ip) {
  if (!ip.v6) return ip.bytes[0] == 127 && ip.prefix >= 8;
  static constexpr std::uint8_t kLoopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return ip.prefix == 128 && std::memcmp(ip.bytes, kLoopback, sizeof(kLoopback)) == 0;
}

bool is_multicast(const Ip& ip) {
  if (!ip.v6) return (ip.bytes[0] & 0xf0) == 0xe0 && ip.prefix >= 4;
  return ip.bytes[0] == 0xff && ip.prefix >= 8;
}

ErrorCode is_in_range(Arguments args, Arena&, Value& out) {
  const Ip& ip = *args[0].ip;
  const Ip& range = *args[1].ip;
  bool inside = ip.v6 == range.v6 && ip.prefix >= range.prefix;
  const int whole = range.prefix / 8;
  const int bits = range.prefix % 8;
  inside = inside && std::memcmp(ip.bytes, range.bytes, static_cast<std::size_t>(whole)) == 0;
  if (inside && bits != 0) inside = ((ip.bytes[whole] ^ range.bytes[whole]) >> (8 - bits)) == 0;
  out = Value::of_boolean(inside);
  return ErrorCode::none;
}

ErrorCode offset(Arguments args, Arena&, Value& out) {
  const std::int64_t at = args[0].integer;
  const std::int64_t by = args[1].integer;
  if (by >= 0 ? at > kMax - by : at < kMin - by) return ErrorCode::eval_extension;
  out = Value::of_scalar(Kind::datetime, at + by);
  return ErrorCode::none;
}

ErrorCode duration_since(Arguments args, Arena&, Value& out) {
  const std::int64_t at = args[0].integer;
  const std::int64_t since = args[1].integer;
  if (since >= 0 ? at < kMin + since : at > kMax + since) return ErrorCode::eval_extension;
  out = Value::of_scalar(Kind::duration, at - since);
  return ErrorCode::none;
}

// Milliseconds since midnight, never negative.
std::int64_t time_of_day(std::int64_t at) {
  const std::int64_t rest = at % kDay;
  return rest < 0 ? rest + kDay : rest;
}

ErrorCode to_date(Arguments args, Arena&, Value& out) {
  const std::int64_t at = args[0].integer;
  const std::int64_t time = time_of_day(at);
  if (at < kMin + time) return ErrorCode::eval_extension;
  out = Value::of_scalar(Kind::datetime, at - time);
  return ErrorCode::none;
}

ErrorCode to_time(Arguments args, Arena&, Value& out) {
  out = Value::of_scalar(Kind::duration, time_of_day(args[0].integer));
  return ErrorCode::none;
}

// C++ division truncates toward zero, and so does Cedar's.
template <std::int64_t unit>
ErrorCode in_units(Arguments args, Arena&, Value& out) {
  out = Value::of_integer(args[0].integer / unit);
  return ErrorCode::none;
}

constexpr CallStyle kFunction = CallStyle::function;
constexpr CallStyle kMethod = CallStyle::method;
constexpr Kind kNone = Kind::unknown;

constexpr ExtensionFunction kFunctions[] = {
    {"datetime",
     kFunction,
     1,
     {Kind::string, kNone},
     Kind::datetime,
     construct<Kind::datetime, parse_datetime>},
    {"decimal",
     kFunction,
     1,
     {Kind::string, kNone},
     Kind::decimal,
     construct<Kind::decimal, parse_decimal>},
    {"duration",
     kFunction,
     1,
     {Kind::string, kNone},
     Kind::duration,
     construct<Kind::duration, parse_duration>},
    {"durationSince", kMethod, 2, {Kind::datetime, Kind::datetime}, Kind::duration, duration_since},
    {"greaterThan", kMethod, 2, {Kind::decimal, Kind::decimal}, Kind::boolean, compare<greater>},
    {"greaterThanOrEqual",
     kMethod,
     2,
     {Kind::decimal, Kind::decimal},
     Kind::boolean,
     compare<greater_equal>},
    {"ip", kFunction, 1, {Kind::string, kNone}, Kind::ip, construct_ip},
    {"isInRange", kMethod, 2, {Kind::ip, Kind::ip}, Kind::boolean, is_in_range},
    {"isIpv4", kMethod, 1, {Kind::ip, kNone}, Kind::boolean, test_ip<is_v4>},
    {"isIpv6", kMethod, 1, {Kind::ip, kNone}, Kind::boolean, test_ip<is_v6>},
    {"isLoopback", kMethod, 1, {Kind::ip, kNone}, Kind::boolean, test_ip<is_loopback>},
    {"isMulticast", kMethod, 1, {Kind::ip, kNone}, Kind::boolean, test_ip<is_multicast>},
    {"lessThan", kMethod, 2, {Kind::decimal, Kind::decimal}, Kind::boolean, compare<less>},
    {"lessThanOrEqual",
     kMethod,
     2,
     {Kind::decimal, Kind::decimal},
     Kind::boolean,
     compare<less_equal>},
    {"offset", kMethod, 2, {Kind::datetime, Kind::duration}, Kind::datetime, offset},
    {"toDate", kMethod, 1, {Kind::datetime, kNone}, Kind::datetime, to_date},
    {"toDays", kMethod, 1, {Kind::duration, kNone}, Kind::integer, in_units<kDay>},
    {"toHours", kMethod, 1, {Kind::duration, kNone}, Kind::integer, in_units<kHour>},
    {"toMilliseconds", kMethod, 1, {Kind::duration, kNone}, Kind::integer, in_units<1>},
    {"toMinutes", kMethod, 1, {Kind::duration, kNone}, Kind::integer, in_units<kMinute>},
    {"toSeconds", kMethod, 1, {Kind::duration, kNone}, Kind::integer, in_units<kSecond>},
    {"toTime", kMethod, 1, {Kind::datetime, kNone}, Kind::duration, to_time},
};

}  // namespace

ErrorCode ExtensionFunction::call(std::span<const Value> args, Arena& arena, Value& out) const {
  if (args.size() != arity) return ErrorCode::eval_arity;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].kind != parameters[i]) return ErrorCode::eval_type;
  }
  return compute(args, arena, out);
}

std::span<const ExtensionFunction> extension_functions() noexcept {
  return kFunctions;
}

const ExtensionFunction* find_extension_function(std::string_view name) noexcept {
  const auto* at =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                       [](const ExtensionFunction& f, std::string_view n) { return f.name < n; });
  return at != std::end(kFunctions) && at->name == name ? at : nullptr;
}

}  // namespace mcpgov::policy::cedar
