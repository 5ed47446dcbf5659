// Tests of identity/api_keys.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/api_keys.hpp"

#include <functional>
#include <string>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

const std::string kKey = "mcpgov_0123456789abcdef";

ApiKeySettings key_of(const char* id, const std::string& key) {
  ApiKeySettings out;
  out.id = id;
  out.sha256 = crypto::hex(crypto::sha256(key));
  out.caller.kind = CallerKind::workload;
  out.caller.issuer = "keys";
  out.caller.subject = id;
  return out;
}

TEST_CASE("API keys: settings that are refused") {
  struct Row {
    const char* name;
    std::function<void(std::vector<ApiKeySettings>&)> change;
    ErrorCode code;
  };
  const ErrorCode setting = ErrorCode::identity_setting;
  const ErrorCode digest = ErrorCode::identity_key;
  const Row rows[] = {
      {"no id", [](auto& keys) { keys[0].id.clear(); }, setting},
      {"an id with a line break", [](auto& keys) { keys[0].id = "a\nb"; }, setting},
      {"an id twice", [](auto& keys) { keys[1].id = keys[0].id; }, setting},
      {"no digest", [](auto& keys) { keys[0].sha256.clear(); }, digest},
      {"the key itself", [](auto& keys) { keys[0].sha256 = kKey; }, digest},
      {"a digit too few", [](auto& keys) { keys[0].sha256.pop_back(); }, digest},
      {"a letter that is no digit", [](auto& keys) { keys[0].sha256[63] = 'g'; }, digest},
      {"a digest twice", [](auto& keys) { keys[1].sha256 = keys[0].sha256; }, digest},
      {"a digest twice, once in capitals",
       [](auto& keys) {
         keys[1].sha256 = keys[0].sha256;
         for (char& c : keys[1].sha256) c = static_cast<char>(c >= 'a' ? c - 32 : c);
       },
       digest},
      {"no kind", [](auto& keys) { keys[0].caller.kind = CallerKind::none; }, setting},
      {"no subject", [](auto& keys) { keys[0].caller.subject.clear(); }, setting},
      {"nobody",
       [](auto& keys) {
         keys[0].caller = {};
         keys[0].caller.kind = CallerKind::anonymous;
       },
       setting},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    std::vector<ApiKeySettings> keys = {key_of("a", kKey), key_of("b", kKey + "b")};
    row.change(keys);
    const auto made = ApiKeys::make(keys);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == row.code);
  }
}

TEST_CASE("API keys: whose they are") {
  const std::string shortest(20, 's');
  const std::string longest(512, 'l');
  auto expiring = key_of("old", kKey + "old");
  expiring.expires_s = 1000;
  auto made =
      ApiKeys::make({key_of("a", kKey), key_of("b", kKey + "b"), expiring, key_of("s", shortest),
                     key_of("l", longest), key_of("short", "s"), key_of("long", longest + "l")});
  REQUIRE(made);
  CHECK_FALSE(made->empty());
  CHECK(ApiKeys().empty());
  struct Row {
    std::string shown;
    std::uint64_t now_s;
    const char* id;  // empty: nobody's
  };
  const Row rows[] = {
      {kKey, 5000, "a"},
      {kKey + "b", 5000, "b"},
      {shortest, 5000, "s"},
      {longest, 5000, "l"},
      {kKey + "old", 999, "old"},
      {kKey + "old", 1000, ""},
      {"", 5000, ""},
      {"s", 5000, ""},
      {longest + "l", 5000, ""},
      {kKey + "c", 5000, ""},
      {kKey.substr(0, kKey.size() - 1), 5000, ""},
      {" " + kKey, 5000, ""},
      {kKey + std::string(1, '\0'), 5000, ""},
      {"MCPGOV_0123456789ABCDEF", 5000, ""},
      {crypto::hex(crypto::sha256(kKey)), 5000, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    std::shared_ptr<const Caller> caller;
    std::uint64_t expires_s = 7;
    std::vector<Check> steps;
    Trace trace(steps);
    const ErrorCode code = made->find(row.shown, row.now_s, caller, expires_s, &trace);
    const std::string id = row.id;
    CHECK(code == (id.empty() ? ErrorCode::api_key_unknown : ErrorCode::none));
    CHECK((caller == nullptr) == id.empty());
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].passed == !id.empty());
    // The shortest is a run of one letter, which texts may hold.
    if (row.shown.size() >= 20) CHECK(steps[0].detail.find(row.shown) == std::string::npos);
    if (caller == nullptr) continue;
    CHECK(caller->subject == id);
    CHECK(caller->evidence.kind == EvidenceKind::api_key);
    CHECK(caller->evidence.key_id == id);
    CHECK(check(*caller).has_value());
    CHECK(expires_s == (id == "old" ? 1000U : 0U));
  }
}

TEST_CASE("API keys: none at all know nobody") {
  std::shared_ptr<const Caller> caller;
  std::uint64_t expires_s = 0;
  CHECK(ApiKeys().find(kKey, 1, caller, expires_s) == ErrorCode::api_key_unknown);
}

TEST_CASE("API keys: a new one is accepted, and never made twice") {
  const auto one = new_api_key();
  const auto other = new_api_key("");
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->key.starts_with("mcpgov_"));
  CHECK(one->key.size() == 50);
  CHECK(other->key.size() == 43);
  CHECK(one->key.substr(7) != other->key);
  ApiKeySettings settings = key_of("new", kKey);
  settings.sha256 = one->sha256;
  auto made = ApiKeys::make({settings});
  REQUIRE(made);
  std::shared_ptr<const Caller> caller;
  std::uint64_t expires_s = 0;
  CHECK(made->find(one->key, 1, caller, expires_s) == ErrorCode::none);
  CHECK(made->find(other->key, 1, caller, expires_s) == ErrorCode::api_key_unknown);
  CHECK(new_api_key("a b").error().code == ErrorCode::identity_setting);
  CHECK(new_api_key(std::string(33, 'p')).error().code == ErrorCode::identity_setting);
}

}  // namespace
}  // namespace mcpgov::identity
