// Why a message is decided as it is: the question it asks of the policies, in full.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "governor/snapshot.hpp"
#include "mcpgov/catalog.hpp"
#include "mcpgov/governor.hpp"
#include "mcpgov/request.hpp"

namespace mcpgov::cli {

// Everything the question depends on besides the message. Borrowed.
struct Circumstances {
  const detail::ServerSnapshot& server;
  const catalog::Catalog* claimed = nullptr;  // the server's own list; null: not given
  const Caller* caller = nullptr;             // null: there is none
  Direction direction = Direction::from_client;
  Transport transport = Transport::stdio;
  HttpHead http = {};
  std::string_view peer = {};
  std::uint64_t now_us = 0;
  wire::Limits limits = {};
};

// A policy that took part.
struct NamedPolicy {
  std::string id;
  bool forbid = false;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct FailedPolicy {
  NamedPolicy policy;
  ErrorCode code = ErrorCode::internal;
  std::string sentence;
};

struct Explanation {
  request::Text question;
  std::vector<FailedPolicy> failures;
};

// The question about message number `index` of the body, with all its arguments and facts and not
// only those that policies read. Empty when the message asks nothing of the policies: it passes by
// rule, it is refused before, or it is a list. Throws: std::bad_alloc.
std::optional<Explanation> explain(std::string_view body, std::size_t index,
                                   const Circumstances& circumstances);

// Where the policy of that id stands. Throws: std::bad_alloc.
NamedPolicy find_policy(const detail::ServerSnapshot& server, std::string_view id);

}  // namespace mcpgov::cli
