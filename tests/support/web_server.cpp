// A server on 127.0.0.1 for tests of HTTP clients.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/web_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <openssl/ssl.h>

namespace mcpgov::test {

namespace {

// Bytes of a connection, with TLS or without.
class Connection {
 public:
  Connection(int descriptor, SSL_CTX* tls) : descriptor_(descriptor) {
    if (tls == nullptr) return;
    tls_.reset(SSL_new(tls), SSL_free);
    SSL_set_fd(tls_.get(), descriptor);
    usable_ = SSL_accept(tls_.get()) == 1;
  }
  bool usable() const { return usable_; }

  // Adds what came; false: nothing comes any more.
  bool read(std::string& into) {
    char bytes[4096];
    const long got = tls_ ? SSL_read(tls_.get(), bytes, sizeof bytes)
                          : recv(descriptor_, bytes, sizeof bytes, 0);
    if (got > 0) into.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto part = static_cast<int>(std::min<std::size_t>(bytes.size(), 65'536));
      const long sent =
          tls_ ? SSL_write(tls_.get(), bytes.data(), part)
               : send(descriptor_, bytes.data(), static_cast<std::size_t>(part), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void end() {
    if (tls_) SSL_shutdown(tls_.get());
  }

 private:
  int descriptor_;
  std::shared_ptr<SSL> tls_;
  bool usable_ = true;
};

std::size_t body_length(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

// Head and body; empty: the client left before.
std::string read_request(Connection& connection) {
  std::string request;
  while (true) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head != std::string::npos && request.size() >= head + 4 + body_length(request)) {
      return request;
    }
    if (!connection.read(request)) return {};
  }
}

void require(bool worked) {
  if (!worked) std::abort();
}

}  // namespace

WebServer::WebServer(const TestCertificate* certificate, Reply reply, bool old_tls)
    : reply_(std::move(reply)) {
  // A client that leaves must not end the test.
  std::signal(SIGPIPE, SIG_IGN);
  if (certificate != nullptr) {
    tls_.reset(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    // Weak keys and old protocols are for the client to refuse.
    SSL_CTX_set_security_level(tls_.get(), 0);
    if (old_tls) {
      SSL_CTX_set_min_proto_version(tls_.get(), TLS1_VERSION);
      SSL_CTX_set_max_proto_version(tls_.get(), TLS1_1_VERSION);
    }
    require(SSL_CTX_use_certificate(tls_.get(), certificate->native()) == 1);
    require(SSL_CTX_use_PrivateKey(tls_.get(), certificate->native_key()) == 1);
  }
  listening_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  require(bind(listening_, any, size) == 0 && listen(listening_, 64) == 0);
  require(getsockname(listening_, any, &size) == 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

WebServer::~WebServer() {
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard hold(lock_);
    for (const int each : open_) shutdown(each, SHUT_RDWR);
  }
  for (std::thread& each : serving_) each.join();
  for (const int each : open_) close(each);
  close(listening_);
}

std::string WebServer::url(const std::string& path, const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
}

void WebServer::accept_all() {
  while (true) {
    const int descriptor = accept(listening_, nullptr, nullptr);
    if (descriptor < 0) return;
    ++connections_;
    const std::lock_guard hold(lock_);
    open_.push_back(descriptor);
    serving_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void WebServer::serve(int descriptor) {
  Connection connection(descriptor, tls_.get());
  const std::string request = connection.usable() ? read_request(connection) : std::string();
  if (!request.empty()) {
    std::string reply = reply_(request);
    const bool stall = reply.ends_with(kStall);
    if (stall) reply.resize(reply.size() - std::string_view(kStall).size());
    connection.write(reply);
    std::string rest;
    while (stall && connection.read(rest)) rest.clear();
    connection.end();
  }
  shutdown(descriptor, SHUT_RDWR);
}

std::string http_reply(const std::string& body, const std::string& headers, int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         " said\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "Connection: close\r\n\r\n" + body;
}

}  // namespace mcpgov::test
