// The one header a host includes: all public headers of mcpgov.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Equals the file VERSION (a test compares them), so that this header needs no generated part.
#define MCPGOV_VERSION "0.1.0"

#include "mcpgov/audit.hpp"
#include "mcpgov/catalog.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/governor.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/net.hpp"
#include "mcpgov/policy.hpp"
#include "mcpgov/request.hpp"
#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"
