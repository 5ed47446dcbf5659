// The tools of the example servers, and the messages of MCP that lead to them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <mcpgov/mcpgov.hpp>

#include "database.hpp"

// An array of tools, JSON.
extern const char* const kTools;

// The answer to a request that was allowed, JSON.
std::string answer(Database& database, const mcpgov::MessageView& message);
