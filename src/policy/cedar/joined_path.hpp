// The text of a path `A::B` whose parts are read one by one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/arena.hpp"

namespace mcpgov::policy::cedar {

// As it was written where nothing stands between the parts; else a copy, which is made once.
class JoinedPath {
 public:
  explicit JoinedPath(std::string_view first) noexcept : written_(first) {}

  void add(std::string_view part) {
    if (joined_.empty() && written_.data() + written_.size() + 2 == part.data()) {
      written_ = {written_.data(), written_.size() + 2 + part.size()};
      return;
    }
    if (joined_.empty()) joined_.assign(written_);
    joined_.append("::").append(part);
  }

  std::string_view text(Arena& arena) const {
    return joined_.empty() ? written_ : arena.copy(joined_);
  }

 private:
  std::string_view written_;
  std::string joined_;
};

}  // namespace mcpgov::policy::cedar
