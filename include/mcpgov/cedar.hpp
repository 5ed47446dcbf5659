// Cedar beyond deciding: what authors of policies work with.
//
//   auto tidy = mcpgov::policy::format({"tools.cedar", text});
//   if (!tidy) return fail(tidy.error());                  // code, sentence, file:line:column
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::policy {

// ---- Layout -------------------------------------------------------------------------------------

// width: columns of a line, at most 65,535. indent: spaces of a level, at most 255.
// comments: the reference formatter (4.12) drops the comma behind the last item of a list with the
// comments beside it; `all` keeps those, `as_reference` is equal to it in every byte.
struct FormatOptions {
  enum class Comments : std::uint8_t { all, as_reference };
  std::uint32_t width = 80;
  std::uint32_t indent = 2;
  Comments comments = Comments::all;
};

// The policies of a file in the layout of Cedar's own formatter, comments kept; proven to say the
// same by reading both. Templates too. Takes time in proportion to the text.
// Errors: those of reading policies (see Engine::cedar); config_value, for options out of range;
//         internal, should the layout say something else than the text.
// Throws: std::bad_alloc only.
MCPGOV_API Result<std::string> format(const Source& source, const FormatOptions& options = {});

// ---- Findings -----------------------------------------------------------------------------------

enum class Severity : std::uint8_t { warning, error };

// Every kind of finding: name, and the name the reference engine gives it. The last two are ours.
#define MCPGOV_FINDING_KINDS(X)                                        \
  X(unrecognized_entity_type, "UnrecognizedEntityType")                \
  X(unrecognized_action_id, "UnrecognizedActionId")                    \
  X(invalid_action_application, "InvalidActionApplication")            \
  X(unexpected_type, "UnexpectedType")                                 \
  X(incompatible_types, "IncompatibleTypes")                           \
  X(unsafe_attribute_access, "UnsafeAttributeAccess")                  \
  X(unsafe_optional_attribute_access, "UnsafeOptionalAttributeAccess") \
  X(unsafe_tag_access, "UnsafeTagAccess")                              \
  X(no_tags_allowed, "NoTagsAllowed")                                  \
  X(wrong_number_arguments, "WrongNumberArguments")                    \
  X(function_argument_validation, "FunctionArgumentValidation")        \
  X(empty_set_forbidden, "EmptySetForbidden")                          \
  X(non_lit_ext_constructor, "NonLitExtConstructor")                   \
  X(internal_invariant_violation, "InternalInvariantViolation")        \
  X(invalid_enum_entity, "InvalidEnumEntity")                          \
  X(entity_deref_level_violation, "EntityDerefLevelViolation")         \
  X(impossible_policy, "ImpossiblePolicy")                             \
  X(mixed_script_string, "MixedScriptString")                          \
  X(bidi_chars_in_string, "BidiCharsInString")                         \
  X(bidi_chars_in_identifier, "BidiCharsInIdentifier")                 \
  X(mixed_script_identifier, "MixedScriptIdentifier")                  \
  X(confusable_identifier, "ConfusableIdentifier")                     \
  X(validation_budget, "ValidationBudget")                             \
  X(too_many_findings, "TooManyFindings")

// What kind of thing a finding tells.
enum class FindingKind : std::uint8_t {
#define MCPGOV_FINDING_KIND(name, text) name,
  MCPGOV_FINDING_KINDS(MCPGOV_FINDING_KIND)
#undef MCPGOV_FINDING_KIND
};

// `UnexpectedType` and so on. Static storage.
MCPGOV_API std::string_view finding_kind_text(FindingKind kind) noexcept;

// What the author of a policy should know about it.
// line, column: from 1, in bytes, of what the message is about; 0 where the policy has no text.
// message: one sentence.
struct Finding {
  FindingKind kind = FindingKind::internal_invariant_violation;
  Severity severity = Severity::error;
  std::string policy;  // its id
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;

  // `file:line:column: error: policy `id`: message [Kind]`
  MCPGOV_API std::string text() const;
};

// True when none of them is an error.
MCPGOV_API bool passes(std::span<const Finding> findings) noexcept;

// ---- Schemas ------------------------------------------------------------------------------------

// A declaration that is allowed and may surprise. line, column: from 1, in bytes.
struct SchemaWarning {
  enum class Kind : std::uint8_t { shadows_builtin, shadows_entity };
  Kind kind = Kind::shadows_builtin;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
  MCPGOV_API std::string text() const;  // `file:line:column: warning: message`
};

namespace cedar {
struct SchemaParts;
// The library's own view of a schema.
const SchemaParts& parts_of(const policy::Schema& schema) noexcept;
}  // namespace cedar

// Which entity types, actions and common types there are. An engine made with a schema reads
// entities and contexts by it and refuses requests it does not admit.
// Threads: immutable, share freely. Throws: std::bad_alloc only.
class MCPGOV_API Schema {
 public:
  // Reads and resolves all names. text: at most 16 MiB, types nested at most 64 deep.
  // Errors, with file, line and column: every `schema_…` code but schema_not_expressible.
  // Spec: docs.cedarpolicy.com, language version 4.5: schema grammar; JSON schema.
  static Result<Schema> from_cedar(const Source& source);
  static Result<Schema> from_json(const Source& source);
  static Result<Schema> read(const Source& source);  // JSON if it begins with a brace, else Cedar

  // Sorted by name, as the reference engine writes it. Errors: schema_too_large, above 64 MiB (a
  // list of names is written out); schema_not_expressible: JSON can say what Cedar syntax cannot
  // (a shape given by name; one name for entity and common type).
  Result<std::string> to_text() const;
  Result<std::string> to_json() const;

  // In the order of the text. None of a schema in JSON, as in the reference engine.
  std::vector<SchemaWarning> warnings() const;

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

 private:
  friend const cedar::SchemaParts& cedar::parts_of(const Schema& schema) noexcept;
  static Result<Schema> read(const Source& source, bool cedar_syntax);
  explicit Schema(std::unique_ptr<const cedar::SchemaParts> parts) noexcept;
  std::unique_ptr<const cedar::SchemaParts> parts_;
};

// ---- Validation ---------------------------------------------------------------------------------

// Which release of the reference engine is followed where they differ: 4.13 made
// InvalidActionApplication a warning.
enum class Compat : std::uint8_t { v4_12, v4_13 };

// level: how many entities a policy may look through (RFC 76): 0 none, 1 `principal.name`, …
struct ValidationOptions {
  bool permissive = false;  // subtypes and unions of entity types are allowed
  Compat compat = Compat::v4_12;
  std::optional<std::uint32_t> level;
  Ids ids = Ids::annotated;
};

// Type-checks every policy and template for each combination of action, principal type and
// resource type that the schema admits.
// Findings are ordered by policy, then by position; the same finding is told once.
// Limits: 32 million steps and 1,000 findings for one policy; what exceeds them is an error among
//         the findings (validation_budget, too_many_findings).
// Errors: those of reading policies and schemas. Throws: std::bad_alloc only.
// Spec: docs.cedarpolicy.com, validation; RFC 76 (levels).
MCPGOV_API Result<std::vector<Finding>> validate(std::span<const Source> policies,
                                                 const Source& schema,
                                                 const ValidationOptions& options = {});

// The same for a set and a schema that were read already; links too: what fills their slots is
// declared and leaves the template an action. No errors of reading.
MCPGOV_API Result<std::vector<Finding>> validate(const PolicySet& policies, const Schema& schema,
                                                 const ValidationOptions& options = {});

// ---- Lints --------------------------------------------------------------------------------------

// Warnings about strings, ids and attribute names that look like something else than they are:
// mixed scripts, characters that change the direction of text, characters kept out of identifiers.
// Needs no schema. Unicode as of the reference engine 4.12. Errors: those of reading policies.
// Throws: std::bad_alloc only. Spec: Unicode UTS 39 sections 3.1 and 5.1.
MCPGOV_API Result<std::vector<Finding>> lint(std::span<const Source> policies,
                                             Ids ids = Ids::annotated);

// ---- Policy sets --------------------------------------------------------------------------------

// What an entry of a set is.
enum class PolicyRole : std::uint8_t {
  policy,           // decides by itself
  policy_template,  // has slots, `?principal` or `?resource`; decides nothing before it is linked
  link,             // a template with entities in its slots
};

// What stands in the slots of a link: the slots of its template, neither more nor less.
struct LinkValues {
  std::optional<Uid> principal;
  std::optional<Uid> resource;
};

// `@name("value")`. Views belong to the set.
struct PolicyAnnotation {
  std::string_view name;
  std::string_view value;  // empty for `@name`
};

// One of a set. Views belong to the set, until it is changed.
struct PolicyEntry {
  std::string_view id;
  PolicyRole role = PolicyRole::policy;
  bool forbid = false;
  std::string_view template_id;               // of a link
  LinkValues values;                          // of a link
  std::vector<PolicyAnnotation> annotations;  // of a link: its template's
  PolicyFacts place;                          // of a link: where its template stands
};

// An id that merge() has changed.
struct RenamedPolicy {
  std::string from;
  std::string to;
};

namespace cedar {
class PolicySet;
// The library's own view of a set.
const PolicySet& set_of(const policy::PolicySet& set) noexcept;
}  // namespace cedar

// Policies, templates and links, by id. All ids are of one kind: none is used twice in a set.
// Threads: thread-compatible. Throws: std::bad_alloc only.
class MCPGOV_API PolicySet {
 public:
  // Reads policies and templates. Errors: those of reading policies (see Engine::cedar), but
  // templates are welcome; policy_template_duplicate_id.
  static Result<PolicySet> from_cedar(std::span<const Source> sources, Ids ids = Ids::annotated);

  // Reads a JSON policy set: `templates`, `staticPolicies` and `templateLinks`. text: at most 128
  // MiB. Errors: policy_json, policy_json_shape, policy_json_operator, policy_json_name,
  // policy_json_value, policy_slot, policy_action_type, policy_unknown_function, policy_too_deep,
  // policy_too_large, policy_template_unlinked (a policy with a slot), and those of link().
  // Spec: docs.cedarpolicy.com, JSON policy format. Source::name is for errors.
  static Result<PolicySet> from_json(const Source& source);

  // One policy or template under that id, as Cedar text or JSON. Errors: as above, and
  // policy_syntax (not exactly one), policy_template_unlinked, policy_not_a_template,
  // policy_duplicate_id, policy_template_duplicate_id.
  Result<void> add(std::string_view id, std::string_view text);
  Result<void> add_json(std::string_view id, std::string_view json);
  Result<void> add_template(std::string_view id, std::string_view text);
  Result<void> add_template_json(std::string_view id, std::string_view json);

  // Errors: policy_template_unknown, policy_link_duplicate_id, policy_slot_missing,
  //         policy_slot_extra, entities_shape (a type that is no name, an id that is no UTF-8).
  Result<void> link(std::string_view template_id, std::string_view id, const LinkValues& values);

  // Of a policy, of a template without links, of a link. Errors: policy_unknown_id,
  // policy_template_unknown, policy_template_linked.
  Result<void> remove(std::string_view id);
  Result<void> remove_template(std::string_view id);
  Result<void> unlink(std::string_view id);

  // Adds all of another set. Where both have an id, equal policies are one; others get a new id
  // (`policy<N>`) when rename is set, which is told, and are an error else, which changes nothing.
  // Errors: policy_duplicate_id, policy_template_duplicate_id, policy_link_duplicate_id.
  Result<std::vector<RenamedPolicy>> merge(const PolicySet& other, bool rename = false);

  // Policies, templates and links together; and each of them, in the order they came.
  std::size_t size() const noexcept;
  std::vector<PolicyEntry> entries() const& MCPGOV_LIFETIME_BOUND;
  std::vector<PolicyEntry> entries() const&& = delete;
  std::optional<PolicyEntry> find(std::string_view id) const& MCPGOV_LIFETIME_BOUND;
  std::optional<PolicyEntry> find(std::string_view id) const&& = delete;

  // One of them. Text is as it was written, or else on one line behind its annotations; a link is
  // written with its entities. JSON is on one line. Errors: policy_unknown_id, policy_too_large.
  Result<std::string> text(std::string_view id) const;
  Result<std::string> json(std::string_view id) const;
  // All of them. Text has no ids; a set with links has none. Errors: policy_not_expressible,
  // policy_too_large.
  Result<std::string> to_text() const;
  Result<std::string> to_json() const;

  PolicySet();
  PolicySet(PolicySet&&) noexcept;
  PolicySet& operator=(PolicySet&&) noexcept;
  ~PolicySet();

 private:
  friend const cedar::PolicySet& cedar::set_of(const PolicySet& set) noexcept;
  std::unique_ptr<cedar::PolicySet> set_;
};

}  // namespace mcpgov::policy
