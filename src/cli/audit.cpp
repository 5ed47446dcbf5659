// The verbs of `mcpgov audit` on the command line.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit.hpp"

#include <string>

namespace mcpgov::cli {

namespace {

constexpr const char* kSince =
    "from then on: 2026-11-20T10:00:00Z, 2026-11-20, or ago: 15m, 24h, 7d";
constexpr const char* kUntil = "before then, written as --since";
constexpr const char* kKey =
    "verifier key, or a file with some; default: `signing.vkey` of the directory";
constexpr const char* kDirectory = "`audit.directory` of the configuration";

}  // namespace

AuditCommand::AuditCommand(CLI::App& app)
    : audit_(app.add_subcommand("audit", "Reads the audit logs: who did what, and is it proven")) {
  audit_->require_subcommand(1);
  audit_->footer(
      "Exit code: 0, or 1 when nothing was found, or not everything could be read or proven;\n"
      "2 when the command line cannot be understood.");
  add_tail();
  add_query();
  add_export();
  add_verify();
  add_proof();
  add_report();
  add_erase_key();
}

void AuditCommand::add_tail() {
  tail_ = audit_->add_subcommand("tail", "Shows the newest events, a line each");
  tail_->add_option("directory", tail_options_.directory, kDirectory)->required();
  tail_->add_flag("-f,--follow", tail_options_.follow, "go on with those that come");
  tail_->add_option("-n,--last", tail_options_.last, "how many to begin with")
      ->capture_default_str();
  tail_->add_flag("--json", tail_options_.json, "the events as they are stored");
}

void AuditCommand::add_query() {
  query_ = audit_->add_subcommand("query", "Finds events; every condition given has to hold");
  audit::Question& question = query_options_.question;
  query_->add_option("directory", query_options_.directory, kDirectory)->required();
  query_->add_option("--caller", question.caller,
                     "`subject` or `issuer#subject` of the caller, an actor or the workload");
  query_->add_option("--session", question.session, "of the agent, or of the connection");
  query_->add_option("--tool,--target", question.target, "tool, prompt, resource or task");
  query_->add_option("--server", question.server, "its name");
  query_->add_option("--method", question.method, "such as tools/call");
  query_->add_option("--decision", question.decision, "what was decided")
      ->check(CLI::IsMember({"allow", "deny"}));
  query_->add_option("--outcome", question.outcome, "how it ended: completed, failed, denied, …");
  query_->add_option("--policy", question.policy, "one that decided");
  query_->add_option("--tenant", question.tenant, "its name");
  query_->add_option("--id", question.id, "of the event");
  query_->add_option("--trace", query_options_.trace, "id of the trace");
  query_->add_option("--since", query_options_.since, kSince);
  query_->add_option("--until", query_options_.until, kUntil);
  query_->add_option("--limit", question.limit, "at most so many");
  query_->add_flag("--newest-first", question.newest_first, "else the oldest come first");
  query_->add_flag("--intents", question.intents, "also what was about to run");
  query_->add_flag("--no-index{false}", question.use_indexes,
                   "read every record: slow, and no index can hide one");
  CLI::Option* count = query_->add_flag("--count", query_options_.count, "print only how many");
  query_->add_flag("--json", query_options_.json, "the events as they are stored")->excludes(count);
}

void AuditCommand::add_export() {
  export_ = audit_->add_subcommand("export", "Writes events in the form of another system");
  export_->add_option("directory", export_options_.directory, kDirectory)->required();
  export_
      ->add_option("--format", export_options_.format,
                   "jsonl, otlp (logs), otlp-traces, ocsf, ecs, cef, toolhive, syslog, splunk, "
                   "webhook")
      ->required();
  export_->add_option("-o,--out", export_options_.out, "a file, instead of standard output");
  export_->add_option("--since", export_options_.since, kSince);
  export_->add_option("--until", export_options_.until, kUntil);
  export_->add_flag("--with-control", export_options_.with_control,
                    "also what the log says about itself: openings, losses, signs of life");
}

void AuditCommand::add_verify() {
  verify_ =
      audit_->add_subcommand("verify", "Tells what is proven, what is not, and what is broken");
  verify_->add_option("directory", verify_options_.directory, kDirectory)->required();
  verify_->add_option("--key", verify_options_.key, kKey);
  verify_->add_option("--against", verify_options_.against,
                      "a file with a checkpoint that was kept elsewhere; may be repeated");
  verify_
      ->add_option("--spare", verify_options_.spare,
                   "where spare_directory is now, if not where the logs say")
      ->check(CLI::ExistingDirectory);
  verify_->add_flag("--json", verify_options_.json, "for programs: one JSON object");
}

void AuditCommand::add_proof() {
  prove_ = audit_->add_subcommand("prove", "Proves one event to somebody who has not the log");
  prove_->add_option("directory", prove_options_.directory, kDirectory)->required();
  prove_->add_option("id", prove_options_.id, "of the event")->required();
  prove_->add_option("-o,--out", prove_options_.out, "a file, by custom `*.tlog-proof`");
  prove_->add_flag("--without-event", prove_options_.without_event,
                   "leave the event itself out: its reader has it");
  check_proof_ = audit_->add_subcommand("check-proof", "Checks what `prove` wrote, offline");
  check_proof_->add_option("proof", check_proof_options_.proof, "the file")->required();
  check_proof_->add_option("--event", check_proof_options_.event,
                           "file with the event as stored; default: the one in the proof");
  check_proof_->add_option("--key", check_proof_options_.key, "verifier key, or a file with some")
      ->required();
}

void AuditCommand::add_report() {
  report_ = audit_->add_subcommand(
      "report", "Writes one HTML file that answers what ran, who had access and what is unusual");
  AuditReportOptions& options = report_options_;
  report_
      ->add_option("source", options.source,
                   "`audit.directory`, or a file of exported JSON lines, - for standard input")
      ->required();
  report_->add_option("--since", options.since, kSince);
  report_->add_option("--until", options.until, kUntil);
  report_->add_option("-c,--config", options.config,
                      "compare with what the policies of this configuration grant");
  report_->add_option("--key", options.key, kKey);
  report_->add_option("--against", options.against, "a checkpoint that was kept elsewhere");
  report_->add_option("--sensitive", options.sensitive,
                      "tools whose results are, a pattern with `*`; may be repeated");
  report_->add_flag("--json", options.json, "the facts alone, for programs");
  report_->add_option("-o,--out", options.out, "the file; default: standard output");
}

void AuditCommand::add_erase_key() {
  erase_key_ = audit_->add_subcommand(
      "erase-key", "Erases a tenant's key: its stored content cannot be read any more");
  erase_key_->add_option("keys", erase_options_.keys, "`audit.content_keys` of the configuration")
      ->required();
  CLI::Option_group* const whose = erase_key_->add_option_group("whose key");
  whose->add_option("--tenant", erase_options_.tenant, "its name");
  whose->add_flag("--no-tenant", erase_options_.no_tenant,
                  "of content that was stored without a tenant");
  whose->require_option(1);
}

int AuditCommand::run() const {
  if (erase_key_->parsed()) return audit_erase_key(erase_options_);
  if (tail_->parsed()) return audit_tail(tail_options_);
  if (query_->parsed()) return audit_query(query_options_);
  if (export_->parsed()) return audit_export(export_options_);
  if (verify_->parsed()) return audit_verify(verify_options_);
  if (prove_->parsed()) return audit_prove(prove_options_);
  if (check_proof_->parsed()) return audit_check_proof(check_proof_options_);
  return audit_report(report_options_);
}

}  // namespace mcpgov::cli
