// The findings of one policy while it is validated: each told once. As in the reference
// engine 4.12, a finding is another one when its kind, what it says or its place differs. A place
// is a span of the text, and all steps of a chain such as `a.b.c` have that of the whole chain. A
// JSON policy has no text and so one place only.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/ast.hpp"
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
  // The next policy. ast: borrowed until the one after it; null when no node is a place.
  // text: where findings are looked for, which may be empty.
  void open(const Ast* ast, std::string_view text);

  // True the first time that this is asked; the words, and the names on the way to an attribute,
  // are what makes one finding at this place another than the next. False as well when
  // kMostFindings are reached.
  bool fresh(FindingKind kind, std::uint32_t place, std::initializer_list<std::uint32_t> words = {},
             std::span<const NameId> path = {});
  void say(FindingKind kind, std::uint32_t place, std::uint32_t offset, std::string message,
           Severity severity = Severity::error);

  bool empty() const noexcept { return said_.empty(); }
  std::size_t size() const noexcept { return said_.size(); }

  // Appends what was said, by position.
  void close(const Subject& subject, std::vector<Finding>& out);

 private:
  std::uint32_t spot(std::uint32_t place);

  struct Said {
    std::uint32_t offset;
    std::uint32_t place;
    FindingKind kind;
    Severity severity;
    std::string message;
  };
  std::vector<Said> said_;
  Interning told_;
  std::vector<std::uint32_t> key_;
  const Ast* ast_ = nullptr;
  bool has_text_ = false;
  std::vector<NodeId> last_steps_;  // of the chain a node belongs to; empty until one is asked for
  std::uint32_t last_ = 0;
  bool full_ = false;
};

}  // namespace mcpgov::policy::cedar::validation
