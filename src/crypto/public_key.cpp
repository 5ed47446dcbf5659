// Verification of signatures through OpenSSL's EVP interface.
// Tested by tests/crypto/public_key_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>
#include <new>
#include <string>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "crypto/weak_keys.hpp"

namespace mcpgov::crypto {
namespace {

constexpr std::uint32_t kLeastRsaBits = 2048;
constexpr std::uint32_t kMostRsaBits = 8192;

// What a failed call leaves in OpenSSL's queue of errors goes; what was there before stays.
class ErrorsStayHere {
 public:
  ErrorsStayHere() noexcept { ERR_set_mark(); }
  ErrorsStayHere(const ErrorsStayHere&) = delete;
  ErrorsStayHere& operator=(const ErrorsStayHere&) = delete;
  ~ErrorsStayHere() { ERR_pop_to_mark(); }
};

struct Curve {
  Scheme scheme;
  const char* group;
  std::uint32_t bits;
  std::size_t bytes;
  std::string_view order;  // big-endian; FIPS 186-4 appendix D.1.2
};

using namespace std::string_view_literals;
constexpr Curve kCurves[] = {
    {Scheme::ecdsa_p256_sha256, "P-256", 256, 32,
     "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
     "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv},
    {Scheme::ecdsa_p384_sha384, "P-384", 384, 48,
     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
     "\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf"
     "\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73"sv},
    {Scheme::ecdsa_p521_sha512, "P-521", 521, 66,
     "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
     "\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\x01\x48\xf7\x09"
     "\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38"
     "\x64\x09"sv},
};

const Curve* curve_of(Scheme scheme) noexcept {
  for (const Curve& each : kCurves) {
    if (each.scheme == scheme) return &each;
  }
  return nullptr;
}

bool is_pss(Scheme scheme) noexcept {
  return scheme >= Scheme::rsa_pss_sha256 && scheme <= Scheme::rsa_pss_sha512;
}

const char* digest_of(Scheme scheme) noexcept {
  switch (scheme) {
    case Scheme::rsa_pkcs1_sha256:
    case Scheme::rsa_pss_sha256:
    case Scheme::ecdsa_p256_sha256: return "SHA2-256";
    case Scheme::rsa_pkcs1_sha384:
    case Scheme::rsa_pss_sha384:
    case Scheme::ecdsa_p384_sha384: return "SHA2-384";
    case Scheme::rsa_pkcs1_sha512:
    case Scheme::rsa_pss_sha512:
    case Scheme::ecdsa_p521_sha512: return "SHA2-512";
    case Scheme::ed25519: break;  // has its own
  }
  return nullptr;
}

Error refused(std::string sentence) {
  return {ErrorCode::identity_key, std::move(sentence), {}, 0, 0};
}

template <class T>
T* there(T* made) {
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

struct Free {
  void operator()(BIGNUM* each) const noexcept { BN_free(each); }
  void operator()(OSSL_PARAM_BLD* each) const noexcept { OSSL_PARAM_BLD_free(each); }
  void operator()(OSSL_PARAM* each) const noexcept { OSSL_PARAM_free(each); }
  void operator()(EVP_PKEY* each) const noexcept { EVP_PKEY_free(each); }
  void operator()(EVP_PKEY_CTX* each) const noexcept { EVP_PKEY_CTX_free(each); }
  void operator()(EVP_MD_CTX* each) const noexcept { EVP_MD_CTX_free(each); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// Null: OpenSSL refuses the numbers.
Owned<EVP_PKEY> made(const char* type, OSSL_PARAM_BLD* numbers) {
  const Owned<OSSL_PARAM> parameters(there(OSSL_PARAM_BLD_to_param(numbers)));
  const Owned<EVP_PKEY_CTX> context(there(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Owned<EVP_PKEY>(key);
}

// A context that is ready to verify; null: the key does not do for the scheme.
std::shared_ptr<EVP_MD_CTX> ready_for(Scheme scheme, EVP_PKEY* key) {
  std::shared_ptr<EVP_MD_CTX> context(there(EVP_MD_CTX_new()), &EVP_MD_CTX_free);
  std::string mode = "pss";
  std::string salt = "digest";
  const OSSL_PARAM pss[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, mode.data(), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, salt.data(), 0),
      OSSL_PARAM_construct_end()};
  if (EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_of(scheme), nullptr, nullptr, key,
                              is_pss(scheme) ? pss : nullptr) != 1) {
    return nullptr;
  }
  return context;
}

// Without leading zeros, which some issuers write although RFC 7518 section 2 forbids them.
std::string_view shortest(std::string_view number) noexcept {
  const std::size_t first = number.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string_view() : number.substr(first);
}

std::uint32_t bits_of(std::string_view number) noexcept {
  if (number.empty()) return 0;
  return static_cast<std::uint32_t>(8 * (number.size() - 1)) +
         static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint8_t>(number[0])));
}

// Zero: too large, or none.
std::uint64_t small_number(std::string_view number) noexcept {
  std::uint64_t out = 0;
  if (number.size() > sizeof(out)) return 0;
  for (const char byte : number) out = out << 8 | static_cast<std::uint8_t>(byte);
  return out;
}

const unsigned char* raw(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Longest DER of a signature: two numbers of 66 bytes with one zero each, and five bytes of frame.
using Der = std::array<std::uint8_t, 144>;

// Appends an INTEGER (X.690 section 8.3): shortest, and with a zero where it would be negative.
std::uint8_t* write_integer(std::uint8_t* out, std::string_view number) noexcept {
  const std::string_view digits = shortest(number);
  const bool zero = (static_cast<std::uint8_t>(digits[0]) & 0x80) != 0;
  *out++ = 0x02;
  *out++ = static_cast<std::uint8_t>(digits.size() + (zero ? 1 : 0));
  if (zero) *out++ = 0;
  return std::copy(digits.begin(), digits.end(), out);
}

// R || S as a SEQUENCE of two INTEGERs, which is what OpenSSL reads. Empty: not such a signature.
std::string_view der_of(const Curve& curve, std::string_view signature, Der& room) noexcept {
  if (signature.size() != 2 * curve.bytes) return {};
  const std::string_view r = signature.substr(0, curve.bytes);
  const std::string_view s = signature.substr(curve.bytes);
  for (const std::string_view part : {r, s}) {
    // CVE-2022-21449: zeros verify for every message where nobody looks.
    if (shortest(part).empty() || part >= curve.order) return {};
  }
  std::uint8_t body[2 * (2 + 1 + 66)];
  const auto size = static_cast<std::size_t>(write_integer(write_integer(body, r), s) - body);
  std::uint8_t* out = room.data();
  *out++ = 0x30;
  if (size > 0x7f) *out++ = 0x81;
  *out++ = static_cast<std::uint8_t>(size);
  out = std::copy(body, body + size, out);
  return {reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(out - room.data())};
}

// Whether S, the second half, little-endian, is below the group's order (RFC 8032 section 5.1.7).
bool is_ed25519_form(std::string_view signature) noexcept {
  constexpr std::string_view kOrder =  // section 5.1: 2^252 + 27742…8493
      "\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x14\xde\xf9\xde\xa2\xf7\x9c\xd6\x58\x12\x63\x1a\x5c\xf5\xd3\xed"sv;
  if (signature.size() != 64) return false;
  std::array<char, 32> s{};
  std::reverse_copy(signature.begin() + 32, signature.end(), s.begin());
  return std::string_view(s.data(), s.size()) < kOrder;
}

}  // namespace

Result<PublicKey> PublicKey::rsa(Scheme scheme, std::string_view modulus,
                                 std::string_view exponent) {
  if (scheme > Scheme::rsa_pss_sha512) return refused("the scheme is not one of RSA");
  const std::string_view n = shortest(modulus);
  const std::uint32_t bits = bits_of(n);
  if (bits < kLeastRsaBits || bits > kMostRsaBits) {
    return refused("the modulus has " + std::to_string(bits) + " bits, not 2048 to 8192");
  }
  exponent = shortest(exponent);
  const std::uint64_t e = small_number(exponent);
  if (e < 3 || e > std::uint64_t{1} << 32 || (e & 1) == 0) {
    return refused("the public exponent is not an odd number of 3 to 2^32");
  }
  if (has_small_factor(n)) return refused("the modulus has a small factor");
  if (has_roca_fingerprint(n)) return refused("the key was made by a broken generator (ROCA)");
  const ErrorsStayHere stay;
  const Owned<OSSL_PARAM_BLD> numbers(there(OSSL_PARAM_BLD_new()));
  const Owned<BIGNUM> n_number(there(BN_bin2bn(raw(n), static_cast<int>(n.size()), nullptr)));
  const Owned<BIGNUM> e_number(
      there(BN_bin2bn(raw(exponent), static_cast<int>(exponent.size()), nullptr)));
  if (OSSL_PARAM_BLD_push_BN(numbers.get(), OSSL_PKEY_PARAM_RSA_N, n_number.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(numbers.get(), OSSL_PKEY_PARAM_RSA_E, e_number.get()) != 1) {
    throw std::bad_alloc();
  }
  const Owned<EVP_PKEY> key = made("RSA", numbers.get());
  auto ready = key ? ready_for(scheme, key.get()) : nullptr;
  if (!ready) return refused("the RSA key cannot be used");
  return PublicKey(scheme, bits, std::move(ready));
}

Result<PublicKey> PublicKey::elliptic(Scheme scheme, std::string_view x, std::string_view y) {
  const Curve* curve = curve_of(scheme);
  if (curve == nullptr) return refused("the scheme is not one of ECDSA");
  if (x.size() != curve->bytes || y.size() != curve->bytes) {
    return refused(std::string("the coordinates do not have the length of ") + curve->group);
  }
  const ErrorsStayHere stay;
  std::string point = "\x04";  // uncompressed (SEC 1 section 2.3.3)
  point.append(x).append(y);
  const Owned<OSSL_PARAM_BLD> numbers(there(OSSL_PARAM_BLD_new()));
  if (OSSL_PARAM_BLD_push_utf8_string(numbers.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(numbers.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    throw std::bad_alloc();
  }
  // The cofactor of these curves is 1, so that a point on the curve is one of the group.
  const Owned<EVP_PKEY> key = made("EC", numbers.get());
  auto ready = key ? ready_for(scheme, key.get()) : nullptr;
  if (!ready) return refused(std::string("the point is not on ") + curve->group);
  return PublicKey(scheme, curve->bits, std::move(ready));
}

Result<PublicKey> PublicKey::ed25519(std::string_view x) {
  if (x.size() != 32) return refused("the Ed25519 key does not have 32 bytes");
  if (is_small_order(x)) return refused("the Ed25519 key is a point of small order");
  const ErrorsStayHere stay;
  const Owned<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw(x), x.size()));
  auto ready = key ? ready_for(Scheme::ed25519, key.get()) : nullptr;
  if (!ready) return refused("the Ed25519 key cannot be used");
  return PublicKey(Scheme::ed25519, 253, std::move(ready));
}

bool PublicKey::verify(std::string_view bytes, std::string_view signature) const noexcept {
  Der room;
  if (scheme_ == Scheme::ed25519) {
    if (!is_ed25519_form(signature)) return false;
  } else if (const Curve* curve = curve_of(scheme_)) {
    signature = der_of(*curve, signature, room);
    if (signature.empty()) return false;
  } else if (signature.size() != (bits_ + 7) / 8) {
    return false;
  }
  const ErrorsStayHere stay;
  thread_local const Owned<EVP_MD_CTX> scratch(EVP_MD_CTX_new());
  if (!scratch || EVP_MD_CTX_copy_ex(scratch.get(), ready_.get()) != 1) return false;
  const int verdict =
      EVP_DigestVerify(scratch.get(), raw(signature), signature.size(), raw(bytes), bytes.size());
  // Lets go of the key.
  EVP_MD_CTX_reset(scratch.get());
  return verdict == 1;
}

}  // namespace mcpgov::crypto
