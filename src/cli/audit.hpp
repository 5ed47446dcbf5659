// `mcpgov audit …`: reading what the logs have stored.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/audit_export.hpp"
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
  void add_export();
  void add_report();

  CLI::App* audit_;
  CLI::App *export_ = nullptr, *report_ = nullptr;
  AuditExportOptions export_options_;
  AuditReportOptions report_options_;
};

}  // namespace mcpgov::cli
