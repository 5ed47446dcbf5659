// Lists, filtered to what the caller could use.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "governor/answers.hpp"

namespace mcpgov::detail {

// The result of tools/list, prompts/list, resources/list, resources/templates/list or tasks/list.
// Items stay in order and byte for byte; cursors stay, also on a page that becomes empty. Since
// 2026-07-28 the result is marked as private to the caller and not to be cached.
// Throws: std::bad_alloc.
FilteredAnswer filter_list(const VerdictState& question, const wire::Message& message,
                           Workbench& bench);

}  // namespace mcpgov::detail
