// Cedar beyond deciding: what authors of policies work with.
//
//   auto tidy = mcpgov::policy::format({"tools.cedar", text});
//   if (!tidy) return fail(tidy.error());                  // code, sentence, file:line:column
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::policy {

// ---- Layout -------------------------------------------------------------------------------------

// width: columns of a line, at most 65,535. indent: spaces of a level, at most 255.
// comments: the reference formatter (4.12) drops the comma behind the last item of a list with the
// comments beside it; `all` keeps those, `as_reference` is equal to it in every byte.
struct FormatOptions {
  enum class Comments : std::uint8_t { all, as_reference };
  std::uint32_t width = 80;
  std::uint32_t indent = 2;
  Comments comments = Comments::all;
};

// The policies of a file in the layout of Cedar's own formatter, comments kept; proven to say the
// same by reading both. Templates too. Takes time in proportion to the text.
// Errors: those of reading policies (see Engine::cedar); config_value, for options out of range;
//         internal, should the layout say something else than the text.
// Throws: std::bad_alloc only.
MCPGOV_API Result<std::string> format(const Source& source, const FormatOptions& options = {});

}  // namespace mcpgov::policy
