// Tests of mcpgov/net.hpp: exchanges with servers of all kinds.
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "mcpgov/net.hpp"
#include "support/certificates.hpp"
#include "support/web_server.hpp"

namespace {

using namespace mcpgov;
using identity::Fetch;
using test::CertificateSpec;
using test::http_reply;
using test::TestCertificate;
using test::WebServer;

constexpr std::uint32_t kLong = 20'000;  // ms; nothing here should come near it

const TestCertificate& authority() {
  static const auto made = TestCertificate::make(test::authority_spec("authority"));
  return made;
}

CertificateSpec server_spec(const std::string& names = "DNS:localhost,IP:127.0.0.1") {
  CertificateSpec spec;
  spec.common_name = "server";
  spec.names = names;
  spec.extended = "serverAuth";
  return spec;
}

const TestCertificate& server_certificate() {
  static const auto made = TestCertificate::make(server_spec(), &authority());
  return made;
}

Fetch fetch_of(const std::string& url) {
  Fetch fetch;
  fetch.url = url;
  fetch.number = 7;
  fetch.private_addresses = true;
  fetch.ca_pem = authority().pem();
  fetch.timeout_ms = kLong;
  return fetch;
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

// SHA-256 of the subject public key info (RFC 7469 section 2.4).
std::string pin_of(const TestCertificate& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(certificate.native_key(), &der);
  std::array<unsigned char, 32> digest;
  REQUIRE(EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(),
                     nullptr) == 1);
  OPENSSL_free(der);
  return base64(digest.data(), digest.size());
}

TEST_CASE("run: an answer with its status, body and age") {
  const WebServer server(&server_certificate(), [](const std::string&) {
    return http_reply(R"({"keys":[]})", "Cache-Control: public, max-age=300\r\n");
  });
  CHECK(net::available());
  for (const char* host : {"127.0.0.1", "localhost"}) {
    CAPTURE(std::string(host));
    const Fetch fetch = fetch_of(server.url("/keys", host));
    const net::Answer answer = net::run(fetch, kLong);
    CHECK(answer.detail == "");
    CHECK(answer.code == ErrorCode::none);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"keys":[]})");
    CHECK(answer.max_age_s == 300);
    const identity::FetchAnswer of = answer.of(fetch);
    CHECK(of.number == 7);
    CHECK(of.status == 200);
    CHECK(of.body == answer.body);
    CHECK(of.max_age_s == 300);
  }
}

TEST_CASE("run: what is sent is what the fetch says, and nothing of the environment") {
  setenv("https_proxy", "http://127.0.0.1:1", 1);
  setenv("all_proxy", "http://127.0.0.1:1", 1);
  std::string seen;
  const WebServer server(&server_certificate(), [&](const std::string& request) {
    seen = request;
    return http_reply("{}", "Set-Cookie: a=b\r\n");
  });
  Fetch fetch = fetch_of(server.url("/introspect?a=b%20c"));
  fetch.method = "POST";
  fetch.headers = {{"Authorization", "Basic eDp5"}, {"X-Empty", ""}};
  fetch.body = std::string("token=abc\0def", 13);
  for (int i = 0; i < 2; ++i) {
    CHECK(net::run(fetch, kLong).status == 200);
    CHECK(seen.starts_with("POST /introspect?a=b%20c HTTP/1.1\r\n"));
    CHECK(seen.find("\r\nAuthorization: Basic eDp5\r\n") != std::string::npos);
    CHECK(seen.find("\r\nX-Empty:\r\n") != std::string::npos);
    CHECK(seen.ends_with(fetch.body));
    for (const char* absent : {"Cookie", "Accept-Encoding", "Expect", "Proxy"}) {
      CHECK(seen.find(absent) == std::string::npos);
    }
  }
  unsetenv("https_proxy");
  unsetenv("all_proxy");
}

TEST_CASE("run: redirects are answers, and nobody follows them") {
  std::string target;
  const WebServer server(&server_certificate(), [&](const std::string&) {
    return http_reply("moved", "Location: " + target + "\r\n", 302);
  });
  for (const std::string& each : {server.url("/other"), std::string("http://127.0.0.1:1/"),
                                  std::string("file:///etc/passwd")}) {
    target = each;
    const int before = server.connections();
    const net::Answer answer = net::run(fetch_of(server.url()), kLong);
    CHECK(answer.code == ErrorCode::none);
    CHECK(answer.status == 302);
    CHECK(answer.body == "moved");
    CHECK(server.connections() == before + 1);
  }
}

TEST_CASE("run: any status is an answer") {
  for (const int status : {201, 204, 304, 400, 401, 404, 429, 500, 503}) {
    CAPTURE(status);
    const WebServer server(&server_certificate(), [&](const std::string&) {
      return status == 204 || status == 304
                 ? "HTTP/1.1 " + std::to_string(status) + " x\r\nConnection: close\r\n\r\n"
                 : http_reply("x", "", status);
    });
    const net::Answer answer = net::run(fetch_of(server.url()), kLong);
    CHECK(answer.code == ErrorCode::none);
    CHECK(answer.status == status);
  }
}

TEST_CASE("run: more than the fetch takes is a failure, however it is sent") {
  struct Row {
    const char* name;
    std::string reply;
    ErrorCode code;
  };
  const Row rows[] = {
      {"exactly enough", http_reply(std::string(1000, 'x')), ErrorCode::none},
      {"one byte more", http_reply(std::string(1001, 'x')), ErrorCode::fetch_too_large},
      {"a length that is not kept, without a body",
       std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n") + WebServer::kStall,
       ErrorCode::fetch_too_large},
      {"no length", "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'),
       ErrorCode::fetch_too_large},
      {"pieces without end",
       [] {
         std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
         for (int i = 0; i < 1000; ++i) reply += "64\r\n" + std::string(100, 'x') + "\r\n";
         return reply + WebServer::kStall;
       }(),
       ErrorCode::fetch_too_large},
      {"headers without end",
       [] {
         std::string reply = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 1000; ++i)
           reply += "X-" + std::to_string(i) + ": " + std::string(90, 'x') + "\r\n";
         return reply + WebServer::kStall;
       }(),
       ErrorCode::fetch_too_large},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const WebServer server(&server_certificate(), [&](const std::string&) { return row.reply; });
    Fetch fetch = fetch_of(server.url());
    fetch.max_bytes = 1000;
    const net::Answer answer = net::run(fetch, kLong);
    CAPTURE(answer.detail);
    CHECK(answer.code == row.code);
    CHECK(answer.body.size() == (row.code == ErrorCode::none ? 1000 : 0));
    CHECK((answer.status == 200) == (row.code == ErrorCode::none));
  }
}

TEST_CASE("run: a server that is slow, leaves or talks something else") {
  struct Row {
    const char* name;
    std::string reply;
  };
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  const Row rows[] = {
      {"says nothing", WebServer::kStall},
      {"stops in the head", std::string("HTTP/1.1 200 OK\r\nContent-") + WebServer::kStall},
      {"stops in the body", head + "half" + WebServer::kStall},
      {"leaves at once", ""},
      {"leaves in the body", head + "half"},
      {"talks something else", "SSH-2.0-OpenSSH\r\n"},
      {"talks HTTP/0.9", "<html>hello</html>"},
      {"gives two lengths", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const WebServer server(&server_certificate(), [&](const std::string&) { return row.reply; });
    Fetch fetch = fetch_of(server.url());
    fetch.timeout_ms = row.reply.ends_with(WebServer::kStall) ? 300 : kLong;
    const net::Answer answer = net::run(fetch, kLong);
    CHECK(answer.code == ErrorCode::fetch_failed);
    CHECK(answer.status == 0);
    CHECK(answer.body.empty());
    CHECK(!answer.detail.empty());
  }
}

TEST_CASE("run: the caller's time ends it, too") {
  const WebServer server(&server_certificate(),
                         [](const std::string&) { return WebServer::kStall; });
  for (const std::uint32_t within_ms : {0U, 1U, 200U}) {
    CAPTURE(within_ms);
    CHECK(net::run(fetch_of(server.url()), within_ms).code == ErrorCode::fetch_failed);
  }
}

TEST_CASE("run: nobody listens") {
  std::string url;
  {
    const WebServer server(&server_certificate(), [](const std::string&) { return ""; });
    url = server.url();
  }
  CHECK(net::run(fetch_of(url), kLong).code == ErrorCode::fetch_failed);
}

TEST_CASE("run: servers whose certificate is not in order get no request") {
  struct Row {
    const char* name;
    CertificateSpec spec;
    bool signed_by_authority = true;
    const char* host = "127.0.0.1";
  };
  CertificateSpec expired = server_spec();
  expired.until_s = 1'750'000'000;
  CertificateSpec early = server_spec();
  early.from_s = 1'890'000'000;
  CertificateSpec for_clients = server_spec();
  for_clients.extended = "clientAuth";
  CertificateSpec weak = server_spec();
  weak.key = test::CertificateKey::rsa1024;
  const Row rows[] = {
      {"signed by itself", server_spec(), false},
      {"expired", expired},
      {"not yet valid", early},
      {"of another name", server_spec("DNS:login.example.com")},
      {"of another address", server_spec("IP:127.0.0.2")},
      {"of a name like the address", server_spec("DNS:127.0.0.1")},
      {"of an address, asked by name", server_spec("IP:127.0.0.1"), true, "localhost"},
      {"for clients", for_clients},
      {"with a weak key", weak},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto certificate =
        TestCertificate::make(row.spec, row.signed_by_authority ? &authority() : nullptr);
    std::string seen;
    const WebServer server(&certificate, [&](const std::string& request) {
      seen = request;
      return http_reply("{}");
    });
    const net::Answer answer = net::run(fetch_of(server.url("/", row.host)), kLong);
    CHECK(answer.code == ErrorCode::fetch_failed);
    CHECK(seen.empty());
  }
}

TEST_CASE("run: other authorities do not count, and neither do those of the system") {
  const WebServer server(&server_certificate(),
                         [](const std::string&) { return http_reply("{}"); });
  const auto other = TestCertificate::make(test::authority_spec("authority"));
  Fetch fetch = fetch_of(server.url());
  fetch.ca_pem = other.pem();
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_failed);
  fetch.ca_pem = "no PEM at all";
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_failed);
  fetch.ca_pem.clear();
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_failed);
  fetch.ca_pem = other.pem() + authority().pem();
  CHECK(net::run(fetch, kLong).status == 200);
}

TEST_CASE("run: nothing older than TLS 1.2") {
  const WebServer server(
      &server_certificate(), [](const std::string&) { return http_reply("{}"); }, true);
  CHECK(net::run(fetch_of(server.url()), kLong).code == ErrorCode::fetch_failed);
}

TEST_CASE("run: a pinned key must be the server's, and its certificate in order all the same") {
  const WebServer server(&server_certificate(),
                         [](const std::string&) { return http_reply("{}"); });
  Fetch fetch = fetch_of(server.url());
  fetch.pin_sha256 = pin_of(server_certificate());
  CHECK(net::run(fetch, kLong).status == 200);
  fetch.pin_sha256 = pin_of(authority());
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_failed);
  fetch.pin_sha256 = pin_of(server_certificate());
  fetch.ca_pem.clear();
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_failed);
  for (const char* pin : {"x", "/etc/passwd", "sha256//AAAA", "AAAA;AAAA"}) {
    fetch = fetch_of(server.url());
    fetch.pin_sha256 = pin;
    CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_url);
  }
}

TEST_CASE("run: addresses that are not reachable from everywhere are not connected to") {
  const WebServer server(&server_certificate(),
                         [](const std::string&) { return http_reply("{}"); });
  const std::string port = ":" + std::to_string(server.port()) + "/";
  for (const char* host : {"127.0.0.1", "localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]",
                           "10.0.0.1", "169.254.169.254", "192.168.0.1", "[fe80::1]", "[fd00::1]",
                           "0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255"}) {
    CAPTURE(std::string(host));
    Fetch fetch = fetch_of("https://" + std::string(host) + port);
    fetch.private_addresses = false;
    const net::Answer answer = net::run(fetch, kLong);
    CAPTURE(answer.detail);
    CHECK(answer.code == ErrorCode::fetch_address);
  }
  for (const char* host : {"0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255", "[ff02::1]"}) {
    CAPTURE(std::string(host));
    CHECK(net::run(fetch_of("https://" + std::string(host) + port), kLong).code ==
          ErrorCode::fetch_address);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("run: without TLS this machine answers, where that is allowed") {
  const WebServer server(nullptr, [](const std::string&) { return http_reply("{}"); });
  for (const char* host : {"127.0.0.1", "localhost"}) {
    CHECK(net::run(fetch_of(server.url("/", host)), kLong).status == 200);
  }
  Fetch fetch = fetch_of(server.url());
  fetch.private_addresses = false;
  CHECK(net::run(fetch, kLong).code == ErrorCode::fetch_url);
  CHECK(net::run(fetch_of("http://10.0.0.1/"), kLong).code == ErrorCode::fetch_url);
  CHECK(net::run(fetch_of("http://login.example.com/"), kLong).code == ErrorCode::fetch_url);
}

TEST_CASE("run: what cannot be fetched") {
  const std::pair<const char*, std::function<void(Fetch&)>> rows[] = {
      {"no URL", [](Fetch& fetch) { fetch.url = ""; }},
      {"a file", [](Fetch& fetch) { fetch.url = "file:///etc/passwd"; }},
      {"credentials in the URL", [](Fetch& fetch) { fetch.url = "https://a:b@127.0.0.1/"; }},
      {"a line break in the URL", [](Fetch& fetch) { fetch.url += "\r\nX: y"; }},
      {"another method", [](Fetch& fetch) { fetch.method = "PUT"; }},
      {"a line break in a header",
       [](Fetch& fetch) {
         fetch.headers = {{"X", "a\r\nY: b"}};
       }},
      {"a NUL in a header",
       [](Fetch& fetch) {
         fetch.headers = {{"X", std::string("a\0b", 3)}};
       }},
      {"a header without a name",
       [](Fetch& fetch) {
         fetch.headers = {{"", "a"}};
       }},
      {"a header name with a colon",
       [](Fetch& fetch) {
         fetch.headers = {{"X: y", "a"}};
       }},
  };
  const WebServer server(&server_certificate(),
                         [](const std::string&) { return http_reply("{}"); });
  for (const auto& row : rows) {
    CAPTURE(std::string(row.first));
    Fetch fetch = fetch_of(server.url());
    row.second(fetch);
    const net::Answer answer = net::run(fetch, kLong);
    CHECK(answer.code == ErrorCode::fetch_url);
    CHECK(!answer.detail.empty());
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("run: the age that a server states") {
  struct Row {
    const char* headers;
    std::uint32_t seconds;
  };
  const Row rows[] = {
      {"", 0},
      {"Cache-Control: max-age=60\r\n", 60},
      {"cache-control:no-transform ,MAX-AGE=61\r\n", 61},
      {"Cache-Control: max-age=\r\n", 0},
      {"Cache-Control: max-age=-1\r\n", 0},
      {"Cache-Control: max-age=99999999999\r\n", 0},
      {"Cache-Control: s-maxage=60\r\n", 0},
      {"Cache-Control: no-store\r\n", 0},
      {"X-Cache-Control: max-age=60\r\n", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.headers));
    const WebServer server(nullptr,
                           [&](const std::string&) { return http_reply("{}", row.headers); });
    CHECK(net::run(fetch_of(server.url()), kLong).max_age_s == row.seconds);
  }
}

TEST_CASE("run: several at the same time, answered in their order") {
  const WebServer good(&server_certificate(), [](const std::string& request) {
    return http_reply(request.substr(0, request.find(" HTTP")));
  });
  const WebServer slow(&server_certificate(), [](const std::string&) { return WebServer::kStall; });
  std::vector<Fetch> fetches;
  for (int i = 0; i < 20; ++i) fetches.push_back(fetch_of(good.url("/" + std::to_string(i))));
  fetches[3].url = "https://";
  fetches[5].url = slow.url();
  fetches[5].timeout_ms = 300;
  const std::vector<net::Answer> answers = net::run(fetches, kLong);
  REQUIRE(answers.size() == fetches.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    if (i == 3) {
      CHECK(answers[i].code == ErrorCode::fetch_url);
    } else if (i == 5) {
      CHECK(answers[i].code == ErrorCode::fetch_failed);
    } else {
      CHECK(answers[i].body == "GET /" + std::to_string(i));
    }
  }
  CHECK(net::run(std::span<const Fetch>(), kLong).empty());
}

}  // namespace
