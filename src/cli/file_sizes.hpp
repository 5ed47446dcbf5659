// How large the files may be that commands read: as the library allows what stands in them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "mcpgov/catalog.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/parser.hpp"

namespace mcpgov::cli {

// Policies, schemas, and the documents of a configuration.
inline constexpr std::size_t kDocumentBytes = policy::cedar::kMaxPolicyBytes;
inline constexpr std::size_t kEntitiesBytes = policy::cedar::kMaxEntitiesBytes;
inline constexpr std::size_t kToolsBytes = catalog::Limits{}.bytes;

}  // namespace mcpgov::cli
