// Lookups in a compiled schema. Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/type.hpp"

#include <algorithm>

namespace mcpgov::catalog {

const Member* Type::member(std::string_view name) const noexcept {
  const auto found =
      std::lower_bound(members.begin(), members.end(), name,
                       [](const Member& a, std::string_view b) { return a.name < b; });
  return found != members.end() && found->name == name ? &*found : nullptr;
}

bool Type::has_value(std::string_view text) const noexcept {
  return std::binary_search(values.begin(), values.end(), text);
}

}  // namespace mcpgov::catalog
