// A connection that bytes are written to, by libcurl: the same TLS and the same rules of addresses
// as for HTTP.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_line.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sys/ioctl.h>
#include <utility>
#if defined(__linux__)
#include <linux/sockios.h>
#endif

#include "base/os_time.hpp"
#include "identity/fetch_url.hpp"
#include "net/sink_curl.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

}  // namespace

struct SinkLine::Parts {
  Parts(const SinkSettings& settings, bool secure, std::string whole)
      : curl(settings, secure), url(std::move(whole)) {}

  curl_socket_t socket() const noexcept {
    curl_socket_t found = CURL_SOCKET_BAD;
    curl_easy_getinfo(curl.easy(), CURLINFO_ACTIVESOCKET, &found);
    return found;
  }

  SinkCurl curl;
  const std::string url;
  bool open = false;
};

Result<SinkLine> SinkLine::open(const SinkSettings& settings) {
  constexpr std::string_view kTls = "tls://";
  constexpr std::string_view kTcp = "tcp://";
  const bool secure = settings.url.starts_with(kTls);
  if (!secure && !settings.url.starts_with(kTcp)) {
    return sink_error(settings, "`url` is neither tls://host:port nor tcp://host:port");
  }
  const std::string place = settings.url.substr(kTls.size());
  const std::string url = (secure ? "https://" : "http://") + place;
  const std::optional<identity::FetchUrl> parts = identity::parse_fetch_url(url);
  // A port has to be there: HTTP's would be taken otherwise.
  const bool port = parts && place.size() > parts->host.size();
  if (!parts || !parts->target.empty() || !port) {
    return sink_error(settings, "`url` is neither tls://host:port nor tcp://host:port");
  }
  if (!secure && !settings.plaintext && !identity::names_loopback(parts->host)) {
    return sink_error(settings,
                      "without TLS only this machine is sent to, unless `plaintext` is set");
  }
  if (settings.certificate_pem.empty() != settings.key_pem.empty()) {
    return sink_error(settings, "a client certificate needs its key, and the key its certificate");
  }
  return SinkLine(std::make_unique<Parts>(settings, secure, url));
}

SinkLine::SinkLine(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
SinkLine::SinkLine(SinkLine&&) noexcept = default;
SinkLine& SinkLine::operator=(SinkLine&&) noexcept = default;
SinkLine::~SinkLine() = default;

std::string SinkLine::connect() {
  if (parts_->open) return {};
  SinkCurl& curl = parts_->curl;
  curl.prepare(parts_->url);
  set_option(curl.easy(), CURLOPT_CONNECT_ONLY, 1L);
  set_option(curl.easy(), CURLOPT_SSL_ENABLE_ALPN, 0L);  // it is no HTTP
  set_option(curl.easy(), CURLOPT_FRESH_CONNECT, 1L);
  std::string why = curl.perform(true);
  parts_->open = why.empty();
  return why;
}

std::string SinkLine::write(std::string_view bytes) {
  SinkCurl& curl = parts_->curl;
  const std::uint64_t end = steady_clock_ns() + curl.settings().timeout_ms * kMillisecond;
  std::string why;
  while (!bytes.empty() && why.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(curl.easy(), bytes.data(), bytes.size(), &sent);
    if (code == CURLE_OK) {
      bytes.remove_prefix(sent);
      continue;
    }
    const std::uint64_t now = steady_clock_ns();
    if (code != CURLE_AGAIN) {
      why = curl_easy_strerror(code);
    } else if (curl.stopped()) {
      why = "it was broken off";
    } else if (now >= end) {
      why = "it takes nothing more";
    } else {
      curl_waitfd wait = {parts_->socket(), CURL_WAIT_POLLOUT, 0};
      const std::uint64_t left = std::min<std::uint64_t>((end - now) / kMillisecond, 1000);
      curl_multi_poll(curl.multi(), &wait, 1, static_cast<int>(left) + 1, nullptr);
    }
  }
  if (!why.empty()) close();
  return why;
}

bool SinkLine::alive() {
  if (!parts_->open) return false;
  std::array<char, 512> dropped = {};
  CURLcode code = CURLE_OK;
  std::size_t got = 0;
  // Who sends without end is not a syslog server, and is left alone after 64 KiB.
  for (int i = 0; i < 128; ++i) {
    code = curl_easy_recv(parts_->curl.easy(), dropped.data(), dropped.size(), &got);
    if (code == CURLE_AGAIN) return true;
    if (code != CURLE_OK || got == 0) break;
  }
  close();
  return false;
}

bool SinkLine::arrived() const {
#if defined(SIOCOUTQ)
  int waiting = 0;
  const curl_socket_t socket = parts_->socket();
  if (socket != CURL_SOCKET_BAD && ioctl(socket, SIOCOUTQ, &waiting) == 0) return waiting == 0;
#endif
  return true;
}

void SinkLine::close() noexcept {
  parts_->open = false;
  parts_->curl.release();
}

void SinkLine::stop() noexcept {
  parts_->curl.stop();
}

}  // namespace mcpgov::net
