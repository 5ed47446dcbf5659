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
// identification: of the credentials, when they are the reason; may be null. challenge: the scopes
// that would help, as a value of WWW-Authenticate; or empty.
// Body and headers live in the arena. Throws: std::bad_alloc.
struct Outward {
  DenialForm form = DenialForm::unauthorized;
  const identity::Identification* identification = nullptr;
  std::string_view challenge = {};
};
Denial make_denial(const VerdictFacts& facts, const wire::Refusal& refusal, const Outward& outward,
                   Arena& arena);

// `{"jsonrpc":"2.0","id":…,"error":{"code":…,"message":…}}`. id: JSON text; empty gives null.
std::string_view error_response(std::string_view id, int code, std::string_view message,
                                Arena& arena);

}  // namespace mcpgov::detail
