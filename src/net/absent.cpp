// What there is without an HTTP client: every exchange says so.
// Tested by tests/net/absent_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "net/sink_http.hpp"
#include "net/sink_line.hpp"
#include "net/transfers.hpp"

namespace mcpgov::net {

namespace {

constexpr const char* kMissing = "the library was built without libcurl (CMake option MCPGOV_NET)";

}  // namespace

bool available() noexcept {
  return false;
}

Transfers::Transfers() : multi_(nullptr) {}
Transfers::~Transfers() = default;
void Transfers::stop() noexcept {}

std::vector<Answer> Transfers::run(std::span<const identity::Fetch> fetches, std::uint32_t) {
  Answer absent;
  absent.code = ErrorCode::net_missing;
  absent.detail = kMissing;
  return std::vector<Answer>(fetches.size(), absent);
}

// Sinks of HTTP and syslog cannot be opened, so none of the rest is ever called.
struct HttpClient::Parts {
  std::string url;
};
HttpClient::HttpClient(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;
void HttpClient::stop() noexcept {}

const std::string& HttpClient::url() const noexcept {
  return parts_->url;
}

Result<HttpClient> HttpClient::open(const SinkSettings&, std::string_view) {
  return Error{ErrorCode::net_missing, kMissing, {}, 0, 0};
}

HttpReply HttpClient::post(const std::string&, const HttpFields&, std::string_view) {
  return {0, {}, 0, kMissing};
}

struct SinkLine::Parts {};
SinkLine::SinkLine(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
SinkLine::SinkLine(SinkLine&&) noexcept = default;
SinkLine& SinkLine::operator=(SinkLine&&) noexcept = default;
SinkLine::~SinkLine() = default;
void SinkLine::close() noexcept {}
void SinkLine::stop() noexcept {}

Result<SinkLine> SinkLine::open(const SinkSettings&) {
  return Error{ErrorCode::net_missing, kMissing, {}, 0, 0};
}

std::string SinkLine::connect() {
  return kMissing;
}

std::string SinkLine::write(std::string_view) {
  return kMissing;
}

bool SinkLine::alive() {
  return false;
}

bool SinkLine::arrived() const {
  return false;
}

}  // namespace mcpgov::net
