// The verbs of `mcpgov audit` on the command line.
// Tested by tests/cli/audit_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit.hpp"

#include <string>

namespace mcpgov::cli {

namespace {

constexpr const char* kSince =
    "from then on: 2026-11-20T10:00:00Z, 2026-11-20, or ago: 15m, 24h, 7d";
constexpr const char* kUntil = "before then, written as --since";
constexpr const char* kDirectory = "`audit.directory` of the configuration";

}  // namespace

AuditCommand::AuditCommand(CLI::App& app)
    : audit_(app.add_subcommand("audit", "Reads the audit logs: who did what, and is it proven")) {
  audit_->require_subcommand(1);
  audit_->footer(
      "Exit code: 0, or 1 when nothing was found, or not everything could be read or proven;\n"
      "2 when the command line cannot be understood.");
  add_export();
  add_report();
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
  report_->add_option("--key", options.key, "verifier key, or a file with it");
  report_->add_option("--against", options.against, "a checkpoint that was kept elsewhere");
  report_->add_option("--sensitive", options.sensitive,
                      "tools whose results are, a pattern with `*`; may be repeated");
  report_->add_flag("--json", options.json, "the facts alone, for programs");
  report_->add_option("-o,--out", options.out, "the file; default: standard output");
}

int AuditCommand::run() const {
  if (export_->parsed()) return audit_export(export_options_);
  return audit_report(report_options_);
}

}  // namespace mcpgov::cli
