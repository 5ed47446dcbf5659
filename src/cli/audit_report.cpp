// `mcpgov audit report`.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_report.hpp"

#include <cstdio>
#include <optional>

#include "base/os_log_file.hpp"
#include "base/os_time.hpp"
#include "cli/audit_source.hpp"
#include "cli/audit_time.hpp"
#include "cli/audit_verify.hpp"
#include "cli/report_gather.hpp"
#include "cli/report_html.hpp"
#include "cli/report_page.hpp"
#include "cli/setting.hpp"
#include "mcpgov/mcpgov.hpp"

namespace mcpgov::cli {

namespace {

// How far a long log has been read: a line on standard error for each million of its records.
class Progress {
 public:
  void passed() {
    if (++frames_ % kStep == 0) tell(count_text(frames_) + " records read");
  }
  void begin(const char* what) const {
    if (frames_ >= kStep) tell(what);
  }

 private:
  static constexpr std::uint64_t kStep = 1'000'000;
  std::uint64_t frames_ = 0;
};

Result<void> read_directory(const AuditReportOptions& options, Gatherer& gatherer,
                            Evidence& evidence, Progress& progress) {
  auto merge = LogMerge::open(options.source);
  if (!merge) return merge.error();
  std::vector<LogEvidence> logs(merge->logs().size());
  std::vector<LogWitness> witnesses;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    logs[i].name = merge->logs()[i].name;
    logs[i].alive = merge->logs()[i].alive;
    witnesses.emplace_back(logs[i], gatherer.facts());
  }
  std::size_t log = 0;
  audit::Frame frame;
  while (merge->next(log, frame)) {
    progress.passed();
    witnesses[log].take(frame);
    const bool event =
        frame.type == audit::FrameType::event || frame.type == audit::FrameType::intent;
    if (event) gatherer.take(frame.payload);
  }
  for (const LogMerge::Damage& each : merge->damage()) witnesses[each.log].damaged(each.error);
  for (LogWitness& witness : witnesses) witness.finish();
  progress.begin("verifying");
  const Result<bool> own =
      verify_into(options.source, options.key, options.against, logs, gatherer.facts());
  if (!own) return own.error();
  evidence.own_key = *own;
  evidence.logs = std::move(logs);
  return {};
}

Result<void> write_page(const std::string& path, const std::string& page) {
  if (path.empty() || path == "-") {
    if (std::fwrite(page.data(), 1, page.size(), stdout) == page.size()) return {};
    return Error{ErrorCode::file_unreadable, "standard output cannot be written", {}, 0, 0};
  }
  const int error = replace_durably(local_files(), path, page);
  if (error == 0) return {};
  return Error{ErrorCode::file_unreadable, io_error_text(error), path, 0, 0};
}

}  // namespace

int audit_report(const AuditReportOptions& options) {
  const std::uint64_t now_us = wall_clock_us();
  const auto since = read_moment(options.since, now_us);
  const auto until = read_moment(options.until, now_us);
  if (!since || !until) {
    fail(since ? until.error() : since.error());
    return kAuditMisuse;
  }
  Evidence evidence;
  evidence.source = options.source;
  evidence.version = MCPGOV_VERSION;
  evidence.made_us = now_us;
  evidence.from_us = *since;
  evidence.to_us = *until;
  evidence.against = options.against;
  Gatherer gatherer(*since, *until, options.sensitive);
  Progress progress;
  const bool folder = is_folder(options.source);
  const Result<void> read =
      folder ? read_directory(options, gatherer, evidence, progress)
             : read_lines(options.source, [&](std::string_view line) { gatherer.take(line); });
  if (!read) return fail(read.error());
  const Facts facts = gatherer.finish();
  Proofs proofs;
  if (folder) {
    progress.begin("looking up the events of findings");
    auto found = find_proofs(options.source, facts, evidence.logs);
    if (!found) return fail(found.error());
    proofs = *std::move(found);
  }
  std::optional<Access> access;
  if (!options.config.empty()) {
    auto granted = read_access(options.config, facts);
    if (!granted) return fail(granted.error());
    access = *std::move(granted);
  }
  const bool broken = evidence.proven() == Proven::no;
  const std::string page =
      options.json ? facts_json(facts, evidence, proofs) + "\n"
                   : report_page(facts, std::move(evidence), access ? &*access : nullptr, proofs);
  const Result<void> written = write_page(options.out, page);
  if (!written) return fail(written.error());
  if (broken) tell("the log does not verify; the report says where");
  return broken ? kFailed : kAllowed;
}

}  // namespace mcpgov::cli
