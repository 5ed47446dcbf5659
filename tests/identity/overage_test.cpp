// Tests of identity/overage.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/overage.hpp"

#include <functional>
#include <string>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

constexpr const char* kTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
constexpr const char* kUser = "690222be-ff1a-4d56-abd1-7e4f7d38e474";

IssuerSettings entra() {
  IssuerSettings out;
  out.issuer = "https://login.microsoftonline.com/" + std::string(kTenant) + "/v2.0";
  out.profile = Profile::entra;
  out.overage = Overage::resolve;
  out.directory_url = "https://graph.microsoft.com/";
  out.directory_secret = "of-the-directory";
  out.tenants = {kTenant};
  return out;
}

std::string ids(const std::string& tid, const std::string& oid) {
  return R"({"tid":")" + tid + R"(","oid":")" + oid +
         R"(","_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":)" +
         R"("https://evil.example/users/x"}}})";
}

TEST_CASE("overage: whose groups nobody asks for") {
  struct Row {
    const char* name;
    std::string claims;
    std::function<void(IssuerSettings&)> change;
  };
  const auto same = [](IssuerSettings&) {};
  const Row rows[] = {
      {"the settings refuse", ids(kTenant, kUser),
       [](IssuerSettings& s) { s.overage = Overage::refuse; }},
      {"another tenant's user", ids("00000001-0000-0ff1-ce00-000000000000", kUser), same},
      {"a path for an id", ids(kTenant, "x/../../me"), same},
      {"an id in capitals", ids(kTenant, "690222BE-FF1A-4D56-ABD1-7E4F7D38E474"), same},
      {"no id", R"({"tid":")" + std::string(kTenant) + "\"}", same},
      {"no tenant", R"({"oid":")" + std::string(kUser) + "\"}",
       [](IssuerSettings& s) { s.tenants.clear(); }},
      {"an id that is no text", R"({"tid":")" + std::string(kTenant) + R"(","oid":7})", same},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    StrictJson json;
    REQUIRE(json.read(row.claims, {}));
    IssuerSettings settings = entra();
    row.change(settings);
    DirectoryObject object;
    CHECK(object_with_groups(json.root(), settings, Caller(), object) ==
          ErrorCode::groups_incomplete);
  }
}

TEST_CASE("overage: the question goes to the directory of the settings") {
  StrictJson json;
  REQUIRE(json.read(ids(kTenant, kUser), {}));
  Caller caller;
  caller.kind = CallerKind::user;
  DirectoryObject object;
  REQUIRE(object_with_groups(json.root(), entra(), caller, object) == ErrorCode::none);
  const Fetch fetch = overage_fetch(entra(), object);
  CHECK(fetch.kind == FetchKind::groups);
  CHECK(fetch.method == "POST");
  CHECK(fetch.url ==
        "https://graph.microsoft.com/v1.0/users/690222be-ff1a-4d56-abd1-7e4f7d38e474/"
        "getMemberObjects");
  CHECK(fetch.body == R"({"securityEnabledOnly":false})");
  CHECK(fetch.secret);
  CHECK(fetch.headers.back() ==
        std::pair<std::string, std::string>("Authorization", "Bearer of-the-directory"));
  caller.kind = CallerKind::workload;
  DirectoryObject application;
  REQUIRE(object_with_groups(json.root(), entra(), caller, application) == ErrorCode::none);
  CHECK(overage_fetch(entra(), application).url ==
        "https://graph.microsoft.com/v1.0/servicePrincipals/"
        "690222be-ff1a-4d56-abd1-7e4f7d38e474/getMemberObjects");
  CHECK(group_key(entra(), object) == group_key(entra(), object));
  CHECK(group_key(entra(), object) != group_key(entra(), application));
  IssuerSettings other = entra();
  other.issuer += "/";
  CHECK(group_key(entra(), object) != group_key(other, object));
}

TEST_CASE("overage: answers") {
  const auto many = [](int count) {
    std::string out = R"({"value":[)";
    for (int i = 0; i < count; ++i) out += "\"g" + std::to_string(i) + "\",";
    out.back() = ']';
    return out + "}";
  };
  struct Row {
    const char* name;
    int status;
    std::string body;
    ErrorCode code;
    std::size_t groups;
  };
  const ErrorCode useless = ErrorCode::identity_answer;
  const Row rows[] = {
      {"two groups", 200, R"({"@odata.context":"c","value":["g1","g2"]})", ErrorCode::none, 2},
      {"none", 200, R"({"value":[]})", ErrorCode::none, 0},
      {"a thousand", 200, many(1000), ErrorCode::none, 1000},
      {"one more", 200, many(1001), ErrorCode::groups_incomplete, 0},
      {"nothing came", 0, "", useless, 0},
      {"an empty body", 200, "", useless, 0},
      {"not found", 404, R"({"value":["g1"]})", useless, 0},
      {"no right to ask", 403, R"({"error":{}})", useless, 0},
      {"created", 201, R"({"value":["g1"]})", useless, 0},
      {"no list", 200, "{}", useless, 0},
      {"a text", 200, R"({"value":"g1"})", useless, 0},
      {"null", 200, R"({"value":null})", useless, 0},
      {"objects", 200, R"({"value":[{"id":"g1"}]})", useless, 0},
      {"a number among them", 200, R"({"value":["g1",2]})", useless, 0},
      {"an empty id", 200, R"({"value":["g1",""]})", useless, 0},
      {"another page", 200, R"({"value":["g1"],"@odata.nextLink":"https://graph/…"})", useless, 0},
      {"a list twice", 200, R"({"value":["g1"],"value":[]})", useless, 0},
      {"no JSON", 200, "<html>", useless, 0},
      {"too long", 200, R"({"value":[")" + std::string(65536, 'g') + R"("]})", useless, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    StrictJson json;
    std::vector<std::string> groups = {"before"};
    CHECK(read_overage({1, row.status, row.body, 0}, json, groups) == row.code);
    CHECK(groups.size() == row.groups);
  }
}

}  // namespace
}  // namespace mcpgov::identity
