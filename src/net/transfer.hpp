// One HTTP exchange on libcurl: its settings, and what its callbacks gather and refuse.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <curl/curl.h>
#include <memory>
#include <string_view>

#include "mcpgov/net.hpp"
#include "net/curl_options.hpp"

namespace mcpgov::net {

// Does not move: libcurl holds its address. Threads: one thread.
class Transfer {
 public:
  // fetch: borrowed while the transfer lives. What cannot be fetched has an answer already.
  // Throws: std::bad_alloc.
  Transfer(const identity::Fetch& fetch, std::uint32_t within_ms);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // For curl_multi; null: there is nothing to do.
  CURL* handle() const noexcept { return easy_.get(); }

  // Throws: std::bad_alloc.
  void finish(CURLcode code);

  Answer& answer() noexcept { return answer_; }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };

  bool acceptable();
  void set_connection(std::uint32_t within_ms);
  void set_request();
  void on_header(std::string_view line) noexcept;

  static std::size_t write_body(char* bytes, std::size_t size, std::size_t count, void* transfer);
  static std::size_t read_header(char* bytes, std::size_t size, std::size_t count, void* transfer);
  static curl_socket_t open_socket(void* transfer, curlsocktype purpose, curl_sockaddr* address);

  const identity::Fetch& fetch_;
  HeaderLines headers_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  Answer answer_;
  std::size_t header_bytes_ = 0;
  bool this_machine_only_ = false;
  bool address_refused_ = false;
  bool too_large_ = false;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
};

}  // namespace mcpgov::net
