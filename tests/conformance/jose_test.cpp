// The runner of the vectors of JOSE sees every difference.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_jose.hpp"
#include "support/temporary_folder.hpp"
#include "support/tokens.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;
using mcpgov::test::TestKey;

namespace {

// A file with one group of one test.
std::string vectors(const std::string& keys, const std::string& test) {
  return R"({"testGroups":[{)" + keys + R"(,"tests":[{)" + test + "}]}]}";
}

}  // namespace

TEST_CASE("conformance: vectors of JOSE pass when they come out as labelled") {
  const TestKey ec = TestKey::ec();
  const TestKey secret = TestKey::secret(std::string(32, 's')).with_id("a");
  const std::string ec_keys = R"("public":)" + ec.jwk();
  const std::string secret_keys = R"("private":{"keys":[)" + secret.jwk() + "]}";
  const auto jws = [](const std::string& token, const char* result, int number = 1) {
    return R"("tcId":)" + std::to_string(number) + R"(,"result":")" + result + R"(","jws":")" +
           token + "\"";
  };
  const auto jwe = [](const char* token) {
    return std::string(R"("tcId":1,"result":"valid","jwe":")") + token + "\"";
  };
  const std::string good = ec.sign(R"({"alg":"ES256"})", "text");
  const std::string bad = TestKey::ec("ES256", 1).sign(R"({"alg":"ES256"})", "text");
  const std::string mac = secret.sign(R"({"alg":"HS256","kid":"a"})", "text");
  struct Case {
    const char* sentence;
    std::string keys;
    std::string test;
    std::size_t passed;
    std::size_t failed;
  };
  const Case cases[] = {
      {"a valid one that is accepted", ec_keys, jws(good, "valid"), 1, 0},
      {"a valid one that is refused", ec_keys, jws(bad, "valid"), 0, 1},
      {"an invalid one that is refused", ec_keys, jws(bad, "invalid"), 1, 0},
      {"an invalid one that is accepted", ec_keys, jws(good, "invalid"), 0, 1},
      {"a valid one with a secret", secret_keys, jws(mac, "valid"), 1, 0},
      {"a secret beside a public key",
       R"("private":{"keys":[)" + secret.jwk() + "," + ec.jwk() + "]}", jws(mac, "invalid"), 1, 0},
      {"keys that cannot be used", R"("public":{"kty":"EC"})", jws(good, "invalid"), 1, 0},
      {"keys that cannot be used, and a valid token", R"("public":{"kty":"EC"})",
       jws(good, "valid"), 0, 1},
      {"an encrypted one", ec_keys, jwe("e30.e30.e30.e30.e30"), 1, 0},
      {"an encrypted one with a part missing", ec_keys, jwe("e30.e30.e30.e30"), 1, 0},
      {"an encrypted one that can be read", ec_keys, jwe("eyJhbGciOiJFUzI1NiJ9.e30.e30"), 0, 1},
      {"a wrong label", ec_keys, jws(bad, "valid", 346), 0, 0},
      {"a wrong label that is right", ec_keys, jws(good, "valid", 346), 0, 1},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.sentence));
    const test::TemporaryFolder folder;
    folder.write("json_web_signature_test.json", vectors(each.keys, each.test));
    const Result<SuiteResult> result = run_jose({folder.path(""), false});
    REQUIRE(result.has_value());
    CHECK(result->passed == each.passed);
    CHECK(result->failed == each.failed);
  }
}

TEST_CASE("conformance: a folder without vectors of JOSE is an error") {
  const test::TemporaryFolder folder;
  CHECK(run_jose({folder.path("nowhere"), false}).error().code == ErrorCode::file_unreadable);
  CHECK(run_jose({folder.path(""), false}).error().code == ErrorCode::file_unreadable);
  for (const char* text : {"", "[]", R"({"testGroups":[{"tests":[{}]}]})",
                           R"({"testGroups":[{"public":{},"tests":[{"tcId":"x"}]}]})"}) {
    CAPTURE(std::string(text));
    folder.write("json_web_key_test.json", text);
    CHECK(run_jose({folder.path(""), false}).error().code == ErrorCode::file_unreadable);
  }
}
