// What `mcpgov test` found.
// Tested by tests/cli/policy_tests_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_tests_report.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace mcpgov::cli {

namespace {

// For text and attributes of XML 1.0, which has no form at all for other control characters.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        out += control ? '?' : c;
      }
    }
  }
  return out;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

std::size_t failures_of(const FileResult& file) {
  return static_cast<std::size_t>(
      std::count_if(file.cases.begin(), file.cases.end(),
                    [](const CaseResult& each) { return !each.findings.empty(); }));
}

void write_case(std::ostream& out, const FileResult& file, const CaseResult& each) {
  out << "    <testcase name=\"" << xml(each.name) << "\" classname=\"" << xml(file.path)
      << "\" file=\"" << xml(file.path) << "\" line=\"" << each.line << "\" time=\""
      << seconds(each.seconds) << "\"";
  if (each.findings.empty()) {
    out << "/>\n";
    return;
  }
  out << ">\n      <failure message=\"" << xml(each.findings.front()) << "\">";
  for (const std::string& line : each.findings) out << xml(line) << '\n';
  out << "</failure>\n    </testcase>\n";
}

void write_file(std::ostream& out, const FileResult& file) {
  double time = 0;
  for (const CaseResult& each : file.cases) time += each.seconds;
  const bool broken = !file.error.empty();
  out << "  <testsuite name=\"" << xml(file.path) << "\" tests=\""
      << file.cases.size() + (broken ? 1 : 0) << "\" failures=\"" << failures_of(file)
      << "\" errors=\"" << (broken ? 1 : 0) << "\" time=\"" << seconds(time) << "\">\n";
  if (broken) {
    out << "    <testcase name=\"the file can be used\" classname=\"" << xml(file.path)
        << "\" file=\"" << xml(file.path) << "\"><error message=\"" << xml(file.error)
        << "\"/></testcase>\n";
  }
  for (const CaseResult& each : file.cases) write_case(out, file, each);
  out << "  </testsuite>\n";
}

}  // namespace

std::size_t Report::failed() const noexcept {
  std::size_t out = 0;
  for (const FileResult& file : files) out += failures_of(file);
  return out;
}

std::size_t Report::passed() const noexcept {
  std::size_t out = 0;
  for (const FileResult& file : files) out += file.cases.size() - failures_of(file);
  return out;
}

std::size_t Report::unusable() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      files.begin(), files.end(), [](const FileResult& file) { return !file.error.empty(); }));
}

void print_file(const FileResult& file, bool quiet) {
  if (file.cases.empty() || (quiet && failures_of(file) == 0)) return;
  std::printf("%s\n", file.path.c_str());
  for (const CaseResult& each : file.cases) {
    if (each.findings.empty()) {
      if (!quiet) std::printf("  ok      %s\n", each.name.c_str());
      continue;
    }
    std::printf("  FAILED  %s (line %u)\n", each.name.c_str(), each.line);
    for (const std::string& line : each.findings) std::printf("          %s\n", line.c_str());
  }
  std::fflush(stdout);
}

Result<void> write_junit(const Report& report, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mcpgov test\" tests=\""
      << report.passed() + report.failed() + report.unusable() << "\" failures=\""
      << report.failed() << "\" errors=\"" << report.unusable() << "\">\n";
  for (const FileResult& file : report.files) write_file(out, file);
  out << "</testsuites>\n";
  out.flush();
  if (out) return {};
  return Error{ErrorCode::file_unreadable, "cannot write `" + path + "`", path, 0, 0};
}

Coverage::Place Coverage::place_of(const NamedPolicy& policy) {
  std::error_code ignored;
  const auto file = std::filesystem::weakly_canonical(policy.file, ignored);
  return {file.string(), policy.line, policy.column};
}

void Coverage::add(const std::vector<NamedPolicy>& policies) {
  for (const NamedPolicy& policy : policies) entries_.try_emplace(place_of(policy), Entry{policy});
}

void Coverage::decided(const std::vector<NamedPolicy>& policies, std::span<const std::string> ids) {
  for (const NamedPolicy& policy : policies) {
    if (std::find(ids.begin(), ids.end(), policy.id) == ids.end()) continue;
    ++entries_.at(place_of(policy)).cases;
  }
}

std::size_t Coverage::covered() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const auto& each) { return each.second.cases != 0; }));
}

double Coverage::percent() const noexcept {
  if (entries_.empty()) return 100;
  return 100.0 * static_cast<double>(covered()) / static_cast<double>(entries_.size());
}

void Coverage::print() const {
  std::printf("coverage: %zu of %zu policies decided a case (%.1f %%)\n", covered(),
              entries_.size(), percent());
  for (const auto& [place, entry] : entries_) {
    if (entry.cases != 0) continue;
    const NamedPolicy& policy = entry.policy;
    std::printf("  never   %s:%u:%u: %s `%s`\n", policy.file.c_str(), policy.line, policy.column,
                policy.forbid ? "forbid" : "permit", policy.id.c_str());
  }
}

}  // namespace mcpgov::cli
