// Values of claims as text, lists of names and times.
// Tested by tests/identity/claim_values_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/claim_values.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "identity/pointer.hpp"

namespace mcpgov::identity {

namespace {

// A double skips integers beyond it (RFC 8259 section 6).
constexpr double kLastExact = 9007199254740992.0;

// What the pointer leads to unless that is `null`.
std::optional<JsonElement> claim(const JsonObject& claims, std::string_view pointer) noexcept {
  auto found = find(claims, pointer);
  if (found && found->is_null()) found.reset();
  return found;
}

std::string_view text_of(const JsonElement& element) noexcept {
  return element.get_string().value_unsafe();
}

bool is_scope(std::string_view text) noexcept {
  return is_claim_name(text) && text.find(' ') == std::string_view::npos;
}

int value_of_digits(std::string_view text) noexcept {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

bool is_claim_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kClaimNameBytes &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_guid(std::string_view text) noexcept {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool same_without_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

Reading read_name(const JsonObject& claims, std::string_view pointer, std::string& out) {
  const auto found = claim(claims, pointer);
  if (!found) return Reading::absent;
  if (!found->is_string() || !is_claim_name(text_of(*found))) return Reading::malformed;
  out = text_of(*found);
  return Reading::sound;
}

Reading read_names(const JsonObject& claims, std::string_view pointer,
                   std::vector<std::string>& out) {
  const auto found = claim(claims, pointer);
  if (!found) return Reading::absent;
  if (found->is_string()) {
    if (!is_claim_name(text_of(*found))) return Reading::malformed;
    out.emplace_back(text_of(*found));
    return Reading::sound;
  }
  if (!found->is_array()) return Reading::malformed;
  for (const JsonElement item : simdjson::dom::array(*found)) {
    if (!item.is_string() || !is_claim_name(text_of(item))) return Reading::malformed;
    out.emplace_back(text_of(item));
  }
  return Reading::sound;
}

Reading read_scopes(const JsonObject& claims, std::string_view pointer,
                    std::vector<std::string>& out) {
  const auto found = claim(claims, pointer);
  if (!found) return Reading::absent;
  if (found->is_array()) {
    const std::size_t before = out.size();
    const Reading reading = read_names(claims, pointer, out);
    const bool sound = std::all_of(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                                   [](const std::string& each) { return is_scope(each); });
    return sound ? reading : Reading::malformed;
  }
  if (!found->is_string()) return Reading::malformed;
  std::string_view left = text_of(*found);
  while (!left.empty()) {
    const std::string_view scope = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(left.size(), scope.size() + 1));
    if (scope.empty()) continue;
    if (!is_scope(scope)) return Reading::malformed;
    out.emplace_back(scope);
  }
  return Reading::sound;
}

Reading read_time(const JsonObject& claims, std::string_view pointer, double& out, bool digits) {
  const auto found = claim(claims, pointer);
  if (!found) return Reading::absent;
  double value = -1;
  if (digits && found->is_string()) {
    const std::string_view text = text_of(*found);
    std::uint64_t whole = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, whole);
    if (error == std::errc() && stop == end) value = static_cast<double>(whole);
  } else if (found->get_double().get(value) != simdjson::SUCCESS) {
    return Reading::malformed;
  }
  if (!(value >= 0 && value <= kLastExact)) return Reading::malformed;
  out = value;
  return Reading::sound;
}

std::optional<std::uint64_t> utc_seconds(std::string_view text) noexcept {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  const bool fits =
      std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(),
                 [](char c, char form) { return form == 'd' ? c >= '0' && c <= '9' : c == form; });
  if (!fits) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    return value_of_digits(text.substr(at, size));
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!day.ok() || day.year() < std::chrono::year(1970) || hour > 23 || minute > 59 ||
      second > 59) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  return static_cast<std::uint64_t>(days) * 86'400 +
         static_cast<std::uint64_t>(hour * 3600 + minute * 60 + second);
}

bool has_claim(const JsonObject& claims, std::string_view pointer) noexcept {
  return claim(claims, pointer).has_value();
}

std::string_view claim_text(const JsonObject& claims, std::string_view pointer) noexcept {
  const auto found = find(claims, pointer);
  return found && found->is_string() ? text_of(*found) : std::string_view();
}

}  // namespace mcpgov::identity
