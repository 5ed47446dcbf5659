/* The log of records through the C ABI: waiting, health, metrics, sinks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE 1 /* mkdtemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "mcpgov_audit.h"

static char folder[] = "/tmp/mcpgov-c-audit-XXXXXX";

static mcpgov_governor* open_governor(const char* audit) {
  char configuration[2048];
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_governor* out;
  snprintf(configuration, sizeof configuration,
           "version: 1\n"
           "servers: {shop: {policies: [{text: 'permit(principal, action, resource);'}],\n"
           "  unknown_tools: natural}}\n"
           "identity: {stdio: {kind: user, issuer: os, subject: root}}\n"
           "audit: %s\n",
           audit);
  out = mcpgov_governor_parse(text(configuration), text(""), NULL, &error);
  if (out == NULL) fprintf(stderr, "%s\n", error.message);
  return out;
}

static void a_log_waits_and_counts(void) {
  char audit[512];
  char metrics[16384];
  mcpgov_audit_health health = MCPGOV_INIT(mcpgov_audit_health);
  mcpgov_governor* governor;
  snprintf(audit, sizeof audit, "{directory: %s/log, sync_interval_us: 1000}", folder);
  governor = open_governor(audit);
  CHECK(governor != NULL);
  {
    mcpgov_session_options options = MCPGOV_INIT(mcpgov_session_options);
    mcpgov_incoming incoming = MCPGOV_INIT(mcpgov_incoming);
    mcpgov_session* session;
    mcpgov_verdicts* verdicts;
    mcpgov_verdict* verdict;
    options.server = text("shop");
    session = mcpgov_governor_session(governor, &options);
    CHECK(session != NULL);
    incoming.body = text(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
        "\"params\":{\"name\":\"plain\",\"arguments\":{}}}");
    verdicts = mcpgov_session_receive(session, &incoming);
    verdict = mcpgov_verdicts_at(verdicts, 0);
    if (mcpgov_verdict_allowed(verdict) != MCPGOV_ALLOW) {
      mcpgov_step step = MCPGOV_INIT(mcpgov_step);
      mcpgov_answer answer = MCPGOV_INIT(mcpgov_answer);
      mcpgov_verdict_step(verdict, 0, &step);
      CHECK(step.kind == MCPGOV_STEP_RECORD);
      CHECK(mcpgov_session_wait_recorded(session, verdict, 10000) != 0);
      answer.number = step.number;
      CHECK(mcpgov_session_resume(session, verdict, &answer, 1) == MCPGOV_ALLOW);
    }
    mcpgov_verdicts_free(verdicts);
    mcpgov_session_free(session);
  }
  CHECK(mcpgov_governor_audit_flush(governor, 10000) != 0);
  CHECK(mcpgov_governor_audit_health(governor, &health) != 0);
  CHECK(health.state == MCPGOV_AUDIT_HEALTHY);
  CHECK(health.begun == 1 && health.ended == 1 && health.lost == 0 && health.open == 0);
  CHECK(mcpgov_governor_metrics(governor, metrics, sizeof metrics) > 0);
  CHECK(strstr(metrics, "mcpgov_") != NULL);
  mcpgov_governor_free(governor);
}

static void sinks_start_and_stop(void) {
  char audit[512];
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  mcpgov_governor* governor;
  mcpgov_sinks* sinks;
  snprintf(audit, sizeof audit,
           "{directory: %s/sinks, sinks: {out: {type: file, path: %s/out.jsonl, sealed: false}}}",
           folder, folder);
  governor = open_governor(audit);
  CHECK(governor != NULL);
  sinks = mcpgov_sinks_start(governor, &error);
  CHECK(sinks != NULL);
  CHECK(mcpgov_governor_audit_flush(governor, 10000) != 0);
  CHECK(mcpgov_sinks_stop(sinks, 10000) != 0);
  mcpgov_sinks_free(sinks);
  mcpgov_governor_free(governor);
}

static void without_a_log_there_is_nothing(void) {
  mcpgov_audit_health health = MCPGOV_INIT(mcpgov_audit_health);
  mcpgov_error error = MCPGOV_INIT(mcpgov_error);
  char metrics[16];
  mcpgov_governor* const governor = open_governor("{required: false}");
  CHECK(governor != NULL);
  CHECK(mcpgov_governor_audit_health(governor, &health) == 0);
  CHECK(mcpgov_governor_audit_flush(governor, 0) == 0);
  CHECK(mcpgov_governor_metrics(governor, metrics, sizeof metrics) == 0);
  CHECK(mcpgov_sinks_start(governor, &error) == NULL);
  CHECK(mcpgov_governor_audit_health(NULL, &health) == 0);
  CHECK(mcpgov_governor_audit_flush(NULL, 0) == 0);
  CHECK(mcpgov_sinks_start(NULL, &error) == NULL);
  CHECK(mcpgov_sinks_stop(NULL, 0) == 0);
  mcpgov_sinks_free(NULL);
  CHECK(mcpgov_session_wait_recorded(NULL, NULL, 0) == 0);
  mcpgov_governor_free(governor);
}

int main(void) {
  char remove[64];
  if (mkdtemp(folder) == NULL) return 1;
  a_log_waits_and_counts();
  sinks_start_and_stop();
  without_a_log_there_is_nothing();
  snprintf(remove, sizeof remove, "rm -rf %s", folder);
  return system(remove) == 0 ? close_checks() : 1;
}
