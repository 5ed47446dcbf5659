// How much of a value the policies can see: the cursor into the tree of paths they read.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "policy/request.hpp"

namespace mcpgov::request {

// Threads: immutable. Borrows the tree.
class Wanted {
 public:
  constexpr Wanted() noexcept = default;  // nothing
  static constexpr Wanted everything() noexcept { return Wanted(Amount::whole, nullptr); }
  explicit Wanted(const policy::ReadPath& path) noexcept
      : Wanted(path.whole              ? Amount::whole
               : path.children.empty() ? Amount::presence
                                       : Amount::parts,
               &path) {}

  // Whether there has to be a field at all.
  bool any() const noexcept { return amount_ != Amount::nothing; }
  bool whole() const noexcept { return amount_ == Amount::whole; }
  // Only that it is there: any value will do.
  bool presence() const noexcept { return amount_ == Amount::presence; }

  // How many fields of a record can be asked for, or the given number if all can.
  std::size_t at_most(std::size_t fields) const noexcept {
    if (whole()) return fields;
    return any() ? std::min(fields, path_->children.size()) : 0;
  }

  // What is wanted of the field of that name; kNoName is a name no policy mentions.
  Wanted field(policy::NameId name) const noexcept {
    if (whole()) return everything();
    if (!any() || name == policy::kNoName) return {};
    const auto& fields = path_->children;
    const auto found =
        std::lower_bound(fields.begin(), fields.end(), name,
                         [](const policy::ReadPath& a, policy::NameId b) { return a.name < b; });
    return found != fields.end() && found->name == name ? Wanted(*found) : Wanted();
  }

 private:
  enum class Amount : std::uint8_t { nothing, presence, parts, whole };
  constexpr Wanted(Amount amount, const policy::ReadPath* path) noexcept
      : amount_(amount), path_(path) {}

  Amount amount_ = Amount::nothing;
  const policy::ReadPath* path_ = nullptr;
};

}  // namespace mcpgov::request
