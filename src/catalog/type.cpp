// Lookups in a compiled schema. Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/type.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace mcpgov::catalog {

const Member* Type::member(std::string_view name) const noexcept {
  // Up to here a look at sizes tells more names apart than a search that compares them.
  constexpr std::size_t kFew = 8;
  if (members.size() <= kFew) {
    for (const Member& each : members) {
      if (same_text(each.name, name)) return &each;
    }
    return nullptr;
  }
  const auto found =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const Member& a, std::string_view b) { return a.name < b; });
  return found != members.end() && found->name == name ? &*found : nullptr;
}

bool Type::has_value(std::string_view text) const noexcept {
  return std::binary_search(values.begin(), values.end(), text);
}

}  // namespace mcpgov::catalog
