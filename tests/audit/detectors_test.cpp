// What detectors find, and what they leave alone. Secrets here are made up, and put together from
// halves, so that programs that look for secrets in sources do not take them for real ones.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace mcpgov::audit {
namespace {

Detectors make(const CaptureSettings& settings = {}) {
  auto made = Detectors::make(settings);
  if (!made) FAIL(made.error().text());
  return *std::move(made);
}

// `detector:text` of everything that was found.
std::string found_in(Detectors& detectors, std::string_view text) {
  std::vector<Detection> found;
  Work work{0, 1'000'000};
  REQUIRE(detectors.find(text, work, found));
  std::string out;
  for (const Detection& each : found) {
    if (!out.empty()) out += ' ';
    out += std::string(detectors.name(each.detector)) + ':' +
           std::string(text.substr(each.begin, each.end - each.begin));
  }
  return out;
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view each : parts) out += each;
  return out;
}

// Letters and digits without a pattern, always the same.
std::string mixed(std::size_t size, std::string_view alphabet) {
  std::mt19937 random(7);
  std::string out;
  while (out.size() < size) out += alphabet[random() % alphabet.size()];
  return out;
}
constexpr std::string_view kAlnum =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

struct True {
  const char* detector;
  std::string before;
  std::string secret;
  std::string after;
};

std::vector<True> true_tokens() {
  const std::string m20 = mixed(20, kAlnum);
  const std::string m36 = mixed(36, kAlnum);
  return {
      {"aws-access-token", "id=", join({"AK", "IA", mixed(16, kUpper)}), ";"},
      {"aws-access-token", "", join({"AS", "IA", mixed(16, kUpper)}), ""},
      {"github-token", "use ", join({"gh", "p_", m36}), " now"},
      {"github-token", "", join({"github", "_pat_", mixed(82, kAlnum)}), ""},
      {"gitlab-token", "", join({"gl", "pat-", m20}), ""},
      {"anthropic-api-key", "(", join({"sk-", "ant-", "api03-", mixed(93, kAlnum), "AA"}), ")"},
      {"openai-api-key", "", join({"sk-", "proj-", m20, "T3Blbk", "FJ", m20}), "."},
      {"openai-api-key", "k ", join({"sk-", m20, "T3Blbk", "FJ", m20}), ""},
      {"slack-token", "", join({"xo", "xb-", "123456789012-123456789012-", m20}), ""},
      {"slack-webhook", "https://hooks.slack.com/services/", join({"T00/", "B00/", m20}), ""},
      {"stripe-key", "", join({"sk_", "live_", m20}), ""},
      {"stripe-key", "", join({"rk_", "test_", m20}), ","},
      {"google-api-key", "?key=", join({"AI", "za", mixed(35, kAlnum)}), "&x"},
      {"google-oauth", "", join({"GO", "CSPX-", mixed(28, kAlnum)}), ""},
      {"azure-client-secret", "", join({"abc8", "Q~", mixed(33, kAlnum)}), ""},
      {"npm-token", "//registry/:_x ", join({"np", "m_", m36}), ""},
      {"huggingface-token", "", join({"h", "f_", mixed(34, kAlnum)}), ""},
      {"sendgrid-api-key", "", join({"S", "G.", mixed(22, kAlnum), ".", mixed(43, kAlnum)}), ""},
      {"digitalocean-token", "", join({"dop", "_v1_", mixed(64, kHex)}), ""},
      {"pypi-token", "", join({"pypi-", "AgEIcHlwaS", mixed(60, kAlnum)}), ""},
      {"shopify-token", "", join({"shp", "at_", mixed(32, kHex)}), ""},
      {"vault-token", "", join({"hv", "s.", mixed(24, kAlnum)}), ""},
      {"databricks-token", "", join({"da", "pi", mixed(32, kHex)}), ""},
      {"age-secret-key", "", join({"AGE-SECRET", "-KEY-1", mixed(58, kUpper)}), ""},
      {"jwt", "", join({"ey", "J", m20, ".ey", "J", m20, ".", m36}), " x"},
      {"private-key", "x\n",
       join({"-----BEGIN RSA PRIVATE", " KEY-----\nMII", m36, "\n", m36,
             "\n-----END RSA PRIVATE KEY-----"}),
       "\ny"},
      {"private-key", "", join({"-----BEGIN PRIVATE", " KEY-----\nMII", m36, " never ends"}), ""},
      {"signed-url", "https://a.example/x?sv=1&sig=", mixed(43, kAlnum) + "%3D", "&se=2"},
  };
}

std::vector<True> true_credentials() {
  const std::string m20 = mixed(20, kAlnum);
  return {
      {"bearer-token", "Authorization: Bearer ", m20, ""},
      {"basic-credentials", "Basic ", "YW5uOmh1bnRlcjI=", ""},
      {"url-password", "postgres://ann:", "hunter2", "@db.internal:5432/shop"},
      {"url-password", "amqp://ann:", "a/b?c", "@queue"},
      {"cookie", "Set-Cookie: ", "sid=31d4d96e407aad42; Path=/", "\nHost: x"},
      {"password", "password=", "hunter2", "&user=ann"},
      {"password", "\"passwd\" : \"", "p w; d", "\""},
      // Where a quote is escaped twice, its end cannot be told from a quote inside of the value.
      {"password", "{\\\"pwd\\\":\\\"", "hunter2\\\"}", ""},
      {"password", "Server=x;User Id=y;Pwd=", "hunter2", ";Encrypt=true"},
      {"account-key", "AccountName=x;AccountKey=", m20 + "==", ";"},
      {"generic-secret", "api_key: '", m20, "'"},
      {"generic-secret", "export CLIENT_SECRET=", m20, ""},
      {"generic-secret", "access_token := ", m20, ""},
      {"email", "to <", "ann.lee+x@mail.example.com", ">"},
      {"payment-card", "card ", "4111 1111 1111 1111", " ok"},
      {"payment-card", "", "378282246310005", ""},
      {"payment-card", "", "5555-5555-5555-4444", "."},
      {"payment-card", "", "6011111111111117", ", 12/30"},
      {"iban", "to ", "DE89 3704 0044 0532 0130 00", " please"},
      {"iban", "", "GB29NWBK60161331926819", ""},
      {"phone", "call ", "+49 170 1234567", ""},
      {"phone", "", "+1 (415) 555-2671", ","},
      {"phone", "tel:", "+14155552671", ""},
  };
}

TEST_CASE("detectors: each finds its secret, and nothing around it") {
  Detectors detectors = make();
  std::vector<True> all = true_tokens();
  for (True& each : true_credentials()) all.push_back(each);
  for (const True& each : all) {
    CAPTURE(std::string(each.detector));
    CHECK(found_in(detectors, each.before + each.secret + each.after) ==
          std::string(each.detector) + ':' + each.secret);
  }
}

TEST_CASE("detectors: each row of the table has an example here") {
  std::vector<True> all = true_tokens();
  for (True& each : true_credentials()) all.push_back(each);
  for (const DetectorRow& row : detector_rows()) {
    const std::string name = row.name;
    CAPTURE(name);
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const True& each) { return each.detector == name; }));
  }
}

TEST_CASE("detectors: what is only like a secret stays") {
  const std::string cases[] = {
      "AKIA is how such keys begin",
      join({"AK", "IA", "AAAAAAAAAAAAAAAA"}),  // no entropy
      join({"AK", "IA", "234567abcdefghij"}),  // lower case
      join({"gh", "p_", mixed(35, kAlnum)}),   // one too few
      "ghp_ and gho_ are prefixes",
      "sk-learn, sk-image and sk-ant-",
      "T3BlbkFJ is OpenAI in base64",
      "AIza",
      "a Q~ b, 8Q~short",
      "npm_config_registry, hf_hub_download",
      "eyJhbGciOiJIUzI1NiJ9",  // one part of a JWT
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
      "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
      "a bearer of good news, bearer authentication is used",
      "basic understanding, Basic auth, basic knowledge",
      "http://localhost:8080/users/@me",
      "https://example.com/a?b=c:d@e",
      "user@host is no address",
      "ssh://git@host/path",
      "the password is required; password: string; \"password\": null",
      "cookies are nice: yes. token = SyntaxKind.Identifier",
      "key: value, keyboard=present, monkey: business",
      "std::token::value, auth: none",
      "2026-11-20 08:24:32, 2026-11-20T08:24:32.664720Z",
      "4111 1111 1111 1112",                   // check digit
      "4111111111111",                         // 13 digits, check digit wrong
      "1732090000000 1234567812345670",        // no issuer
      "41111111111111111111",                  // 20 digits
      "id4111111111111111 4111111111111111x",  // part of a word
      "3.4111111111111111",                    // of a fraction
      "DE88 3704 0044 0532 0130 00",           // check digits
      "XX89370400440532013000",                // no country
      "ADE89370400440532013000",               // within a word
      "a+1234567890b, 1+12345678, +1 2 3",
      "+123456789012345678",  // more than 15 digits
      "me @ home, @decorator, a@b",
      "0f8fad5b-d9cb-469f-a165-70867728950e",
  };
  Detectors detectors = make();
  for (const std::string& each : cases) {
    CAPTURE(each);
    CHECK(found_in(detectors, each).empty());
  }
}

TEST_CASE("detectors: findings that overlap become one") {
  Detectors detectors = make();
  const std::string token = join({"gh", "p_", mixed(36, kAlnum)});
  CHECK(found_in(detectors, "password=" + token) == "password:" + token);
  CHECK(found_in(detectors, "https://ann:" + token + "@host/x") == "url-password:" + token);
}

TEST_CASE("detectors: those of the settings work with a keyword, and without one") {
  CaptureSettings settings;
  settings.default_detectors = false;
  settings.detectors = {{"badge", "B-[0-9]{6}", "b-"},
                        {"slash", "//([a-z]+)//", "//"},
                        {"word", "s[é]cret"},
                        {"random", "R[0-9a-f]{8}", "R", 2.5}};
  Detectors detectors = make(settings);
  CHECK(detectors.always());
  CHECK(found_in(detectors, "B-123456 b-123456 B-12345 and B-654321") ==
        "badge:B-123456 badge:B-654321");
  CHECK(found_in(detectors, "x //ab// y") == "slash:ab");
  CHECK(found_in(detectors, "a sécret") == "word:sécret");
  CHECK(found_in(detectors, "R00000000 R01234567") == "random:R01234567");
  CHECK(found_in(detectors, "ann@example.com").empty());
}

TEST_CASE("detectors: what cannot be used is refused by name") {
  struct Case {
    const char* name;
    Detector detector;
    const char* part;
  };
  const Case cases[] = {
      {"a pattern that RE2 does not know", {"ahead", "a(?=b)"}, "`ahead`"},
      {"a bracket that is open", {"open", "(a"}, "`open`"},
      {"no pattern", {"nothing", ""}, "no pattern"},
      {"no name", {"", "a"}, "name"},
      {"a name that would break the record", {"a\"b", "a"}, "letters, digits"},
      {"a name of ours", {"drop", "a"}, "another one"},
      {"the name of a default detector", {"email", "a"}, "another one"},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.name));
    CaptureSettings settings;
    settings.detectors = {each.detector};
    const auto refused = Detectors::make(settings);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::audit_capture);
    CHECK(refused.error().text().find(each.part) != std::string::npos);
  }
}

TEST_CASE("detectors: text that makes patterns work in vain ends with too much work") {
  Detectors detectors = make();
  std::string text;
  while (text.size() < 100'000) text += "eyJaaaaaaaaaa";
  std::vector<Detection> found;
  Work work{0, 2'000'000};
  CHECK_FALSE(detectors.find(text, work, found));
}

TEST_CASE("detectors: each way to read a block sees what the portable one sees") {
  std::vector<Scanner::Keyword> keywords = {{"AKIA", false, 0},
                                            {"bearer", true, 1},
                                            {"Q~", false, 2},
                                            {"key", true, 4},
                                            {"ghp_", false, 3}};
  Scanner scanner(keywords);
  std::mt19937 random(11);
  std::vector<Instructions> all = {Instructions::any};
  if (Scanner::fastest() >= Instructions::avx2) all.push_back(Instructions::avx2);
  if (Scanner::fastest() >= Instructions::avx512) all.push_back(Instructions::avx512);
  if (all.size() < 3) MESSAGE("not all instructions of x86-64 are on this machine");
  for (int round = 0; round < 3000; ++round) {
    char block[kBlockBytes + kBlockAhead];
    for (char& each : block) {
      static constexpr std::string_view kLikely = "\"\\,:]}[{ \t\n-09@+AKIAbeaRQ~ghp_\xc2\xe2\x7f";
      each = random() % 3 == 0 ? static_cast<char>(random() % 256)
                               : kLikely[random() % kLikely.size()];
    }
    BlockBits fast;
    BlockBits portable;
    scanner.use(all[static_cast<std::size_t>(round) % all.size()]);
    scanner.read(block, fast);
    scanner.read_portably(block, portable);
    CHECK(fast.quote == portable.quote);
    CHECK(fast.backslash == portable.backslash);
    CHECK(fast.end == portable.end);
    CHECK(fast.control == portable.control);
    CHECK(fast.high == portable.high);
    CHECK(fast.unsafe == portable.unsafe);
    CHECK(fast.digit == portable.digit);
    CHECK(fast.grouped == portable.grouped);
    CHECK(fast.upper == portable.upper);
    CHECK(fast.at_sign == portable.at_sign);
    CHECK(fast.plus == portable.plus);
    // Halves of bytes say less than whole ones.
    CHECK((portable.candidate & ~fast.candidate) == 0);
  }
}

TEST_CASE("detectors: base64 is measured alike by every way to read it") {
  std::mt19937 random(12);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 150, 'x');
    for (char& each : text) {
      static constexpr std::string_view kMost = "azAZ09+/-_";
      each = kMost[random() % kMost.size()];
      if (random() % 100 == 0) each = static_cast<char>(random() % 256);
      if (random() % 100 == 0) each = '\\';
    }
    CAPTURE(text);
    CHECK(base64_size(text, true) == base64_size_portably(text, true));
    CHECK(base64_size(text, false) == base64_size_portably(text, false));
  }
  CHECK(base64_size("ab=", true) == 2);
  CHECK(base64_size("a\\b", true) == 3);
  CHECK(base64_size("a\\b", false) == 1);
  CHECK(base64_size(std::string(70, 'a') + '@' + "b", false) == 70);
}

TEST_CASE("detectors: a secret is found at every place of a text") {
  Detectors detectors = make();
  const std::string token = join({"AK", "IA", mixed(16, kUpper)});
  const std::string card = "4111111111111111";
  for (std::size_t before = 0; before < 150; ++before) {
    CAPTURE(before);
    const std::string space(before, ' ');
    CHECK(found_in(detectors, space + token) == "aws-access-token:" + token);
    CHECK(found_in(detectors, space + card + space) == "payment-card:" + card);
    CHECK(found_in(detectors, space + "+14155552671") == "phone:+14155552671");
  }
}

}  // namespace
}  // namespace mcpgov::audit
