// Requests against a schema.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mcpgov/result.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar {

// Whether the schema admits the request: types of principal and resource are declared, ids of
// enumerated types are listed, the action is declared and applies to both types, and the context
// is of the action's type. What is not known yet (kNoEntity, a value of kind unknown) may be
// anything.
// schema: read into the frozen table of the request's symbols.
// Errors: request_type_undeclared, request_action_undeclared, request_not_applicable,
//         request_enum_id, request_context. Messages hold names of the schema only.
// Throws: std::bad_alloc only, for the message. Spec: Cedar 4.5, "Request validation".
Result<void> validate_request(const Schema& schema, const Request& request);

}  // namespace mcpgov::policy::cedar
