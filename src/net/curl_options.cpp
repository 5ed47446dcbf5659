// What every exchange on libcurl here has alike.
// Tested by tests/net/run_test.cpp and tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/curl_options.hpp"

#include <sys/socket.h>

static_assert(LIBCURL_VERSION_NUM >= 0x074d00, "CURLOPT_CAINFO_BLOB came with libcurl 7.77");

namespace mcpgov::net {

void set_pem(CURL* easy, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  std::string text = pem;
  curl_blob blob = {text.data(), text.size(), CURL_BLOB_COPY};
  set_option(easy, option, &blob);
}

void set_common_options(CURL* easy, const std::string& url, bool secure,
                        const std::string& ca_pem) {
  set_option(easy, CURLOPT_URL, url.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  set_option(easy, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
#else
  set_option(easy, CURLOPT_PROTOCOLS, long{secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP});
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  // Does not wait for a name service that does not answer.
  set_option(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  set_option(easy, CURLOPT_PROXY, "");     // also none of the environment
  set_option(easy, CURLOPT_NOSIGNAL, 1L);  // there are other threads
  set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(easy, CURLOPT_USERAGENT, "mcpgov");
  set_option(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set_option(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (ca_pem.empty()) return;
  // The system's authorities are in a file and in a folder: both have to go.
  set_option(easy, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set_option(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set_pem(easy, CURLOPT_CAINFO_BLOB, ca_pem);
}

void HeaderLines::add(const std::string& name, const std::string& value) {
  // libcurl's two forms: an empty value after a colon would leave the field out.
  append(value.empty() ? name + ';' : name + ": " + value);
}

void HeaderLines::append(const std::string& line) {
  curl_slist* const longer = curl_slist_append(lines_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(lines_.release());
  lines_.reset(longer);
}

curl_socket_t socket_for(const curl_sockaddr& address) noexcept {
#if defined(SOCK_CLOEXEC)
  const int kind = address.socktype | SOCK_CLOEXEC;
#else
  const int kind = address.socktype;
#endif
  return socket(address.family, kind, address.protocol);
}

}  // namespace mcpgov::net
