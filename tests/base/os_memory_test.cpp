// Tests of base/os_memory.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_memory.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace {

using mcpgov::SecretPages;

TEST_CASE("secret pages: zeroed, writable, movable") {
  SecretPages pages(100'000);
  REQUIRE(pages.size() == 100'000);
  CHECK(std::all_of(pages.begin(), pages.begin() + pages.size(), [](char c) { return c == 0; }));
  pages.begin()[99'999] = 'x';
  SecretPages moved = std::move(pages);
  CHECK(moved.begin()[99'999] == 'x');
  CHECK(SecretPages(0).begin() == nullptr);
}

#if defined(__linux__)
TEST_CASE("secret pages: the kernel leaves them out of core dumps and forked children") {
  const SecretPages pages(1 << 20);
  pages.begin()[0] = 'x';
  std::ostringstream start;
  start << std::hex << reinterpret_cast<std::uintptr_t>(pages.begin());
  std::ifstream map("/proc/self/smaps");
  bool inside = false;
  std::string flags;
  for (std::string line; std::getline(map, line) && flags.empty();) {
    if (line.find('-') != std::string::npos && line.find(start.str()) == 0) inside = true;
    if (inside && line.starts_with("VmFlags:")) flags = line + " ";
  }
  CAPTURE(flags);
  CHECK(flags.find(" dd ") != std::string::npos);
  CHECK(flags.find(" wf ") != std::string::npos);
}
#endif

TEST_CASE("wiping: nothing of the text is left") {
  std::string text(64, 's');
  const char* const at = text.data();
  mcpgov::wipe(text);
  CHECK(text.empty());
  CHECK(at[1] == 0);
}

}  // namespace
