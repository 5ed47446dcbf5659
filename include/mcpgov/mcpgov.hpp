// The one header a host includes: all public headers of mcpgov.
//
//   auto governor = mcpgov::Governor::open("mcpgov.yaml");
//   if (!governor) return fail(governor.error());
//   auto session = governor->session({.server = "payments"});
//   for (mcpgov::Verdict& verdict : session.receive({.body = bytes})) {
//     if (!verdict.allowed()) { send(verdict.denial()); continue; }
//     mcpgov::Reply reply = session.reply(verdict);
//     send(reply.feed(run_tool(verdict.message())));
//     send(reply.end());
//   }
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
