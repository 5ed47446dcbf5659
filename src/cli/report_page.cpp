// The report's page: head, evidence, order of its parts.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_page.hpp"

#include "base/base64.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kSnapshots = 30;

std::string source_of(std::string_view content) {
  const crypto::Digest digest = crypto::sha256(content);
  return "'sha256-" + encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) +
         "'";
}

// Nothing may be fetched, and only this style and this script count: markup that would slip through
// an escape could still do nothing.
void write_head(Html& html, const Evidence& evidence) {
  html.raw(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
  html.raw(source_of(report_style())).raw("; script-src ").raw(source_of(report_script()));
  html.raw(
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Audit report: ");
  html.text(evidence.source).raw("</title>\n<style>").raw(report_style());
  html.raw("</style>\n</head>\n<body>\n");
}

void tile(Html& html, std::string_view value, std::string_view what, const char* kind = "") {
  html.raw("<div class=\"tile ").raw(kind).raw("\"><strong>").text(value).raw("</strong><span>");
  html.text(what).raw("</span></div>\n");
}

void write_tiles(Html& html, const Facts& facts, const Evidence& evidence) {
  std::uint64_t found[3] = {};
  for (std::size_t i = 0; i < kRules; ++i) {
    const auto at = static_cast<std::size_t>(rule_text(static_cast<Rule>(i)).severity);
    found[at] += facts.findings[i].total;
  }
  const std::uint64_t lost = evidence.sum(&LogEvidence::lost);
  html.raw("<div class=\"tiles\">\n");
  tile(html, count_text(facts.all.calls), "messages");
  tile(html, count_text(facts.all.denied),
       "denied, " + share_text(facts.all.denied, facts.all.calls));
  tile(html, count_text(facts.callers.size() - 1), "callers");
  tile(html, count_text(facts.tools.size() - 1),
       "tools on " + count_text(facts.servers.size() - 1) + " servers");
  tile(html, count_text(facts.session_names.count()), "sessions");
  tile(html, count_text(facts.all.destructive), "destructive calls ran");
  tile(html, count_text(found[2]), "serious findings", found[2] == 0 ? "good" : "bad");
  tile(html, count_text(found[1]), "warnings", found[1] == 0 ? "good" : "middling");
  tile(html, count_text(lost), "records lost", lost == 0 ? "good" : "bad");
  html.raw("</div>\n");
}

void write_banner(Html& html, const Evidence& evidence) {
  switch (evidence.proven()) {
    case Proven::yes:
      html.raw(
          "<p class=\"banner good\"><strong>Verified.</strong> Every record was checked "
          "against signed checkpoints");
      html.text(evidence.against.empty() ? " kept beside the log" : " and an external one");
      html.text(evidence.own_key ? ", with the key that lies beside them" : "");
      html.raw(evidence.against.empty()
                   ? ". A checkpoint kept elsewhere (<code>--against</code>) would also rule out "
                     "that the whole log was replaced.</p>\n"
                   : ".</p>\n");
      return;
    case Proven::no:
      html.raw(
          "<p class=\"banner bad\"><strong>Not as it was written.</strong> The log does not "
          "verify: what follows may be what an attacker wants to be read.</p>\n");
      return;
    case Proven::unchecked:
      html.raw(
          "<p class=\"banner middling\"><strong>Not verified.</strong> Nothing was proven "
          "about all of these records.</p>\n");
      return;
  }
}

std::string checkpoint_text(const CheckpointFacts& checkpoint) {
  if (checkpoint.size == 0) return "–";
  return count_text(checkpoint.size) + " records, key " +
         (checkpoint.key.empty() ? "?" : checkpoint.key);
}

const char* verdict_word(Proven proven) {
  switch (proven) {
    case Proven::yes: return "<span class=\"tag good\">verified</span> ";
    case Proven::no: return "<span class=\"tag bad\">broken</span> ";
    case Proven::unchecked: break;
  }
  return "<span class=\"tag middling\">not verified</span> ";
}

// Broken ones first: a row that is cut off must not hide one.
std::vector<const LogEvidence*> logs_to_show(const Evidence& evidence) {
  std::vector<const LogEvidence*> out;
  for (const LogEvidence& log : evidence.logs) out.push_back(&log);
  std::stable_sort(out.begin(), out.end(), [](const LogEvidence* a, const LogEvidence* b) {
    const bool left = a->proven == Proven::no || !a->damage.empty() || a->lost + a->gaps != 0;
    const bool right = b->proven == Proven::no || !b->damage.empty() || b->lost + b->gaps != 0;
    return left != right ? left : a->last_us > b->last_us;
  });
  if (out.size() > Evidence::kLogs) out.resize(Evidence::kLogs);
  return out;
}

void write_logs(Html& html, const Evidence& evidence) {
  const auto shown = logs_to_show(evidence);
  Table table(html, "Logs that were read",
              {{"Log"},
               {"Proof"},
               {"Records", true},
               {"Events", true},
               {"Gaps", true},
               {"Lost", true},
               {"Checkpoints", true},
               {"Last checkpoint"},
               {"Root of what was read"},
               {"From (UTC)"},
               {"To (UTC)"}},
              showing(shown.size(), evidence.logs.size(), "broken ones first, then the newest"));
  for (const LogEvidence* each : shown) {
    const LogEvidence& log = *each;
    const bool broken = log.proven == Proven::no || !log.damage.empty();
    table.row(broken ? "shadow" : nullptr).name(log.name, log.alive ? "open" : "");
    table.markup(std::string(verdict_word(log.proven)) + "<small>" +
                 escape_html(shortened(log.damage.empty() ? log.verdict : log.damage, 400)) +
                 "</small>");
    table.number(log.last_seq, log.first_seq == 0
                                   ? "–"
                                   : count_text(log.first_seq) + " to " + count_text(log.last_seq));
    table.count(log.events).count(log.gaps).count(log.lost).count(log.checkpoints);
    table.text(checkpoint_text(log.last_checkpoint)).code(log.root, 16);
    table.time(log.first_us).time(log.last_us);
  }
}

void item(Html& html, std::string_view term, std::string_view value) {
  html.raw("<div><dt>").text(term).raw("</dt><dd>").text(value.empty() ? "–" : value);
  html.raw("</dd></div>\n");
}

void write_scope(Html& html, const Facts& facts, const Evidence& evidence) {
  html.raw("<dl class=\"scope\">\n");
  item(html, "Read", evidence.source);
  item(html, "Messages from", time_text(facts.all.first_us) + " UTC");
  item(html, "Messages to", time_text(facts.all.last_us) + " UTC");
  if (evidence.from_us != 0 || evidence.to_us != 0) {
    item(html, "Asked for",
         time_text(evidence.from_us) + " to " + time_text(evidence.to_us) + " UTC; " +
             count_text(facts.outside) + " events lie outside");
  }
  item(html, "Records",
       count_text(facts.all.calls + facts.outside) + " final, " + count_text(facts.intents) +
           " intents, " + count_text(facts.unreadable) + " not understood");
  item(html, "Without a known end", count_text(facts.all.unknown));
  item(html, "Went on without a record", count_text(evidence.sum(&LogEvidence::missed)));
  item(html, "Made", time_text(evidence.made_us) + " UTC by mcpgov " + evidence.version);
  item(html, "SHA-256 of the data below", evidence.digest);
  html.raw("</dl>\n");
}

}  // namespace

void write_evidence(Html& html, const Facts& facts, const Evidence& evidence) {
  html.raw("<section id=\"evidence\"><h2>Evidence</h2>\n");
  write_banner(html, evidence);
  write_scope(html, facts, evidence);
  if (!evidence.logs.empty()) write_logs(html, evidence);
  std::vector<std::pair<std::string, NamedCount>> rows(facts.snapshots.begin(),
                                                       facts.snapshots.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.first_us < b.second.first_us;
  });
  const std::size_t shown = std::min(kSnapshots, rows.size());
  if (shown != 0) {
    Table table(html, "Snapshots of policy and configuration that were in force",
                {{"Snapshot"}, {"Messages", true}, {"First (UTC)"}, {"Last (UTC)"}},
                showing(shown, rows.size(), "oldest first"));
    for (std::size_t i = 0; i < shown; ++i) {
      table.row().name(rows[i].first).count(rows[i].second.count);
      table.time(rows[i].second.first_us).text(time_text(rows[i].second.last_us));
    }
  }
  html.raw("</section>\n");
}

std::string report_page(const Facts& facts, Evidence evidence, const Access* access,
                        const Proofs& proofs) {
  const std::string json = facts_json(facts, evidence, proofs);
  evidence.digest = crypto::hex(crypto::sha256(json));
  std::string out;
  Html html(out);
  write_head(html, evidence);
  html.raw("<header><p class=\"brand\">mcpgov</p><h1>Audit report</h1>\n<p>");
  html.text(time_text(facts.all.first_us)).raw(" to ").text(time_text(facts.all.last_us));
  html.raw(
      " UTC</p></header>\n<nav aria-label=\"Parts\"><a href=\"#evidence\">Evidence</a>"
      "<a href=\"#running\">Running</a><a href=\"#access\">Access</a>"
      "<a href=\"#activity\">Activity</a><a href=\"#radius\">Blast radius</a>"
      "<a href=\"#unusual\">Unusual</a><label class=\"search\" hidden>Search "
      "<input type=\"search\" id=\"search\" autocomplete=\"off\"></label></nav>\n<main>\n");
  write_tiles(html, facts, evidence);
  write_evidence(html, facts, evidence);
  write_glance(html, facts);
  write_running(html, facts, access);
  write_access(html, facts, access);
  write_activity(html, facts);
  write_blast_radius(html, facts, access);
  write_unusual(html, facts, evidence.source, proofs);
  write_traces(html, proofs);
  html.raw("</main>\n<footer><p>Made by mcpgov ").text(evidence.version);
  html.raw(
      ". This file fetches nothing and sends nothing. The numbers stand in it once more as "
      "JSON, in the element <code>facts</code>.</p></footer>\n");
  html.raw("<script type=\"application/json\" id=\"facts\">").raw(escape_json_for_html(json));
  html.raw("</script>\n<script>").raw(report_script()).raw("</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace mcpgov::cli
