// Cursors that only the caller they were given to can use.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/hmac.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::detail {

// A cursor of the server goes out with a keyed digest of it and of whom it is for, and comes back
// without: no state is kept, and replicas with the same key take each other's. The server sees what
// it gave. Threads: immutable, share freely.
class CursorSeal {
 public:
  // Whom and what for. Borrowed.
  struct Place {
    std::string_view tenant;
    std::string_view server;
    wire::Method method = wire::Method::unknown;
    const Caller* caller = nullptr;
  };

  // key: of the configuration, at least 32 bytes; empty: a random one for this process.
  // Throws: std::bad_alloc; std::runtime_error when there is no randomness.
  explicit CursorSeal(const std::string& key);

  std::string close(const Place& place, std::string_view cursor) const;
  // The server's cursor, inside `sealed`; nothing when it was not made for this place.
  std::optional<std::string_view> open(const Place& place, std::string_view sealed) const;

 private:
  std::string mark(const Place& place, std::string_view cursor) const;
  crypto::HmacKey key_;
};

}  // namespace mcpgov::detail
