// The exact bytes of refusals.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "governor/config.hpp"
#include "governor/verdict_state.hpp"

namespace mcpgov::detail {

// The denial of these facts, by their reason. refusal: of the wire, when that is the reason.
// A caller learns from it whether it is identified and whether the message is well formed, and
// nothing else: a denied tool and an unknown one give the same bytes.
// The body lives in the arena. Throws: std::bad_alloc.
Denial make_denial(const VerdictFacts& facts, const wire::Refusal& refusal, DenialForm form,
                   Arena& arena);

// `{"jsonrpc":"2.0","id":…,"error":{"code":…,"message":…}}`. id: JSON text; empty gives null.
std::string_view error_response(std::string_view id, int code, std::string_view message,
                                Arena& arena);

}  // namespace mcpgov::detail
