/* Callers by their tokens through the C ABI: steps that fetch, what is due, metadata, certificates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check.h"
#include "mcpgov_identity.h"

/* Of ann, an analyst, until 2100; by tests/python/tokens.py. */
#define ANN_TOKEN                                                                        \
  "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsxIiwgInR5cCI6ICJhdCtqd3QifQ.eyJpc3MiOiAiaHR0cHM6L" \
  "y9sb2dpbi5leGFtcGxlLmNvbSIsICJzdWIiOiAiYW5uIiwgImF1ZCI6ICJodHRwczovL21jcC5leGFtcGxlL" \
  "mNvbS9tY3AiLCAiaWF0IjogMTc2NzIyNTYwMCwgImV4cCI6IDQxMDI0NDQ4MDAsICJyb2xlcyI6IFsiYW5hb" \
  "HlzdCJdLCAic2NvcGUiOiAicmVhZCIsICJqdGkiOiAiYyJ9.nDrQEJ8-tPNbhhqnnCltJWa9bLzTpdOCQqA1" \
  "8Of74dfE8RkEgFQVoTZ4JpRy7EVt4VziQbss0hTgxPOuNpEqjJSGXUm2PAID5-x082hs9O7EG5CrrosrYuqM" \
  "DVFLbt4AofBWomLMKn9pDEQZc0IkhRHi7GUkye-pw96tJhizO30aiFcU6lVtdoFcKY-8VoGuNwzaiO17svOj" \
  "kyYUEqiYxeRWncG3C8XtZlGEG8kmEQmSMuJfFyYk6mRqb4tgjFEriYSGKRSS-nX4bmbuVL0ktOPJwPtRdAim" \
  "gsV3vPl8cCRsmUzpftK4cjfJuc-NO0SkV3MMVOyHq8ou1CBBQFOOdQ"

/* The same, until an hour after 2026 began. */
#define OLD_TOKEN                                                                        \
  "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsxIiwgInR5cCI6ICJhdCtqd3QifQ.eyJpc3MiOiAiaHR0cHM6L" \
  "y9sb2dpbi5leGFtcGxlLmNvbSIsICJzdWIiOiAiYW5uIiwgImF1ZCI6ICJodHRwczovL21jcC5leGFtcGxlL" \
  "mNvbS9tY3AiLCAiaWF0IjogMTc2NzIyNTYwMCwgImV4cCI6IDE3NjcyMjkyMDAsICJyb2xlcyI6IFsiYW5hb" \
  "HlzdCJdLCAic2NvcGUiOiAicmVhZCIsICJqdGkiOiAiZCJ9.jQ_Xahom3qAHyIt6HqIRFdPYTKVoLoeDK8M4" \
  "x153o8tR_RixfJG-xI6kOTq4QlHE2SCJ3Q2azwSz9EmZ0U-xwyIdE0ID1o1V_B2N_s8n9uxOomVTui2ZeVCC" \
  "U51a-bsuAZIkqGw7zVCh9y_7ax8jpkJXyTxqx9mdGkX1HuPtr1rKWsDNHuu1aBxJCvEhZk6qOzhJSff_mA6F" \
  "Eo-0jmb5LFt_3fc6GqEh-aA4Bwvh7lbzE_jRiNORekJc8BakqukICBOE0JmtoDEBBr6TIRLI1o4TIJJv2xm9" \
  "XawW9H9xz84A-TS-19sC5dydfal6w6bjSvvTfGm2Hkz0JK1nHE32Ug"

/* What signed them, as a JWK set. */
#define KEYS                                                                                     \
  "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"alg\":\"RS256\",\"use\":\"sig\",\"e\":\"AQAB\"," \
  "\"n\":\"tRPQ4_vmR"                                                                            \
  "Zy1pSEZ5fr4nF6hfYIZR7eIdna_Ew7Z_SUUfEeKxve7d0fi8PQI_adjJEwkQrY5pFHHCE59d_znsjwY81Oo2"         \
  "E064r8EGjwt8nb7bOP44_zl_wBfoMh_cYcsGEmnRPj4REokRHxeyUJIxW8lol8HMRuQeMofdfbbQKIN-tWdd"         \
  "e8qcWuu9d1IQDBasSkGO7BSXo1Rt43ZPRV5B0IcVmyy9EmkjbxHp1F1mOCsXq4I_4eypfUdeKcZQE1ia8BVj"         \
  "507guW2ix5aGV9DmpLDmu2fXcDd4zyt2M7ZFLFlJ97CAu42GDXtnabuTHyLXMbGzPyGv595L8G4lf8KRw\"}]"        \
  "}"

#define ISSUER "https://login.example.com"
#define DISCOVERY ISSUER "/.well-known/oauth-authorization-server"
#define METADATA                                                                         \
  "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER                                    \
  "/keys\",\"response_types_supported\":[\"code\"],\"authorization_endpoint\":\"" ISSUER \
  "/a\",\"token_endpoint\":\"" ISSUER "/t\"}"
#define METADATA_PATH "/.well-known/oauth-protected-resource/mcp"

static const char kConfiguration[] =
    "version: 1\n"
    "servers:\n"
    "  shop:\n"
    "    policies: [{text: 'permit(principal in shop::Role::\"" ISSUER
    "#analyst\", action, resource);'}]\n"
    "    unknown_tools: natural\n"
    "identity:\n"
    "  resource: {url: 'https://mcp.example.com/mcp', scopes: [read]}\n"
    "  issuers: [{issuer: '" ISSUER "'}]\n";

/* Behind it: client certificates are callers, too. */
static const char kCertificates[] =
    "  client_certificates: true\n"
    "  trust_domains: [{name: example.org, bundle: {url: 'https://example.org/bundle'}}]\n";

static const char kCall[] =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
    "\"params\":{\"name\":\"list_tables\",\"arguments\":{}}}";

static int take_line(void* context, mcpgov_str line) {
  (void)context;
  return line.size != 0;
}

static int is(int32_t code, const char* name) {
  return same(mcpgov_code_name(code), text(name));
}

static mcpgov_governor* open_governor(const char* more) {
  char configuration[2048];
  mcpgov_options options = MCPGOV_INIT(mcpgov_options);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_governor* governor;
  snprintf(configuration, sizeof configuration, "%s%s", kConfiguration, more);
  options.write = take_line;
  governor = mcpgov_governor_parse(text(configuration), text(""), &options, &error);
  if (governor == NULL) printf("%s\n", error.message);
  return governor;
}

static mcpgov_session* open_session(const mcpgov_governor* governor) {
  mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
  options.server = text("shop");
  options.transport = MCPGOV_STREAMABLE_HTTP;
  return mcpgov_governor_session(governor, &options);
}

/* A POST with these credentials. */
static mcpgov_verdicts* post(mcpgov_session* session, const char* authorization,
                             mcpgov_str certificate) {
  mcpgov_header headers[3];
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  const mcpgov_str chain[1] = {{"\x30\x00", 2}};
  headers[0].name = text("Content-Type");
  headers[0].value = text("application/json");
  headers[1].name = text("MCP-Protocol-Version");
  headers[1].value = text("2025-06-18");
  headers[2].name = text("Authorization");
  headers[2].value = text(authorization);
  incoming.http_method = text("POST");
  incoming.url = text("https://mcp.example.com/mcp");
  incoming.headers = headers;
  incoming.header_count = authorization[0] == '\0' ? 2 : 3;
  incoming.peer = text("192.0.2.7");
  incoming.body = text(kCall);
  incoming.certificate = certificate;
  if (certificate.size != 0) {
    incoming.chain = chain;
    incoming.chain_count = 1;
  }
  return mcpgov_session_receive(session, &incoming);
}

static mcpgov_str none(void) {
  mcpgov_str nothing = {NULL, 0};
  return nothing;
}

/* What the issuer says at a URL; status 0 when it says nothing. */
static mcpgov_answer issuer_at(mcpgov_str url) {
  mcpgov_answer answer = MCPGOV_INIT(mcpgov_answer);
  answer.max_age_s = 600;
  if (same(url, text(DISCOVERY))) answer.body = text(METADATA);
  if (same(url, text(ISSUER "/keys"))) answer.body = text(KEYS);
  if (answer.body.size != 0) answer.http_status = 200;
  return answer;
}

static void a_request_waits_for_keys(void) {
  mcpgov_governor* const governor = open_governor("");
  mcpgov_session* const session = open_session(governor);
  mcpgov_verdicts* verdicts = post(session, "Bearer " ANN_TOKEN, none());
  mcpgov_verdict* verdict = mcpgov_verdicts_at(verdicts, 0);
  mcpgov_denial denial = MCPGOV_INIT(mcpgov_denial);
  int rounds = 0;
  CHECK(is(mcpgov_verdict_reason(verdict), "identity_waits"));
  mcpgov_verdict_denial(verdict, &denial);
  CHECK(denial.http_status == 503);
  while (mcpgov_verdict_step_count(verdict) == 1 && rounds < 8) {
    mcpgov_step step = MCPGOV_INIT(mcpgov_step);
    mcpgov_exchange exchange = MCPGOV_INIT(mcpgov_exchange);
    mcpgov_answer answer;
    mcpgov_verdict_step(verdict, 0, &step);
    CHECK(step.kind == MCPGOV_STEP_FETCH);
    CHECK(step.prompt.size == 0);
    mcpgov_fetch_show(step.fetch, &exchange);
    CHECK(same(exchange.method, text("GET")));
    CHECK(exchange.flags == 0);
    CHECK(exchange.max_bytes != 0 && exchange.timeout_ms != 0);
    CHECK(exchange.body.size == 0 && exchange.ca_pem.size == 0 && exchange.pin_sha256.size == 0);
    CHECK(mcpgov_fetch_header(step.fetch, exchange.header_count).name.size == 0);
    if (exchange.header_count != 0) CHECK(mcpgov_fetch_header(step.fetch, 0).name.size != 0);
    answer = issuer_at(exchange.url);
    CHECK(answer.http_status == 200);
    answer.number = step.number;
    mcpgov_session_resume(session, verdict, &answer, 1);
    ++rounds;
  }
  CHECK(rounds == 2);
  CHECK(mcpgov_verdict_allowed(verdict) == MCPGOV_ALLOW);
  mcpgov_verdicts_free(verdicts);

  verdicts = post(session, "Bearer " OLD_TOKEN, none());
  verdict = mcpgov_verdicts_at(verdicts, 0);
  CHECK(is(mcpgov_verdict_reason(verdict), "token_expired"));
  mcpgov_verdict_denial(verdict, &denial);
  CHECK(denial.http_status == 401);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

static void no_answer_never_allows(void) {
  mcpgov_governor* const governor = open_governor("");
  mcpgov_session* const session = open_session(governor);
  mcpgov_verdicts* const verdicts = post(session, "Bearer " ANN_TOKEN, none());
  mcpgov_verdict* const verdict = mcpgov_verdicts_at(verdicts, 0);
  int rounds;
  for (rounds = 0; rounds < 8 && mcpgov_verdict_step_count(verdict) != 0; ++rounds) {
    mcpgov_step step = MCPGOV_INIT(mcpgov_step);
    mcpgov_answer answer = MCPGOV_INIT(mcpgov_answer);
    mcpgov_verdict_step(verdict, 0, &step);
    answer.number = step.number;
    answer.granted = MCPGOV_ALLOW; /* nobody may approve an identity */
    answer.by = text("boss");
    CHECK(mcpgov_session_resume(session, verdict, &answer, 1) == MCPGOV_DENY);
  }
  CHECK(rounds > 0);
  CHECK(mcpgov_verdict_allowed(verdict) == MCPGOV_DENY);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

static void what_is_due_is_fetched_before(void) {
  mcpgov_governor* const governor = open_governor("");
  mcpgov_session* const session = open_session(governor);
  mcpgov_verdicts* verdicts;
  int rounds;
  for (rounds = 0; rounds < 8; ++rounds) {
    mcpgov_fetches* const fetches = mcpgov_governor_due(governor);
    const mcpgov_fetch* const fetch = mcpgov_fetches_at(fetches, 0);
    mcpgov_exchange exchange = MCPGOV_INIT(mcpgov_exchange);
    mcpgov_answer answer;
    if (mcpgov_fetches_count(fetches) == 0) {
      CHECK(fetch == NULL);
      mcpgov_fetches_free(fetches);
      break;
    }
    CHECK(mcpgov_fetches_at(fetches, mcpgov_fetches_count(fetches)) == NULL);
    mcpgov_fetch_show(fetch, &exchange);
    answer = issuer_at(exchange.url);
    CHECK(mcpgov_governor_accept(governor, fetch, &answer, NULL) == MCPGOV_OK);
    mcpgov_fetches_free(fetches);
  }
  CHECK(rounds == 2);
  verdicts = post(session, "Bearer " ANN_TOKEN, none());
  CHECK(mcpgov_verdict_allowed(mcpgov_verdicts_at(verdicts, 0)) == MCPGOV_ALLOW);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

static void useless_answers_are_told(void) {
  mcpgov_governor* const governor = open_governor("");
  mcpgov_fetches* const fetches = mcpgov_governor_due(governor);
  const mcpgov_fetch* const fetch = mcpgov_fetches_at(fetches, 0);
  mcpgov_answer answer = MCPGOV_INIT(mcpgov_answer);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  CHECK(is(mcpgov_governor_accept(governor, fetch, &answer, &error), "identity_answer"));
  CHECK(error.message[0] != '\0');
  CHECK(is(mcpgov_governor_accept(governor, fetch, NULL, &error), "internal"));
  CHECK(is(mcpgov_governor_accept(governor, NULL, &answer, NULL), "internal"));
  CHECK(is(mcpgov_governor_accept(NULL, fetch, &answer, NULL), "internal"));
  mcpgov_fetches_free(fetches);
  mcpgov_governor_free(governor);
}

static void metadata_is_copied(void) {
  mcpgov_governor* const governor = open_governor("");
  char buffer[512] = "unset";
  char small[8];
  size_t size = mcpgov_governor_resource_metadata_path(governor, buffer, sizeof buffer);
  CHECK(size == strlen(METADATA_PATH));
  CHECK(strcmp(buffer, METADATA_PATH) == 0);
  size = mcpgov_governor_resource_metadata(governor, buffer, sizeof buffer);
  CHECK(size == strlen(buffer));
  CHECK(strstr(buffer, "https://mcp.example.com/mcp") != NULL);
  CHECK(mcpgov_governor_resource_metadata(governor, NULL, 0) == size);
  CHECK(mcpgov_governor_resource_metadata(governor, small, sizeof small) == size);
  CHECK(strlen(small) == sizeof small - 1);
  CHECK(mcpgov_governor_resource_metadata(NULL, small, sizeof small) == 0);
  CHECK(small[0] == '\0');
  mcpgov_governor_free(governor);
}

static void certificates_are_looked_at(void) {
  mcpgov_governor* const governor = open_governor(kCertificates);
  mcpgov_session* const session = open_session(governor);
  const mcpgov_str not_one = {"\x30\x03\x02\x01\x01", 5};
  mcpgov_verdicts* verdicts = post(session, "", none());
  CHECK(is(mcpgov_verdict_reason(mcpgov_verdicts_at(verdicts, 0)), "caller_missing"));
  mcpgov_verdicts_free(verdicts);
  verdicts = post(session, "", not_one);
  CHECK(mcpgov_verdict_allowed(mcpgov_verdicts_at(verdicts, 0)) == MCPGOV_DENY);
  CHECK(!is(mcpgov_verdict_reason(mcpgov_verdicts_at(verdicts, 0)), "caller_missing"));
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

static void null_handles_do_nothing(void) {
  mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
  mcpgov_exchange exchange = MCPGOV_INIT(mcpgov_exchange);
  mcpgov_governor* const governor = open_governor("");
  mcpgov_session* const session = open_session(governor);
  mcpgov_verdicts* verdicts;
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  CHECK(mcpgov_governor_due(NULL) == NULL);
  CHECK(mcpgov_fetches_count(NULL) == 0);
  CHECK(mcpgov_fetches_at(NULL, 0) == NULL);
  mcpgov_fetches_free(NULL);
  mcpgov_fetch_show(NULL, &exchange);
  CHECK(exchange.url.size == 0);
  CHECK(mcpgov_fetch_header(NULL, 0).name.size == 0);
  CHECK(mcpgov_session_complete(NULL, NULL, 1) == MCPGOV_DENY);
  CHECK(mcpgov_governor_upkeep(NULL, 1000, &error) == NULL);
  CHECK(is(error.code, "internal"));
  mcpgov_upkeep_free(NULL);
  incoming.chain_count = 1; /* and no chain */
  incoming.body = text(kCall);
  verdicts = mcpgov_session_receive(session, &incoming);
  CHECK(is(mcpgov_verdict_reason(mcpgov_verdicts_at(verdicts, 0)), "verdict_spent"));
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

/* Without time nothing can be fetched: the denial stays what it was. */
static void the_library_fetches_itself(void) {
  mcpgov_governor* const governor = open_governor("");
  mcpgov_session* const session = open_session(governor);
  mcpgov_verdicts* const verdicts = post(session, "Bearer " ANN_TOKEN, none());
  mcpgov_verdict* const verdict = mcpgov_verdicts_at(verdicts, 0);
  CHECK(mcpgov_session_complete(session, verdict, 0) == MCPGOV_DENY);
  CHECK(is(mcpgov_verdict_reason(verdict), "identity_waits"));
  CHECK(mcpgov_verdict_step_count(verdict) == 1);
  mcpgov_verdicts_free(verdicts);
  mcpgov_session_free(session);
  mcpgov_governor_free(governor);
}

int main(void) {
  a_request_waits_for_keys();
  no_answer_never_allows();
  what_is_due_is_fetched_before();
  useless_answers_are_told();
  metadata_is_copied();
  certificates_are_looked_at();
  null_handles_do_nothing();
  the_library_fetches_itself();
  return close_checks();
}
