// Reading the section `identity` of the configuration.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "identity/settings.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// json: one object (docs/configuration.md, `identity`); `anonymous`, `stdio` and `handle_key` are
// passed over, for they are not a verifier's. read: hands over documents and secrets; null: there
// are none. place: set to the path of what is wrong, such as `issuers[0].keys`; may be null.
// Unknown and duplicate keys are errors. What is read is not yet checked for sense: keys, bundles
// and pointers are read by those who use them.
// Errors: json_syntax, identity_setting, file_unreadable.
Result<Settings> read_settings(std::string_view json, ReadDocument read, void* context,
                               std::string* place = nullptr);

}  // namespace mcpgov::identity
