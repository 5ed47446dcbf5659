// What every exchange on libcurl here has alike: one scheme, no proxy, TLS that is checked, header
// lines and sockets.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>
#include <memory>
#include <new>
#include <string>

namespace mcpgov::net {

// Throws std::bad_alloc where libcurl has no memory.
template <class Value>
void set_option(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

// PEM text for an option that takes a blob; nothing where it is empty. libcurl takes a copy.
// Throws: std::bad_alloc.
void set_pem(CURL* easy, CURLoption option, const std::string& pem);

// secure: https and nothing else, otherwise http and nothing else. ca_pem: the only authorities;
// empty: those of the system. Throws: std::bad_alloc.
void set_common_options(CURL* easy, const std::string& url, bool secure, const std::string& ca_pem);

// Threads: one thread. Throws: std::bad_alloc.
class HeaderLines {
 public:
  void add(const std::string& name, const std::string& value);
  // Else a POST waits for a `100 Continue` that many servers never send.
  void expect_nothing() { append("Expect:"); }
  curl_slist* list() const noexcept { return lines_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  void append(const std::string& line);
  std::unique_ptr<curl_slist, Free> lines_;
};

// For an address that may be connected to. No program that this process starts has it.
curl_socket_t socket_for(const curl_sockaddr& address) noexcept;

}  // namespace mcpgov::net
