// Tests of a library without its HTTP client.
//
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "mcpgov/net.hpp"

namespace {

using mcpgov::ErrorCode;
namespace net = mcpgov::net;

TEST_CASE("without libcurl every exchange says what is missing") {
  mcpgov::identity::Fetch fetch;
  fetch.url = "https://login.example.com/";
  CHECK(!net::available());
  const net::Answer answer = net::run(fetch, 1000);
  CHECK(answer.code == ErrorCode::net_missing);
  CHECK(answer.status == 0);
  CHECK(answer.of(fetch).status == 0);
  CHECK(answer.detail.find("libcurl") != std::string::npos);
}

TEST_CASE("without libcurl no thread is started") {
  const auto upkeep = net::Upkeep::start({});
  REQUIRE(!upkeep);
  CHECK(upkeep.error().code == ErrorCode::net_missing);
}

}  // namespace
