// HTTP as sinks need it: POST over connections that stay open, with the trust of their settings.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/net.hpp"
#include "net/sink_batch.hpp"

namespace mcpgov::net {

// status: 0: there is no answer, and why says the cause. retry_after_ms: of Retry-After; 0: none.
struct HttpReply {
  int status = 0;
  std::string body = {};
  std::uint32_t retry_after_ms = 0;
  std::string why = {};
};

// Fields of a request, in order.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

// Threads: one thread at a time, but for stop(). Throws: std::bad_alloc.
class HttpClient {
 public:
  // Errors: audit_sink (URL, fields, certificates), net_missing.
  // url: that a path is added to. A path that the URL ends with already is not added twice.
  static Result<HttpClient> open(const SinkSettings& settings, std::string_view path);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  const std::string& url() const noexcept;

  // Waits, at most for the time limit of the settings. body: borrowed for the call.
  HttpReply post(const std::string& url, const HttpFields& fields, std::string_view body);
  void stop() noexcept;

  struct Parts;

 private:
  explicit HttpClient(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

// What a status means that the protocol says nothing special about: 2xx taken; 408, 429, 500, 502,
// 503, 504 and no answer at all: again; those that are about the records (400, 411, 413, 415, 422,
// 431): refused; all others are about us (401, 403, 404, a redirect, …): closed.
Delivery judge(const HttpReply& reply);

}  // namespace mcpgov::net
