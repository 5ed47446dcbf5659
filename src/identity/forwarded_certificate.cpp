// Reading x-forwarded-client-cert.
// Tested by tests/identity/forwarded_certificate_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/forwarded_certificate.hpp"

#include <algorithm>
#include <utility>

#include "crypto/certificate.hpp"
#include "wire/http.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::string_view kHeader = "x-forwarded-client-cert";

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_key(std::string_view key, std::string_view name) noexcept {
  return key.size() == name.size() && std::equal(key.begin(), key.end(), name.begin(),
                                                 [](char a, char b) { return lower(a) == b; });
}

unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (lower(c) >= 'a' && lower(c) <= 'f') return static_cast<unsigned>(lower(c) - 'a') + 10;
  return 16;
}

// Walks over the text of the header.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  bool at_end() const noexcept { return text_.empty(); }

  bool take(char c) noexcept {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Proxies other than Envoy append with a space after the comma (RFC 9110 section 5.6.1).
  void skip_spaces() noexcept {
    while (take(' ') || take('\t')) {
    }
  }

  bool key(std::string_view& out) noexcept {
    const std::size_t end = text_.find('=');
    if (end == std::string_view::npos || end == 0) return false;
    out = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return std::all_of(out.begin(), out.end(), [](char c) {
      return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
  }

  bool value(std::string& out) {
    if (take('"')) return quoted(out);
    const std::size_t end = std::min(text_.find_first_of(",;"), text_.size());
    out = text_.substr(0, end);
    text_.remove_prefix(end);
    return out.find_first_of("\"\\ \t") == std::string::npos;
  }

 private:
  bool quoted(std::string& out) {
    std::size_t slashes = 0;  // directly before this character
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') {
        // One backslash escapes the quote. Two are an escaped backslash to some readers, and to
        // others a backslash and an escaped quote.
        if (slashes == 0) return true;
        if (slashes > 1) return false;
        out.pop_back();
      }
      slashes = c == '\\' ? slashes + 1 : 0;
      out += c;
    }
    return false;
  }

  std::string_view text_;
};

// What may stand once only.
bool set_once(std::string& field, std::string value) {
  if (!field.empty()) return false;
  field = std::move(value);
  return true;
}

bool take_pair(Reader& reader, ForwardedElement& element) {
  std::string_view key;
  std::string value;
  if (!reader.key(key) || !reader.value(value)) return false;
  const auto add = [&](std::vector<std::string>& values) {
    if (!value.empty()) values.push_back(std::move(value));
    return true;
  };
  if (same_key(key, "by")) return add(element.by);
  if (same_key(key, "uri")) return add(element.uris);
  if (same_key(key, "dns")) return add(element.dns_names);
  if (same_key(key, "hash")) return set_once(element.hash, std::move(value));
  if (same_key(key, "cert")) return set_once(element.cert, std::move(value));
  if (same_key(key, "chain")) return set_once(element.chain, std::move(value));
  if (same_key(key, "subject")) return set_once(element.subject, std::move(value));
  return true;
}

bool decode_percent(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    if (text.size() - at < 3) return false;
    const unsigned high = hex_digit(text[at + 1]);
    const unsigned low = hex_digit(text[at + 2]);
    if (high > 15 || low > 15) return false;
    out += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return true;
}

bool decode_hash(std::string_view text, crypto::Digest& out) noexcept {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t at = 0; at < out.size(); ++at) {
    const unsigned high = hex_digit(text[2 * at]);
    const unsigned low = hex_digit(text[2 * at + 1]);
    if (high > 15 || low > 15) return false;
    out[at] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

// False: what is told is no PEM. Nothing told gives nothing.
bool decode_certificates(std::string_view encoded, std::size_t most,
                         std::vector<std::string>& out) {
  if (encoded.empty()) return true;
  std::string pem;
  if (!decode_percent(encoded, pem)) return false;
  out = crypto::certificates_of_pem(pem, most);
  return !out.empty();
}

// Fills out from one element. False: its parts contradict each other, or cannot be read.
bool describe(const ForwardedElement& element, ForwardedCertificate& out) {
  std::vector<std::string> alone;
  if (!decode_certificates(element.cert, 1, alone)) return false;
  if (!decode_certificates(element.chain, crypto::kChainCertificates, out.certificates)) {
    return false;
  }
  if (out.certificates.empty()) {
    out.certificates = std::move(alone);
  } else if (!alone.empty() && alone.front() != out.certificates.front()) {
    return false;
  }
  if (!out.certificates.empty()) out.sha256 = crypto::sha256(out.certificates.front());
  if (!element.hash.empty()) {
    crypto::Digest told{};
    if (!decode_hash(element.hash, told)) return false;
    if (out.sha256 && *out.sha256 != told) return false;
    out.sha256 = told;
  }
  out.uris = element.uris;
  out.present = true;
  return true;
}

ErrorCode refuse(Trace* trace, ErrorCode code, const char* why) {
  if (trace != nullptr) trace->failed("forwarded certificate", why);
  return code;
}

}  // namespace

bool parse_forwarded(std::string_view value, std::vector<ForwardedElement>& out) {
  out.clear();
  if (value.size() > kForwardedBytes) return false;
  Reader reader(value);
  do {
    reader.skip_spaces();
    ForwardedElement element;
    do {
      if (!take_pair(reader, element)) return false;
    } while (reader.take(';'));
    out.push_back(std::move(element));
    reader.skip_spaces();
  } while (reader.take(','));
  return reader.at_end();
}

Result<ForwardedRules> ForwardedRules::from(const ForwardedSettings& settings) {
  ForwardedRules rules;
  auto proxies = AddressSet::from(settings.proxies);
  if (!proxies) return proxies.error();
  if (settings.hops == 0) {
    return Error{ErrorCode::identity_setting, "`hops` counts from 1", {}, 0, 0};
  }
  rules.proxies_ = std::move(*proxies);
  rules.by_ = settings.by;
  rules.hops_ = settings.hops;
  return rules;
}

ErrorCode ForwardedRules::read(const Presented& presented, ForwardedCertificate& out,
                               Trace* trace) const {
  out = {};
  wire::Field field;
  const ErrorCode found = wire::find_field(presented.http.headers, "", kHeader, field);
  if (!field.present) return ErrorCode::none;
  // First of all, so that nobody else has us read anything.
  if (!proxies_.contains(presented.peer)) {
    return refuse(trace, ErrorCode::forwarded_untrusted, "the peer is none of the proxies");
  }
  if (found != ErrorCode::none) {
    return refuse(trace, ErrorCode::credentials_malformed,
                  "two header fields, or bytes that none may hold");
  }
  std::vector<ForwardedElement> elements;
  if (!parse_forwarded(field.value, elements)) {
    return refuse(trace, ErrorCode::credentials_malformed, "the header cannot be read");
  }
  return choose(elements, out, trace);
}

ErrorCode ForwardedRules::choose(const std::vector<ForwardedElement>& elements,
                                 ForwardedCertificate& out, Trace* trace) const {
  if (elements.size() < hops_) {
    return refuse(trace, ErrorCode::credentials_malformed, "fewer elements than hops");
  }
  const ForwardedElement& element = elements[elements.size() - hops_];
  const bool ours =
      by_.empty() || std::any_of(by_.begin(), by_.end(), [&](const auto& uri) {
        return std::find(element.by.begin(), element.by.end(), uri) != element.by.end();
      });
  if (!ours) return refuse(trace, ErrorCode::forwarded_untrusted, "`By` is none of our URIs");
  if (!describe(element, out)) {
    out = {};
    return refuse(trace, ErrorCode::credentials_malformed,
                  "hash and certificates contradict each other, or cannot be read");
  }
  if (trace != nullptr) trace->passed("forwarded certificate", "told by a trusted proxy");
  return ErrorCode::none;
}

}  // namespace mcpgov::identity
