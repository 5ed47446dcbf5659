// Certificates through OpenSSL's X.509, without its trust store.
// Tested by tests/crypto/certificate_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <new>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/base64.hpp"

namespace mcpgov::crypto {
namespace {

// OpenSSL keeps errors per thread. The host's own TLS looks there after each call, and must not
// find ours.
class OwnErrors {
 public:
  OwnErrors() noexcept { ERR_set_mark(); }
  ~OwnErrors() { ERR_pop_to_mark(); }
  OwnErrors(const OwnErrors&) = delete;
  OwnErrors& operator=(const OwnErrors&) = delete;
};

template <class T, void (*free_it)(T*)>
struct FreeWith {
  void operator()(T* object) const noexcept { free_it(object); }
};

using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES, GENERAL_NAMES_free>>;
using Time = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME, ASN1_TIME_free>>;
using Path = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX, X509_STORE_CTX_free>>;

struct FreeBytes {
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};
using Bytes = std::unique_ptr<unsigned char, FreeBytes>;

std::string_view view(const unsigned char* bytes, int size) noexcept {
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// d2i reads some BER as well; only bytes that it would write itself are DER.
bool is_der(X509* certificate, std::string_view der) {
  unsigned char* written = nullptr;
  const int size = i2d_X509(certificate, &written);
  const Bytes owned(written);
  return size > 0 && view(written, size) == der;
}

// 64 bits even where time_t has fewer.
bool seconds_of(const ASN1_TIME* time, std::int64_t& seconds) {
  const Time epoch(ASN1_TIME_set(nullptr, 0));
  if (!epoch) throw std::bad_alloc();
  int days = 0;
  int rest = 0;
  if (ASN1_TIME_diff(&days, &rest, epoch.get(), time) != 1) return false;
  seconds = std::int64_t{days} * 86'400 + rest;
  return true;
}

bool append_name(const ASN1_IA5STRING* name, std::vector<std::string>& names) {
  const std::string_view text = view(ASN1_STRING_get0_data(name), ASN1_STRING_length(name));
  // A zero byte or a line break would end the name for some readers and not for others.
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (printable) names.emplace_back(text);
  return printable;
}

bool read_names(const X509* certificate, CertificateFacts& facts) {
  int state = 0;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &state, nullptr)));
  // RFC 5280 section 4.2: no extension stands twice (-2); -1 is an absent one.
  if (!names) return state == -1;
  for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), at);
    if (name->type == GEN_URI && !append_name(name->d.uniformResourceIdentifier, facts.uris)) {
      return false;
    }
    if (name->type == GEN_DNS && !append_name(name->d.dNSName, facts.dns_names)) return false;
  }
  return true;
}

void read_usage(X509* certificate, std::uint32_t flags, CertificateFacts& facts) {
  facts.authority = (flags & EXFLAG_CA) != 0;
  facts.key_usage = (flags & EXFLAG_KUSAGE) != 0;
  if (facts.key_usage) {
    const std::uint32_t usage = X509_get_key_usage(certificate);
    facts.digital_signature = (usage & KU_DIGITAL_SIGNATURE) != 0;
    facts.key_cert_sign = (usage & KU_KEY_CERT_SIGN) != 0;
    facts.crl_sign = (usage & KU_CRL_SIGN) != 0;
    const int at = X509_get_ext_by_NID(certificate, NID_key_usage, -1);
    facts.key_usage_critical =
        at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, at)) == 1;
  }
  facts.extended_usage = (flags & EXFLAG_XKUSAGE) != 0;
  if (facts.extended_usage) {
    const std::uint32_t usage = X509_get_extended_key_usage(certificate);
    facts.server_auth = (usage & XKU_SSL_SERVER) != 0;
    facts.client_auth = (usage & XKU_SSL_CLIENT) != 0;
  }
}

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

bool is_break(char c) noexcept {
  return c == '\n' || c == '\r';
}

std::string_view without_breaks(std::string_view text) noexcept {
  while (!text.empty() && is_break(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace

void Certificate::Free::operator()(x509_st* certificate) const noexcept {
  X509_free(certificate);
}

std::optional<Certificate> Certificate::from_der(std::string_view der) {
  if (der.empty() || der.size() > kCertificateBytes) return std::nullopt;
  const OwnErrors errors;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Certificate read(Handle(d2i_X509(nullptr, &at, static_cast<long>(der.size()))));
  if (!read.handle_ || !is_der(read.handle_.get(), der) || !read.read_facts(der)) {
    return std::nullopt;
  }
  return read;
}

bool Certificate::read_facts(std::string_view der) {
  X509* certificate = handle_.get();
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & (EXFLAG_INVALID | EXFLAG_INVALID_POLICY)) != 0) return false;
  facts_.sha256 = crypto::sha256(der);
  read_usage(certificate, flags, facts_);
  return seconds_of(X509_get0_notBefore(certificate), facts_.not_before_s) &&
         seconds_of(X509_get0_notAfter(certificate), facts_.not_after_s) &&
         read_names(certificate, facts_);
}

std::string Certificate::public_key() const {
  unsigned char* written = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(handle_.get()), &written);
  const Bytes owned(written);
  if (size <= 0) throw std::bad_alloc();
  return std::string(view(written, size));
}

std::string Certificate::subject() const {
  const OwnErrors errors;
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (!out ||
      X509_NAME_print_ex(out.get(), X509_get_subject_name(handle_.get()), 0, XN_FLAG_RFC2253) < 0) {
    throw std::bad_alloc();
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

void TrustAnchors::Free::operator()(stack_st_X509* certificates) const noexcept {
  sk_X509_pop_free(certificates, X509_free);
}

TrustAnchors::Handle TrustAnchors::stack_of(std::span<const Certificate> certificates) {
  Handle stack(sk_X509_new_null());
  if (!stack) throw std::bad_alloc();
  for (const Certificate& each : certificates) {
    if (X509_add_cert(stack.get(), each.handle_.get(), X509_ADD_FLAG_UP_REF) != 1) {
      throw std::bad_alloc();
    }
  }
  return stack;
}

std::optional<TrustAnchors> TrustAnchors::from(std::span<const Certificate> authorities) {
  const OwnErrors errors;
  for (const Certificate& each : authorities) {
    if (!each.facts().authority) return std::nullopt;
  }
  return TrustAnchors(stack_of(authorities));
}

bool TrustAnchors::empty() const noexcept {
  return sk_X509_num(handle_.get()) <= 0;
}

ChainVerdict TrustAnchors::verify(const Certificate& leaf, std::span<const Certificate> others,
                                  std::uint64_t now_s) const {
  if (empty() || others.size() >= kChainCertificates) return ChainVerdict::untrusted;
  const OwnErrors errors;
  const Handle intermediates = stack_of(others);
  const Path path(X509_STORE_CTX_new());
  if (!path ||
      X509_STORE_CTX_init(path.get(), nullptr, leaf.handle_.get(), intermediates.get()) != 1) {
    throw std::bad_alloc();
  }
  // A list instead of a store: a store takes a lock for each look-up.
  X509_STORE_CTX_set0_trusted_stack(path.get(), handle_.get());
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(path.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_time(rules, static_cast<std::time_t>(now_s));
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kChainCertificates));
  // Level 2 of SSL_CTX_set_security_level(3): 112 bits, which leaves out RSA below 2,048 bits and
  // SHA-1. The library's default is 1, or what its configuration file says.
  X509_VERIFY_PARAM_set_auth_level(rules, 2);
  if (X509_verify_cert(path.get()) == 1) return ChainVerdict::trusted;
  switch (X509_STORE_CTX_get_error(path.get())) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return ChainVerdict::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return ChainVerdict::not_yet_valid;
    case X509_V_ERR_OUT_OF_MEM: throw std::bad_alloc();
    default: return ChainVerdict::untrusted;
  }
}

std::vector<std::string> certificates_of_pem(std::string_view pem, std::size_t most) {
  std::vector<std::string> found;
  for (pem = without_breaks(pem); !pem.empty(); pem = without_breaks(pem)) {
    if (found.size() == most || !pem.starts_with(kBegin)) return {};
    pem.remove_prefix(kBegin.size());
    const std::size_t end = pem.find(kEnd);
    if (end == std::string_view::npos || end > 2 * kCertificateBytes) return {};
    std::string encoded;
    encoded.reserve(end);
    std::copy_if(pem.begin(), pem.begin() + static_cast<std::ptrdiff_t>(end),
                 std::back_inserter(encoded), [](char c) { return !is_break(c); });
    std::string der;
    if (!decode_base64(encoded, der) || der.empty()) return {};
    found.push_back(std::move(der));
    pem.remove_prefix(end + kEnd.size());
  }
  return found;
}

}  // namespace mcpgov::crypto
