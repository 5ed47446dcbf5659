// Asking a server for all pages of its tool list, in requests of our own between those of a client.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::cli {

// Sans-I/O: hands out requests, takes answers. A server is not trusted to ever come to an end, so
// pages and bytes are bounded; time is the caller's business.
// Threads: one thread.
class ToolListing {
 public:
  static constexpr std::uint32_t kPages = 10'000;          // one tool a page at worst
  static constexpr std::size_t kBytes = 64 * 1024 * 1024;  // as catalog::Limits

  // id_prefix: unguessable, so that no client's request can have an id of ours.
  explicit ToolListing(std::string id_prefix) : id_prefix_(std::move(id_prefix)) {}

  // The first request, a line without its end. Forgets a listing that is under way.
  // revision: what `_meta` must name since 2026-07-28; legacy revisions need none.
  std::string begin(wire::Revision revision);
  bool active() const noexcept { return active_; }
  void give_up() noexcept { active_ = false; }

  enum class Step : std::uint8_t {
    not_ours,  // the message answers nothing of ours
    next,      // `request` is to be sent
    complete,  // tools() has them all
    failed,    // failure() says why
  };
  Step take(const wire::Message& message, std::string& request);

  // A JSON array.
  const std::string& tools() const noexcept { return tools_; }
  const std::string& failure() const noexcept { return failure_; }

 private:
  std::string request(std::string_view cursor);
  Step fail(std::string why);
  Step take_error(const wire::Message& message);

  std::string id_prefix_;
  wire::Revision revision_ = wire::Revision::none;
  std::string id_;  // of the request that waits for its answer
  std::uint64_t number_ = 0;
  std::uint32_t pages_ = 0;
  bool active_ = false;
  std::string tools_;
  std::string failure_;
};

}  // namespace mcpgov::cli
