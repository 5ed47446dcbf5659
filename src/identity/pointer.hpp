// JSON pointers (RFC 6901) into claims.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/strict_json.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Whether text is a pointer that can lead to a claim: it starts with `/`, each `~` is followed by 0
// or 1 (RFC 6901 section 3), it has no control characters, at most 16 steps (the depth of a token)
// and 1,024 bytes (the length of a name). The empty pointer leads to all claims and is refused.
// Errors: identity_setting.
Result<void> check_pointer(std::string_view pointer);

// What a checked pointer leads to; nothing where there is nothing, and for a pointer that is empty
// or was not checked. Steps into arrays are indices in decimal digits without leading zeros
// (section 4); `-` leads nowhere. Never allocates.
std::optional<JsonElement> find(const JsonObject& root, std::string_view pointer) noexcept;

// The pointer to a member at the top, whatever is in its name: `a/b` becomes `/a~1b`.
std::string pointer_to(std::string_view member);

}  // namespace mcpgov::identity
