// Pending steps: a call that waits for an approval.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

const std::string kGated =
    configuration(kPolicies, "", "controls: {approvals: {shop: [execute_query]}}");

std::string query(int id = 1) {
  return call("execute_query", R"({"sql":"select 1"})", id);
}

}  // namespace

TEST_CASE("approvals: a gated call is denied for now and says what is missing") {
  World world(kGated);
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, query());
  CHECK_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].reason() == ErrorCode::approval_required);
  CHECK(verdicts[0].denial().http_status == 503);
  REQUIRE(verdicts[0].pending().size() == 1);
  CHECK(verdicts[0].pending()[0].kind == StepKind::approval);
  CHECK(verdicts[0].pending()[0].prompt == "idp#eve calls execute_query on shop");
  CHECK(world.records.last()["outcome"] == "pending");
}

TEST_CASE("approvals: granted, the call is decided again and the record names the approver") {
  World world(kGated);
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, query());
  const Answer yes[] = {{verdicts[0].pending()[0].number, true, "olga"}};
  Verdict verdict = session.resume(verdicts[0], yes);
  REQUIRE(verdict.allowed());
  CHECK(verdict.message().bytes == query());
  CHECK(world.records.last()["approver"] == "olga");
  CHECK(verdicts[0].reason() == ErrorCode::verdict_spent);
}

TEST_CASE("approvals: everything but one full grant denies") {
  struct Case {
    const char* name;
    std::vector<Answer> answers;
    ErrorCode reason;
  };
  const Case cases[] = {
      {"no answer", {}, ErrorCode::resume_invalid},
      {"a refusal", {{1, false, "olga"}}, ErrorCode::approval_refused},
      {"a default answer", {Answer{}}, ErrorCode::resume_invalid},
      {"a grant of nobody", {{1, true, ""}}, ErrorCode::approval_refused},
      {"another step's answer", {{2, true, "olga"}}, ErrorCode::resume_invalid},
      {"two answers", {{1, true, "olga"}, {1, true, "olga"}}, ErrorCode::resume_invalid},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world(kGated);
    Session session = world.session(engineer());
    Verdicts verdicts = from_client(session, query());
    Verdict verdict = session.resume(verdicts[0], c.answers);
    CHECK_FALSE(verdict.allowed());
    CHECK(code_name(verdict.reason()) == code_name(c.reason));
    CHECK(verdict.pending().empty());
  }
}

TEST_CASE("approvals: what no policy permits is not worth asking about") {
  World world(kGated);
  Session ann = world.session(analyst());
  Verdicts denied = from_client(ann, query());
  CHECK(denied[0].reason() == ErrorCode::policy_denied);
  CHECK(denied[0].pending().empty());
  Session eve = world.session(engineer());
  Verdicts other = from_client(eve, call("list_tables"));
  CHECK(other[0].allowed());
}

TEST_CASE("approvals: a grant does not survive a policy that has changed since") {
  World world(kGated);
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, query());
  REQUIRE(world.governor->replace(configuration("forbid(principal, action, resource);", "",
                                                "controls: {approvals: {shop: [execute_query]}}"),
                                  ""));
  const Answer yes[] = {{1, true, "olga"}};
  Verdict verdict = session.resume(verdicts[0], yes);
  CHECK(verdict.reason() == ErrorCode::policy_forbidden);
}

TEST_CASE("approvals: a verdict that is not pending cannot be resumed") {
  World world(kGated);
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, call("list_tables"));
  const Answer yes[] = {{1, true, "olga"}};
  Verdict verdict = session.resume(verdicts[0], yes);
  CHECK_FALSE(verdict.allowed());
  CHECK(verdict.reason() == ErrorCode::verdict_spent);
}
