// A server on 127.0.0.1 for tests of HTTP clients: says what the test tells it, right or wrong.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.hpp"

struct ssl_ctx_st;

namespace mcpgov::test {

// Threads: the reply is asked for by a thread of each connection.
class WebServer {
 public:
  // All bytes that go back to a request, which is head and body. After an answer that ends with
  // kStall the connection stays open until the client leaves; otherwise it is closed.
  using Reply = std::function<std::string(const std::string& request)>;
  static constexpr const char* kStall = "<stall>";

  // certificate: null: plain HTTP. old_tls: nothing newer than TLS 1.1.
  WebServer(const TestCertificate* certificate, Reply reply, bool old_tls = false);
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  ~WebServer();

  int port() const { return port_; }
  // host: as the client is to see it.
  std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const;
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int descriptor);

  std::shared_ptr<ssl_ctx_st> tls_;
  Reply reply_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex lock_;
  std::vector<int> open_;
  std::list<std::thread> serving_;
  std::thread accepting_;
};

// `HTTP/1.1 200 OK` with its length. headers: whole lines.
std::string http_reply(const std::string& body, const std::string& headers = "", int status = 200);

}  // namespace mcpgov::test
