// From offsets to lines and columns.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/report.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar::validation {

void Report::open() {
  said_.clear();
  told_.clear();
  full_ = false;
}

bool Report::fresh(FindingKind kind, std::uint32_t place, std::uint32_t a, std::uint32_t b,
                   std::uint32_t c) {
  if (full_) return false;
  const std::uint32_t before = told_.size();
  return told_.id({static_cast<std::uint32_t>(kind), place, a, b, c}) == before;
}

void Report::say(FindingKind kind, std::uint32_t place, std::uint32_t offset, std::string message,
                 Severity severity) {
  if (full_) return;
  said_.push_back({offset, place, kind, severity, std::move(message)});
  last_ = std::max(last_, offset);
  if (said_.size() < kMostFindings) return;
  full_ = true;
  said_.push_back(
      {last_, kWholePolicy, FindingKind::too_many_findings, Severity::error,
       "more than " + std::to_string(kMostFindings) + " findings; the rest is left out"});
}

// Findings about `.name`, `["name"]` or a call behind an expression.
static bool is_step(FindingKind kind) {
  return kind == FindingKind::unsafe_attribute_access ||
         kind == FindingKind::unsafe_optional_attribute_access ||
         kind == FindingKind::unsafe_tag_access || kind == FindingKind::no_tags_allowed ||
         kind == FindingKind::wrong_number_arguments;
}

void Report::close(const Subject& subject, std::vector<Finding>& out) {
  std::ranges::sort(said_, [](const Said& a, const Said& b) {
    return std::tie(a.offset, a.kind, a.message, a.place) <
           std::tie(b.offset, b.kind, b.message, b.place);
  });
  // Types that differ in what a message leaves out make findings that its reader cannot tell apart;
  // so do the steps of one chain, `a.b.b`, which all begin where it begins.
  const auto same = [](const Said& a, const Said& b) {
    return (a.place == b.place || is_step(a.kind)) && a.offset == b.offset && a.kind == b.kind &&
           a.message == b.message;
  };
  said_.erase(std::unique(said_.begin(), said_.end(), same), said_.end());
  std::size_t offset = subject.begin;
  Position position{subject.line, subject.column};
  for (Said& said : said_) {
    Finding& finding = out.emplace_back();
    finding.kind = said.kind;
    finding.severity = said.severity;
    finding.policy = subject.id;
    finding.file = subject.file;
    finding.message = std::move(said.message);
    if (subject.text.empty()) continue;
    position = position_after(subject.text, offset, position, said.offset);
    offset = said.offset;
    finding.line = position.line;
    finding.column = position.column;
  }
}

}  // namespace mcpgov::policy::cedar::validation
