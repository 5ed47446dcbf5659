// What a catalog owns, and the reader that fills it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/arena.hpp"
#include "catalog/shape.hpp"
#include "catalog/type.hpp"
#include "mcpgov/catalog.hpp"

namespace mcpgov::catalog {

struct Catalog::Contents {
  // Where a name is looked up: an open-addressing table at most half full.
  struct Slot {
    std::uint32_t tag = 0;   // half of the hash
    std::uint32_t tool = 0;  // position + 1; 0: free
  };
  Arena arena{4096};  // everything the tools and schemas point to
  std::vector<Tool> tools;
  std::vector<Slot> slots;
  Origin origin = Origin::pinned;

  const Tool* find(std::string_view name) const noexcept;
  // The tool must not be there yet.
  void index(std::uint32_t position);
};

// Reads the pages of one list. Threads: one thread. Throws: std::bad_alloc.
class Reader {
 public:
  Reader(Origin origin, std::string_view file, const Limits& limits);
  Result<void> page(std::string_view json);
  Catalog finish();

 private:
  Result<void> tool(const Json& definition, const Json* shared, std::size_t position);
  Result<void> schema(Tool& tool, const Json& definition, const Json* shared);
  Error error(ErrorCode code, std::string sentence) const;

  const Limits& limits_;
  std::string file_;
  std::shared_ptr<Catalog::Contents> contents_;
  std::size_t bytes_ = 0;
  std::uint32_t types_ = 0;
};

}  // namespace mcpgov::catalog
