// Adding, linking and removing, with ids kept apart.
// Tested by tests/policy/policy_set_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/policy_set.hpp"

#include "policy/cedar/parser.hpp"
#include "policy/cedar/policy_id.hpp"

namespace mcpgov::policy::cedar {
namespace {

// User text in a message: short, on one line.
std::string quoted(std::string_view id) {
  std::string out = "`";
  for (const char c : id.substr(0, 80)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (id.size() > 80) out += "...";
  return out + "`";
}

Error error_of(ErrorCode code, std::string message) {
  return {code, std::move(message), {}, 0, 0};
}

bool has_slot(const Scope& scope) noexcept {
  return scope.entity == kNoEntity && scope.kind != ScopeKind::any && scope.kind != ScopeKind::is;
}

ErrorCode code_of_duplicate(PolicyRole role) noexcept {
  switch (role) {
    case PolicyRole::policy_template: return ErrorCode::policy_template_duplicate_id;
    case PolicyRole::link: return ErrorCode::policy_link_duplicate_id;
    default: return ErrorCode::policy_duplicate_id;
  }
}

}  // namespace

std::uint32_t PolicySet::position(std::string_view id) const noexcept {
  const NameId name = ids_.find_name(id);
  return name == kNoName ? kAbsent : by_id_[static_cast<std::uint32_t>(name)];
}

const PolicySet::Entry* PolicySet::find(std::string_view id) const noexcept {
  const std::uint32_t at = position(id);
  return at == kAbsent ? nullptr : &entries_[at];
}

std::uint32_t PolicySet::add_source(std::string_view name) {
  if (source_names_.empty() || source_names_.back() != name) source_names_.emplace_back(name);
  return static_cast<std::uint32_t>(source_names_.size() - 1);
}

// The id is free.
void PolicySet::append(std::string_view id, Entry entry) {
  const auto name = static_cast<std::uint32_t>(ids_.name(id));
  if (name >= by_id_.size()) by_id_.resize(name + std::size_t{1}, kAbsent);
  entry.id = ids_.text(NameId{name});
  if (entry.owned != nullptr) entry.owned->id = entry.id;
  entries_.push_back(std::move(entry));
  by_id_[name] = static_cast<std::uint32_t>(entries_.size() - 1);
}

Result<void> PolicySet::insert(std::string_view id, std::unique_ptr<PolicyBody> body,
                               const Place& place) {
  const PolicyRole role =
      body->parsed.is_template ? PolicyRole::policy_template : PolicyRole::policy;
  if (position(id) != kAbsent) {
    return Error{code_of_duplicate(role), "the id " + quoted(id) + " is in use",
                 std::string(place.file), place.line, place.column};
  }
  body->source = add_source(place.file);
  body->line = place.line;
  body->column = place.column;
  body->number = bodies_++;
  PolicyBody* const kept = body.get();
  append(id, {{}, role, kept, {}, std::move(body)});
  return {};
}

Result<void> PolicySet::read(const Source& source, Ids ids) {
  const std::string_view text = arena_->copy(source.text);
  Parser parser(source.name, text, symbols_, *arena_);
  std::size_t offset = 0;
  Position position{1, 1};
  Ast ast;  // keeps its room; each body gets a copy that fits
  ParsedPolicy policy;
  for (std::size_t number = 0; parser.next(ast, policy); ++number) {
    position = position_after(text, offset, position, policy.offset);
    offset = policy.offset;
    const std::string id = id_of(source, policy, number, ids);
    auto body = std::make_unique<PolicyBody>();
    body->ast = ast;
    body->parsed = std::move(policy);
    body->text = text.substr(body->parsed.begin, body->parsed.end - body->parsed.begin);
    if (Result<void> done =
            insert(id, std::move(body), {source.name, position.line, position.column});
        !done) {
      return done;
    }
    ast.clear();
  }
  if (parser.failed()) return parser.error();
  return {};
}

Result<void> PolicySet::add_text(std::string_view id, std::string_view given, PolicyRole role) {
  const std::string_view text = arena_->copy(given);
  Parser parser({}, text, symbols_, *arena_);
  auto body = std::make_unique<PolicyBody>();
  if (!parser.next(body->ast, body->parsed)) {
    if (parser.failed()) return parser.error();
    return error_of(ErrorCode::policy_syntax, "wanted one policy");
  }
  Ast ignored;
  ParsedPolicy second;
  const bool more = parser.next(ignored, second);
  if (parser.failed()) return parser.error();
  if (more) return error_of(ErrorCode::policy_syntax, "wanted one policy and nothing else");
  const Position at = position_of(text, body->parsed.offset);
  if (body->parsed.is_template != (role == PolicyRole::policy_template)) {
    return body->parsed.is_template ? Error{ErrorCode::policy_template_unlinked,
                                            "a policy has no slots",
                                            {},
                                            at.line,
                                            at.column}
                                    : Error{ErrorCode::policy_not_a_template,
                                            "a template needs a slot",
                                            {},
                                            at.line,
                                            at.column};
  }
  body->text = text.substr(body->parsed.begin, body->parsed.end - body->parsed.begin);
  return insert(id, std::move(body), {{}, at.line, at.column});
}

Result<void> PolicySet::link(std::string_view template_id, std::string_view id,
                             const SlotEntities& values) {
  const std::uint32_t at = position(template_id);
  if (at == kAbsent || entries_[at].role != PolicyRole::policy_template) {
    return error_of(ErrorCode::policy_template_unknown,
                    "there is no template " + quoted(template_id));
  }
  PolicyBody& body = *entries_[at].body;
  struct Slot {
    const char* name;
    bool wanted;
    bool given;
  };
  for (const Slot& slot :
       {Slot{"`?principal`", has_slot(body.parsed.principal), values.principal != kNoEntity},
        Slot{"`?resource`", has_slot(body.parsed.resource), values.resource != kNoEntity}}) {
    if (slot.wanted == slot.given) continue;
    return slot.wanted ? error_of(ErrorCode::policy_slot_missing,
                                  "the link " + quoted(id) + " gives no " + slot.name)
                       : error_of(ErrorCode::policy_slot_extra,
                                  "the template " + quoted(template_id) + " has no " + slot.name);
  }
  if (position(id) != kAbsent) {
    return error_of(ErrorCode::policy_link_duplicate_id, "the id " + quoted(id) + " is in use");
  }
  append(id, {{}, PolicyRole::link, &body, values, nullptr});
  ++body.links;
  return {};
}

Result<void> PolicySet::remove(std::string_view id, PolicyRole role) {
  const std::uint32_t at = position(id);
  if (at == kAbsent || entries_[at].role != role) {
    return role == PolicyRole::policy_template
               ? error_of(ErrorCode::policy_template_unknown, "there is no template " + quoted(id))
               : error_of(ErrorCode::policy_unknown_id,
                          std::string("there is no ") +
                              (role == PolicyRole::link ? "link " : "policy ") + quoted(id));
  }
  Entry& entry = entries_[at];
  if (role == PolicyRole::policy_template && entry.body->links > 0) {
    return error_of(ErrorCode::policy_template_linked, "the template " + quoted(id) + " has links");
  }
  if (role == PolicyRole::link) --entry.body->links;
  by_id_[static_cast<std::uint32_t>(ids_.find_name(id))] = kAbsent;
  entry.body = nullptr;
  entry.owned.reset();
  ++removed_;
  // Halving keeps the price of a removal constant.
  if (removed_ > entries_.size() / 2) compact();
  return {};
}

// Forgets what was removed, and the ids nobody has any more.
void PolicySet::compact() {
  std::vector<Entry> kept;
  kept.reserve(size());
  const Symbols old_ids = std::exchange(ids_, Symbols());
  by_id_.clear();
  removed_ = 0;
  std::vector<Entry> entries = std::exchange(entries_, std::move(kept));
  for (Entry& entry : entries) {
    if (entry.body != nullptr) append(entry.id, std::move(entry));
  }
}

}  // namespace mcpgov::policy::cedar
