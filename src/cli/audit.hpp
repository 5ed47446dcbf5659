// `mcpgov audit …`: reading what the logs have stored, and erasing what may not be read any more.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/audit_erase.hpp"
#include "cli/audit_export.hpp"
#include "cli/audit_query.hpp"
#include "cli/audit_report.hpp"
#include "cli/audit_verify.hpp"

namespace mcpgov::cli {

// The verbs below `audit` and their options.
// Threads: one thread.
class AuditCommand {
 public:
  // app: outlives this.
  explicit AuditCommand(CLI::App& app);
  bool parsed() const { return audit_->parsed(); }
  // The verb that was given. Returns its exit code.
  int run() const;

 private:
  void add_tail();
  void add_query();
  void add_export();
  void add_verify();
  void add_proof();
  void add_report();
  void add_erase_key();

  CLI::App* audit_;
  CLI::App *tail_ = nullptr, *query_ = nullptr, *export_ = nullptr, *report_ = nullptr;
  CLI::App *verify_ = nullptr, *prove_ = nullptr, *check_proof_ = nullptr;
  CLI::App* erase_key_ = nullptr;
  AuditTailOptions tail_options_;
  AuditQueryOptions query_options_;
  AuditExportOptions export_options_;
  AuditVerifyOptions verify_options_;
  AuditProveOptions prove_options_;
  AuditCheckProofOptions check_proof_options_;
  AuditReportOptions report_options_;
  AuditEraseOptions erase_options_;
};

}  // namespace mcpgov::cli
