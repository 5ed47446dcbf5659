// Errors and results: what set-up returns when it cannot be done, and the one list of codes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#if defined(__clang__)
#define MCPGOV_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define MCPGOV_LIFETIME_BOUND
#endif

#if defined(_WIN32)
#define MCPGOV_API
#else
#define MCPGOV_API [[gnu::visibility("default")]]
#endif

// Every code of the library: name, pinned number, sentence. Numbers are grouped by room, never
// reused and never changed; they are what the C ABI, the records and the exit reports carry.
// A sentence reveals nothing about the request: it may be shown to a caller. It stands in JSON as
// it is, so it holds no quotation mark and no backslash.
#define MCPGOV_ERROR_CODES(X)                                                                     \
  X(none, 0, "no error")                                                                          \
  /* wire: bytes that are not exactly one reading of an MCP message */                            \
  X(json_syntax, 100, "the body is not valid JSON")                                               \
  X(utf8_invalid, 101, "the body is not valid UTF-8")                                             \
  X(message_too_large, 102, "the message exceeds the size limit")                                 \
  X(message_too_deep, 103, "the message exceeds the nesting limit")                               \
  X(message_too_many_members, 104, "the message exceeds the limit of members")                    \
  X(duplicate_member, 105, "an object names a member twice")                                      \
  X(member_case_variant, 106, "a member differs from a protocol member only by letter case")      \
  X(trailing_bytes, 107, "bytes follow the message")                                              \
  X(not_an_object, 108, "the message is not a JSON object")                                       \
  X(jsonrpc_version, 109, "the member `jsonrpc` is not `2.0`")                                    \
  X(message_shape, 110, "the message is no request, notification or response")                    \
  X(id_invalid, 111, "the id is no string and no integer")                                        \
  X(id_in_use, 112, "the id belongs to an open request")                                          \
  X(params_invalid, 113, "the parameters do not fit the method")                                  \
  X(batch_not_allowed, 114, "this protocol revision has no batches")                              \
  X(batch_empty, 115, "the batch is empty")                                                       \
  X(batch_too_large, 116, "the batch exceeds the limit of messages")                              \
  X(batch_initialize, 117, "`initialize` may not be part of a batch")                             \
  X(method_unknown, 118, "the method is not known")                                               \
  X(method_not_in_revision, 119, "the method is not part of this protocol revision")              \
  X(method_wrong_direction, 120, "the method may not be sent in this direction")                  \
  X(revision_unsupported, 121, "the protocol revision is not supported")                          \
  X(header_missing, 122, "a required header field is missing")                                    \
  X(header_mismatch, 123, "a header field does not agree with the body")                          \
  X(header_duplicated, 124, "a header field is given twice")                                      \
  X(header_encoding, 125, "a header field has an invalid encoding")                               \
  X(uri_not_normal, 126, "the URI is not in normal form")                                         \
  X(name_invalid, 127, "a name holds characters that are not allowed")                            \
  X(http_method_not_allowed, 128, "the HTTP method is not allowed")                               \
  X(stream_invalid, 129, "the event stream is malformed")                                         \
  X(stream_event_too_large, 130, "an event of the stream exceeds the size limit")                 \
  X(content_type_unsupported, 131, "the content type is not supported")                           \
  X(unpaired_surrogate, 132, "a string holds half of a surrogate pair")                           \
  X(number_out_of_range, 133, "a number cannot be represented exactly")                           \
  X(meta_missing, 134, "a required member of `_meta` is missing")                                 \
  X(line_break_in_message, 135, "a message on stdio holds a line break")                          \
  /* identity */                                                                                  \
  X(caller_missing, 200, "the call carries no identity")                                          \
  X(caller_invalid, 201, "the identity is incomplete")                                            \
  X(anonymous_not_enabled, 202, "anonymous calls are not enabled")                                \
  X(tenant_unknown, 203, "the tenant is not known")                                               \
  /* catalog */                                                                                   \
  X(tool_unknown, 300, "the tool is not known")                                                   \
  X(tool_list_invalid, 301, "the tool list is malformed")                                         \
  X(tool_schema_invalid, 302, "the schema of a tool cannot be read")                              \
  X(tool_duplicate, 303, "two tools have the same name")                                          \
  X(server_unknown, 304, "the server is not configured")                                          \
  X(item_unclassified, 305, "an item of a list cannot be classified")                             \
  X(tool_schema_name, 306, "the list of tools holds a name that Cedar does not allow")            \
  X(tool_schema_conflict, 307, "two declarations of the schema would have one name")              \
  X(tool_schema_reference, 308, "a schema refers to a definition that does not exist")            \
  X(tool_schema_cycle, 309, "a definition is nothing but itself")                                 \
  X(stub_namespace, 310, "a stub declares one namespace and nothing else")                        \
  X(stub_principal_missing, 311, "no entity type of the stub is an `@mcp_principal`")             \
  X(stub_resource_missing, 312, "no entity type of the stub is an `@mcp_resource`")               \
  /* policy: reading */                                                                           \
  X(policy_syntax, 400, "the policy text is malformed")                                           \
  X(policy_token, 401, "the policy text holds an invalid token")                                  \
  X(policy_string_escape, 402, "a string holds an invalid escape")                                \
  X(policy_integer_range, 403, "an integer is out of range")                                      \
  X(policy_reserved_identifier, 404, "an identifier is reserved")                                 \
  X(policy_duplicate_annotation, 405, "an annotation is given twice")                             \
  X(policy_duplicate_key, 406, "a record names a key twice")                                      \
  X(policy_unknown_function, 407, "a function or method does not exist")                          \
  X(policy_wrong_arity, 408, "a method is called with the wrong number of arguments")             \
  X(policy_scope, 409, "the scope of a policy is malformed")                                      \
  X(policy_too_deep, 410, "the policy exceeds the nesting limit")                                 \
  X(policy_too_large, 411, "the policy text exceeds the size limit")                              \
  X(policy_template_unlinked, 412, "a template cannot decide before it is linked")                \
  X(policy_slot, 413, "a slot is not allowed here")                                               \
  X(policy_action_type, 414, "an action must have the type `Action`")                             \
  X(policy_duplicate_id, 415, "two policies have the same id")                                    \
  X(policy_anonymous, 416, "only a policy whose scope names `Anonymous` may permit it")           \
  X(policy_template_duplicate_id, 417, "a template takes an id that is in use")                   \
  X(policy_link_duplicate_id, 418, "a link takes an id that is in use")                           \
  X(policy_template_unknown, 419, "no template has this id")                                      \
  X(policy_slot_missing, 420, "a link gives no value for a slot of its template")                 \
  X(policy_slot_extra, 421, "a link gives a value for a slot its template does not have")         \
  X(policy_template_linked, 422, "a template cannot be removed while it is linked")               \
  X(policy_not_a_template, 423, "a template needs a slot")                                        \
  X(policy_unknown_id, 424, "no policy has this id")                                              \
  X(policy_json, 425, "the JSON policy is not valid JSON")                                        \
  X(policy_json_shape, 426, "a member of a JSON policy is missing, unknown or of the wrong kind") \
  X(policy_json_operator, 427, "a JSON policy names an operator that does not exist")             \
  X(policy_json_name, 428, "a JSON policy holds an invalid name")                                 \
  X(policy_json_value, 429, "a JSON policy holds a value that Cedar does not have")               \
  X(policy_not_expressible, 479, "the policies cannot be written in this form")                   \
  /* policy: entities and context */                                                              \
  X(entities_json, 430, "the entities are not valid JSON")                                        \
  X(entities_shape, 431, "an entity is malformed")                                                \
  X(entities_duplicate, 432, "two different entities have the same uid")                          \
  X(entities_cycle, 433, "the entity hierarchy has a cycle")                                      \
  X(entities_value, 434, "a value cannot be represented")                                         \
  X(entities_too_large, 435, "the entities exceed the size limit")                                \
  X(entities_too_deep, 436, "a value exceeds the nesting limit")                                  \
  X(entities_action_parent, 437, "an action has a parent that is no action")                      \
  X(context_not_a_record, 438, "the context is not a record")                                     \
  X(schema_syntax, 439, "the schema text is malformed")                                           \
  X(schema_unknown_type, 440, "a schema names a type it does not declare")                        \
  X(entities_schema, 441, "the entities or the context do not fit the schema")                    \
  X(entities_type_undeclared, 442, "the schema does not declare the type of an entity")           \
  X(entities_attribute_missing, 443, "an attribute that the schema requires is missing")          \
  X(entities_attribute_unknown, 444, "an attribute or tag is not part of the schema")             \
  X(entities_parent_type, 445, "the schema allows no parent of this type")                        \
  X(entities_enum_id, 446, "an id is not listed by its enumerated type")                          \
  X(entities_action, 447, "an action is not as the schema declares it")                           \
  /* policy: evaluating (one policy errs, the request goes on) */                                 \
  X(eval_type, 450, "type error")                                                                 \
  X(eval_entity_missing, 451, "the entity does not exist")                                        \
  X(eval_attribute_missing, 452, "the attribute does not exist")                                  \
  X(eval_tag_missing, 453, "the tag does not exist")                                              \
  X(eval_overflow, 454, "integer overflow")                                                       \
  X(eval_extension, 455, "an extension function failed")                                          \
  X(eval_arity, 456, "an extension function has the wrong number of arguments")                   \
  X(eval_depth, 457, "a value exceeds the nesting limit")                                         \
  /* policy: schemas, and requests against them */                                                \
  X(schema_string_escape, 460, "a string of the schema holds an invalid escape")                  \
  X(schema_reserved_name, 461, "a name of the schema is reserved")                                \
  X(schema_duplicate_annotation, 462, "a schema gives an annotation twice")                       \
  X(schema_duplicate, 463, "a schema declares a name twice")                                      \
  X(schema_shadowing, 464, "a schema declares a name that hides one without namespace")           \
  X(schema_empty_list, 465, "a list of the schema is empty")                                      \
  X(schema_applies_to, 466, "an action's `appliesTo` is incomplete or names a part twice")        \
  X(schema_unknown_action, 467, "a schema names an action it does not declare")                   \
  X(schema_common_cycle, 468, "a common type contains itself")                                    \
  X(schema_action_cycle, 469, "an action lies above itself")                                      \
  X(schema_not_a_record, 470, "a context or the shape of an entity is no record")                 \
  X(schema_unknown_extension, 471, "a schema names an extension type that does not exist")        \
  X(schema_unsupported, 472, "a schema asks for what the language does not have yet")             \
  X(schema_json, 473, "the schema is not valid JSON")                                             \
  X(schema_shape, 474, "a member of the JSON schema is missing, unknown or of a wrong type")      \
  X(schema_too_large, 475, "the schema exceeds the size limit")                                   \
  X(schema_too_deep, 476, "the types of the schema exceed the nesting limit")                     \
  X(schema_not_expressible, 477, "the schema cannot be written in Cedar syntax")                  \
  X(request_type_undeclared, 480, "the type of principal or resource is not declared")            \
  X(request_action_undeclared, 481, "the schema does not declare the action")                     \
  X(request_not_applicable, 482, "the action does not apply to principal or resource")            \
  X(request_enum_id, 483, "an enumerated type does not list the id")                              \
  X(request_context, 484, "the context does not have the type of the action")                     \
  /* request: from a message to a question */                                                     \
  X(argument_not_in_schema, 500, "an argument is not part of the tool's schema")                  \
  X(argument_type, 501, "an argument does not have the type of the tool's schema")                \
  X(argument_missing, 502, "a required argument is missing")                                      \
  X(argument_not_representable, 503, "an argument cannot be represented in the policy language")  \
  X(argument_too_complex, 504, "the arguments take too long to check")                            \
  /* decisions */                                                                                 \
  X(policy_denied, 600, "no policy permits it")                                                   \
  X(policy_forbidden, 601, "a policy forbids it")                                                 \
  X(policy_error, 602, "a policy that could forbid it failed")                                    \
  X(not_task_owner, 603, "the task belongs to another caller")                                    \
  X(response_unexpected, 604, "the response answers no open request")                             \
  X(approval_required, 605, "the call waits for an approval")                                     \
  X(approval_refused, 606, "the approval was refused")                                            \
  X(method_denied, 607, "the method is denied by configuration")                                  \
  X(list_entry_removed, 608, "an entry was removed from the message")                             \
  X(too_many_open, 609, "too many requests are open")                                             \
  X(not_request_owner, 610, "the request belongs to another caller")                              \
  /* audit */                                                                                     \
  X(audit_unavailable, 800, "the record cannot be written")                                       \
  X(audit_open, 801, "the audit sink cannot be opened")                                           \
  /* governor */                                                                                  \
  X(config_syntax, 900, "the configuration is malformed")                                         \
  X(config_unknown_key, 901, "the configuration has an unknown key")                              \
  X(config_duplicate_key, 902, "the configuration names a key twice")                             \
  X(config_value, 903, "a value of the configuration is not allowed")                             \
  X(config_missing_key, 904, "a required key of the configuration is missing")                    \
  X(file_unreadable, 905, "a file cannot be read")                                                \
  X(out_of_memory, 906, "memory is exhausted")                                                    \
  X(forked, 907, "the process was forked and its governor not reopened")                          \
  X(verdict_spent, 908, "the verdict was moved from or never given")                              \
  X(internal, 909, "an internal error")                                                           \
  X(resume_invalid, 910, "the answers do not fit the pending steps")                              \
  X(process_failed, 911, "a program cannot be started")

namespace mcpgov {

// Why something failed or was denied. none: it did not.
enum class ErrorCode : std::uint16_t {
#define MCPGOV_ENUMERATOR(name, number, sentence) name = (number),
  MCPGOV_ERROR_CODES(MCPGOV_ENUMERATOR)
#undef MCPGOV_ENUMERATOR
};

// The code's name, `json_syntax`. Static storage. Unknown numbers give `internal`.
MCPGOV_API std::string_view code_name(ErrorCode code) noexcept;

// The code's sentence, lower case, without a full stop. Static storage; safe to show to callers.
MCPGOV_API std::string_view code_sentence(ErrorCode code) noexcept;

// Why set-up failed. message: one lower-case sentence, user text in backticks, no secrets.
// file is empty and line is 0 where there is no text to point at; line and column count from 1,
// column in bytes.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // `file:line:column: message [code]`, leaving out what is absent.
  MCPGOV_API std::string text() const;
};

// A value or the reason why there is none; spelled like std::expected, one type in every language
// mode. Reading the value of a failed result is a programming error and terminates.
// Threads: thread-compatible.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  const T& value() const& noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  T&& value() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(*checked()); }
  T& operator*() & noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  const T& operator*() const& noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  T&& operator*() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(*checked()); }
  T* operator->() noexcept MCPGOV_LIFETIME_BOUND { return checked(); }
  const T* operator->() const noexcept MCPGOV_LIFETIME_BOUND { return checked(); }

  const Error& error() const& noexcept MCPGOV_LIFETIME_BOUND { return error_; }
  Error&& error() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(error_); }

 private:
  // Moving out of an absent value would be undefined; std::terminate is the defined answer.
  T* checked() noexcept {
    if (!value_) std::terminate();
    return &*value_;
  }
  const T* checked() const noexcept {
    if (!value_) std::terminate();
    return &*value_;
  }

  std::optional<T> value_;
  Error error_{ErrorCode::none, {}, {}, 0, 0};
};

// Success without a value, or the reason why there is none.
// Threads: thread-compatible.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}  // NOLINT

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }
  const Error& error() const& noexcept MCPGOV_LIFETIME_BOUND { return error_; }
  Error&& error() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(error_); }

 private:
  Error error_{ErrorCode::none, {}, {}, 0, 0};
  bool failed_ = false;
};

}  // namespace mcpgov
