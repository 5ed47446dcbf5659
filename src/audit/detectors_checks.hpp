// What a pattern cannot say: checksums, entropy, and whether a look at a pattern is worth it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgov::audit {

// Shannon's entropy of the bytes, in bits for each of them.
double entropy_of(std::string_view text) noexcept;

// How many bytes from `at` on are a card number: a run of digits, also in groups with single spaces
// or hyphens, of a length that its issuer uses, with its check digit (ISO/IEC 7812-1 annex B).
// 0: none begins there.
std::size_t card_number_at(std::string_view text, std::size_t at) noexcept;

// An account number of a country that has such, with its check digits (ISO 13616-1), also in groups
// of four with single spaces.
std::size_t iban_at(std::string_view text, std::size_t at) noexcept;

// A telephone number with `+` (ITU-T E.164: at most 15 digits; at least 8 here), with single
// spaces, hyphens, dots and brackets.
std::size_t phone_at(std::string_view text, std::size_t at) noexcept;

// Refusals of what a pattern has found. The text is what would be taken out.
bool is_basic_credentials(std::string_view text) noexcept;  // base64 of `name:secret`
bool is_mixed(std::string_view text) noexcept;              // a digit and a letter
bool is_value(std::string_view text) noexcept;              // not `null`, `string`, `required`…
bool is_no_port(std::string_view text) noexcept;            // not what follows a host's name

// Whether the pattern may match, cheaply, from the keyword at [at, after) on. raw: the text is JSON
// with its escapes, so that a quote ends it and a backslash may be anything.
using Likely = bool (*)(std::string_view text, std::size_t at, std::size_t after,
                        bool raw) noexcept;
bool token_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;  // 10 of its bytes
bool bearer_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;
bool basic_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;
bool value_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;  // `=`, `:`, `=>`
bool key_value_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;  // api_key =
bool address_around(std::string_view, std::size_t, std::size_t, bool) noexcept;     // a@b
bool user_follows(std::string_view, std::size_t, std::size_t, bool) noexcept;       // ://a:b@

}  // namespace mcpgov::audit
