// The public policy set: ids and texts around the set of syntax trees.
// Tested by tests/policy/policy_set_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/policy_set.hpp"

#include <utility>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy {
namespace {

Error unknown(std::string_view id) {
  return {ErrorCode::policy_unknown_id, "there is no policy " + cedar::shown(id), {}, 0, 0};
}

Uid uid_of(const Symbols& symbols, EntityId entity) {
  return {symbols.text(symbols.type(entity)), symbols.id(entity)};
}

PolicyEntry entry_of(const cedar::PolicySet& set, const cedar::PolicySet::Entry& entry) {
  const cedar::PolicyBody& body = *entry.body;
  PolicyEntry out;
  out.id = entry.id;
  out.role = entry.role;
  out.forbid = body.parsed.forbid;
  if (entry.role == PolicyRole::link) {
    out.template_id = body.id;
    if (entry.slots.principal != kNoEntity) {
      out.values.principal = uid_of(set.symbols(), entry.slots.principal);
    }
    if (entry.slots.resource != kNoEntity) {
      out.values.resource = uid_of(set.symbols(), entry.slots.resource);
    }
  }
  for (const cedar::AnnotationText& each : body.parsed.annotations) {
    out.annotations.push_back({each.name, each.value});
  }
  out.place = {entry.id, body.parsed.forbid, set.source_names()[body.source], body.line,
               body.column};
  return out;
}

}  // namespace

Result<PolicySet> PolicySet::from_cedar(std::span<const Source> sources, Ids ids) {
  PolicySet out;
  for (const Source& source : sources) {
    if (Result<void> done = out.set_->read(source, ids); !done) return done.error();
  }
  return out;
}

Result<PolicySet> PolicySet::from_json(const Source& source) {
  PolicySet out;
  const Result<void> done = out.set_->read_json(source.name, source.text);
  if (!done) return done.error();
  return out;
}

Result<void> PolicySet::add(std::string_view id, std::string_view text) {
  return set_->add_text(id, text, PolicyRole::policy);
}

Result<void> PolicySet::add_json(std::string_view id, std::string_view json) {
  return set_->add_json(id, json, PolicyRole::policy);
}

Result<void> PolicySet::add_template(std::string_view id, std::string_view text) {
  return set_->add_text(id, text, PolicyRole::policy_template);
}

Result<void> PolicySet::add_template_json(std::string_view id, std::string_view json) {
  return set_->add_json(id, json, PolicyRole::policy_template);
}

Result<void> PolicySet::link(std::string_view template_id, std::string_view id,
                             const LinkValues& values) {
  cedar::SlotEntities slots;
  struct Slot {
    const std::optional<Uid>& given;
    EntityId& out;
  };
  Symbols& symbols = set_->symbols();
  for (const Slot& slot :
       {Slot{values.principal, slots.principal}, Slot{values.resource, slots.resource}}) {
    if (!slot.given) continue;
    if (!cedar::is_type_name(slot.given->type) ||
        cedar::invalid_utf8(slot.given->id) != std::string_view::npos) {
      return Error{ErrorCode::entities_shape,
                   "the type in a slot is no name, or the id is no UTF-8",
                   {},
                   0,
                   0};
    }
    slot.out = symbols.entity(symbols.name(slot.given->type), slot.given->id);
  }
  return set_->link(template_id, id, slots);
}

Result<void> PolicySet::remove(std::string_view id) {
  return set_->remove(id, PolicyRole::policy);
}

Result<void> PolicySet::remove_template(std::string_view id) {
  return set_->remove(id, PolicyRole::policy_template);
}

Result<void> PolicySet::unlink(std::string_view id) {
  return set_->remove(id, PolicyRole::link);
}

Result<std::vector<RenamedPolicy>> PolicySet::merge(const PolicySet& other, bool rename) {
  return set_->merge(*other.set_, rename);
}

std::size_t PolicySet::size() const noexcept {
  return set_->size();
}

std::vector<PolicyEntry> PolicySet::entries() const& {
  std::vector<PolicyEntry> out;
  out.reserve(size());
  for (const cedar::PolicySet::Entry& entry : set_->entries()) {
    if (entry.body != nullptr) out.push_back(entry_of(*set_, entry));
  }
  return out;
}

std::optional<PolicyEntry> PolicySet::find(std::string_view id) const& {
  const cedar::PolicySet::Entry* entry = set_->find(id);
  if (entry == nullptr) return std::nullopt;
  return entry_of(*set_, *entry);
}

Result<std::string> PolicySet::text(std::string_view id) const {
  const cedar::PolicySet::Entry* entry = set_->find(id);
  return entry == nullptr ? unknown(id) : set_->text_of(*entry);
}

Result<std::string> PolicySet::json(std::string_view id) const {
  const cedar::PolicySet::Entry* entry = set_->find(id);
  return entry == nullptr ? unknown(id) : set_->json_of(*entry);
}

Result<std::string> PolicySet::to_text() const {
  return set_->text();
}

Result<std::string> PolicySet::to_json() const {
  return set_->json();
}

PolicySet::PolicySet() : set_(std::make_unique<cedar::PolicySet>()) {}
PolicySet::PolicySet(PolicySet&&) noexcept = default;
PolicySet& PolicySet::operator=(PolicySet&&) noexcept = default;
PolicySet::~PolicySet() = default;

const cedar::PolicySet& cedar::set_of(const policy::PolicySet& set) noexcept {
  return *set.set_;
}

}  // namespace mcpgov::policy
