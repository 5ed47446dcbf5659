// What a record shows of the target of a message.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::detail {

// At most 1,024 bytes. Of a URI without the user and password in front of its host (RFC 3986
// section 3.2.1), and without the values of parameters whose names tell of secrets: `***` stands in
// their place. The result is the target itself, or in the arena. Throws: std::bad_alloc.
std::string_view shown_target(wire::TargetKind kind, std::string_view target, Arena& arena);

}  // namespace mcpgov::detail
