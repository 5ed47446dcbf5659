// Values of claims as text, lists of names and times. A claim of another type than it should have
// is malformed, which refuses the token; `null` is as good as absent.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/strict_json.hpp"

namespace mcpgov::identity {

// As check(const Caller&) demands of names.
constexpr std::size_t kClaimNameBytes = 1024;

// Not empty, at most 1,024 bytes, no control characters. text: UTF-8, as every JSON text is.
bool is_claim_name(std::string_view text) noexcept;

// Lower-case hexadecimal digits in groups of 8-4-4-4-12, the one form in which Entra ID writes ids.
bool is_guid(std::string_view text) noexcept;

// Equal but for the case of ASCII letters.
bool same_without_case(std::string_view a, std::string_view b) noexcept;

enum class Reading : std::uint8_t { absent, sound, malformed };

// A string that is a name. Left as it was unless sound.
Reading read_name(const JsonObject& claims, std::string_view pointer, std::string& out);

// A string, or an array of strings; each is a name. A string is one name and never split, because
// issuers that have a single group write it so.
Reading read_names(const JsonObject& claims, std::string_view pointer,
                   std::vector<std::string>& out);

// A string of names between spaces (RFC 6749 section 3.3; RFC 8693 section 4.2), or an array of
// such names, none of which holds a space.
Reading read_scopes(const JsonObject& claims, std::string_view pointer,
                    std::vector<std::string>& out);

// A NumericDate (RFC 7519 section 2): a number from 0 to 2^53, perhaps with a fraction.
// digits: whether a string of decimal digits is one, too.
Reading read_time(const JsonObject& claims, std::string_view pointer, double& out,
                  bool digits = false);

// Seconds since 1970 of a date and time in UTC as `2026-11-20T13:45:00Z` (RFC 3339 section 5.6,
// without fractions); nothing for any other text.
std::optional<std::uint64_t> utc_seconds(std::string_view text) noexcept;

// Whether there is anything but `null`.
bool has_claim(const JsonObject& claims, std::string_view pointer) noexcept;

// The string there, or an empty text.
std::string_view claim_text(const JsonObject& claims, std::string_view pointer) noexcept;

}  // namespace mcpgov::identity
