// Ways of writing policies that change nothing, or little: comments and white space between tokens,
// annotations, letters of the world, slots in the place of entities.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/random_cedar.hpp"

namespace mcpgov::policy::cedar {

// Each with the white space and comments behind it, by our own lexer; what it refuses is the last.
std::vector<std::string> tokens_with_space(std::string_view text);

// Letters, marks, emoji, controls of direction: nothing that ends a string of Cedar or of JSON, and
// never ASCII alone.
std::string world_text(Choices& choices);

void replace_all(std::string& text, std::string_view from, std::string_view to);

// The same policies with comments and white space in odd places, and sometimes annotations.
std::string rewritten(std::string_view policies, Choices& choices);

// One policy with a slot for its principal, its resource, or both.
std::string as_template(std::string_view policy, Choices& choices);

}  // namespace mcpgov::policy::cedar
