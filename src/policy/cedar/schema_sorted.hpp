// The order in which schemas are printed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::policy::cedar {

// By name, bytewise. Declared: anything with a `name`.
template <class Declared>
std::vector<const Declared*> sorted(std::span<const Declared> all) {
  std::vector<const Declared*> out;
  out.reserve(all.size());
  for (const Declared& each : all) out.push_back(&each);
  std::stable_sort(out.begin(), out.end(), [](const Declared* a, const Declared* b) {
    return a->name.text < b->name.text;
  });
  return out;
}

// The part of a path behind its last `::`, and what stands before that.
inline std::string_view basename(std::string_view path) noexcept {
  const std::size_t at = path.rfind("::");
  return at == std::string_view::npos ? path : path.substr(at + 2);
}
inline std::string_view prefix(std::string_view path) noexcept {
  const std::size_t at = path.rfind("::");
  return at == std::string_view::npos ? std::string_view() : path.substr(0, at);
}

// What stands outside of every namespace comes first; the others by their last part, then by the
// parts before it from left to right, which is how the reference engine compares names.
inline bool path_before(std::string_view a, std::string_view b) noexcept {
  if (basename(a) != basename(b)) return basename(a) < basename(b);
  a = prefix(a);
  b = prefix(b);
  while (!a.empty() && !b.empty()) {
    const std::string_view left = a.substr(0, a.find("::"));
    const std::string_view right = b.substr(0, b.find("::"));
    if (left != right) return left < right;
    a.remove_prefix(std::min(a.size(), left.size() + 2));
    b.remove_prefix(std::min(b.size(), right.size() + 2));
  }
  return a.empty() && !b.empty();
}

inline std::vector<const DeclaredNamespace*> sorted_namespaces(const DeclaredSchema& schema) {
  std::vector<const DeclaredNamespace*> out;
  out.reserve(schema.namespaces.size());
  for (const DeclaredNamespace& each : schema.namespaces) out.push_back(&each);
  std::stable_sort(out.begin(), out.end(),
                   [](const DeclaredNamespace* a, const DeclaredNamespace* b) {
                     return path_before(a->path.text, b->path.text);
                   });
  return out;
}

}  // namespace mcpgov::policy::cedar
