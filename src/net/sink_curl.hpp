// What HTTP and plain connections of sinks have in common on libcurl.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <curl/curl.h>
#include <memory>
#include <string>

#include "mcpgov/net.hpp"
#include "net/curl_options.hpp"

namespace mcpgov::net {

// One handle of libcurl with the trust and the addresses of a sink. Does not move: libcurl holds
// its address. Threads: one thread at a time, but for stop(). Throws: std::bad_alloc.
class SinkCurl {
 public:
  // settings: copied. secure: TLS; otherwise only this machine, unless the settings say plaintext.
  SinkCurl(const SinkSettings& settings, bool secure);
  SinkCurl(const SinkCurl&) = delete;
  SinkCurl& operator=(const SinkCurl&) = delete;
  ~SinkCurl();

  CURL* easy() const noexcept { return easy_; }
  CURLM* multi() const noexcept { return multi_; }
  const SinkSettings& settings() const noexcept { return settings_; }

  // Options of one URL, all others as they are at the start.
  void prepare(const std::string& url);
  // Runs the transfer to its end. Empty: it ended well; otherwise why not. keep: the connection is
  // still to be used through the handle.
  std::string perform(bool keep);
  void release() noexcept;  // what was kept

  void stop() noexcept;
  bool stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }

 private:
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  std::string cause(CURLcode code) const;

  const SinkSettings settings_;
  const bool secure_;
  CURLM* multi_;
  CURL* easy_;
  bool added_ = false;
  bool address_refused_ = false;
  std::atomic<bool> stopped_ = false;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
};

}  // namespace mcpgov::net
