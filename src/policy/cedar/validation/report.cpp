// From offsets to lines and columns.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/report.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar::validation {

void Report::open(const Ast* ast, std::string_view text) {
  ast_ = ast;
  has_text_ = !text.empty();
  last_steps_.clear();
  said_.clear();
  told_.clear();
  full_ = false;
}

// One number for each place that a reader can tell from the others.
std::uint32_t Report::spot(std::uint32_t place) {
  if (!has_text_) return kWholePolicy;
  if (place >= kWholePolicy || ast_ == nullptr) return place;
  if (last_steps_.empty()) {
    const auto count = static_cast<NodeId>(ast_->nodes.size());
    last_steps_.resize(count);
    std::iota(last_steps_.begin(), last_steps_.end(), NodeId{0});
    for (NodeId id = count; id-- > 0;) {
      const Node& node = ast_->nodes[id];
      if (!node.chained) continue;
      const NodeId receiver = node.kind == NodeKind::call ? ast_->lists[node.b] : node.a;
      last_steps_[receiver] = last_steps_[id];
    }
  }
  return last_steps_[place];
}

bool Report::fresh(FindingKind kind, std::uint32_t place,
                   std::initializer_list<std::uint32_t> words, std::span<const NameId> path) {
  if (full_) return false;
  key_.assign({static_cast<std::uint32_t>(kind), spot(place)});
  key_.insert(key_.end(), words);
  for (const NameId name : path) key_.push_back(static_cast<std::uint32_t>(name));
  const std::uint32_t before = told_.size();
  return told_.id(key_) == before;
}

void Report::say(FindingKind kind, std::uint32_t place, std::uint32_t offset, std::string message,
                 Severity severity) {
  if (full_) return;
  if (!has_text_) offset = 0;
  said_.push_back({offset, spot(place), kind, severity, std::move(message)});
  last_ = std::max(last_, offset);
  if (said_.size() < kMostFindings) return;
  full_ = true;
  said_.push_back(
      {last_, kWholePolicy, FindingKind::too_many_findings, Severity::error,
       "more than " + std::to_string(kMostFindings) + " findings; the rest is left out"});
}

void Report::close(const Subject& subject, std::vector<Finding>& out) {
  std::ranges::sort(said_, [](const Said& a, const Said& b) {
    return std::tie(a.offset, a.kind, a.message, a.place) <
           std::tie(b.offset, b.kind, b.message, b.place);
  });
  // Types that differ in what a message leaves out make findings that its reader cannot tell apart.
  const auto same = [](const Said& a, const Said& b) {
    return a.place == b.place && a.offset == b.offset && a.kind == b.kind && a.message == b.message;
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
