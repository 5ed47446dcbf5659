// Memory for secrets.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace mcpgov {

// Pages that are left out of core dumps and are zero in a forked child, where the system can do
// that (Linux); plain zeroed memory elsewhere. They are taken from the system when first touched,
// and zeroed before they go back. Threads: as an array of char.
class SecretPages {
 public:
  SecretPages() = default;
  // Throws: std::bad_alloc.
  explicit SecretPages(std::size_t bytes);
  SecretPages(SecretPages&& other) noexcept;
  SecretPages& operator=(SecretPages&& other) noexcept;
  ~SecretPages();

  char* begin() const noexcept { return begin_; }
  std::size_t size() const noexcept { return size_; }

 private:
  char* begin_ = nullptr;
  std::size_t size_ = 0;
};

// Zeroes in a way that no compiler leaves out.
void wipe(char* bytes, std::size_t size) noexcept;
// The characters of the text; its capacity beyond them was never written or wiped before.
void wipe(std::string& text) noexcept;

}  // namespace mcpgov
