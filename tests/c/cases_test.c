/* Runs the language-neutral cases of tests/cases through the C ABI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "check.h"
#include "mcpgov_identity.h"

typedef struct expected_text {
  int given;
  mcpgov_str text;
} expected_text;

typedef struct expected_verdict {
  int allowed;
  mcpgov_str reason;
  int status; /* 0: not said */
  expected_text denial;
  int headers_given;
  const mcpgov_header* headers;
  size_t headers_count;
  int policies_given;
  const mcpgov_str* policies;
  size_t policies_count;
  int pending_given;
  const mcpgov_str* pending;
  size_t pending_count;
  expected_text method, target, id, arguments, bytes;
} expected_verdict;

enum step_kind {
  STEP_RECEIVE,
  STEP_REPLY,
  STEP_AWAIT_ANSWER,
  STEP_RESUME,
  STEP_SET_TOOLS,
  STEP_REPLACE
};

typedef struct case_step {
  enum step_kind kind;
  int32_t number; /* direction or format */
  size_t index;   /* of a verdict */
  int batch;
  int status;
  mcpgov_str text, error, method, url, peer, caller, to_server;
  const mcpgov_header* headers;
  size_t headers_count;
  const mcpgov_str* feed;
  size_t feed_count;
  const mcpgov_answer* answers;
  size_t answers_count;
  const expected_verdict* verdicts;
  size_t verdicts_count;
} case_step;

typedef struct one_case {
  mcpgov_str name, configuration, server, tenant, id;
  int32_t transport;
  mcpgov_str caller;
  const case_step* steps;
  size_t steps_count;
  const mcpgov_str* outcomes;
  size_t outcomes_count;
} one_case;

#include "cases.inc"

/* Grows with what is appended; ends the program when memory does. */
typedef struct text_buffer {
  char* bytes;
  size_t size;
} text_buffer;

static void append(text_buffer* to, mcpgov_str from) {
  char* const grown = realloc(to->bytes, to->size + from.size + 1);
  if (grown == NULL) abort();
  if (from.size != 0) memcpy(grown + to->size, from.data, from.size);
  to->bytes = grown;
  to->size += from.size;
  grown[to->size] = '\0';
}

static mcpgov_str whole(const text_buffer* from) {
  mcpgov_str out;
  out.data = from->bytes;
  out.size = from->size;
  return out;
}

static int keep_line(void* lines, mcpgov_str line) {
  append(lines, line);
  append(lines, text("\n"));
  return 1;
}

static void check_text(expected_text expected, mcpgov_str got) {
  if (expected.given) CHECK(same(expected.text, got));
}

/* expected: its method and URL. */
static void check_fetch(const mcpgov_fetch* fetch, mcpgov_str expected) {
  mcpgov_exchange exchange = MCPGOV_INIT(mcpgov_exchange);
  text_buffer shown = {NULL, 0};
  mcpgov_fetch_show(fetch, &exchange);
  append(&shown, exchange.method);
  append(&shown, text(" "));
  append(&shown, exchange.url);
  CHECK(same(whole(&shown), expected));
  free(shown.bytes);
}

static void check_lists(const mcpgov_verdict* verdict, const expected_verdict* expected) {
  size_t at;
  if (expected->headers_given) {
    mcpgov_denial denial = MCPGOV_INIT(mcpgov_denial);
    mcpgov_verdict_denial(verdict, &denial);
    CHECK(denial.header_count == expected->headers_count);
    for (at = 0; at < expected->headers_count; ++at) {
      const mcpgov_header field = mcpgov_verdict_denial_header(verdict, at);
      CHECK(same(field.name, expected->headers[at].name));
      CHECK(same(field.value, expected->headers[at].value));
    }
  }
  if (expected->policies_given) {
    CHECK(mcpgov_verdict_policy_count(verdict) == expected->policies_count);
    for (at = 0; at < expected->policies_count; ++at) {
      CHECK(same(mcpgov_verdict_policy(verdict, at), expected->policies[at]));
    }
  }
  if (expected->pending_given) {
    CHECK(mcpgov_verdict_step_count(verdict) == expected->pending_count);
    for (at = 0; at < expected->pending_count; ++at) {
      mcpgov_step step = MCPGOV_INIT(mcpgov_step);
      mcpgov_verdict_step(verdict, at, &step);
      if (step.kind == MCPGOV_STEP_FETCH) {
        check_fetch(step.fetch, expected->pending[at]);
      } else {
        CHECK(step.kind == MCPGOV_STEP_APPROVAL);
        CHECK(same(step.prompt, expected->pending[at]));
      }
    }
  }
}

static void check_verdict(const mcpgov_verdict* verdict, const expected_verdict* expected) {
  mcpgov_denial denial = MCPGOV_INIT(mcpgov_denial);
  mcpgov_message message = MCPGOV_INIT(mcpgov_message);
  CHECK(mcpgov_verdict_allowed(verdict) == (expected->allowed ? MCPGOV_ALLOW : MCPGOV_DENY));
  CHECK(same(mcpgov_code_name(mcpgov_verdict_reason(verdict)), expected->reason));
  mcpgov_verdict_denial(verdict, &denial);
  if (expected->status != 0) CHECK(denial.http_status == expected->status);
  check_text(expected->denial, denial.body);
  check_lists(verdict, expected);
  mcpgov_verdict_message(verdict, &message);
  check_text(expected->method, message.method);
  check_text(expected->target, message.target);
  check_text(expected->id, message.id);
  check_text(expected->arguments, message.arguments);
  check_text(expected->bytes, message.bytes);
}

/* The session of one case, and the verdicts of its last step. */
typedef struct run {
  mcpgov_governor* governor;
  mcpgov_session* session;
  mcpgov_verdicts* verdicts;
  text_buffer lines;
} run;

static void receive(run* self, const case_step* step) {
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_caller* caller = NULL;
  size_t at;
  if (step->caller.size != 0) caller = mcpgov_caller_parse(step->caller, &error);
  CHECK(error.code == MCPGOV_OK);
  incoming.direction = step->number;
  incoming.http_method = step->method;
  incoming.url = step->url;
  incoming.headers = step->headers;
  incoming.header_count = step->headers_count;
  incoming.peer = step->peer;
  incoming.body = step->text;
  incoming.caller = caller;
  mcpgov_verdicts_free(self->verdicts);
  self->verdicts = mcpgov_session_receive(self->session, &incoming);
  mcpgov_caller_free(caller);
  CHECK(mcpgov_verdicts_batch(self->verdicts) == step->batch);
  CHECK(mcpgov_verdicts_count(self->verdicts) == step->verdicts_count);
  for (at = 0; at < step->verdicts_count; ++at) {
    check_verdict(mcpgov_verdicts_at(self->verdicts, at), &step->verdicts[at]);
  }
}

static void reply(run* self, const case_step* step) {
  text_buffer bytes = {NULL, 0};
  size_t at;
  mcpgov_reply* const answer = mcpgov_session_reply(
      self->session, mcpgov_verdicts_at(self->verdicts, step->index), step->number);
  for (at = 0; at < step->feed_count; ++at) {
    append(&bytes, mcpgov_reply_feed(answer, step->feed[at]));
  }
  append(&bytes, mcpgov_reply_end(answer));
  CHECK(same(whole(&bytes), step->text));
  CHECK(mcpgov_reply_http_status(answer) == step->status);
  CHECK(same(mcpgov_code_name(mcpgov_reply_reason(answer)), step->error));
  CHECK(same(mcpgov_reply_to_server(answer), step->to_server));
  mcpgov_reply_free(answer);
  free(bytes.bytes);
}

static void take_step(run* self, const case_step* step) {
  mcpgov_verdict* const verdict = mcpgov_verdicts_at(self->verdicts, step->index);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  int32_t code;
  switch (step->kind) {
    case STEP_RECEIVE: receive(self, step); break;
    case STEP_REPLY: reply(self, step); break;
    case STEP_AWAIT_ANSWER: mcpgov_session_await_answer(self->session, verdict); break;
    case STEP_RESUME:
      code = mcpgov_session_resume(self->session, verdict, step->answers, step->answers_count);
      CHECK(code == mcpgov_verdict_allowed(verdict));
      check_verdict(verdict, &step->verdicts[0]);
      break;
    case STEP_SET_TOOLS:
      code = mcpgov_session_set_tools(self->session, step->text, &error);
      CHECK(same(mcpgov_code_name(code), step->error));
      CHECK(error.code == code);
      break;
    case STEP_REPLACE:
      code = mcpgov_governor_replace(self->governor, step->text, text(CASES_FOLDER), &error);
      CHECK(same(mcpgov_code_name(code), step->error));
      CHECK(error.code == code);
      break;
  }
}

/* `"outcome":"denied"` of every line, in order. */
static void check_outcomes(const char* lines, const one_case* expected) {
  static const char kKey[] = "\"outcome\":\"";
  size_t at = 0;
  while (lines != NULL && (lines = strstr(lines, kKey)) != NULL) {
    mcpgov_str outcome;
    lines += sizeof kKey - 1;
    outcome.data = lines;
    outcome.size = strcspn(lines, "\"");
    CHECK(at < expected->outcomes_count && same(outcome, expected->outcomes[at]));
    ++at;
  }
  CHECK(at == expected->outcomes_count);
}

static void run_case(const one_case* one) {
  run self = {NULL, NULL, NULL, {NULL, 0}};
  text_buffer path = {NULL, 0};
  mcpgov_options options = MCPGOV_INIT(mcpgov_options);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_session_options session = MCPGOV_INIT(mcpgov_session_options);
  mcpgov_caller* caller = NULL;
  size_t at;
  append(&path, text(CASES_FOLDER "/"));
  append(&path, one->configuration);
  options.write = keep_line;
  options.context = &self.lines;
  self.governor = mcpgov_governor_open(whole(&path), &options, &error);
  if (error.code != MCPGOV_OK) printf("%s:%u: %s\n", error.file, error.line, error.message);
  CHECK(self.governor != NULL);
  if (one->caller.size != 0) caller = mcpgov_caller_parse(one->caller, &error);
  CHECK(error.code == MCPGOV_OK);
  session.transport = one->transport;
  session.server = one->server;
  session.tenant = one->tenant;
  session.id = one->id;
  session.caller = caller;
  self.session = mcpgov_governor_session(self.governor, &session);
  CHECK(self.session != NULL);
  mcpgov_caller_free(caller);
  for (at = 0; at < one->steps_count; ++at) take_step(&self, &one->steps[at]);
  mcpgov_verdicts_free(self.verdicts);
  mcpgov_session_free(self.session);
  mcpgov_governor_free(self.governor);
  check_outcomes(self.lines.bytes, one);
  free(self.lines.bytes);
  free(path.bytes);
}

int main(void) {
  const size_t count = sizeof all_cases / sizeof *all_cases;
  size_t at;
  for (at = 0; at < count; ++at) {
    const int before = failed;
    run_case(&all_cases[at]);
    if (failed != before) printf("  in %s\n", all_cases[at].name.data);
  }
  CHECK(count >= 12);
  return close_checks();
}
