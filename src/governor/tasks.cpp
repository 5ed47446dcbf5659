// Who created which task.
// Tested by tests/governor/tasks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/tasks.hpp"

#include <iterator>

#include "base/hash.hpp"

namespace mcpgov {

namespace {

// Every anonymous caller is anybody, so an anonymous caller owns nothing.
template <class Owner>
bool same(const Caller& caller, const Owner& owner) {
  return caller.kind == owner.kind && owner.kind > CallerKind::anonymous &&
         caller.issuer == owner.issuer && caller.subject == owner.subject &&
         caller.tenant == owner.tenant;
}

}  // namespace

// The size in front, so that no two pairs give one key.
std::string TaskOwners::key(std::string_view server, std::string_view task) {
  std::string out = std::to_string(server.size()) + ",";
  return out.append(server).append(task);
}

TaskOwners::Shard& TaskOwners::shard(std::string_view key) const {
  return shards_[hash_bytes(key) % kShards];
}

void TaskOwners::lock() noexcept {
  for (Shard& shard : shards_) shard.lock.lock();
}

void TaskOwners::unlock() noexcept {
  for (Shard& shard : shards_) shard.lock.unlock();
}

bool TaskOwners::bind(std::string_view tenant, std::string_view server, std::string_view task,
                      const Caller& owner) {
  if (owner.kind <= CallerKind::anonymous) return false;
  std::string name = key(server, task);
  Shard& mine = shard(name);
  const std::lock_guard hold(mine.lock);
  Book& book = mine.books[std::string(tenant)];
  if (const auto found = book.owners.find(name); found != book.owners.end()) {
    if (!same(owner, found->second)) return false;
    book.order.splice(book.order.end(), book.order, found->second.place);
    return true;
  }
  if (book.owners.size() >= per_shard_) {
    book.owners.erase(book.order.front());
    book.order.pop_front();
  }
  book.order.push_back(name);
  book.owners.emplace(std::move(name), Owner{owner.issuer, owner.subject, owner.tenant, owner.kind,
                                             std::prev(book.order.end())});
  return true;
}

bool TaskOwners::known(std::string_view tenant, std::string_view server,
                       std::string_view task) const {
  const std::string name = key(server, task);
  const Shard& mine = shard(name);
  const std::lock_guard hold(mine.lock);
  const auto book = mine.books.find(tenant);
  return book != mine.books.end() && book->second.owners.contains(name);
}

bool TaskOwners::owns(std::string_view tenant, std::string_view server, std::string_view task,
                      const Caller& caller) const {
  const std::string name = key(server, task);
  const Shard& mine = shard(name);
  const std::lock_guard hold(mine.lock);
  const auto book = mine.books.find(tenant);
  if (book == mine.books.end()) return false;
  const auto found = book->second.owners.find(name);
  return found != book->second.owners.end() && same(caller, found->second);
}

}  // namespace mcpgov
