// Project Wycheproof's vectors of JOSE: signed tokens, keys, and encrypted tokens.
// Tested by tests/conformance/jose_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_jose.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/os_file.hpp"
#include "identity/base64url.hpp"
#include "identity/key_set.hpp"

namespace mcpgov::cli {
namespace {

namespace fs = std::filesystem;
using identity::Algorithm;
using identity::AlgorithmSet;
using nlohmann::json;

constexpr std::size_t kFileBytes = 16 * 1024 * 1024;
constexpr std::string_view kFiles[] = {"json_web_signature_test.json", "json_web_key_test.json",
                                       "json_web_crypto_test.json",
                                       "json_web_encryption_test.json"};

struct WrongLabel {
  int test;
  std::string_view reason;
};

// Of json_web_signature_test.json.
constexpr WrongLabel kWrong[] = {
    {346, "its key is for PS256, its token PS384; labelled valid, unlike 331 to 340"},
    {347, "the `alg` of its key, ES521, is none; labelled valid"},
    {350, "its key is for PS256, its token PS384; labelled valid, unlike 331 to 340"},
    {351, "the `alg` of its key, ES521, is none; labelled valid"},
    {367, "byte for byte the valid 357 (its padding was lost); labelled invalid"},
    {370, "byte for byte the valid 357 (its padding was lost); labelled invalid"},
    {372, "a `?` in its header, which is no base64url; labelled valid"},
    {373, "a `?` in its payload, which is no base64url; labelled valid"},
};

const WrongLabel* wrong_label(std::string_view file, int test) {
  if (file != kFiles[0]) return nullptr;
  const auto* const found = std::find_if(std::begin(kWrong), std::end(kWrong),
                                         [&](const WrongLabel& each) { return each.test == test; });
  return found == std::end(kWrong) ? nullptr : found;
}

AlgorithmSet every_algorithm() {
  AlgorithmSet out;
  for (int each = 1; each <= static_cast<int>(Algorithm::hs512); ++each) {
    out = out.with(static_cast<Algorithm>(each));
  }
  return out;
}

// Keys of a group as an issuer would publish them; secrets, which nobody publishes, as one would
// configure them.
Result<identity::KeySet> keys_of(const json& group) {
  const json& given = group.contains("public") ? group["public"] : group.at("private");
  const json set = given.contains("keys") ? given : json{{"keys", json::array({given})}};
  const json& keys = set.at("keys");
  const auto is_secret = [](const json& key) { return key.value("kty", "") == "oct"; };
  if (!std::all_of(keys.begin(), keys.end(), is_secret)) {
    identity::KeyRules rules;
    rules.algorithms = every_algorithm();
    rules.max_rsa_bits = 8192;
    rules.pass_over_bad = true;
    return identity::KeySet::read(set.dump(), rules);
  }
  std::vector<std::pair<std::string, std::string>> texts;  // id and bytes, which secrets borrow
  std::vector<Algorithm> algorithms;
  for (const json& key : keys) {
    std::string bytes;
    if (key.value("use", "sig") != "sig" ||
        !identity::decode_base64url(key.at("k").get_ref<const std::string&>(), bytes)) {
      return Error{ErrorCode::identity_key, "a secret for something else", {}, 0, 0};
    }
    texts.emplace_back(key.value("kid", ""), std::move(bytes));
    algorithms.push_back(identity::algorithm_from(key.value("alg", "")));
  }
  std::vector<identity::Secret> secrets;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    secrets.push_back({algorithms[i], texts[i].second, texts[i].first});
  }
  return identity::KeySet::from_secrets(secrets);
}

// A token as it would arrive: one vector is the object of a JSON serialization.
std::string token_of(const json& given) {
  return given.is_string() ? given.get<std::string>() : given.dump();
}

class JoseRun {
 public:
  explicit JoseRun(const JoseSuite& suite) : suite_(suite) {}

  void run(std::string_view file, const json& text) {
    std::size_t agreed[2] = {};  // signed, encrypted
    std::size_t all[2] = {};
    std::size_t listed = 0;
    for (const json& group : text.at("testGroups")) {
      const Result<identity::KeySet> keys = keys_of(group);
      for (const json& test : group.at("tests")) {
        const int number = test.at("tcId");
        const bool expected = test.at("result") == "valid";
        const bool encrypted = test.contains("jwe");
        ++all[encrypted];
        const std::string problem = encrypted
                                        ? not_refused(token_of(test.at("jwe")))
                                        : difference(keys, token_of(test.at("jws")), expected);
        if (const WrongLabel* wrong = encrypted ? nullptr : wrong_label(file, number)) {
          fmt::print("left out {} {}: {}\n", file, number, wrong->reason);
          ++listed;
          if (problem.empty()) report(file, number, "comes out as labelled");
        } else if (problem.empty()) {
          ++agreed[encrypted];
          if (suite_.verbose) fmt::print("passed {} {}\n", file, number);
        } else {
          report(file, number, problem);
        }
      }
    }
    fmt::print("{}: {} of {} signed as published, {} left out, {} of {} encrypted refused\n", file,
               agreed[0], all[0], listed, agreed[1], all[1]);
    result_.passed += agreed[0] + agreed[1];
  }

  SuiteResult result() const { return result_; }

 private:
  void report(std::string_view file, int number, std::string_view what) {
    ++result_.failed;
    fmt::print("FAILED {} {}: {}\n", file, number, what);
  }

  // What is wrong with our verdict on a signed token, or nothing.
  std::string difference(const Result<identity::KeySet>& keys, const std::string& token,
                         bool expected) {
    identity::Compact compact;
    ErrorCode code = keys ? reader_.read(token, identity::Use::bytes, compact) : keys.error().code;
    if (code == ErrorCode::none) {
      const identity::Key* used = nullptr;
      code = identity::check_signature(compact, *keys, every_algorithm(), used);
    }
    if (expected == (code == ErrorCode::none)) return {};
    return expected ? fmt::format("refused: {}", code_name(code)) : "accepted";
  }

  std::string not_refused(const std::string& token) {
    identity::Compact compact;
    const ErrorCode code = reader_.read(token, identity::Use::access_token, compact);
    if (code == ErrorCode::none) return "accepted";
    const bool form = std::count(token.begin(), token.end(), '.') == 4;
    if (form && code != ErrorCode::token_encrypted) {
      return fmt::format("refused as {}", code_name(code));
    }
    return {};
  }

  const JoseSuite& suite_;
  // Some vectors of JWE are longer than a token may be; they are to be refused as encrypted.
  identity::CompactReader reader_{identity::StrictLimits{1024 * 1024}};
  SuiteResult result_;
};

}  // namespace

Result<SuiteResult> run_jose(const JoseSuite& suite) {
  JoseRun run(suite);
  bool any = false;
  for (const std::string_view file : kFiles) {
    const fs::path path = fs::path(suite.folder) / file;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    const Result<std::string> text = read_file(path.string(), kFileBytes);
    if (!text) return text.error();
    try {
      run.run(file, json::parse(*text));
    } catch (const json::exception& problem) {
      return Error{ErrorCode::file_unreadable, problem.what(), path.string(), 0, 0};
    }
    any = true;
  }
  if (!any) return Error{ErrorCode::file_unreadable, "no vectors found", suite.folder, 0, 0};
  return run.result();
}

}  // namespace mcpgov::cli
