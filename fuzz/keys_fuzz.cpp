// Key sets of any bytes: what is accepted holds keys of allowed algorithms, with different ids,
// that can be used.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "identity/key_set.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The first byte chooses the rules.
KeyRules rules_of(std::uint8_t choice) {
  KeyRules rules;
  rules.algorithms = default_algorithms();
  if ((choice & 1) != 0) {
    rules.algorithms = AlgorithmSet().with(Algorithm::rs256).with(Algorithm::es512);
  }
  if ((choice & 2) != 0) rules.use = "jwt-svid";
  rules.use_required = (choice & 4) != 0;
  rules.id_required = (choice & 8) != 0;
  rules.pass_over_bad = (choice & 16) != 0;
  rules.may_be_empty = (choice & 32) != 0;
  return rules;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const KeyRules rules = rules_of(bytes[0]);
  const Result<KeySet> set = KeySet::read(text, rules);
  if (!set) {
    require(!set.error().message.empty());
    return 0;
  }
  require(set->keys().size() <= kMostKeys);
  require(rules.may_be_empty || !set->keys().empty());
  std::set<std::string_view> ids;
  for (const Key& each : set->keys()) {
    require(rules.algorithms.has(each.algorithm()) && !is_symmetric(each.algorithm()));
    require(each.id().empty() || ids.insert(each.id()).second);
    require(!rules.id_required || !each.id().empty());
    require(each.thumbprint().size() == 43);
    require(!each.verify("text", std::string(256, '\1')));
  }
  return 0;
}
