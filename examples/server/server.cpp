// A small MCP server over stdio that governs itself: every message is decided before it is read.
//
//   example-server CONFIGURATION [CALLER-JSON]
//
// The caller of a real server comes from whoever authenticated the connection; here it is an
// argument. Tested by examples/demo
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include <mcpgov/mcpgov.hpp>

#include "tools.hpp"

namespace {

void send(std::string_view bytes) {
  if (bytes.empty()) return;
  std::cout << bytes << '\n' << std::flush;
}

int fail(const mcpgov::Error& error) {
  std::cerr << "example-server: " << error.text() << '\n';
  return 1;
}

void serve(mcpgov::Session& session, Database& database) {
  for (std::string line; std::getline(std::cin, line);) {
    for (mcpgov::Verdict& verdict : session.receive({.body = line})) {
      if (!verdict.allowed()) {
        send(verdict.denial().body);
        continue;
      }
      if (verdict.message().kind != mcpgov::wire::Kind::request) continue;
      const std::string bytes = answer(database, verdict.message());
      mcpgov::Reply reply = session.reply(verdict);  // filters lists, closes the record
      std::string out(reply.feed(bytes));
      out += reply.end();
      send(out);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: example-server CONFIGURATION [CALLER-JSON]\n";
    return 2;
  }
  auto governor = mcpgov::Governor::open(argv[1]);
  if (!governor) return fail(governor.error());
  mcpgov::SessionOptions options{.server = "database"};
  if (argc == 3) {
    auto caller = mcpgov::Caller::from_json(argv[2]);
    if (!caller) return fail(caller.error());
    options.caller = *std::move(caller);
  }
  mcpgov::Session session = governor->session(options);
  if (auto known = session.set_tools(kTools); !known) return fail(known.error());
  Database database;
  serve(session, database);
  return 0;
}
