// One HTTP exchange on libcurl.
// Tested by tests/net/run_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/transfer.hpp"

#include <algorithm>
#include <charconv>
#include <new>
#include <optional>
#include <string>

#include "identity/fetch_url.hpp"
#include "net/address.hpp"
#include "net/fields.hpp"

namespace mcpgov::net {

namespace {

// More than any server sends with keys; each one costs memory before its body is seen.
constexpr std::size_t kHeaderBytes = 64 * 1024;

// base64 of 32 bytes. libcurl would take other texts for the name of a file.
bool is_pin(std::string_view pin) noexcept {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '/';
  };
  return pin.size() == 44 && pin.back() == '=' && std::all_of(pin.begin(), pin.end() - 1, fits);
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Rest of a text after a word in lower case; nothing: it does not begin with that.
std::optional<std::string_view> after(std::string_view text, std::string_view word) noexcept {
  if (text.size() < word.size() || !std::equal(word.begin(), word.end(), text.begin(),
                                               [](char a, char b) { return a == lower(b); })) {
    return std::nullopt;
  }
  return text.substr(word.size());
}

// `max-age` of Cache-Control (RFC 9111 section 5.2.2.1). 0: none.
std::uint32_t max_age(std::string_view value) noexcept {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    std::string_view part = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    const std::optional<std::string_view> digits = after(part, "max-age=");
    std::uint32_t seconds = 0;
    if (digits && std::from_chars(digits->data(), digits->data() + digits->size(), seconds).ec ==
                      std::errc()) {
      return seconds;
    }
  }
  return 0;
}

}  // namespace

Transfer::Transfer(const identity::Fetch& fetch, std::uint32_t within_ms) : fetch_(fetch) {
  if (!acceptable()) {
    answer_.code = ErrorCode::fetch_url;
    return;
  }
  easy_.reset(curl_easy_init());
  if (!easy_) throw std::bad_alloc();
  set_connection(within_ms);
  set_request();
}

bool Transfer::acceptable() {
  const std::optional<identity::FetchUrl> url = identity::parse_fetch_url(fetch_.url);
  if (!url) {
    answer_.detail = "it is no plain https URL";
  } else if (!identity::may_fetch(fetch_.url, fetch_.private_addresses)) {
    answer_.detail = "without TLS only this machine may be asked, where the settings allow it";
  } else if (fetch_.method != "GET" && fetch_.method != "POST") {
    answer_.detail = "the method is neither GET nor POST";
  } else if (!fetch_.pin_sha256.empty() && !is_pin(fetch_.pin_sha256)) {
    answer_.detail = "the pin is no SHA-256 in base64";
  } else if (!std::all_of(fetch_.headers.begin(), fetch_.headers.end(), [](const auto& header) {
               return is_field_name(header.first) && is_field_value(header.second);
             })) {
    answer_.detail = "a header field is malformed";
  } else {
    this_machine_only_ = !url->https;
    return true;
  }
  return false;
}

void Transfer::set_connection(std::uint32_t within_ms) {
  CURL* const easy = easy_.get();
  set_common_options(easy, fetch_.url, !this_machine_only_, fetch_.ca_pem);
  if (!fetch_.pin_sha256.empty()) {
    set_option(easy, CURLOPT_PINNEDPUBLICKEY, ("sha256//" + fetch_.pin_sha256).c_str());
  }
  set_option(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::min(fetch_.timeout_ms, within_ms)));
  // Connections and TLS sessions were checked for the fetch that made them, and for no other.
  set_option(easy, CURLOPT_FRESH_CONNECT, 1L);
  set_option(easy, CURLOPT_FORBID_REUSE, 1L);
  set_option(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  // Ends at the announced length already; what comes is counted as well.
  set_option(easy, CURLOPT_MAXFILESIZE_LARGE,
             static_cast<curl_off_t>(std::max<std::size_t>(fetch_.max_bytes, 1)));
  set_option(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set_option(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set_option(easy, CURLOPT_WRITEFUNCTION, &Transfer::write_body);
  set_option(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  set_option(easy, CURLOPT_HEADERFUNCTION, &Transfer::read_header);
  set_option(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set_option(easy, CURLOPT_ERRORBUFFER, error_.data());
  set_option(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
}

void Transfer::set_request() {
  CURL* const easy = easy_.get();
  if (fetch_.method == "POST") {
    set_option(easy, CURLOPT_POST, 1L);
    set_option(easy, CURLOPT_POSTFIELDS, fetch_.body.c_str());  // borrowed from the fetch
    set_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(fetch_.body.size()));
    headers_.expect_nothing();
  }
  for (const auto& [name, value] : fetch_.headers) headers_.add(name, value);
  set_option(easy, CURLOPT_HTTPHEADER, headers_.list());
}

std::size_t Transfer::write_body(char* bytes, std::size_t size, std::size_t count, void* transfer) {
  Transfer& self = *static_cast<Transfer*>(transfer);
  const std::size_t more = size * count;
  if (more > self.fetch_.max_bytes - self.answer_.body.size()) {
    self.too_large_ = true;
    return 0;
  }
  try {
    self.answer_.body.append(bytes, more);
  } catch (...) {
    return 0;
  }
  return more;
}

std::size_t Transfer::read_header(char* bytes, std::size_t size, std::size_t count,
                                  void* transfer) {
  Transfer& self = *static_cast<Transfer*>(transfer);
  const std::size_t more = size * count;
  self.header_bytes_ += more;
  if (self.header_bytes_ > kHeaderBytes) {
    self.too_large_ = true;
    return 0;
  }
  self.on_header({bytes, more});
  return more;
}

void Transfer::on_header(std::string_view line) noexcept {
  if (line.starts_with("HTTP/")) answer_.max_age_s = 0;  // what came before was an interim answer
  if (const auto value = after(line, "cache-control:")) answer_.max_age_s = max_age(*value);
}

curl_socket_t Transfer::open_socket(void* transfer, curlsocktype purpose, curl_sockaddr* address) {
  Transfer& self = *static_cast<Transfer*>(transfer);
  const Reachable how = reachable(address->addr);
  const bool allowed = how == Reachable::this_machine ? self.fetch_.private_addresses
                       : self.this_machine_only_      ? false
                       : how == Reachable::from_here  ? self.fetch_.private_addresses
                                                      : how == Reachable::everywhere;
  if (purpose != CURLSOCKTYPE_IPCXN || !allowed) {
    self.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket_for(*address);
}

void Transfer::finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status != 0) {
    answer_.code = ErrorCode::none;
    answer_.status = static_cast<int>(status);
    return;
  }
  answer_.body.clear();
  answer_.max_age_s = 0;
  answer_.detail = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
  answer_.code = ErrorCode::fetch_failed;
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
    answer_.code = ErrorCode::fetch_too_large;
    answer_.detail = "more than " + std::to_string(fetch_.max_bytes) + " bytes, or of headers";
  } else if (address_refused_ && code == CURLE_COULDNT_CONNECT) {
    answer_.code = ErrorCode::fetch_address;
    answer_.detail = "an address of the host may not be connected to";
  }
}

}  // namespace mcpgov::net
