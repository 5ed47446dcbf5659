/* Without memory nothing is allowed, nothing unfiltered passes, and no request crashes. Set-up is
 * left out: nlohmann/json allocates in its destructor, which ends the program without memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check.h"

void fail_after(long count);
int stop_failing(void);

static const char kAnn[] =
    "{\"kind\":\"user\",\"issuer\":\"idp\",\"subject\":\"ann\",\"roles\":[\"analyst\"]}";
static const char kList[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
static const char kAnswer[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"refund\"},"
    "{\"name\":\"read_schema\"}]}}";

static int discard(void* context, mcpgov_str line) {
  (void)context;
  (void)line;
  return 1;
}

static mcpgov_governor* open_shop(mcpgov_error* error) {
  mcpgov_options options = MCPGOV_INIT(mcpgov_options);
  options.write = discard;
  return mcpgov_governor_open(text(CASES_FOLDER "/shop.yaml"), &options, error);
}

/* A text without its end: strstr needs one. */
static int holds(mcpgov_str whole, const char* part) {
  const size_t size = strlen(part);
  size_t at;
  for (at = 0; at + size <= whole.size; ++at) {
    if (memcmp(whole.data + at, part, size) == 0) return 1;
  }
  return 0;
}

/* Returns how many allocations failed. */
static int receive_without(long memory, mcpgov_governor* governor, const mcpgov_caller* ann) {
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  mcpgov_denial denial = MCPGOV_INIT(mcpgov_denial);
  mcpgov_session* session;
  mcpgov_verdicts* verdicts;
  mcpgov_verdict* verdict;
  int failures;
  options.server = text("shop");
  options.caller = ann;
  incoming.body = text(kList);
  fail_after(memory);
  session = mcpgov_governor_session(governor, &options);
  verdicts = mcpgov_session_receive(session, &incoming);
  failures = stop_failing();
  verdict = mcpgov_verdicts_at(verdicts, 0);
  CHECK(verdicts != NULL);
  CHECK((mcpgov_verdict_allowed(verdict) == MCPGOV_ALLOW) == (failures == 0));
  if (failures != 0) {
    mcpgov_verdict_denial(verdict, &denial);
    CHECK(denial.http_status == 503);
    CHECK(denial.body.size != 0);
    CHECK(!same(mcpgov_code_name(mcpgov_verdict_reason(verdict)), text("none")));
    CHECK(mcpgov_session_resume(session, verdict, NULL, 0) == MCPGOV_DENY);
    mcpgov_session_await_answer(session, verdict);
    mcpgov_reply_free(mcpgov_session_reply(session, verdict, MCPGOV_JSON));
  }
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  return failures;
}

static int reply_without(long memory, mcpgov_governor* governor, const mcpgov_caller* ann) {
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  mcpgov_session* session;
  mcpgov_verdicts* verdicts;
  mcpgov_reply* reply;
  mcpgov_str shown;
  int failures;
  options.server = text("shop");
  options.caller = ann;
  incoming.body = text(kList);
  session = mcpgov_governor_session(governor, &options);
  verdicts = mcpgov_session_receive(session, &incoming);
  CHECK(mcpgov_verdict_allowed(mcpgov_verdicts_at(verdicts, 0)) == MCPGOV_ALLOW);
  fail_after(memory);
  reply = mcpgov_session_reply(session, mcpgov_verdicts_at(verdicts, 0), MCPGOV_JSON);
  shown = mcpgov_reply_feed(reply, text(kAnswer));
  CHECK(!holds(shown, "refund"));
  shown = mcpgov_reply_end(reply);
  failures = stop_failing();
  CHECK(!holds(shown, "refund"));
  CHECK(holds(shown, "read_schema") == (failures == 0));
  mcpgov_reply_free(reply);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  return failures;
}

int main(void) {
  mcpgov_governor* const governor = open_shop(NULL);
  mcpgov_caller* const ann = mcpgov_caller_parse(text(kAnn), NULL);
  long memory;
  /* simdjson allocates at its very first use in a function that may not throw, and ends the program
   * when that fails. One call makes it warm. */
  CHECK(receive_without(-1, governor, ann) == 0);
  /* Each run gets a little further, until one needs no more than it is given. */
  for (memory = 0; receive_without(memory, governor, ann) != 0; ++memory) continue;
  CHECK(memory >= 3);
  for (memory = 0; reply_without(memory, governor, ann) != 0; ++memory) continue;
  CHECK(memory >= 2);
  mcpgov_caller_free(ann);
  mcpgov_governor_free(governor);
  return close_checks();
}
