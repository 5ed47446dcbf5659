// Reading JSON Web Keys.
// Tested by tests/identity/jwk_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/jwk.hpp"

#include <algorithm>
#include <iterator>

#include "crypto/sha256.hpp"
#include "identity/base64url.hpp"
#include "identity/compact.hpp"

namespace mcpgov::identity {
namespace {

using crypto::PublicKey;
using crypto::Scheme;

// RFC 7518 section 3.1, RFC 8037 section 3.1.
struct Row {
  Algorithm algorithm;
  Scheme scheme;
  std::string_view type;
  std::string_view curve;
};

constexpr Row kRows[] = {
    {Algorithm::rs256, Scheme::rsa_pkcs1_sha256, "RSA", ""},
    {Algorithm::rs384, Scheme::rsa_pkcs1_sha384, "RSA", ""},
    {Algorithm::rs512, Scheme::rsa_pkcs1_sha512, "RSA", ""},
    {Algorithm::ps256, Scheme::rsa_pss_sha256, "RSA", ""},
    {Algorithm::ps384, Scheme::rsa_pss_sha384, "RSA", ""},
    {Algorithm::ps512, Scheme::rsa_pss_sha512, "RSA", ""},
    {Algorithm::es256, Scheme::ecdsa_p256_sha256, "EC", "P-256"},
    {Algorithm::es384, Scheme::ecdsa_p384_sha384, "EC", "P-384"},
    {Algorithm::es512, Scheme::ecdsa_p521_sha512, "EC", "P-521"},
    {Algorithm::eddsa, Scheme::ed25519, "OKP", "Ed25519"},
};

Error malformed(std::string sentence) {
  return {ErrorCode::identity_key, std::move(sentence), {}, 0, 0};
}

// A member that is text where it is there.
struct Text {
  bool valid = true;
  std::optional<std::string_view> value;
  std::string_view or_empty() const noexcept { return value.value_or(std::string_view()); }
};

Text text_of(const JsonObject& jwk, std::string_view name) noexcept {
  const auto value = member(jwk, name);
  if (!value) return {};
  if (!value->is_string()) return {false, {}};
  return {true, value->get_string().value_unsafe()};
}

enum class Permission : std::uint8_t { given, withheld, malformed };

// RFC 7517 sections 4.2 and 4.3.
Permission may_verify(const JsonObject& jwk, const KeyRules& rules) noexcept {
  const Text use = text_of(jwk, "use");
  if (!use.valid) return Permission::malformed;
  if (use.value ? *use.value != rules.use : rules.use_required) return Permission::withheld;
  const auto operations = member(jwk, "key_ops");
  if (!operations) return Permission::given;
  if (!operations->is_array()) return Permission::malformed;
  std::size_t verifies = 0;
  std::size_t signs = 0;
  std::size_t others = 0;
  for (const JsonElement each : simdjson::dom::array(*operations)) {
    if (!each.is_string()) return Permission::malformed;
    const std::string_view name = each.get_string().value_unsafe();
    ++(name == "verify" ? verifies : name == "sign" ? signs : others);
  }
  // None of them twice; and a key that also encrypts is not one for signatures.
  if (verifies > 1 || signs > 1) return Permission::malformed;
  return verifies == 1 && others == 0 ? Permission::given : Permission::withheld;
}

// The row of a key that names no algorithm.
const Row* inferred(std::string_view type, std::string_view curve, AlgorithmSet allowed) noexcept {
  const Row* found = nullptr;
  for (const Row& each : kRows) {
    if (each.type != type || each.curve != curve || !allowed.has(each.algorithm)) continue;
    // Of several, RS256 stands first.
    if (found != nullptr) return found->algorithm == Algorithm::rs256 ? found : nullptr;
    found = &each;
  }
  return found;
}

const Row* row_of(Algorithm algorithm) noexcept {
  const auto* const found = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& each) {
    return each.algorithm == algorithm;
  });
  return found == std::end(kRows) ? nullptr : found;
}

// The bytes of a member that must be there.
bool bytes_of(const JsonObject& jwk, std::string_view name, std::string& out) {
  const auto text = text_member(jwk, name);
  return text && !text->empty() && decode_base64url(*text, out);
}

std::string thumbprint_of(const std::string& canonical) {
  const crypto::Digest digest = crypto::sha256(canonical);
  return encode_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

struct Imported {
  PublicKey key;
  std::string thumbprint;
};

Result<Imported> import_rsa(const JsonObject& jwk, const Row& row, const KeyRules& rules) {
  std::string n;
  std::string e;
  if (!bytes_of(jwk, "n", n) || !bytes_of(jwk, "e", e)) {
    return malformed("`n` and `e` are no base64url");
  }
  n.erase(0, n.find_first_not_of('\0'));
  e.erase(0, e.find_first_not_of('\0'));
  Result<PublicKey> key = PublicKey::rsa(row.scheme, n, e);
  if (!key) return std::move(key).error();
  if (key->bits() > rules.max_rsa_bits) {
    return malformed("the modulus has " + std::to_string(key->bits()) +
                     " bits, more than are allowed here");
  }
  return Imported{*std::move(key),
                  thumbprint_of(R"({"e":")" + encode_base64url(e) + R"(","kty":"RSA","n":")" +
                                encode_base64url(n) + R"("})")};
}

Result<Imported> import_point(const JsonObject& jwk, const Row& row) {
  const bool edwards = row.scheme == Scheme::ed25519;
  std::string x;
  std::string y;
  if (!bytes_of(jwk, "x", x) || (!edwards && !bytes_of(jwk, "y", y))) {
    return malformed("the coordinates are no base64url");
  }
  Result<PublicKey> key = edwards ? PublicKey::ed25519(x) : PublicKey::elliptic(row.scheme, x, y);
  if (!key) return std::move(key).error();
  std::string canonical = R"({"crv":")";
  canonical.append(row.curve).append(R"(","kty":")").append(row.type);
  canonical += R"(","x":")" + encode_base64url(x);
  if (!edwards) canonical += R"(","y":")" + encode_base64url(y);
  return Imported{*std::move(key), thumbprint_of(canonical + R"("})")};
}

}  // namespace

bool Key::verify(std::string_view bytes, std::string_view signature) const noexcept {
  if (const auto* key = std::get_if<PublicKey>(&key_)) return key->verify(bytes, signature);
  const auto* secret = std::get_if<crypto::HmacKey>(&key_);
  return secret != nullptr && secret->verify(bytes, signature);
}

bool has_private_members(const JsonObject& jwk) noexcept {
  for (const std::string_view name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (member(jwk, name)) return true;
  }
  return text_member(jwk, "kty") == "oct";
}

Result<std::optional<Key>> read_jwk(const JsonObject& jwk, const KeyRules& rules) {
  if (has_private_members(jwk)) return malformed("it holds a private or secret key");
  const Text type = text_of(jwk, "kty");
  const Text curve = text_of(jwk, "crv");
  const Text algorithm = text_of(jwk, "alg");
  const Text id = text_of(jwk, "kid");
  if (!type.value || !curve.valid || !algorithm.valid || !id.valid) {
    return malformed("`kty`, `crv`, `alg` or `kid` is no text");
  }
  if (id.value && !is_key_id(*id.value)) {
    return malformed("`kid` is empty, longer than 256 bytes, or holds control characters");
  }
  if (rules.id_required && !id.value) return malformed("`kid` is missing");
  const Permission permission = may_verify(jwk, rules);
  if (permission == Permission::malformed) return malformed("`use` or `key_ops` is malformed");
  if (permission == Permission::withheld) return std::optional<Key>();

  const bool rsa = type.or_empty() == "RSA";
  const std::string_view curve_name = rsa ? std::string_view() : curve.or_empty();
  const Row* row = nullptr;
  if (algorithm.value) {
    row = row_of(algorithm_from(*algorithm.value));
    if (row != nullptr && (row->type != type.or_empty() || row->curve != curve_name)) {
      return malformed("`alg` is not one for this `kty` and `crv`");
    }
    if (row != nullptr && !rules.algorithms.has(row->algorithm)) row = nullptr;
  } else {
    row = inferred(type.or_empty(), curve_name, rules.algorithms);
  }
  if (row == nullptr) return std::optional<Key>();
  Result<Imported> imported = rsa ? import_rsa(jwk, *row, rules) : import_point(jwk, *row);
  if (!imported) return std::move(imported).error();
  Key key(std::string(id.or_empty()), row->algorithm, std::move(imported->key));
  key.thumbprint_ = std::move(imported->thumbprint);
  key.issuer_ = text_of(jwk, "issuer").or_empty();
  return std::optional<Key>(std::move(key));
}

}  // namespace mcpgov::identity
