// What recovery may sign of a log that it did not write.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_parts.hpp"
#include "audit/recovery.hpp"

namespace mcpgov::audit {

// What was signed of a log before, by the present key or a former one of `signing.vkey`.
struct SignedBefore {
  // The newest checkpoint first, or else the note that it was opened; or none.
  std::vector<Checkpoint> known;
  bool is_foreign = false;  // there is a checkpoint, and no such key has signed it
};

// By the files `checkpoint` (of both folders) and `opened` of a log. Throws: std::bad_alloc.
SignedBefore signed_before(const LogKeys& keys, const std::string& name, const LogFolders& folders);

// Why the present key must not sign what is not signed of this log; empty: it may. That is: its
// origin is one of this key, it has begun the log, and no more is unsigned than a process leaves
// that dies. What was refused once stays so (file `unsigned`). Throws: std::bad_alloc.
std::string refusal_to_sign(const LogSettings& settings, const LogKeys& keys,
                            const std::string& name, const LogFolders& folders,
                            const SignedBefore& before, const Recovery& recovery);

}  // namespace mcpgov::audit
