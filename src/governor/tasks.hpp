// Who created which task.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mcpgov/identity.hpp"

namespace mcpgov {

// Task ids, and session ids just so, are handles anybody can send, so each is bound to the caller
// who created it, within its server and tenant (MCP 2025-11-25 tasks, "Task Isolation and Access
// Control"). Bounded for each tenant: the bindings that were made or renewed longest ago go first,
// and a task without a binding belongs to nobody. Threads: thread-safe; spread over 16 locks by
// task id.
class TaskOwners {
 public:
  explicit TaskOwners(std::size_t capacity) : per_shard_(capacity / kShards + 1) {}

  // The first binding counts: a server that reuses an id cannot move a task to another caller.
  // False: the task belongs to somebody else, so its creation must not be passed on.
  // Throws: std::bad_alloc.
  bool bind(std::string_view tenant, std::string_view server, std::string_view task,
            const Caller& owner);

  // Whether the task is bound to anybody.
  bool known(std::string_view tenant, std::string_view server, std::string_view task) const;

  // Whether the caller created the task.
  bool owns(std::string_view tenant, std::string_view server, std::string_view task,
            const Caller& caller) const;

  // Around a fork: all locks taken, all locks let go.
  void lock() noexcept;
  void unlock() noexcept;

 private:
  static constexpr std::size_t kShards = 16;
  struct Owner {
    std::string issuer;
    std::string subject;
    std::string tenant;
    CallerKind kind;
    std::list<std::string>::iterator place;  // in `order`
  };
  struct Book {  // of one tenant
    std::unordered_map<std::string, Owner> owners;
    std::list<std::string> order;  // bound longest ago first
  };
  struct Shard {
    mutable std::mutex lock;
    std::map<std::string, Book, std::less<>> books;
  };
  static std::string key(std::string_view server, std::string_view task);
  Shard& shard(std::string_view key) const;

  std::size_t per_shard_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace mcpgov
