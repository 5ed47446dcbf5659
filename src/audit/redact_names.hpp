// Names with `*`, compared without case: of tools, and of members that hold secrets.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::audit {

// Whether all of `name` is of the pattern. `*`: any bytes, also none. Linear in both for one `*`,
// and never worse than their product.
bool fits(std::string_view pattern, std::string_view name, bool any_case) noexcept;

// What members of JSON are called that hold secrets, without settings (docs/audit.md lists them).
std::span<const std::string_view> secret_names() noexcept;

// The patterns of names whose values are taken out. Threads: thread-safe.
class NameRules {
 public:
  explicit NameRules(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  // The first pattern that the name is of; null: none.
  const std::string* find(std::string_view name) const noexcept;

  // For each pattern, text without `*` that every name of it holds; empty: there is none, and each
  // name has to be compared.
  std::vector<std::string> needles() const;

 private:
  std::vector<std::string> patterns_;
};

}  // namespace mcpgov::audit
