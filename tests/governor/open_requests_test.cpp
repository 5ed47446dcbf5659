// The table of open requests against a plain map, over random additions and removals.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/open_requests.hpp"

#include <map>
#include <memory>
#include <random>
#include <string>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::detail;

TEST_CASE("open requests: the table agrees with a map") {
  std::mt19937 random(20261120);
  OpenRequests table(200, 1 << 20);
  std::map<int, std::unique_ptr<VerdictState>> model;
  std::map<int, std::string> texts;
  const auto id_of = [&](int key) {
    wire::Id id;
    if (key % 2 == 0) {
      id.type = wire::Id::Type::integer;
      id.integer = key / 2;
    } else {
      texts[key] = std::to_string(key / 2);
      id.type = wire::Id::Type::string;
      id.text = texts[key];
    }
    return id;
  };
  for (int round = 0; round < 20'000; ++round) {
    const int key = static_cast<int>(random() % 600);
    const auto found = model.find(key);
    VerdictState* const known = found == model.end() ? nullptr : found->second.get();
    REQUIRE(table.find(id_of(key)) == known);
    if (known != nullptr && random() % 2 == 0) {
      table.remove(known);
      model.erase(found);
    } else {
      auto state = std::make_unique<VerdictState>();
      state->facts.id = id_of(key);
      const auto added = table.add(state.get());
      if (known != nullptr) {
        REQUIRE(added == OpenRequests::Added::in_use);
      } else if (model.size() == 200) {
        REQUIRE(added == OpenRequests::Added::full);
      } else {
        REQUIRE(added == OpenRequests::Added::yes);
        model[key] = std::move(state);
      }
    }
    REQUIRE(table.size() == model.size());
  }
  CHECK(texts.size() > 200);
}
