// Tests of identity/key_source.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/tokens.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::identity;
using mcpgov::test::jwk_set;
using mcpgov::test::TestKey;

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kStart = 1'800'000'000 * kSecond;
constexpr const char* kIssuer = "https://login.example.com/realms/shop";
constexpr const char* kKeysUrl = "https://login.example.com/realms/shop/keys";

IssuerSettings from_url(std::string url = kKeysUrl) {
  IssuerSettings settings;
  settings.issuer = kIssuer;
  settings.keys = KeyOrigin::url;
  settings.keys_url = std::move(url);
  return settings;
}

IssuerSettings discovered(std::string issuer = kIssuer) {
  IssuerSettings settings;
  settings.issuer = std::move(issuer);
  return settings;
}

std::unique_ptr<KeySource> made(const IssuerSettings& settings) {
  Result<std::unique_ptr<KeySource>> source = KeySource::make(settings);
  REQUIRE(source);
  return std::move(*source);
}

TestKey key(const char* id, int number = 0) {
  return TestKey::ec("ES256", number).with_id(id);
}

std::string keys_of(std::initializer_list<const char*> ids) {
  std::vector<TestKey> keys;
  for (const char* id : ids) keys.push_back(key(id));
  return jwk_set(keys);
}

ErrorCode answer(KeySource& source, const Fetch& fetch, int status, std::string_view body,
                 std::uint64_t now_us, std::uint32_t max_age_s = 0) {
  const Result<void> taken = source.accept(fetch, {fetch.number, status, body, max_age_s}, now_us);
  return taken ? ErrorCode::none : taken.error().code;
}

// Fetches what is due, which must be keys, and answers with these.
void refresh(KeySource& source, std::string_view body, std::uint64_t now_us) {
  const std::optional<Fetch> fetch = source.due(now_us);
  REQUIRE(fetch);
  REQUIRE(fetch->kind == FetchKind::keys);
  REQUIRE(answer(source, *fetch, 200, body, now_us) == ErrorCode::none);
}

std::string metadata(std::string_view more, std::string_view issuer = kIssuer) {
  return R"({"issuer":")" + std::string(issuer) + "\"" + std::string(more) + "}";
}

TEST_CASE("keys of the settings are there at once, for ever, and nothing is fetched") {
  IssuerSettings settings;
  settings.issuer = "urn:example:issuer";  // needs no URL
  settings.keys = KeyOrigin::text;
  settings.keys_text = keys_of({"a"});
  const auto source = made(settings);
  CHECK(!source->due(kStart));
  CHECK(source->missing("b", kStart) == MissingKey::absent);
  CHECK(!source->due(kStart));
  for (const std::uint64_t now : {std::uint64_t{0}, kStart, UINT64_MAX - 1}) {
    const auto keys = source->keys(now);
    REQUIRE(keys);
    CHECK(keys->keys.keys().size() == 1);
    CHECK(keys->generation == source->generation());
  }
}

TEST_CASE("a secret is the only key of its issuer") {
  IssuerSettings settings = discovered();
  settings.secret = std::string(64, 's');
  settings.algorithms = AlgorithmSet().with(Algorithm::hs256);
  const auto source = made(settings);
  CHECK(!source->due(kStart));
  REQUIRE(source->keys(kStart));
  CHECK(source->keys(kStart)->keys.keys()[0].algorithm() == Algorithm::hs256);
}

TEST_CASE("settings that name no keys that could be had") {
  struct Row {
    const char* name;
    IssuerSettings settings;
    ErrorCode code;
  };
  const auto with = [](IssuerSettings settings, auto change) {
    change(settings);
    return settings;
  };
  const Row rows[] = {
      {"keys over http", from_url("http://login.example.com/keys"), ErrorCode::identity_setting},
      {"keys over http from here, without leave", from_url("http://localhost/keys"),
       ErrorCode::identity_setting},
      {"keys of a file", from_url("file:///etc/keys"), ErrorCode::identity_setting},
      {"discovery of what is no URL", discovered("login.example.com"), ErrorCode::identity_setting},
      {"discovery over http", discovered("http://login.example.com"), ErrorCode::identity_setting},
      {"discovery at a URL with a query", discovered("https://login.example.com/?a=b"),
       ErrorCode::identity_setting},
      {"keys that are no JSON", with(from_url(), [](auto& s) { s.keys = KeyOrigin::text; }),
       ErrorCode::identity_keys},
      {"a secret without an algorithm for it",
       with(discovered(), [](auto& s) { s.secret = std::string(64, 's'); }),
       ErrorCode::identity_setting},
      {"a secret for two algorithms",
       with(discovered(),
            [](auto& s) {
              s.secret = std::string(64, 's');
              s.algorithms = AlgorithmSet().with(Algorithm::hs256).with(Algorithm::hs512);
            }),
       ErrorCode::identity_setting},
      {"a short secret",
       with(discovered(),
            [](auto& s) {
              s.secret = "secret";
              s.algorithms = AlgorithmSet().with(Algorithm::hs256);
            }),
       ErrorCode::identity_key},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const Result<std::unique_ptr<KeySource>> source = KeySource::make(row.settings);
    REQUIRE(!source);
    CHECK(source.error().code == row.code);
    CHECK(source.error().message.find("secret\"") == std::string::npos);
  }
}

TEST_CASE("keys of a URL: one fetch with the issuer's limits, and then they are there") {
  IssuerSettings settings = from_url();
  settings.reach = {true, "pem", "pin", 1234};
  const auto source = made(settings);
  CHECK(!source->keys(kStart));
  CHECK(source->missing("", kStart) == MissingKey::waits);
  const std::optional<Fetch> fetch = source->due(kStart);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::keys);
  CHECK(fetch->issuer == kIssuer);
  CHECK(fetch->method == "GET");
  CHECK(fetch->url == kKeysUrl);
  CHECK(fetch->max_bytes == 256 * 1024);
  CHECK(fetch->timeout_ms == 1234);
  CHECK(fetch->private_addresses);
  CHECK(fetch->ca_pem == "pem");
  CHECK(fetch->pin_sha256 == "pin");
  CHECK(!fetch->secret);
  CHECK(!source->due(kStart));
  CHECK(source->missing("", kStart) == MissingKey::waits);
  CHECK(answer(*source, *fetch, 200, keys_of({"a"}), kStart) == ErrorCode::none);
  REQUIRE(source->keys(kStart));
  CHECK(source->keys(kStart)->keys.keys()[0].id() == "a");
  CHECK(!source->due(kStart));
  CHECK(answer(*source, *fetch, 200, keys_of({"b"}), kStart) == ErrorCode::identity_answer);
  CHECK(source->keys(kStart)->keys.keys()[0].id() == "a");
}

TEST_CASE("an answer that is useless leaves what was known") {
  struct Row {
    const char* name;
    int status;
    std::string body;
    ErrorCode code;
  };
  const Row rows[] = {
      {"nothing came", 0, "", ErrorCode::identity_answer},
      {"not found", 404, keys_of({"evil"}), ErrorCode::identity_answer},
      {"a redirect", 302, keys_of({"evil"}), ErrorCode::identity_answer},
      {"another success", 204, keys_of({"evil"}), ErrorCode::identity_answer},
      {"too many bytes", 200, std::string(256 * 1024 + 1, ' '), ErrorCode::identity_answer},
      {"a page", 200, "<html>", ErrorCode::identity_keys},
      {"no keys", 200, "{}", ErrorCode::identity_keys},
      {"a private key", 200, R"({"keys":[)" + key("evil").private_jwk() + "]}",
       ErrorCode::identity_keys},
      {"a key twice", 200, jwk_set({key("a"), key("a", 1)}), ErrorCode::identity_keys},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto source = made(from_url());
    refresh(*source, keys_of({"a"}), kStart);
    const std::uint64_t later = kStart + 600 * kSecond;
    const std::optional<Fetch> fetch = source->due(later);
    REQUIRE(fetch);
    CHECK(answer(*source, *fetch, row.status, row.body, later) == row.code);
    REQUIRE(source->keys(later));
    CHECK(source->keys(later)->keys.keys()[0].id() == "a");
    CHECK(source->generation() == 1);
    CHECK(!source->due(later));
    CHECK(source->due(later + kSecond));
  }
}

TEST_CASE("old keys are believed for a while, and then no more") {
  const auto source = made(from_url());
  refresh(*source, keys_of({"a"}), kStart);
  const std::uint64_t end = kStart + (600 + 3600) * kSecond;
  CHECK(source->keys(kStart)->good_until_us == end);
  CHECK(source->keys(end - 1));
  CHECK(!source->keys(end));
  CHECK(source->missing("a", end) == MissingKey::waits);
  refresh(*source, keys_of({"a"}), end + kSecond);
  CHECK(source->keys(end + kSecond));
}

TEST_CASE("the generation changes when a key is gone or another one, and only then") {
  struct Row {
    const char* name;
    std::string after;
    std::uint64_t generation;
  };
  const Row rows[] = {
      {"the same keys", jwk_set({key("a"), key("b", 1)}), 1},
      {"in another order", jwk_set({key("b", 1), key("a")}), 1},
      {"one more", jwk_set({key("a"), key("b", 1), key("c", 2)}), 1},
      {"one less", jwk_set({key("a")}), 2},
      {"another key of the same id", jwk_set({key("a"), key("b", 2)}), 2},
      {"another id of the same key", jwk_set({key("a"), key("c", 1)}), 2},
      {"all of them taken back", R"({"keys":[]})", 2},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto source = made(from_url());
    refresh(*source, jwk_set({key("a"), key("b", 1)}), kStart);
    CHECK(source->generation() == 1);
    refresh(*source, row.after, kStart + 600 * kSecond);
    CHECK(source->generation() == row.generation);
    CHECK(source->keys(kStart + 600 * kSecond)->generation == row.generation);
  }
}

TEST_CASE("an unknown key makes one fetch due, and none again for what the issuer does not have") {
  const auto source = made(from_url());
  refresh(*source, keys_of({"a"}), kStart);
  std::uint64_t now = kStart + kSecond;
  CHECK(!source->due(now));
  CHECK(source->missing("b", now) == MissingKey::waits);
  CHECK(source->missing("c", now) == MissingKey::waits);
  refresh(*source, jwk_set({key("a"), key("b", 1)}), now);
  CHECK(source->keys(now)->keys.keys().size() == 2);
  CHECK(source->missing("b", now) == MissingKey::later);  // it is there now
  CHECK(source->missing("c", now) == MissingKey::absent);
  CHECK(source->missing("d", now) == MissingKey::later);
  CHECK(!source->due(now));
  now += 30 * kSecond;
  CHECK(source->missing("c", now) == MissingKey::absent);
  CHECK(!source->due(now));
  CHECK(source->missing("d", now) == MissingKey::waits);
  CHECK(source->due(now));
  // After five pauses it is asked for once more: a cache on the way may have been old.
  CHECK(source->missing("c", kStart + 151 * kSecond) != MissingKey::absent);
}

TEST_CASE("a key that is asked for while a fetch is under way is not taken for absent after it") {
  const auto source = made(from_url());
  const std::optional<Fetch> fetch = source->due(kStart);
  REQUIRE(fetch);
  CHECK(source->missing("b", kStart + kSecond) == MissingKey::waits);
  CHECK(answer(*source, *fetch, 200, keys_of({"a"}), kStart + 2 * kSecond) == ErrorCode::none);
  CHECK(source->missing("b", kStart + 2 * kSecond) == MissingKey::waits);
}

TEST_CASE("a thousand unknown keys cost one fetch in half a minute, and bounded memory") {
  const auto source = made(from_url());
  refresh(*source, keys_of({"a"}), kStart);
  int fetches = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t now = kStart + i * kSecond / 10;
    source->missing("unknown " + std::to_string(i), now);
    if (const std::optional<Fetch> fetch = source->due(now)) {
      ++fetches;
      answer(*source, *fetch, 200, keys_of({"a"}), now);
    }
  }
  CHECK(fetches == 4);  // at 0, 30, 60 and 90 of 100 seconds
  CHECK(source->missing(std::string(257, 'k'), kStart + 200 * kSecond) == MissingKey::absent);
}

TEST_CASE("discovery: three places, then the keys, and the endpoint of introspection") {
  const auto source = made(discovered());
  const char* const places[] = {
      "https://login.example.com/.well-known/oauth-authorization-server/realms/shop",
      "https://login.example.com/.well-known/openid-configuration/realms/shop",
      "https://login.example.com/realms/shop/.well-known/openid-configuration"};
  std::optional<Fetch> fetch;
  for (const char* place : places) {
    fetch = source->due(kStart);
    REQUIRE(fetch);
    CHECK(fetch->kind == FetchKind::metadata);
    CHECK(fetch->url == place);
    if (place == places[2]) break;
    CHECK(answer(*source, *fetch, 404, "", kStart) == ErrorCode::identity_answer);
  }
  CHECK(source->introspection_url().empty());
  CHECK(answer(*source, *fetch, 200,
               metadata(R"(,"jwks_uri":"https://keys.example.com/k",)"
                        R"("introspection_endpoint":"https://login.example.com/i")"),
               kStart) == ErrorCode::none);
  CHECK(source->introspection_url() == "https://login.example.com/i");
  fetch = source->due(kStart);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::keys);
  CHECK(fetch->url == "https://keys.example.com/k");
  CHECK(answer(*source, *fetch, 200, keys_of({"a"}), kStart) == ErrorCode::none);
  CHECK(source->keys(kStart));
  CHECK(!source->due(kStart));

  // Then only the keys, until they are not there any more: perhaps they moved.
  const std::uint64_t later = kStart + 600 * kSecond;
  fetch = source->due(later);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::keys);
  CHECK(answer(*source, *fetch, 410, "", later) == ErrorCode::identity_answer);
  fetch = source->due(later + kSecond);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::metadata);
  CHECK(fetch->url == places[0]);
}

TEST_CASE("discovery: metadata is read again after a day, where it was found") {
  IssuerSettings settings = discovered();
  settings.keys_max_age_s = 86'400;
  const auto source = made(settings);
  answer(*source, *source->due(kStart), 404, "", kStart);
  const std::string good = metadata(R"(,"jwks_uri":"https://keys.example.com/k")");
  CHECK(answer(*source, *source->due(kStart), 200, good, kStart) == ErrorCode::none);
  refresh(*source, keys_of({"a"}), kStart);
  const std::optional<Fetch> fetch = source->due(kStart + 86'400 * kSecond);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::metadata);
  CHECK(fetch->url == "https://login.example.com/.well-known/openid-configuration/realms/shop");
}

TEST_CASE("discovery: metadata that is not believed") {
  const std::string keys = R"(,"jwks_uri":"https://login.example.com/keys")";
  struct Row {
    const char* name;
    std::string body;
    ErrorCode code;
  };
  const Row rows[] = {
      {"no JSON", "<html>", ErrorCode::identity_metadata},
      {"a member twice", metadata(keys + keys), ErrorCode::identity_metadata},
      {"no issuer", R"({"jwks_uri":"https://login.example.com/keys"})",
       ErrorCode::identity_issuer_mismatch},
      {"another issuer", metadata(keys, "https://evil.example"),
       ErrorCode::identity_issuer_mismatch},
      {"a slash more", metadata(keys, std::string(kIssuer) + "/"),
       ErrorCode::identity_issuer_mismatch},
      {"upper case", metadata(keys, "https://LOGIN.example.com/realms/shop"),
       ErrorCode::identity_issuer_mismatch},
      {"a list of issuers", R"({"issuer":[")" + std::string(kIssuer) + "\"]" + keys + "}",
       ErrorCode::identity_issuer_mismatch},
      {"no keys", metadata(""), ErrorCode::identity_metadata},
      {"keys that are no text", metadata(R"(,"jwks_uri":7)"), ErrorCode::identity_metadata},
      {"keys over http", metadata(R"(,"jwks_uri":"http://login.example.com/k")"),
       ErrorCode::identity_metadata},
      {"keys over http from here", metadata(R"(,"jwks_uri":"http://127.0.0.1/k")"),
       ErrorCode::identity_metadata},
      {"keys of a file", metadata(R"(,"jwks_uri":"file:///etc/passwd")"),
       ErrorCode::identity_metadata},
      {"introspection over http",
       metadata(keys + R"(,"introspection_endpoint":"http://login.example.com/i")"),
       ErrorCode::identity_metadata},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto source = made(discovered());
    for (int place = 0; place < 3; ++place) {
      const std::optional<Fetch> fetch = source->due(kStart);
      REQUIRE(fetch);
      CHECK(fetch->kind == FetchKind::metadata);
      CHECK(answer(*source, *fetch, 200, row.body, kStart) == row.code);
    }
    CHECK(!source->due(kStart));  // a pause
    CHECK(source->due(kStart + kSecond));
    CHECK(!source->keys(kStart));
    CHECK(source->introspection_url().empty());
  }
}

TEST_CASE("discovery: this machine without TLS where that is allowed") {
  IssuerSettings settings = discovered("http://127.0.0.1:8080");
  settings.reach.private_addresses = true;
  const auto source = made(settings);
  const std::optional<Fetch> fetch = source->due(kStart);
  REQUIRE(fetch);
  CHECK(answer(*source, *fetch, 200,
               metadata(R"(,"jwks_uri":"http://127.0.0.1:8080/k")", "http://127.0.0.1:8080"),
               kStart) == ErrorCode::none);
}

TEST_CASE("introspection alone needs the metadata and no keys") {
  IssuerSettings settings = discovered();
  settings.keys = KeyOrigin::none;
  settings.introspection.emplace();
  const auto source = made(settings);
  CHECK(source->missing("", kStart) == MissingKey::waits);
  const std::optional<Fetch> fetch = source->due(kStart);
  REQUIRE(fetch);
  CHECK(fetch->kind == FetchKind::metadata);
  CHECK(answer(*source, *fetch, 200,
               metadata(R"(,"introspection_endpoint":"https://login.example.com/i")"),
               kStart) == ErrorCode::none);
  CHECK(source->introspection_url() == "https://login.example.com/i");
  CHECK(!source->due(kStart));
  CHECK(!source->keys(kStart));
  CHECK(source->missing("a", kStart) == MissingKey::absent);

  settings.introspection->url = "https://login.example.com/i";
  CHECK(!made(settings)->due(kStart));
}

TEST_CASE("a source takes over what a former one knows, and not the fetch it waits for") {
  const auto former = made(from_url());
  refresh(*former, jwk_set({key("a"), key("b", 1)}), kStart);
  refresh(*former, keys_of({"a"}), kStart + 600 * kSecond);
  const std::uint64_t later = kStart + 1200 * kSecond;
  CHECK(former->due(later));
  const auto source = made(from_url());
  source->inherit(*former);
  source->inherit(*source);
  CHECK(source->generation() == 2);
  REQUIRE(source->keys(later));
  CHECK(source->keys(later)->keys.keys()[0].id() == "a");
  CHECK(source->due(later));
}

TEST_CASE("threads: readers beside refreshing") {
  const auto source = made(from_url());
  refresh(*source, keys_of({"a"}), kStart);
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&source] {
      for (int round = 0; round < 2000; ++round) {
        const std::uint64_t before = source->generation();
        const auto keys = source->keys(kStart);
        CHECK(keys->keys.keys().size() == 1);
        CHECK(keys->generation + 1 >= before);
        source->missing("unknown", kStart);
      }
    });
  }
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const std::uint64_t now = kStart + i * 600 * kSecond;
    if (const std::optional<Fetch> fetch = source->due(now)) {
      answer(*source, *fetch, 200, jwk_set({key("a", static_cast<int>(i % 2))}), now);
    }
  }
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
