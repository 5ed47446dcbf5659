// What Unicode says of a character: its scripts, whether identifiers may have it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mcpgov::policy::cedar {

// A bit for each script, and for the joined ones of UTS 39 section 5.1 (Han with Bopomofo,
// Japanese, Korean). Unknown characters have none, common ones all.
using ScriptSet = std::array<std::uint64_t, 3>;

ScriptSet scripts_of(char32_t c) noexcept;

// Whether one script could have all characters (UTS 39 section 5.1). True for an empty text.
bool is_single_script(std::string_view text) noexcept;

// UTS 39 section 3.1: allowed by the General Security Profile for Identifiers.
bool identifier_allowed(char32_t c) noexcept;

// Controls that change the direction of the text after them: U+202A to U+202E, U+2066 to U+2069.
bool changes_direction(char32_t c) noexcept;

}  // namespace mcpgov::policy::cedar
