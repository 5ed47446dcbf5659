// A question in Cedar's own writing.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mcpgov/request.hpp"
#include "policy/entities.hpp"
#include "policy/request.hpp"

namespace mcpgov::request {

// What `request` asks, for people who ask why. Build it with Detail::everything to see all of it.
// entities: the store the request is decided with. Throws: std::bad_alloc.
Text render(const policy::Request& request, const policy::Entities& entities);

}  // namespace mcpgov::request
