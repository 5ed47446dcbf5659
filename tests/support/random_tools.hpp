// Random tools with input schemas, arguments that fit them, and what fits by the table of
// docs/request.md: said a second time, as plainly as it can be.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

namespace mcpgov::random {

// One seed, one tool. Threads: one thread.
class ToolCase {
 public:
  explicit ToolCase(std::uint64_t seed);

  // A list of this tool alone.
  std::string list() const;
  const std::string& name() const { return name_; }

  // Arguments that fit the schema.
  nlohmann::json arguments();
  // The same with something changed at one place, which may fit all the same.
  nlohmann::json changed(const nlohmann::json& arguments);
  // What schemas leave open: members of open objects, and of the input beside its properties, are
  // allowed for the tool, but no Cedar schema declares them.
  enum class Rest : std::uint8_t { allowed, refused };
  bool fits(const nlohmann::json& arguments, Rest rest) const;

 private:
  using Json = nlohmann::json;

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(dice_() % n); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  std::string property_name();
  Json scalar();
  Json object(int depth);
  Json array(int depth);
  Json schema(int depth);
  Json value(const Json& schema, int depth);
  Json value_of_object(const Json& schema, int depth, bool root);
  Json value_of_array(const Json& schema, int depth);
  Json anything(int depth);
  bool fits(const Json& schema, const Json& value, Rest rest) const;
  bool fits_object(const Json& schema, const Json& value, Rest rest, bool root) const;
  bool fits_array(const Json& schema, const Json& value, Rest rest) const;
  const Json& resolved(const Json& schema) const;

  std::mt19937_64 dice_;
  std::string name_;
  Json input_;
  Json output_;
};

}  // namespace mcpgov::random
