// The stub of the `agent` mapping.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mcpgov::request {

extern const std::string_view kDefaultStub;

}  // namespace mcpgov::request
