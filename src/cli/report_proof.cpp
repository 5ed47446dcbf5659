// The way from a finding to its proof.
// Tested by tests/report/audit_verbs_test.py and tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_proof.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/query.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::cli {

namespace {

struct Found {
  EventPlace place;
  std::string payload;
};

bool keep_one(void* context, const audit::Hit& hit) {
  auto& found = *static_cast<std::optional<Found>*>(context);
  Found& one = found.emplace();
  one.place.log = hit.log;
  one.place.seq = hit.seq;
  one.place.leaf = crypto::hex(audit::leaf_hash(hit.payload));
  one.payload = hit.payload;
  return false;
}

struct Calls {
  EventReader reader;
  ReportEvent event;
  SessionTrace trace;
};

bool keep_call(void* context, const audit::Hit& hit) {
  auto& calls = *static_cast<Calls*>(context);
  if (!calls.reader.read(hit.payload, calls.event)) return true;
  if (calls.trace.calls.size() == SessionTrace::kCalls) {
    calls.trace.cut = true;
    return false;
  }
  const ReportEvent& event = calls.event;
  calls.trace.calls.push_back({event.time_us, std::string(event.id),
                               std::string(event.agent.subject), std::string(event.server),
                               std::string(event.target.empty() ? event.method : event.target),
                               event.verdict, event.tool});
  return true;
}

class Finder {
 public:
  Finder(const std::string& directory, const std::vector<LogEvidence>& logs, Proofs& out)
      : directory_(directory), logs_(logs), out_(out) {}

  Result<void> place(const Finding& finding, Rule rule) {
    if (finding.event_id.empty() || out_.places.contains(finding.event_id)) return {};
    audit::Question question;
    question.id = finding.event_id;
    std::optional<Found> found;
    const auto answer = audit::query(directory_, question, keep_one, &found);
    if (!answer) {
      // No event has such an id.
      return answer.error().code == ErrorCode::audit_query ? Result<void>() : answer.error();
    }
    if (!found) return {};
    found->place.checkpoint = covering(found->place);
    out_.places.emplace(finding.event_id, std::move(found->place));
    const bool grave = rule_text(rule).severity != Severity::note;
    return grave && out_.traces.size() < Proofs::kTraces ? trace(finding, rule, found->payload)
                                                         : Result<void>();
  }

 private:
  std::uint64_t covering(const EventPlace& place) const {
    for (const LogEvidence& log : logs_) {
      if (log.name != place.log) continue;
      const auto& sizes = log.checkpoint_sizes;
      const auto at = std::lower_bound(sizes.begin(), sizes.end(), place.seq);
      return at == sizes.end() ? 0 : *at;
    }
    return 0;
  }

  Result<void> trace(const Finding& finding, Rule rule, const std::string& payload) {
    Calls calls;
    if (!calls.reader.read(payload, calls.event) || calls.event.session.empty()) return {};
    calls.trace.session = calls.event.session;
    for (const SessionTrace& each : out_.traces) {
      if (each.session == calls.trace.session) return {};
    }
    calls.trace.caller = finding.who;
    calls.trace.event_id = finding.event_id;
    calls.trace.rule = rule_text(rule).title;
    audit::Question question;
    question.session = calls.trace.session;
    const auto answer = audit::query(directory_, question, keep_call, &calls);
    if (!answer) return answer.error();
    out_.traces.push_back(std::move(calls.trace));
    return {};
  }

  const std::string& directory_;
  const std::vector<LogEvidence>& logs_;
  Proofs& out_;
};

std::string in_shell(const std::string& text) {
  std::string out = "'";
  for (const char byte : text) {
    if (byte == '\'') {
      out += "'\\''";
    } else {
      out += byte;
    }
  }
  return out + "'";
}

}  // namespace

Result<Proofs> find_proofs(const std::string& directory, const Facts& facts,
                           const std::vector<LogEvidence>& logs) {
  Proofs out;
  Finder finder(directory, logs, out);
  for (const Severity severity : {Severity::serious, Severity::warning, Severity::note}) {
    for (std::size_t i = 0; i < kRules; ++i) {
      const auto rule = static_cast<Rule>(i);
      if (rule_text(rule).severity != severity) continue;
      for (const Finding& finding : facts.of(rule).rows) {
        if (auto placed = finder.place(finding, rule); !placed) return placed.error();
      }
    }
  }
  return out;
}

std::string prove_command(const std::string& directory, const std::string& id) {
  return "mcpgov audit prove " + in_shell(directory) + ' ' + in_shell(id) + " -o event.tlog-proof";
}

}  // namespace mcpgov::cli
