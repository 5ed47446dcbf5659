// Verdicts on tokens for jose.mjs to compare with those of the npm package jose: reads one case per
// line, {"keys":"…JWK set…","token":"…","algorithms":["RS256",…]}, and answers each with a line
// that holds the name of the code, `none` for a token that is accepted.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "identity/key_set.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::identity;
using nlohmann::json;

ErrorCode verdict(const json& each) {
  AlgorithmSet allowed;
  for (const json& name : each.at("algorithms")) {
    allowed = allowed.with(algorithm_from(name.get<std::string>()));
  }
  KeyRules rules;
  rules.algorithms = allowed;
  rules.pass_over_bad = true;
  const Result<KeySet> keys = KeySet::read(each.at("keys").get<std::string>(), rules);
  if (!keys) return keys.error().code;
  static CompactReader reader;
  Compact token;
  const std::string text = each.at("token");
  const ErrorCode code = reader.read(text, Use::access_token, token);
  if (code != ErrorCode::none) return code;
  const Key* used = nullptr;
  return check_signature(token, *keys, allowed, used);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << code_name(verdict(json::parse(line))) << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}
