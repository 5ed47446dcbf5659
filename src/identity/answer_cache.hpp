// Answers from outside that requests wait for: asked for once, believed for a while.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/hash.hpp"
#include "crypto/sha256.hpp"
#include "identity/fetch_number.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

enum class Standing : std::uint8_t {
  ask,      // nobody knows yet, and the one who reads this is to ask
  waiting,  // somebody has asked
  known,
  refused,
};

// Keys are SHA-256 digests: of a token that only its issuer can read, or of whose groups are asked
// for. Does no I/O. Half of the entries are for values, half for refusals and questions, so that a
// flood of worthless tokens throws out no good one; in each half the one that was not used for
// longest makes room. A question has a ticket, which the answer has to show: one that comes after
// its question was given up changes nothing.
// Throws: std::bad_alloc. Threads: thread-safe.
template <class Value>
class AnswerCache {
 public:
  struct Found {
    Standing standing = Standing::ask;
    std::shared_ptr<const Value> value;  // of known
    ErrorCode reason = ErrorCode::none;  // of refused
    std::uint32_t ticket = 0;            // of ask and waiting
  };

  // entries: at least 2. seed: random, so that nobody can choose keys that share a bucket.
  AnswerCache(std::size_t entries, std::uint64_t seed)
      : half_(entries < 2 ? 1 : entries / 2), places_(0, Hash{seed}) {}

  // wait_s: how long an answer to a question that begins now may take; then the next one asks.
  Found look_up(const crypto::Digest& key, std::uint64_t now_s, std::uint32_t wait_s) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto place = places_.find(key); place != places_.end()) {
      const auto at = place->second;
      // A clock that steps back must not make a question last.
      const bool lost = at->standing == Standing::waiting && at->until_s > now_s + wait_s;
      if (now_s < at->until_s && !lost) {
        auto& list = list_of(at->standing);
        list.splice(list.begin(), list, at);
        return {at->standing, at->value, at->reason, at->ticket};
      }
      drop(at);
    }
    const std::uint32_t ticket = next_fetch_number();
    put({key, Standing::waiting, {}, ErrorCode::none, now_s + wait_s, ticket});
    return {Standing::ask, {}, ErrorCode::none, ticket};
  }

  // What an open question is about; answers to others are not worth reading.
  std::optional<crypto::Digest> asked(std::uint32_t ticket) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto question = questions_.find(ticket);
    if (question == questions_.end()) return std::nullopt;
    return question->second->key;
  }

  // Ends a question. False: it was not open, and nothing is kept. until_s: when it ends.
  bool keep(std::uint32_t ticket, std::shared_ptr<const Value> value, std::uint64_t until_s) {
    return answer(ticket, {{}, Standing::known, std::move(value), ErrorCode::none, until_s, 0});
  }
  bool refuse(std::uint32_t ticket, ErrorCode reason, std::uint64_t until_s) {
    return answer(ticket, {{}, Standing::refused, {}, reason, until_s, 0});
  }
  // No answer came: whoever looks next asks again.
  bool give_up(std::uint32_t ticket) {
    return answer(ticket, {{}, Standing::refused, {}, ErrorCode::none, 0, 0});
  }

  std::size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return places_.size();
  }

 private:
  struct Entry {
    crypto::Digest key;
    Standing standing;
    std::shared_ptr<const Value> value;
    ErrorCode reason;
    std::uint64_t until_s;
    std::uint32_t ticket;
  };
  using Entries = std::list<Entry>;  // last used first
  using Place = typename Entries::iterator;

  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const crypto::Digest& key) const noexcept {
      std::uint64_t word = 0;
      std::memcpy(&word, key.data(), sizeof word);
      return static_cast<std::size_t>(mix(word ^ seed, 0x9e3779b97f4a7c15U));  // 2^64 / phi
    }
  };

  Entries& list_of(Standing standing) { return standing == Standing::known ? known_ : others_; }

  void drop(Place at) {
    questions_.erase(at->ticket);
    places_.erase(at->key);
    list_of(at->standing).erase(at);
  }

  void put(Entry entry) {
    auto& list = list_of(entry.standing);
    if (list.size() >= half_) drop(std::prev(list.end()));
    list.push_front(std::move(entry));
    places_.emplace(list.front().key, list.begin());
    if (list.front().ticket != 0) questions_.emplace(list.front().ticket, list.begin());
  }

  bool answer(std::uint32_t ticket, Entry entry) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto question = questions_.find(ticket);
    if (ticket == 0 || question == questions_.end()) return false;
    entry.key = question->second->key;
    drop(question->second);
    if (entry.until_s != 0) put(std::move(entry));
    return true;
  }

  const std::size_t half_;
  mutable std::mutex mutex_;
  Entries known_;
  Entries others_;
  std::unordered_map<crypto::Digest, Place, Hash> places_;
  std::unordered_map<std::uint32_t, Place> questions_;  // by ticket
};

}  // namespace mcpgov::identity
