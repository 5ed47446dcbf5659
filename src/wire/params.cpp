// The members of `params`: what a message acts on, and what it says about itself.
// Tested by tests/wire/params_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/envelope.hpp"
#include "wire/names.hpp"
#include "wire/refusals.hpp"
#include "wire/spans.hpp"
#include "wire/values.hpp"

namespace mcpgov::wire {
namespace {

class Params {
 public:
  Params(Parser::State& state, Message& message) noexcept
      : state_(state), message_(message), values_(state) {}

  Refusal read() {
    (void)(read_general() && read_meta() && read_target() && read_special());
    return refusal_;
  }

 private:
  bool fail(ErrorCode code, std::size_t offset) noexcept {
    refusal_ = refuse(code, offset, message_.revision);
    return false;
  }
  bool fail(Slot slot) noexcept { return fail(ErrorCode::params_invalid, values_.offset(slot)); }
  bool check(ErrorCode code, Slot slot) noexcept {
    return code == ErrorCode::none || fail(code, values_.offset(slot));
  }
  // Absent, or of the type that is asked for.
  bool object_or_none(Slot slot) noexcept {
    return !values_.has(slot) || values_.is_object(slot) || fail(slot);
  }
  bool string_or_none(Slot slot) noexcept {
    return !values_.has(slot) || values_.is_string(slot) || fail(slot);
  }
  bool bool_or_none(Slot slot) noexcept {
    return !values_.has(slot) || values_.is_bool(slot) || fail(slot);
  }

  bool read_general() noexcept {
    return object_or_none(Slot::params) && object_or_none(Slot::meta);
  }

  bool read_meta() noexcept {
    if (!values_.id(Slot::meta_progress_token, message_.progress_token)) {
      return fail(Slot::meta_progress_token);
    }
    if (!object_or_none(Slot::meta_related_task)) return false;
    message_.traceparent = values_.text(Slot::meta_traceparent);
    message_.tracestate = values_.text(Slot::meta_tracestate);
    message_.related_task = values_.text(Slot::related_task_id);
    if (is_modern(message_.revision)) {
      message_.protocol_version = values_.text(Slot::meta_revision);
      message_.client_name = values_.text(Slot::meta_client_name);
    }
    return true;
  }

  bool read_target() {
    switch (method_row(message_.method).target) {
      case TargetKind::tool: return read_named(TargetKind::tool, Slot::name) && read_arguments();
      case TargetKind::prompt:
        return read_named(TargetKind::prompt, Slot::name) && read_arguments();
      case TargetKind::resource: return read_uri(Slot::uri);
      case TargetKind::task: return read_task();
      case TargetKind::reference: return read_reference();
      case TargetKind::subscription_set: return read_listen();
      case TargetKind::tool_list:
      case TargetKind::prompt_list:
      case TargetKind::resource_list:
      case TargetKind::resource_template_list:
      case TargetKind::task_list: return read_cursor();
      case TargetKind::none:
      case TargetKind::resource_template: break;
    }
    return true;
  }

  bool read_named(TargetKind kind, Slot slot) noexcept {
    if (!values_.is_string(slot)) return fail(slot);
    message_.target = {kind, values_.text(slot)};
    return check(check_name(message_.target.name), slot);
  }

  bool read_uri(Slot slot) noexcept {
    if (!values_.is_string(slot)) return fail(slot);
    message_.target = {TargetKind::resource, values_.text(slot)};
    return check(check_uri(message_.target.name), slot);
  }

  bool read_arguments() noexcept {
    if (!object_or_none(Slot::arguments) || !object_or_none(Slot::input_responses) ||
        !string_or_none(Slot::request_state)) {
      return false;
    }
    message_.arguments = values_.raw(Slot::arguments);
    message_.task_augmented = values_.has(Slot::task);
    return object_or_none(Slot::task);
  }

  bool read_task() noexcept {
    if (!values_.is_string(Slot::task_id)) return fail(Slot::task_id);
    message_.target = {TargetKind::task, values_.text(Slot::task_id)};
    return check(check_handle(message_.target.name), Slot::task_id);
  }

  bool read_reference() noexcept {
    const std::string_view type = values_.text(Slot::ref_type);
    if (type == "ref/prompt") return read_named(TargetKind::prompt, Slot::ref_name);
    if (type != "ref/resource" || !values_.is_string(Slot::ref_uri)) return fail(Slot::ref);
    // The URI of a resource or a template (ResourceTemplateReference); only templates have braces.
    const std::string_view uri = values_.text(Slot::ref_uri);
    if (uri.find('{') == std::string_view::npos) return read_uri(Slot::ref_uri);
    message_.target = {TargetKind::resource_template, uri};
    return check(check_uri_template(uri), Slot::ref_uri);
  }

  bool read_cursor() noexcept {
    message_.target.kind = method_row(message_.method).target;
    message_.cursor = values_.text(Slot::cursor);
    message_.has_cursor = values_.has(Slot::cursor);
    return string_or_none(Slot::cursor);
  }

  bool read_listen() {
    message_.target.kind = TargetKind::subscription_set;
    if (!values_.is_object(Slot::notifications)) return fail(Slot::notifications);
    if (!bool_or_none(Slot::tools_changed) || !bool_or_none(Slot::prompts_changed) ||
        !bool_or_none(Slot::resources_changed)) {
      return false;
    }
    state_.listen.clear();
    if (!read_entries(Slot::resource_subscriptions, TargetKind::resource) ||
        !read_entries(Slot::task_ids, TargetKind::task)) {
      return false;
    }
    message_.listen = state_.listen;
    return true;
  }

  // An entry that cannot be judged refuses itself only: it is removed like a denied one.
  bool read_entries(Slot slot, TargetKind kind) {
    if (!values_.has(slot)) return true;
    // A message with entries is never part of a batch, so it is the document.
    simdjson::dom::array entries;
    const auto found =
        state_.json.doc.root()
            .at_key("params")
            .at_key("notifications")
            .at_key(kind == TargetKind::resource ? "resourceSubscriptions" : "taskIds");
    if (found.get_array().get(entries) != simdjson::SUCCESS) return fail(slot);
    ElementSpans spans(values_.raw(slot));
    for (const simdjson::dom::element entry : entries) {
      std::string_view name;
      std::string_view raw;
      if (!spans.next(raw) || entry.get_string().get(name) != simdjson::SUCCESS) return fail(slot);
      const ErrorCode code = kind == TargetKind::resource ? check_uri(name) : check_handle(name);
      const auto offset = static_cast<std::size_t>(raw.data() - state_.bytes.get());
      const Refusal refused =
          code == ErrorCode::none ? Refusal{} : refuse(code, offset, message_.revision);
      state_.listen.push_back({kind, name, raw, refused});
    }
    return true;
  }

  bool read_special() noexcept {
    message_.has_input_responses = values_.has(Slot::input_responses);
    message_.has_request_state = values_.has(Slot::request_state);
    switch (message_.method) {
      case Method::initialize:
        message_.protocol_version = values_.text(Slot::protocol_version);
        message_.client_name = values_.text(Slot::client_name);
        if (!values_.is_string(Slot::protocol_version)) return fail(Slot::protocol_version);
        return values_.is_object(Slot::client_info) || fail(Slot::client_info);
      case Method::note_cancelled:
        // 2025-11-25 cancels a task by its own method and leaves the id out.
        if (!values_.id(Slot::request_id, message_.cancelled) ||
            message_.cancelled.type == Id::Type::null) {
          return fail(Slot::request_id);
        }
        return true;
      case Method::note_progress:
        if (!values_.id(Slot::progress_token, message_.progress_token) ||
            !message_.progress_token.present()) {
          return fail(Slot::progress_token);
        }
        return true;
      case Method::sampling_create_message:
      case Method::elicitation_create:
        message_.task_augmented = values_.has(Slot::task);
        return object_or_none(Slot::task);
      default: return true;
    }
  }

  Parser::State& state_;
  Message& message_;
  Values values_;
  Refusal refusal_;
};

}  // namespace

Refusal read_params(Parser::State& state, Message& message) {
  return Params(state, message).read();
}

}  // namespace mcpgov::wire
