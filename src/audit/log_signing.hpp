// What recovery may sign of a log that it did not write.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/log_parts.hpp"
#include "audit/recovery.hpp"

namespace mcpgov::audit {

// What was signed of a log before, by the present key or a former one of `signing.vkey`.
struct SignedBefore {
  std::vector<Checkpoint> known;  // its newest checkpoint, or the note that it was opened; or none
  bool is_foreign = false;        // there is a checkpoint, and no such key has signed it
};

// By the files `checkpoint` and `opened` of a log. Throws: std::bad_alloc.
SignedBefore signed_before(const LogSettings& settings, const std::string& name,
                           const std::string& folder);

// Why the present key must not sign what is not signed of this log; empty: it may. That is: its
// origin is one of this key, it has begun the log, and no more is unsigned than a process leaves
// that dies. What was refused once stays so (file `unsigned`). Throws: std::bad_alloc.
std::string refusal_to_sign(const LogSettings& settings, const LogKeys& keys,
                            const std::string& name, const SignedBefore& before,
                            const Recovery& recovery);

}  // namespace mcpgov::audit
