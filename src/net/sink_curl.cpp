// What HTTP and plain connections of sinks have in common on libcurl.
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_curl.hpp"

#include <algorithm>
#include <new>

#include "base/os_time.hpp"
#include "net/address.hpp"
#include "net/transfers.hpp"

namespace mcpgov::net {

namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

}  // namespace

SinkCurl::SinkCurl(const SinkSettings& settings, bool secure)
    : settings_(settings),
      secure_(secure),
      multi_(curl_ready() ? curl_multi_init() : nullptr),
      easy_(multi_ != nullptr ? curl_easy_init() : nullptr) {
  if (easy_ != nullptr) return;
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
  throw std::bad_alloc();
}

SinkCurl::~SinkCurl() {
  release();
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

void SinkCurl::prepare(const std::string& url) {
  release();
  curl_easy_reset(easy_);  // keeps connections
  address_refused_ = false;
  error_[0] = '\0';
  set_common_options(easy_, url, secure_, settings_.ca_pem);
  set_option(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout_ms));
  set_option(easy_, CURLOPT_OPENSOCKETFUNCTION, &SinkCurl::open_socket);
  set_option(easy_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set_option(easy_, CURLOPT_ERRORBUFFER, error_.data());
  set_pem(easy_, CURLOPT_SSLCERT_BLOB, settings_.certificate_pem);
  set_pem(easy_, CURLOPT_SSLKEY_BLOB, settings_.key_pem);
}

curl_socket_t SinkCurl::open_socket(void* context, curlsocktype purpose, curl_sockaddr* address) {
  SinkCurl& self = *static_cast<SinkCurl*>(context);
  const SinkSettings& settings = self.settings_;
  const Reachable how = reachable(address->addr);
  const bool local = how == Reachable::this_machine;
  const bool near = local || how == Reachable::from_here;
  const bool allowed = how != Reachable::never && (!near || settings.private_addresses) &&
                       (local || self.secure_ || settings.plaintext);
  if (purpose != CURLSOCKTYPE_IPCXN || !allowed) {
    self.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket_for(*address);
}

std::string SinkCurl::perform(bool keep) {
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) throw std::bad_alloc();
  added_ = true;
  const std::uint64_t end = steady_clock_ns() + settings_.timeout_ms * kMillisecond;
  std::string why = "it was broken off";
  int running = 1;
  while (!stopped()) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    int left = 0;
    if (const CURLMsg* const done = curl_multi_info_read(multi_, &left)) {
      why = cause(done->data.result);
      break;
    }
    const std::uint64_t now = steady_clock_ns();
    if (running == 0 || now >= end) break;
    const std::uint64_t wait = std::min<std::uint64_t>((end - now) / kMillisecond, 1000);
    if (curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait) + 1, nullptr) != CURLM_OK) break;
  }
  if (!keep || !why.empty()) release();
  return why;
}

void SinkCurl::release() noexcept {
  if (added_) curl_multi_remove_handle(multi_, easy_);
  added_ = false;
}

std::string SinkCurl::cause(CURLcode code) const {
  if (code == CURLE_OK) return {};
  if (address_refused_ && code == CURLE_COULDNT_CONNECT) {
    return "an address of the host may not be connected to";
  }
  return error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
}

void SinkCurl::stop() noexcept {
  stopped_.store(true, std::memory_order_relaxed);
  curl_multi_wakeup(multi_);
}

}  // namespace mcpgov::net
