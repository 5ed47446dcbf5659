// `mcpgov audit verify`.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_verify.hpp"

#include <algorithm>
#include <cstdio>

#include "audit/key_file.hpp"
#include "base/os_file.hpp"
#include "base/os_time.hpp"
#include "cli/open_answer.hpp"
#include "cli/report_html.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

using audit::LogVerification;
using audit::Verification;
using audit::VerifyOptions;

Result<VerifyOptions> read_options(const std::string& directory, const std::string& key,
                                   const std::vector<std::string>& against, bool& own) {
  auto keys = read_keys(key, directory);
  if (!keys) return keys.error();
  VerifyOptions out;
  own = keys->own;
  out.keys = std::move(keys->keys);
  out.now_ns = wall_clock_us() * 1000;
  for (const std::string& file : against) {
    auto note = read_file(file, audit::kMaxNote);
    if (!note) return note.error();
    out.against.push_back(*std::move(note));
  }
  return out;
}

std::uint64_t proven_records(const LogVerification& log) {
  std::uint64_t out = 0;
  for (const audit::ProvenRange& range : log.proven) out += range.last_seq - range.first_seq + 1;
  return out;
}

// `proven: 1 to 900 by the checkpoint of 900 records; 12 more have only their checksums`
std::string verdict_of(const LogVerification& log) {
  if (log.last_seq == 0) return "there are no records";
  std::string out;
  for (const audit::ProvenRange& range : log.proven) {
    out += (out.empty() ? "proven: " : ", ") + count_text(range.first_seq) + " to " +
           count_text(range.last_seq) + " by the checkpoint of " + count_text(range.size) +
           " records";
  }
  if (out.empty()) out = "nothing is proven";
  if (log.by_checksum_only != 0) {
    out += "; " + count_text(log.by_checksum_only) +
           (log.by_checksum_only == 1 ? " record has only its checksum"
                                      : " records have only their checksums");
  }
  return out;
}

std::string place_of(const audit::Finding& finding) {
  std::string out = visible_text(finding.log);
  if (!finding.file.empty()) out += "/" + visible_text(finding.file);
  if (finding.offset != 0) out += " at " + std::to_string(finding.offset);
  if (finding.first_seq != 0) {
    out += finding.first_seq == finding.last_seq
               ? ", record " + std::to_string(finding.first_seq)
               : ", records " + std::to_string(finding.first_seq) + " to " +
                     std::to_string(finding.last_seq);
  }
  return out;
}

void print_findings(const std::vector<audit::Finding>& findings, std::uint64_t all) {
  for (const audit::Finding& each : findings) {
    std::printf("  %s %s: %s: %s\n", each.notice ? "note" : "BREAK",
                std::string(audit::problem_name(each.problem)).c_str(), place_of(each).c_str(),
                visible_text(each.message).c_str());
  }
  if (all > findings.size()) {
    std::printf("  and %s more\n", count_text(all - findings.size()).c_str());
  }
}

// How many are proven of how many there are, over all logs.
void print_verdict(const Verification& found, bool own) {
  std::uint64_t records = 0, proven = 0;
  for (const LogVerification& log : found.logs) {
    proven += proven_records(log);
    records += log.last_seq == 0 ? 0 : log.last_seq - log.first_seq + 1;
  }
  if (own) {
    std::printf(
        "The key is the directory's own: whoever may write there could have replaced it. "
        "--key takes one that was kept elsewhere.\n");
  }
  const std::string counts = count_text(proven) + " of " + count_text(records) + " records in " +
                             count_text(found.logs.size()) + " logs are proven";
  if (found.intact()) {
    std::printf("%s: %s\n", proven == 0 && records != 0 ? "NOT PROVEN" : "intact", counts.c_str());
  } else {
    std::printf("BROKEN: %s breaks; %s\n", count_text(found.problems).c_str(), counts.c_str());
  }
}

void print_text(const Verification& found, bool own) {
  for (const LogVerification& log : found.logs) {
    std::printf("%s%s\n", visible_text(log.name).c_str(), log.alive ? " (open)" : "");
    std::printf("  %s\n", verdict_of(log).c_str());
    print_findings(log.findings, log.problems + log.notices);
  }
  print_findings(found.findings, found.findings.size());
  print_verdict(found, own);
}

Json finding_json(const audit::Finding& finding) {
  return {{"problem", audit::problem_name(finding.problem)},
          {"notice", finding.notice},
          {"log", finding.log},
          {"file", finding.file},
          {"offset", finding.offset},
          {"first_seq", finding.first_seq},
          {"last_seq", finding.last_seq},
          {"message", finding.message}};
}

Json log_json(const LogVerification& log) {
  Json proven = Json::array(), findings = Json::array();
  for (const audit::ProvenRange& range : log.proven) {
    proven.push_back({{"first_seq", range.first_seq},
                      {"last_seq", range.last_seq},
                      {"checkpoint_size", range.size},
                      {"file", range.file},
                      {"offset", range.offset}});
  }
  for (const audit::Finding& finding : log.findings) findings.push_back(finding_json(finding));
  return {{"log", log.name},
          {"origin", log.origin},
          {"open", log.alive},
          {"ended", log.ended},
          {"segments", log.segments},
          {"bytes", log.bytes},
          {"first_seq", log.first_seq},
          {"last_seq", log.last_seq},
          {"checkpoints", log.checkpoints},
          {"retired", log.retired},
          {"proven", std::move(proven)},
          {"by_checksum_only", log.by_checksum_only},
          {"problems", log.problems},
          {"notices", log.notices},
          {"findings", std::move(findings)}};
}

void print_as_json(const Verification& found, bool own) {
  Json out = {{"intact", found.intact()}, {"problems", found.problems},
              {"notices", found.notices}, {"own_key", own},
              {"logs", Json::array()},    {"findings", Json::array()}};
  for (const LogVerification& log : found.logs) out["logs"].push_back(log_json(log));
  for (const audit::Finding& each : found.findings) out["findings"].push_back(finding_json(each));
  print_json(out);
}

void add_finding(const audit::Finding& finding, Facts& facts) {
  // Silence has a rule of its own.
  if (finding.notice || finding.problem == audit::Problem::silent) return;
  facts.of(Rule::damage)
      .add({0,
            place_of(finding),
            std::string(audit::problem_name(finding.problem)) + ": " + finding.message,
            "what was written and signed",
            {}});
}

}  // namespace

Result<MeantKeys> read_keys(const std::string& key, const std::string& directory) {
  MeantKeys out;
  if (!key.empty()) {
    auto given = audit::parse_verifier_key(key);
    if (given) {
      out.keys.push_back(*std::move(given));
      return out;
    }
  }
  out.own = key.empty();
  auto read = audit::read_verifier_keys(out.own ? directory + "/signing.vkey" : key);
  if (!read) return read.error();
  out.keys = *std::move(read);
  return out;
}

int audit_verify(const AuditVerifyOptions& options) {
  bool own = false;
  auto wanted = read_options(options.directory, options.key, options.against, own);
  if (!wanted) return fail(wanted.error());
  wanted->spare_directory = options.spare;
  const Result<Verification> found = audit::verify_directory(options.directory, *wanted);
  if (!found) return fail(found.error());
  if (options.json) {
    print_as_json(*found, own);
  } else {
    print_text(*found, own);
  }
  std::uint64_t proven = 0;
  for (const LogVerification& log : found->logs) proven += proven_records(log);
  return found->intact() && proven != 0 ? kAllowed : kFailed;
}

Result<bool> verify_into(const std::string& directory, const std::string& key,
                         const std::string& against, std::vector<LogEvidence>& logs, Facts& facts) {
  bool own = false;
  const auto wanted = read_options(
      directory, key,
      against.empty() ? std::vector<std::string>{} : std::vector<std::string>{against}, own);
  // Without a key of its own a directory is shown, and said not to be verified.
  if (!wanted && !key.empty()) return wanted.error();
  if (!wanted) {
    for (LogEvidence& log : logs) log.verdict = "there is no key to check the signatures with";
    return own;
  }
  const Result<Verification> found = audit::verify_directory(directory, *wanted);
  if (!found) return found.error();
  for (const LogVerification& log : found->logs) {
    for (const audit::Finding& finding : log.findings) add_finding(finding, facts);
    auto at = std::find_if(logs.begin(), logs.end(),
                           [&log](const LogEvidence& each) { return each.name == log.name; });
    if (at == logs.end()) {
      at = logs.emplace(logs.end());
      at->name = log.name;
    }
    at->verdict = verdict_of(log);
    // What was written since the last checkpoint will be signed by the next one.
    const bool all = proven_records(log) != 0 && (log.by_checksum_only == 0 || log.alive);
    at->proven = !log.intact() ? Proven::no : all ? Proven::yes : Proven::unchecked;
  }
  for (const audit::Finding& finding : found->findings) {
    add_finding(finding, facts);
    if (finding.notice) continue;
    LogEvidence missing;
    missing.name = finding.log;
    missing.proven = Proven::no;
    missing.verdict = finding.message;
    logs.push_back(std::move(missing));
  }
  return own;
}

}  // namespace mcpgov::cli
