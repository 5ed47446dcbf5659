// HTTP as sinks need it, on libcurl.
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_http.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "identity/fetch_url.hpp"
#include "net/fields.hpp"
#include "net/sink_curl.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

// Answers are short; what does not fit is not read.
constexpr std::size_t kAnswerBytes = 256 * 1024;

std::size_t gather(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto& body = *static_cast<std::string*>(into);
  const std::size_t more = size * count;
  if (more > kAnswerBytes - body.size()) return 0;
  try {
    body.append(bytes, more);
  } catch (...) {
    return 0;
  }
  return more;
}

std::uint32_t retry_after(CURL* easy) noexcept {
  curl_off_t seconds = 0;  // of both forms of the field, RFC 9110 section 10.2.3
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  constexpr curl_off_t kMost = std::numeric_limits<std::uint32_t>::max() / 1000;
  return static_cast<std::uint32_t>(std::clamp<curl_off_t>(seconds, 0, kMost) * 1000);
}

}  // namespace

struct HttpClient::Parts {
  Parts(const SinkSettings& settings, bool secure, std::string whole)
      : curl(settings, secure), url(std::move(whole)) {}
  SinkCurl curl;
  std::string url;
};

Result<HttpClient> HttpClient::open(const SinkSettings& settings, std::string_view path) {
  const std::optional<identity::FetchUrl> url = identity::parse_fetch_url(settings.url);
  if (!url) return sink_error(settings, "`url` is no plain https URL");
  if (!url->https && !settings.plaintext && !identity::names_loopback(url->host)) {
    return sink_error(settings,
                      "without TLS only this machine is sent to, unless `plaintext` is set");
  }
  for (const auto& [name, value] : settings.headers) {
    if (!is_field_name(name) || !is_field_value(value)) {
      return sink_error(settings, "the header field `" + name + "` is malformed");
    }
  }
  if (settings.certificate_pem.empty() != settings.key_pem.empty()) {
    return sink_error(settings, "a client certificate needs its key, and the key its certificate");
  }
  std::string whole = settings.url;
  if (!path.empty() && !whole.ends_with(path)) {
    if (whole.ends_with('/')) whole.pop_back();
    whole += path;
  }
  return HttpClient(std::make_unique<Parts>(settings, url->https, std::move(whole)));
}

HttpClient::HttpClient(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

const std::string& HttpClient::url() const noexcept {
  return parts_->url;
}

void HttpClient::stop() noexcept {
  parts_->curl.stop();
}

HttpReply HttpClient::post(const std::string& url, const HttpFields& fields,
                           std::string_view body) {
  SinkCurl& curl = parts_->curl;
  CURL* const easy = curl.easy();
  HttpReply reply;
  HeaderLines lines;
  curl.prepare(url);
  lines.expect_nothing();
  for (const auto* const group : {&fields, &curl.settings().headers}) {
    for (const auto& [name, value] : *group) lines.add(name, value);
  }
  set_option(easy, CURLOPT_POST, 1L);
  set_option(easy, CURLOPT_POSTFIELDS, body.data());
  set_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set_option(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set_option(easy, CURLOPT_HTTPHEADER, lines.list());
  set_option(easy, CURLOPT_WRITEFUNCTION, &gather);
  set_option(easy, CURLOPT_WRITEDATA, static_cast<void*>(&reply.body));
  reply.why = curl.perform(false);
  if (!reply.why.empty()) return reply;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  reply.retry_after_ms = retry_after(easy);
  return reply;
}

}  // namespace mcpgov::net
