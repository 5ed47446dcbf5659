// The findings of one policy while it is validated: each told once.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/validation/interning.hpp"

namespace mcpgov::policy::cedar::validation {

// What of a policy a finding is about: a node of its tree, or one of these.
enum Place : std::uint32_t {
  kWholePolicy = 0xfffffff0,
  kPrincipalScope,
  kActionScope,
  kResourceScope,
};

// A policy as its reader will look for it. text: of the whole file; empty when there is none.
// begin, line, column: where the policy stands in it.
struct Subject {
  std::string_view id;
  std::string_view file;
  std::string_view text;
  std::uint32_t begin = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

inline constexpr std::size_t kMostFindings = 1000;  // of one policy

// Threads: one thread. Throws: std::bad_alloc.
class Report {
 public:
  // The next policy.
  void open();

  // True the first time that this is asked; the words are what makes one finding at this place
  // another than the next. False as well when kMostFindings are reached.
  bool fresh(FindingKind kind, std::uint32_t place, std::uint32_t a = 0, std::uint32_t b = 0,
             std::uint32_t c = 0);
  void say(FindingKind kind, std::uint32_t place, std::uint32_t offset, std::string message,
           Severity severity = Severity::error);

  bool empty() const noexcept { return said_.empty(); }
  std::size_t size() const noexcept { return said_.size(); }

  // Appends what was said, by position.
  void close(const Subject& subject, std::vector<Finding>& out);

 private:
  struct Said {
    std::uint32_t offset;
    std::uint32_t place;
    FindingKind kind;
    Severity severity;
    std::string message;
  };
  std::vector<Said> said_;
  Interning told_;
  std::uint32_t last_ = 0;
  bool full_ = false;
};

}  // namespace mcpgov::policy::cedar::validation
