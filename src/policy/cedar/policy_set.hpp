// Policies, templates and links as they were read, by id and in the order they came.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/est_read.hpp"
#include "policy/cedar/est_write.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// A static policy or a template.
struct PolicyBody {
  std::string_view id;
  ParsedPolicy parsed;
  Ast ast;
  std::string_view text;     // as written; empty when it came as JSON
  std::uint32_t source = 0;  // in PolicySet::source_names
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t number = 0;  // less than PolicySet::body_count, unique
  std::uint32_t links = 0;
};

// Threads: thread-compatible. Throws: std::bad_alloc. What is added wholly or not at all: single
// policies, templates, links and merged sets; a failed read() leaves the policies before the error.
class PolicySet {
 public:
  struct Entry {
    std::string_view id;
    PolicyRole role;
    PolicyBody* body;  // of a link: its template's. Null: removed
    SlotEntities slots;
    std::unique_ptr<PolicyBody> owned;
  };

  // Every policy and template of a text. Errors: those of reading policies, policy_duplicate_id,
  // policy_template_duplicate_id.
  Result<void> read(const Source& source, Ids ids);
  // A JSON policy set. name: for errors.
  Result<void> read_json(std::string_view name, std::string_view text);

  // One policy or template, and nothing else. role: what it has to be.
  Result<void> add_text(std::string_view id, std::string_view text, PolicyRole role);
  Result<void> add_json(std::string_view id, std::string_view text, PolicyRole role);
  Result<void> link(std::string_view template_id, std::string_view id, const SlotEntities& values);
  // Errors: policy_unknown_id, policy_template_unknown, policy_template_linked.
  Result<void> remove(std::string_view id, PolicyRole role);
  Result<std::vector<RenamedPolicy>> merge(const PolicySet& other, bool rename);

  // By id, or null.
  const Entry* find(std::string_view id) const noexcept;
  // In the order they came; those without a body were removed.
  std::span<const Entry> entries() const noexcept { return entries_; }
  std::size_t size() const noexcept { return entries_.size() - removed_; }
  std::uint32_t body_count() const noexcept { return bodies_; }
  std::span<const std::string> source_names() const noexcept { return source_names_; }
  const Symbols& symbols() const noexcept { return symbols_; }
  Symbols& symbols() noexcept { return symbols_; }

  // Errors: policy_too_large, policy_not_expressible.
  Result<std::string> text_of(const Entry& entry) const;
  Result<std::string> json_of(const Entry& entry) const;
  Result<std::string> text() const;
  Result<std::string> json() const;

 private:
  struct Place {  // of a policy in its document
    std::string_view file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };
  static constexpr std::uint32_t kAbsent = 0xffffffff;

  std::uint32_t position(std::string_view id) const noexcept;
  Result<void> insert(std::string_view id, std::unique_ptr<PolicyBody> body, const Place& place);
  void append(std::string_view id, Entry entry);
  void compact();
  std::uint32_t add_source(std::string_view name);
  Result<void> read_policies(EstReader& reader, std::string_view name, const JsonNode& policies,
                             PolicyRole role);
  Result<void> read_links(EstReader& reader, const JsonNode& links);
  std::string fresh_id(const PolicySet& other, std::uint32_t& next) const;
  bool same(const Entry& mine, const PolicySet& other, const Entry& theirs) const;

  Symbols symbols_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();  // texts and strings of all bodies
  std::vector<Entry> entries_;
  std::vector<std::string> source_names_;
  Symbols ids_;                       // its hash cannot be prepared for, and its numbers are dense
  std::vector<std::uint32_t> by_id_;  // by name of ids_: position in entries_, or kAbsent
  std::size_t removed_ = 0;
  std::uint32_t bodies_ = 0;
};

// Turns the ids of one table of symbols into those of another, each looked up once.
class Translation {
 public:
  Translation(const Symbols& from, Symbols& to);

  EntityId entity(EntityId id);
  // The tree and the policy with ids of the other table. Strings stay borrowed.
  void translate(const PolicyBody& body, Ast& ast, ParsedPolicy& policy);

 private:
  NameId name(NameId id);
  void name(std::uint32_t& id) { id = static_cast<std::uint32_t>(name(NameId{id})); }
  void scope(Scope& scope);

  const Symbols& from_;
  Symbols& to_;
  std::vector<NameId> names_;
  std::vector<EntityId> entities_;
};

}  // namespace mcpgov::policy::cedar
