// How many columns of a terminal a text takes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgov::policy::cedar {

// text: UTF-8. Bytes of a text that is all ASCII (also where it holds control characters, as the
// reference formatter counts), otherwise columns; what is shown as one (emoji with joiners, flags,
// ligatures) takes the columns of one. Linear in the text.
std::size_t text_width(std::string_view text) noexcept;

}  // namespace mcpgov::policy::cedar
