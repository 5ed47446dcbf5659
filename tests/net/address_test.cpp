// Tests of net/address.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <initializer_list>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

#include <doctest/doctest.h>

namespace {

using mcpgov::net::Reachable;
using mcpgov::net::reachable;

// By way of a sockaddr, as a connection sees it.
Reachable of(const std::string& text) {
  sockaddr_storage storage = {};
  if (text.find(':') == std::string::npos) {
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text.c_str(), &address.sin_addr) == 1);
  } else {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    REQUIRE(inet_pton(AF_INET6, text.c_str(), &address.sin6_addr) == 1);
  }
  return reachable(reinterpret_cast<const sockaddr&>(storage));
}

TEST_CASE("addresses: never connected to") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "192.0.2.1",
                           "192.88.99.1",
                           "198.51.100.255",
                           "203.0.113.0",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::2",
                           "::127.0.0.1",
                           "::ffff:0.0.0.0",
                           "::ffff:224.0.0.1",
                           "::ffff:0:1",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b::224.0.0.1",
                           "64:ff9b:0:1::1",
                           "100::1",
                           "2001::1",
                           "2001:0:a00:1::",
                           "2001:1ff:ffff::",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "2002:808:808::",
                           "3fff::1",
                           "3fff:fff:ffff::",
                           "4000::1",
                           "5f00::1",
                           "ff02::1",
                           "ff0e::1",
                           "1000::1"}) {
    CAPTURE(std::string(text));
    CHECK(of(text) == Reachable::never);
  }
}

TEST_CASE("addresses: of this machine, and of the networks it stands in") {
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) {
    CAPTURE(std::string(text));
    CHECK(of(text) == Reachable::this_machine);
  }
  for (const char* text : {"10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "fc00::1",
                           "fd00:ec2::254"}) {
    CAPTURE(std::string(text));
    CHECK(of(text) == Reachable::from_here);
  }
}

TEST_CASE("addresses: reachable from everywhere, up to the edges of what is not") {
  for (const char* text :
       {"1.0.0.0",          "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",      "126.255.255.255", "128.0.0.0",       "169.253.255.255",
        "169.255.0.0",      "172.15.255.255",  "172.32.0.0",      "191.255.255.255",
        "192.0.1.0",        "192.0.3.0",       "192.167.255.255", "192.169.0.0",
        "198.17.255.255",   "198.20.0.0",      "223.255.255.255", "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2000::1",         "2001:200::1",     "2001:4860:4860::8888",
        "2003::1",          "2a00:1450::1",    "3ffe::1",         "3fff:1000::1"}) {
    CAPTURE(std::string(text));
    CHECK(of(text) == Reachable::everywhere);
  }
}

TEST_CASE("addresses: a family that is not of the internet is never connected to") {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  CHECK(reachable(reinterpret_cast<const sockaddr&>(address)) == Reachable::never);
}

}  // namespace
