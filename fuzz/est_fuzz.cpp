// JSON policies and policy sets: whatever is accepted prints, and says the same when read again.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mcpgov/cedar.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::policy;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_policy(std::string_view text) {
  PolicySet set;
  const bool is_template = !set.add_json("p", text);
  if (is_template && !set.add_template_json("p", text)) return;
  const Result<std::string> json = set.json("p");
  const Result<std::string> printed = set.text("p");
  if (!json || !printed) return;  // larger than is allowed
  PolicySet again;
  require(bool{is_template ? again.add_template_json("p", *json) : again.add_json("p", *json)});
  require(*again.json("p") == *json);
  require(*again.text("p") == *printed);
  // Some JSON has no text: a method without a receiver, or nesting that text does not have.
  PolicySet read;
  const Result<void> added =
      is_template ? read.add_template("p", *printed) : read.add("p", *printed);
  if (added) require(read.find("p")->role == set.find("p")->role);
}

void read_set(std::string_view text) {
  const Result<PolicySet> set = PolicySet::from_json({"", std::string(text)});
  if (!set) {
    require(set.error().line > 0);
    return;
  }
  const Result<std::string> json = set->to_json();
  if (!json) return;
  const Result<PolicySet> again = PolicySet::from_json({"", *json});
  require(again.has_value() && again->size() == set->size() && *again->to_json() == *json);
  PolicySet merged;
  require(merged.merge(*set).has_value() && *merged.to_json() == *json);
  require(merged.merge(*set)->empty());
  require(Engine::from(*set, "").has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_policy(text);
  read_set(text);
  return 0;
}
