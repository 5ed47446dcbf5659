// Tests of src/identity/forwarded_certificate.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/forwarded_certificate.hpp"

#include <doctest/doctest.h>

#include "support/certificates.hpp"

namespace mcpgov::identity {
namespace {

using test::percent_encoded;
using test::TestCertificate;

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

TEST_CASE("forwarded: elements as Envoy writes them") {
  std::vector<ForwardedElement> read;
  const std::string hash(64, 'a');
  REQUIRE(parse_forwarded("By=http://frontend.example;Hash=" + hash +
                              ";Subject=\"/C=US/CN=Client\";URI=http://client.example",
                          read));
  REQUIRE(read.size() == 1);
  CHECK(read[0].by == std::vector<std::string>{"http://frontend.example"});
  CHECK(read[0].hash == hash);
  CHECK(read[0].subject == "/C=US/CN=Client");
  CHECK(read[0].uris == std::vector<std::string>{"http://client.example"});

  REQUIRE(
      parse_forwarded("By=a;By=b;URI=c;uri=d;DNS=e.example;dns=f.example,hASH=0,"
                      "\t Subject=\"\" ,CERT=\"x%0A\";Chain=\"y=;,z\";Later=1",
                      read));
  REQUIRE(read.size() == 4);
  CHECK(read[0].by == std::vector<std::string>{"a", "b"});
  CHECK(read[0].uris == std::vector<std::string>{"c", "d"});
  CHECK(read[0].dns_names == std::vector<std::string>{"e.example", "f.example"});
  CHECK(read[1].hash == "0");
  CHECK(read[2].subject.empty());
  CHECK(read[3].cert == "x%0A");
  CHECK(read[3].chain == "y=;,z");

  // A certificate without URI, and a name with a quote or a comma as RFC 2253 writes them.
  REQUIRE(parse_forwarded(R"(URI=;Subject="CN=a\,b \"c\", O=d\\e")", read));
  CHECK(read[0].uris.empty());
  CHECK(read[0].subject == R"(CN=a\,b "c", O=d\\e)");
  REQUIRE(parse_forwarded("URI=https://a.example/?b=c", read));
  CHECK(read[0].uris == std::vector<std::string>{"https://a.example/?b=c"});
}

TEST_CASE("forwarded: what could be read in two ways, or in none, is malformed") {
  const std::string cases[] = {
      "",
      " ",
      ",",
      ";",
      "URI",
      "=a",
      "URI=a,",
      ",URI=a",
      "URI=a,,URI=b",
      "URI=a;",
      ";URI=a",
      "URI=a;;DNS=b",
      "URI =a",
      "URI=a; DNS=b",
      "U\"RI=a",
      "URI=a b",
      "URI=a\"",
      "URI=a\"b\"",
      "URI=\"a",
      "URI=\"a\"b",
      "URI=\"a\" b",
      "URI=a\\",
      R"(Subject="CN=a\")",
      // An escaped backslash at the end of the name, or an escaped quote within it?
      R"(Subject="CN=a\\";URI=b)",
      R"(Subject="CN=a\\";URI=spiffe://example.org/admin;DNS="x")",
      R"(Subject="CN=a\\\";URI=b")",
      "Hash=a;Hash=b",
      "Cert=a;Cert=b",
      "Chain=a;Chain=b",
      "Subject=a;subject=b",
      "URI=" + std::string(kForwardedBytes, 'a'),
  };
  for (const std::string& text : cases) {
    CAPTURE(text.substr(0, 80));
    std::vector<ForwardedElement> read;
    CHECK_FALSE(parse_forwarded(text, read));
  }
}

struct Request {
  std::vector<std::string> values;
  std::string peer = "10.0.0.1";
};

ErrorCode read(const ForwardedSettings& settings, const Request& request,
               ForwardedCertificate& out) {
  const auto rules = ForwardedRules::from(settings);
  REQUIRE(rules.has_value());
  std::vector<Header> headers = {{"Host", "a.example"}};
  for (const std::string& value : request.values) {
    headers.push_back({"X-Forwarded-Client-Cert", value});
  }
  std::vector<Check> steps;
  Trace trace(steps);
  Presented presented;
  presented.http.headers = headers;
  presented.peer = request.peer;
  const ErrorCode code = rules->read(presented, out, &trace);
  // Each refusal is explained, and an explanation never repeats the header.
  const bool told = code != ErrorCode::none || out.present;
  CHECK(steps.size() == (told ? 1 : 0));
  if (told) CHECK(steps[0].passed == (code == ErrorCode::none));
  if (code != ErrorCode::none) CHECK_FALSE(out.present);
  CHECK(rules->read(presented, out, nullptr) == code);
  return code;
}

TEST_CASE("forwarded: only a trusted proxy is believed, and its own element") {
  ForwardedSettings settings;
  settings.proxies = {"10.0.0.0/8", "unix"};
  ForwardedSettings ours = settings;
  ours.by = {"spiffe://example.org/other", "spiffe://example.org/gate"};
  ForwardedSettings second = settings;
  second.hops = 2;
  const std::string element = "By=spiffe://example.org/gate;URI=spiffe://example.org/web";
  const std::string spoofed = "By=spiffe://example.org/gate;URI=spiffe://example.org/admin";
  struct Case {
    const char* name;
    const ForwardedSettings* settings;
    Request request;
    ErrorCode code;
    const char* uri;  // null: the header is not there
  };
  const auto none = ErrorCode::none;
  const auto untrusted = ErrorCode::forwarded_untrusted;
  const auto malformed = ErrorCode::credentials_malformed;
  const char* web = "spiffe://example.org/web";
  const Case cases[] = {
      {"no header", &settings, {{}}, none, nullptr},
      {"no header, no proxy", &settings, {{}, "192.0.2.1"}, none, nullptr},
      {"one element", &settings, {{element}}, none, web},
      {"over IPv6", &settings, {{element}, "::ffff:10.1.1.1"}, none, web},
      {"over a local socket", &settings, {{element}, "unix"}, none, web},
      {"the last element counts", &settings, {{spoofed + "," + element}}, none, web},
      {"the element before the last counts",
       &second,
       {{spoofed + "," + element + "," + spoofed}},
       none,
       web},
      {"By is ours", &ours, {{element}}, none, web},
      {"one of two By is ours", &ours, {{"By=a;" + element}}, none, web},
      {"the peer is no proxy", &settings, {{element}, "192.0.2.1"}, untrusted, nullptr},
      {"the peer is not known", &settings, {{element}, ""}, untrusted, nullptr},
      {"the peer is no proxy, the header malformed",
       &settings,
       {{"x"}, "192.0.2.1"},
       untrusted,
       nullptr},
      {"the peer is no proxy, two headers",
       &settings,
       {{element, element}, "192.0.2.1"},
       untrusted,
       nullptr},
      {"By is another proxy", &ours, {{"By=spiffe://example.org/evil;URI=a"}}, untrusted, nullptr},
      {"By begins like ours", &ours, {{"By=spiffe://example.org/gate2;URI=a"}}, untrusted, nullptr},
      {"By is missing", &ours, {{"URI=spiffe://example.org/web"}}, untrusted, nullptr},
      {"By is ours in another element",
       &ours,
       {{element + ",URI=spiffe://example.org/admin"}},
       untrusted,
       nullptr},
      {"two header fields", &settings, {{spoofed, element}}, malformed, nullptr},
      {"an empty header", &settings, {{""}}, malformed, nullptr},
      {"a malformed element that does not count",
       &settings,
       {{"x," + element}},
       malformed,
       nullptr},
      {"bytes outside ASCII", &settings, {{"URI=\xc3\xa4"}}, malformed, nullptr},
      {"fewer elements than hops", &second, {{element}}, malformed, nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    ForwardedCertificate out;
    CHECK(read(*c.settings, c.request, out) == c.code);
    CHECK(out.present == (c.uri != nullptr));
    if (c.uri != nullptr) CHECK(out.uris == std::vector<std::string>{c.uri});
  }
}

TEST_CASE("forwarded: hash and certificates are decoded, and have to agree") {
  const TestCertificate a = TestCertificate::make({});
  const TestCertificate b = TestCertificate::make({});
  const crypto::Digest hash_a = crypto::sha256(a.der());
  const std::string hex_a = crypto::hex(hash_a);
  const auto key = [](const char* name, const std::string& pem) {
    return std::string(name) + "=\"" + percent_encoded(pem) + "\"";
  };
  ForwardedSettings settings;
  settings.proxies = {"10.0.0.1"};
  struct Case {
    const char* name;
    std::string value;
    bool hash;
    std::vector<std::string> certificates;
  };
  const Case accepted[] = {
      {"neither", "URI=a", false, {}},
      {"hash", "Hash=" + hex_a, true, {}},
      {"hash in upper case", "Hash=" + upper(hex_a), true, {}},
      {"certificate", key("Cert", a.pem()), true, {a.der()}},
      {"certificate and hash", "Hash=" + hex_a + ";" + key("Cert", a.pem()), true, {a.der()}},
      {"chain", key("Chain", a.pem() + b.pem()), true, {a.der(), b.der()}},
      {"all",
       "Hash=" + hex_a + ";" + key("Cert", a.pem()) + ";" + key("Chain", a.pem() + b.pem()),
       true,
       {a.der(), b.der()}},
  };
  for (const Case& c : accepted) {
    CAPTURE(std::string(c.name));
    ForwardedCertificate out;
    CHECK(read(settings, {{c.value}}, out) == ErrorCode::none);
    REQUIRE(out.sha256.has_value() == c.hash);
    if (c.hash) CHECK(*out.sha256 == hash_a);
    CHECK(out.certificates == c.certificates);
  }
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += a.pem();
  const std::string refused[] = {
      "Hash=" + hex_a.substr(1),
      "Hash=" + hex_a + "0",
      "Hash=" + hex_a.substr(0, 63) + "g",
      "Hash=" + hex_a.substr(0, 62) + "g0",
      "Hash=" + crypto::hex(crypto::sha256(b.der())) + ";" + key("Cert", a.pem()),
      "Hash=" + hex_a + ";" + key("Chain", b.pem() + a.pem()),
      key("Cert", a.pem() + b.pem()),
      key("Cert", a.pem()) + ";" + key("Chain", b.pem() + a.pem()),
      key("Chain", eleven),
      key("Cert", a.pem()) + ";Chain=x",
      "Cert=x",
      "Cert=%",
      "Cert=%4",
      "Cert=%4g",
      "Cert=%g4",
      "Cert=\"" + percent_encoded(a.pem()) + "%\"",
  };
  for (const std::string& value : refused) {
    CAPTURE(value.substr(0, 200));
    ForwardedCertificate out;
    CHECK(read(settings, {{value}}, out) == ErrorCode::credentials_malformed);
    CHECK_FALSE(out.sha256.has_value());
    CHECK(out.certificates.empty());
  }
}

TEST_CASE("forwarded: settings that cannot be meant") {
  ForwardedSettings proxies;
  proxies.proxies = {"10.0.0.1/8"};
  ForwardedSettings hops;
  hops.hops = 0;
  for (const ForwardedSettings& settings : {proxies, hops}) {
    const auto rules = ForwardedRules::from(settings);
    REQUIRE_FALSE(rules.has_value());
    CHECK(rules.error().code == ErrorCode::identity_setting);
  }
}

}  // namespace
}  // namespace mcpgov::identity
