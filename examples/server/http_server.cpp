// The same server over Streamable HTTP, on cpp-httplib: who calls is what the tokens say.
//
//   example-http-server CONFIGURATION PORT
//
// Without sessions and streams: each POST is answered with JSON. Tested by examples/demo
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <httplib.h>
#include <iostream>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <mcpgov/mcpgov.hpp>
#include <mcpgov/net.hpp>

#include "tools.hpp"

namespace {

constexpr std::size_t kBody = 4 * 1024 * 1024;  // what `limits.message_bytes` is by default
constexpr std::uint32_t kWithin = 5000;         // ms that a request waits for keys
constexpr const char* kHere = "127.0.0.1";      // a real one is behind a proxy that does TLS
constexpr const char* kJson = "application/json";

int fail(const mcpgov::Error& error) {
  std::cerr << "example-http-server: " << error.text() << '\n';
  return 1;
}

void deny(const mcpgov::Denial& denial, httplib::Response& response) {
  response.status = denial.http_status;
  for (const mcpgov::Header& field : denial.headers) {
    response.set_header(std::string(field.name), std::string(field.value));
  }
  response.body = denial.body;
}

class Endpoint {
 public:
  explicit Endpoint(const mcpgov::Governor& governor) : governor_(governor) {}

  // One request, on a thread of the HTTP server.
  void serve(const httplib::Request& request, httplib::Response& response) {
    std::vector<mcpgov::Header> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    mcpgov::Session session =
        governor_.session({.server = "database", .transport = mcpgov::Transport::streamable_http});
    if (!session.set_tools(kTools)) return refuse(response, 500);
    mcpgov::Verdicts verdicts = session.receive({.http = {request.method, request.target, headers},
                                                 .peer = request.remote_addr,
                                                 .body = request.body});
    if (verdicts.batch()) return refuse(response, 400);
    mcpgov::Verdict verdict = mcpgov::net::complete(session, std::move(*verdicts.begin()), kWithin);
    if (!verdict.allowed()) return deny(verdict.denial(), response);
    if (request.method != "POST") return refuse(response, 405);
    run(session, verdict, response);
  }

 private:
  static void refuse(httplib::Response& response, int status) { response.status = status; }

  void run(mcpgov::Session& session, mcpgov::Verdict& verdict, httplib::Response& response) {
    if (verdict.message().kind != mcpgov::wire::Kind::request) {
      session.reply(verdict).end();
      return refuse(response, 202);
    }
    std::string bytes;
    {
      const std::lock_guard<std::mutex> alone(lock_);
      bytes = answer(database_, verdict.message());
    }
    mcpgov::Reply reply = session.reply(verdict);  // filters lists, closes the record
    std::string out(reply.feed(bytes));
    out += reply.end();
    response.status = reply.http_status();
    response.set_content(out, kJson);
  }

  const mcpgov::Governor& governor_;
  std::mutex lock_;
  Database database_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: example-http-server CONFIGURATION PORT\n";
    return 2;
  }
  auto governor = mcpgov::Governor::open(argv[1]);
  if (!governor) return fail(governor.error());
  const mcpgov::net::Errands errands = mcpgov::net::errands_of(*governor);
  mcpgov::net::run_errands(errands, kWithin);  // so that the first request need not wait
  auto upkeep = mcpgov::net::Upkeep::start(errands);
  if (!upkeep) return fail(upkeep.error());

  Endpoint endpoint(*governor);
  httplib::Server server;
  server.set_payload_max_length(kBody);
  const auto serve = [&](const httplib::Request& request, httplib::Response& response) {
    endpoint.serve(request, response);
  };
  server.Post("/mcp", serve).Get("/mcp", serve).Delete("/mcp", serve);
  const mcpgov::identity::Verifier verifier = governor->verifier();
  server.Get(std::string(verifier.resource_metadata_path()),
             [&](const httplib::Request&, httplib::Response& response) {
               response.set_content(std::string(verifier.resource_metadata()), kJson);
             });
  return server.listen(kHere, std::atoi(argv[2])) ? 0 : 1;
}
