/* The promises of mcpgov.h: NULL handles, older and newer structs, errors, callers, the sink.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check.h"

#define EVE "{\"kind\":\"user\",\"issuer\":\"idp\",\"subject\":\"eve\",\"roles\":[\"engineer\"]}"
#define QUERY                                                                       \
  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" \
  "execute_query\",\"arguments\":{\"sql\":\"x\"}}}"

/* Permits everything to the caller of the configuration. */
static const char kOpen[] =
    "version: 1\n"
    "servers: {shop: {policies: [{text: 'permit(principal, action, resource);'}],\n"
    "                 unknown_tools: natural}}\n"
    "identity: {stdio: {kind: user, issuer: os, subject: root}}\n";

/* What a sink was told. */
typedef struct told {
  int lines;
  int refuse;
  int released;
} told;

static int count_line(void* context, mcpgov_str line) {
  told* const self = context;
  CHECK(line.size > 2 && line.data[0] == '{' && line.data[line.size - 1] == '}');
  CHECK(self->released == 0);
  ++self->lines;
  return !self->refuse;
}

static void count_release(void* context) {
  ++((told*)context)->released;
}

static mcpgov_governor* parse(const char* configuration, told* sink, mcpgov_error* error) {
  mcpgov_options options = MCPGOV_INIT(mcpgov_options);
  options.write = count_line;
  options.context = sink;
  options.release = count_release;
  return mcpgov_governor_parse(text(configuration), text(""), &options, error);
}

static mcpgov_session* open_session(const mcpgov_governor* governor) {
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  options.server = text("shop");
  return mcpgov_governor_session(governor, &options);
}

/* The decision about one body; the verdicts are gone afterwards. */
static int32_t reason_for(mcpgov_session* session, const mcpgov_incoming* incoming) {
  mcpgov_verdicts* const verdicts = mcpgov_session_receive(session, incoming);
  const mcpgov_verdict* const verdict = mcpgov_verdicts_at(verdicts, 0);
  const int32_t reason = mcpgov_verdict_reason(verdict);
  CHECK(verdicts != NULL);
  CHECK(mcpgov_verdicts_count(verdicts) == 1);
  CHECK(mcpgov_verdict_allowed(verdict) == (reason == MCPGOV_OK ? MCPGOV_ALLOW : MCPGOV_DENY));
  mcpgov_verdicts_free(verdicts);
  return reason;
}

static int is(int32_t code, const char* name) {
  return same(mcpgov_code_name(code), text(name));
}

static mcpgov_incoming query(void) {
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  incoming.body = text(QUERY);
  return incoming;
}

static void null_handles_deny(void) {
  mcpgov_denial denial = MCPGOV_INIT(mcpgov_denial);
  mcpgov_message message = MCPGOV_INIT(mcpgov_message);
  mcpgov_step step = MCPGOV_INIT(mcpgov_step);
  mcpgov_generation generation = MCPGOV_INIT(mcpgov_generation);
  mcpgov_incoming incoming = query();
  char warning[8] = "unset";
  CHECK(is(reason_for(NULL, &incoming), "verdict_spent"));
  CHECK(is(reason_for(NULL, NULL), "verdict_spent"));
  CHECK(mcpgov_verdicts_count(NULL) == 1);
  CHECK(mcpgov_verdicts_at(NULL, 0) == NULL);
  CHECK(mcpgov_verdicts_batch(NULL) == 0);
  CHECK(mcpgov_verdict_allowed(NULL) == MCPGOV_DENY);
  CHECK(is(mcpgov_verdict_reason(NULL), "verdict_spent"));
  mcpgov_verdict_denial(NULL, &denial);
  CHECK(denial.http_status == 503);
  CHECK(denial.body.size != 0);
  CHECK(mcpgov_verdict_denial_header(NULL, 0).name.size == 0);
  mcpgov_verdict_message(NULL, &message);
  CHECK(message.bytes.size == 0);
  CHECK(mcpgov_verdict_policy_count(NULL) == 0);
  CHECK(mcpgov_verdict_policy(NULL, 0).size == 0);
  CHECK(mcpgov_verdict_step_count(NULL) == 0);
  mcpgov_verdict_step(NULL, 0, &step);
  CHECK(step.kind == MCPGOV_STEP_NONE);
  CHECK(mcpgov_verdict_record_id(NULL).size == 0);
  mcpgov_reply_free(mcpgov_session_reply(NULL, NULL, MCPGOV_AUTOMATIC));
  mcpgov_session_await_answer(NULL, NULL);
  CHECK(mcpgov_session_resume(NULL, NULL, NULL, 0) == MCPGOV_DENY);
  CHECK(mcpgov_session_set_tools(NULL, text("[]"), NULL) != MCPGOV_OK);
  CHECK(mcpgov_session_wants_tools(NULL) == 0);
  CHECK(mcpgov_reply_feed(NULL, text("{}")).size == 0);
  CHECK(mcpgov_reply_end(NULL).size == 0);
  CHECK(mcpgov_reply_to_server(NULL).size == 0);
  CHECK(mcpgov_reply_http_status(NULL) == 502);
  CHECK(is(mcpgov_reply_reason(NULL), "verdict_spent"));
  CHECK(mcpgov_governor_session(NULL, NULL) == NULL);
  CHECK(mcpgov_governor_generation(NULL, &generation) == 0);
  CHECK(generation.digest[0] == '\0');
  CHECK(mcpgov_governor_warning(NULL, 0, warning, sizeof warning) == 0);
  CHECK(warning[0] == '\0');
  CHECK(mcpgov_governor_reload(NULL, NULL) != MCPGOV_OK);
  CHECK(mcpgov_governor_replace(NULL, text(kOpen), text(""), NULL) != MCPGOV_OK);
  mcpgov_governor_free(NULL);
  mcpgov_session_free(NULL);
  mcpgov_caller_free(NULL);
  mcpgov_verdicts_free(NULL);
  mcpgov_reply_free(NULL);
}

static void errors_have_a_place(void) {
  told sink = {0, 0, 0};
  char long_key[600];
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_error older = MCPGOV_INIT(mcpgov_error);
  CHECK(parse("version: 1\nservers:\n  shop: {polices: []}\n", &sink, &error) == NULL);
  CHECK(is(error.code, "config_unknown_key"));
  CHECK(error.line == 3);
  CHECK(error.column > 1);
  CHECK(strstr(error.message, "polices") != NULL);
  CHECK(error.struct_size == sizeof error);
  CHECK(sink.released == 1);

  /* An older host has room for code and place only. */
  older.struct_size = (uint32_t)offsetof(mcpgov_error, message);
  older.message[0] = 'x';
  CHECK(parse("version: 2\n", &sink, &older) == NULL);
  CHECK(is(older.code, "config_value"));
  CHECK(older.message[0] == 'x');
  CHECK(sink.released == 2);

  /* A long message is cut between characters: each of these has two bytes. */
  strcpy(long_key, "version: 1\n");
  while (strlen(long_key) < sizeof long_key - 8) strcat(long_key, "\303\251");
  strcat(long_key, ": 1\n");
  CHECK(parse(long_key, &sink, &error) == NULL);
  CHECK(strlen(error.message) >= sizeof error.message - 2);
  CHECK(((unsigned char)error.message[strlen(error.message) - 1] & 0xC0) == 0x80);

  CHECK(parse("version: 2\n", &sink, NULL) == NULL);
  CHECK(mcpgov_governor_open(text("no/such/file.yaml"), NULL, &error) == NULL);
  CHECK(is(error.code, "file_unreadable"));
  CHECK(mcpgov_governor_parse(text(kOpen), text(""), NULL, &error) == NULL);
  CHECK(is(error.code, "config_missing_key")); /* no place for the records */
}

static void older_and_newer_structs(void) {
  struct newer {
    mcpgov_session_options known;
    uint64_t unknown;
  } newer;
  told sink = {0, 0, 0};
  mcpgov_governor* const governor = parse(kOpen, &sink, NULL);
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  mcpgov_session* session;
  mcpgov_incoming incoming = query();
  mcpgov_verdicts* verdicts;
  mcpgov_message message = MCPGOV_INIT(mcpgov_message);

  options.server = text("shop");
  options.struct_size = (uint32_t)offsetof(mcpgov_session_options, tenant);
  options.tenant = text("beyond the older struct, so never read");
  session = mcpgov_governor_session(governor, &options);
  CHECK(reason_for(session, &incoming) == MCPGOV_OK);

  incoming.struct_size = (uint32_t)offsetof(mcpgov_incoming, caller);
  CHECK(reason_for(session, &incoming) == MCPGOV_OK);
  incoming.struct_size = 0;
  CHECK(is(reason_for(session, &incoming), "verdict_spent"));

  incoming = query();
  verdicts = mcpgov_session_receive(session, &incoming);
  message.struct_size = (uint32_t)offsetof(mcpgov_message, target);
  message.target = text("mine");
  mcpgov_verdict_message(mcpgov_verdicts_at(verdicts, 0), &message);
  CHECK(same(message.method, text("tools/call")));
  CHECK(same(message.target, text("mine")));
  CHECK(message.struct_size == offsetof(mcpgov_message, target));
  CHECK(mcpgov_verdicts_at(verdicts, 1) == NULL);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);

  memset(&newer, 0, sizeof newer);
  newer.known.struct_size = (uint32_t)sizeof newer;
  newer.known.server = text("shop");
  session = mcpgov_governor_session(governor, &newer.known);
  CHECK(session != NULL);
  mcpgov_session_free(session);
  newer.unknown = 1;
  CHECK(mcpgov_governor_session(governor, &newer.known) == NULL);

  CHECK(offsetof(mcpgov_error, struct_size) == 0);
  CHECK(offsetof(mcpgov_options, struct_size) == 0);
  CHECK(offsetof(mcpgov_incoming, struct_size) == 0);
  CHECK(offsetof(mcpgov_answer, struct_size) == 0);
  mcpgov_governor_free(governor);
}

static void nonsense_denies(void) {
  told sink = {0, 0, 0};
  mcpgov_governor* const governor = parse(kOpen, &sink, NULL);
  mcpgov_session* const session = open_session(governor);
  mcpgov_session* const other = open_session(governor);
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  mcpgov_incoming incoming = query();
  mcpgov_verdicts* verdicts;
  mcpgov_reply* reply;

  options.server = text("shop");
  options.transport = 3;
  CHECK(mcpgov_governor_session(governor, &options) == NULL);
  CHECK(mcpgov_governor_session(governor, NULL) == NULL);

  CHECK(reason_for(session, &incoming) == MCPGOV_OK);
  incoming.direction = 2;
  CHECK(is(reason_for(session, &incoming), "verdict_spent"));
  incoming.direction = -1;
  CHECK(is(reason_for(session, &incoming), "verdict_spent"));
  incoming = query();
  incoming.header_count = 1;
  CHECK(is(reason_for(session, &incoming), "verdict_spent"));
  incoming = query();
  incoming.body.data = NULL;
  CHECK(is(reason_for(session, &incoming), "json_syntax"));

  /* A framing that is none, and a session that is another's. */
  incoming = query();
  verdicts = mcpgov_session_receive(session, &incoming);
  reply = mcpgov_session_reply(session, mcpgov_verdicts_at(verdicts, 0), 9);
  CHECK(mcpgov_reply_feed(reply, text("{}")).size == 0);
  CHECK(mcpgov_reply_end(reply).size == 0);
  mcpgov_reply_free(reply);
  reply = mcpgov_session_reply(other, mcpgov_verdicts_at(verdicts, 0), MCPGOV_JSON);
  CHECK(mcpgov_reply_feed(reply, text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}")).size == 0);
  CHECK(mcpgov_reply_end(reply).size == 0);
  CHECK(mcpgov_reply_http_status(reply) == 502);
  mcpgov_reply_free(reply);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_session_free(other);
  mcpgov_governor_free(governor);
}

/* The configuration names root for stdio; text that is no caller must not become root. */
static void a_bad_caller_is_refused(void) {
  static const char* const kBad[] = {
      "",
      "{",
      "{}",
      "null",
      "{\"kind\":\"user\"}",
      "{\"kind\":\"root\",\"issuer\":\"a\",\"subject\":\"b\"}",
      "{\"kind\":\"user\",\"issuer\":\"a\",\"subject\":\"b\",\"x\":1}"};
  told sink = {0, 0, 0};
  mcpgov_governor* const governor = parse(kOpen, &sink, NULL);
  mcpgov_session* const session = open_session(governor);
  size_t at;
  for (at = 0; at < sizeof kBad / sizeof *kBad; ++at) {
    mcpgov_error error = MCPGOV_INIT(mcpgov_error);
    mcpgov_caller* const caller = mcpgov_caller_parse(text(kBad[at]), &error);
    mcpgov_incoming incoming = query();
    mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
    mcpgov_session* theirs;
    CHECK(caller != NULL);
    CHECK(is(error.code, strcmp(kBad[at], "{}") == 0 ? "caller_missing" : "caller_invalid"));
    incoming.caller = caller;
    CHECK(is(reason_for(session, &incoming), "caller_invalid"));
    incoming.caller = NULL;
    options.server = text("shop");
    options.caller = caller;
    theirs = mcpgov_governor_session(governor, &options);
    CHECK(is(reason_for(theirs, &incoming), "caller_invalid"));
    mcpgov_session_free(theirs);
    mcpgov_caller_free(caller);
  }
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

static void records_are_required(void) {
  told sink = {0, 0, 0};
  mcpgov_governor* const governor = parse(kOpen, &sink, NULL);
  mcpgov_session* const session = open_session(governor);
  mcpgov_incoming incoming = query();
  mcpgov_verdicts* verdicts;
  const mcpgov_verdict* verdict;
  mcpgov_caller* const eve = mcpgov_caller_parse(text(EVE), NULL);

  incoming.caller = eve;
  verdicts = mcpgov_session_receive(session, &incoming);
  verdict = mcpgov_verdicts_at(verdicts, 0);
  CHECK(mcpgov_verdict_allowed(verdict) == MCPGOV_ALLOW);
  CHECK(mcpgov_verdict_record_id(verdict).size == 32);
  CHECK(sink.lines == 1);
  mcpgov_verdicts_free(verdicts); /* abandoned: the second line */
  CHECK(sink.lines == 2);

  sink.refuse = 1;
  CHECK(is(reason_for(session, &incoming), "audit_unavailable"));
  sink.refuse = 0;
  CHECK(reason_for(session, &incoming) == MCPGOV_OK);

  /* What a session records to lives as long as the session. */
  mcpgov_governor_free(governor);
  CHECK(sink.released == 0);
  CHECK(reason_for(session, &incoming) == MCPGOV_OK);
  mcpgov_session_free(session);
  CHECK(sink.released == 1);
  mcpgov_caller_free(eve);
}

static void generations_count(void) {
  told sink = {0, 0, 0};
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_generation first = MCPGOV_INIT(mcpgov_generation);
  mcpgov_generation second = MCPGOV_INIT(mcpgov_generation);
  mcpgov_options options = MCPGOV_INIT(mcpgov_options);
  mcpgov_governor* governor = parse("version: 1\nservers: {shop: {}}\n", &sink, &error);
  char warning[16];
  CHECK(mcpgov_governor_generation(governor, &first) == 1);
  CHECK(first.number == 1);
  CHECK(strlen(first.digest) == 64);
  CHECK(first.warnings >= 1); /* a server without policies */
  CHECK(mcpgov_governor_warning(governor, 0, warning, sizeof warning) > sizeof warning);
  CHECK(strlen(warning) == sizeof warning - 1);
  CHECK(mcpgov_governor_warning(governor, 0, NULL, 0) > 0);
  CHECK(mcpgov_governor_warning(governor, first.warnings, warning, sizeof warning) == 0);
  CHECK(is(mcpgov_governor_reload(governor, &error), "file_unreadable"));
  CHECK(mcpgov_governor_replace(governor, text(kOpen), text(""), &error) == MCPGOV_OK);
  CHECK(mcpgov_governor_generation(governor, &second) == second.number);
  CHECK(second.number > first.number);
  CHECK(strcmp(first.digest, second.digest) != 0);
  mcpgov_governor_free(governor);

  options.write = count_line;
  options.context = &sink;
  sink.released = 0;
  governor = mcpgov_governor_open(text(CASES_FOLDER "/shop.yaml"), &options, &error);
  CHECK(mcpgov_governor_reload(governor, &error) == MCPGOV_OK);
  CHECK(mcpgov_governor_generation(governor, NULL) == 2);
  mcpgov_governor_free(governor);
}

static void tools_are_wanted_until_they_come(void) {
  told sink = {0, 0, 0};
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_governor* const governor = parse("version: 1\nservers: {shop: {}}\n", &sink, NULL);
  mcpgov_session* const session = open_session(governor);
  CHECK(mcpgov_session_wants_tools(session) != 0);
  CHECK(mcpgov_session_set_tools(session, text("[}"), &error) != MCPGOV_OK);
  CHECK(is(error.code, "tool_list_invalid"));
  CHECK(mcpgov_session_wants_tools(session) != 0);
  CHECK(mcpgov_session_set_tools(session, text("[]"), NULL) == MCPGOV_OK);
  CHECK(mcpgov_session_wants_tools(session) == 0);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

int main(void) {
  CHECK(mcpgov_abi() == MCPGOV_ABI);
  CHECK(strlen(mcpgov_version()) >= 5);
  CHECK(MCPGOV_DENY == 0);
  CHECK(is(MCPGOV_OK, "none"));
  CHECK(is(-1, "internal"));
  CHECK(is(65536, "internal")); /* no code wraps around to `none` */
  CHECK(mcpgov_code_sentence(600).size > 10);
  null_handles_deny();
  errors_have_a_place();
  older_and_newer_structs();
  nonsense_denies();
  a_bad_caller_is_refused();
  records_are_required();
  generations_count();
  tools_are_wanted_until_they_come();
  return close_checks();
}
