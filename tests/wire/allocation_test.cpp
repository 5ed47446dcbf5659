// After the first messages a parser allocates nothing.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "wire/support.hpp"

namespace {

std::atomic<std::size_t> allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Replacing these counts every allocation of the program (ISO C++ [replacement.functions]).
void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace mcpgov::wire::test {
namespace {

TEST_CASE("allocation: a warm parser reads messages, batches and refusals without the heap") {
  const std::string bodies[] = {
      request("tools/call",
              R"("name":"t","arguments":{"a":[1,2,{"b":"\u00e9"}]},"_meta":{"progressToken":1})"),
      "[" + request("tools/call", R"("name":"t")", "1") + "," + request("ping", "", "2") + "]",
      modern("subscriptions/listen",
             R"("notifications":{"resourceSubscriptions":["a:b","a:c"],"taskIds":["t"]})"),
      request("tools/call", R"("name":"t","Name":"u")"),
      request("tools/call", R"("name":"t","arguments":{"a":1,"a":2})"),
      R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"b"}]}})",
  };
  Parser parser;
  const ParseContext context = stdio(Revision::v2025_03_26);
  for (int warm = 0; warm < 3; ++warm) {
    for (const std::string& body : bodies) (void)parser.parse(body, context);
  }
  const std::size_t before = allocations;
  std::size_t messages = 0;
  for (int round = 0; round < 100; ++round) {
    for (const std::string& body : bodies) messages += parser.parse(body, context).messages.size();
  }
  const std::size_t after = allocations;
  CHECK(messages == 100 * 7);
  CHECK(after == before);
}

TEST_CASE("allocation: the counter counts") {
  const std::size_t before = allocations;
  const Parser parser;
  CHECK(allocations > before);
}

}  // namespace
}  // namespace mcpgov::wire::test
