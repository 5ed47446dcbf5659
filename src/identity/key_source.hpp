// Where the keys of one issuer come from: the settings, a URL, or discovery. Decides what to fetch
// and what to believe of the answers; the fetching is done by somebody else.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/key_set.hpp"
#include "identity/refresh.hpp"
#include "identity/settings.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// The keys of an issuer at one time. What they vouched for may be believed until good_until_us,
// and while KeySource::generation() is this one.
struct IssuerKeys {
  KeySet keys;
  std::uint64_t good_until_us = 0;  // microseconds since 1970
  std::uint64_t generation = 0;
};

// What to do about a key that is not there.
enum class MissingKey : std::uint8_t {
  absent,  // the issuer was asked and has no such key, or cannot be asked
  later,   // it was asked or failed a moment ago; a second from now is early enough
  waits,   // a fetch is due or under way
};

// Threads: thread-safe. Readers wait for no fetch and no parsing: the lock is held while a pointer
// is copied or times are compared, and generation() takes none.
class KeySource {
 public:
  // A secret of the settings is the only key then. Keys of the settings are read at once.
  // Errors: identity_setting (nothing that could be discovered or may be fetched, or a secret
  // without exactly one algorithm), identity_key, identity_keys. Throws: std::bad_alloc.
  static Result<std::unique_ptr<KeySource>> make(const IssuerSettings& settings);

  // Null: none were fetched yet, or the last ones are too old to be believed.
  std::shared_ptr<const IssuerKeys> keys(std::uint64_t now_us) const noexcept;

  // Changes when a key is gone or another one, not when one is added. Starts at 1.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  // A token needs this key, or anything of the issuer if kid is empty. Makes a fetch due if that
  // can help: at most one in `unknown_key_wait_s`, and none for a key that was missing in what was
  // fetched since, for five times as long. Throws: std::bad_alloc.
  MissingKey missing(std::string_view kid, std::uint64_t now_us);

  // What should be fetched now. Handed out once until it is answered or lost. Throws:
  // std::bad_alloc.
  std::optional<Fetch> due(std::uint64_t now_us);

  // Takes the answer to the fetch of due(). What was known stays when it is useless.
  // Errors: identity_answer (a status other than 200, too many bytes, or nobody waits for it),
  // identity_metadata, identity_issuer_mismatch, identity_keys. Throws: std::bad_alloc.
  Result<void> accept(const Fetch& fetch, const FetchAnswer& answer, std::uint64_t now_us);

  // The endpoint of the issuer's metadata (RFC 8414 section 2); empty: not known (yet).
  std::string introspection_url() const;

  // Takes over what another source of the same settings knows. Throws: std::bad_alloc.
  void inherit(const KeySource& former);

 private:
  explicit KeySource(const IssuerSettings& settings);

  Result<void> set_up(const IssuerSettings& settings);
  KeyRules fetched_rules() const noexcept;
  Fetch fetch_of(FetchKind kind, std::uint32_t number, const std::string& url) const;
  Result<void> accept_metadata(const FetchAnswer& answer, std::uint64_t now_us);
  Result<void> accept_keys(const FetchAnswer& answer, std::uint64_t now_us);
  Result<void> keep(Result<KeySet> read);
  Result<void> useless(const Fetch& fetch, Error error, std::uint64_t now_us);
  void publish(std::shared_ptr<IssuerKeys> fresh, std::uint64_t good_until_us) noexcept;
  bool was_answered(std::string_view kid, std::uint64_t now_us) const noexcept;
  void remember(std::string_view kid, std::uint64_t now_us);

  struct Asked {
    std::string kid;
    std::uint64_t at_us = 0;
  };

  const std::string issuer_;
  const Reach reach_;
  const AlgorithmSet algorithms_;
  const std::uint32_t max_rsa_bits_;
  const RefreshRules rules_;
  const bool discovers_;                    // the URL of the keys
  const bool wants_keys_;                   // from outside
  const bool wants_metadata_;               // from outside
  std::vector<std::string> metadata_urls_;  // where to look for it, in order

  mutable std::mutex lock_;  // what follows
  RefreshSchedule schedule_;
  std::size_t place_ = 0;                // in metadata_urls_
  std::uint64_t metadata_until_us_ = 0;  // 0: not known
  std::string keys_url_;
  std::string introspection_url_;
  std::shared_ptr<const IssuerKeys> keys_;
  std::vector<Asked> asked_;  // keys that made a fetch due
  std::size_t asked_next_ = 0;

  std::atomic<std::uint64_t> generation_ = 1;
};

}  // namespace mcpgov::identity
