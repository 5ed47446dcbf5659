// From a call to a question: action, resource, context. Tested by tests/request/question_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "request/arguments.hpp"
#include "request/iso.hpp"
#include "request/mapping.hpp"
#include "request/principal.hpp"
#include "request/wanted.hpp"

namespace mcpgov::request {

using policy::EntityId;
using policy::Field;
using policy::kNoName;
using policy::Value;
using wire::Method;
using wire::TargetKind;

// One row of what is decided: a method and what it is about, the action, the resource's type.
struct Question::Row {
  Method method;
  TargetKind target;
  ActionWord action;  // of a tool: its parent
  TypeWord resource;  // server: the server itself
};

namespace {

std::string_view transport_name(Transport transport) {
  switch (transport) {
    case Transport::stdio: return "stdio";
    case Transport::streamable_http: return "streamable_http";
    case Transport::http_sse: return "http_sse";
  }
  return {};
}

// The parts of a URI that policies compare. The wire has checked that it is in normal form, so
// nothing is decoded here. Spec: RFC 3986 section 3.
struct UriParts {
  std::string_view scheme = {};
  std::string_view host = {};  // without user information and port; null without an authority
  std::string_view path = {};
};

UriParts split_uri(std::string_view uri) {
  UriParts parts;
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos) return parts;
  parts.scheme = uri.substr(0, colon);
  std::string_view rest = uri.substr(colon + 1);
  rest = rest.substr(0, rest.find_first_of("?#"));
  if (rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    std::string_view authority = rest.substr(0, rest.find('/'));
    rest.remove_prefix(authority.size());
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) authority.remove_prefix(at + 1);
    const std::size_t bracket = authority.rfind(']');
    const std::size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    parts.host = authority.substr(0, port);
  }
  parts.path = rest;
  return parts;
}

// A record in the making, with room for as many fields as the mapping ever puts into one.
class Fields {
 public:
  Fields(const Mapping& mapping, policy::RequestSymbols& symbols, Wanted wanted)
      : mapping_(mapping),
        symbols_(symbols),
        wanted_(wanted),
        items_(symbols.arena().array<Field>(kMost)) {}

  Wanted wanted(FieldWord word) const {
    return wanted_.whole() ? Wanted::everything() : wanted_.field(mapping_.known(word));
  }
  void add(FieldWord word, const Value& value) {
    if (wanted(word).any()) items_[size_++] = {mapping_.field(word, symbols_), value};
  }
  void add_text(FieldWord word, std::string_view text) {
    if (!text.empty()) add(word, Value::of_string(text));
  }
  void add_flag(FieldWord word, const std::optional<bool>& flag) {
    if (flag) add(word, Value::of_boolean(*flag));
  }
  void add(const Field& field) { items_[size_++] = field; }
  Value record() const { return Value::of_record({items_, size_}); }
  std::span<const Field> fields() const { return {items_, size_}; }

 private:
  static constexpr std::size_t kMost = 8;
  const Mapping& mapping_;
  policy::RequestSymbols& symbols_;
  Wanted wanted_;
  Field* items_;
  std::size_t size_ = 0;
};

}  // namespace

const Question::Row* Question::row_of(const Call& call) noexcept {
  using A = ActionWord;
  using K = TargetKind;
  using M = Method;
  using T = TypeWord;
  static constexpr Row kRows[] = {
      {M::tools_call, K::tool, A::call_tool, T::server},
      {M::tools_list, K::tool, A::call_tool, T::server},
      {M::prompts_get, K::prompt, A::get_prompt, T::prompt},
      {M::prompts_list, K::prompt, A::get_prompt, T::prompt},
      {M::completion_complete, K::prompt, A::get_prompt, T::prompt},
      {M::completion_complete, K::resource, A::read_resource, T::resource},
      {M::completion_complete, K::resource_template, A::read_resource, T::resource},
      {M::resources_read, K::resource, A::read_resource, T::resource},
      {M::resources_list, K::resource, A::read_resource, T::resource},
      {M::resources_templates_list, K::resource_template, A::read_resource, T::resource},
      {M::note_resources_updated, K::resource, A::read_resource, T::resource},
      {M::resources_subscribe, K::resource, A::subscribe_resource, T::resource},
      {M::resources_unsubscribe, K::resource, A::subscribe_resource, T::resource},
      {M::subscriptions_listen, K::resource, A::subscribe_resource, T::resource},
      {M::subscriptions_listen, K::task, A::get_task, T::task},
      {M::tasks_get, K::task, A::get_task, T::task},
      {M::tasks_list, K::task, A::get_task, T::task},
      {M::note_tasks, K::task, A::get_task, T::task},
      {M::note_tasks_status, K::task, A::get_task, T::task},
      {M::tasks_result, K::task, A::get_task_result, T::task},
      {M::tasks_cancel, K::task, A::cancel_task, T::task},
      {M::tasks_update, K::task, A::update_task, T::task},
      {M::roots_list, K::none, A::list_roots, T::server},
      {M::sampling_create_message, K::none, A::create_message, T::server},
      {M::elicitation_create, K::none, A::elicit, T::server},
  };
  for (const Row& row : kRows) {
    if (row.method == call.method && row.target == call.target.kind) return &row;
  }
  return nullptr;
}

Question::Question(const Mapping& mapping, const Caller* caller, const SessionFacts& session,
                   policy::RequestSymbols& symbols, Scratch& scratch, Detail detail)
    : mapping_(mapping), session_(session), symbols_(symbols), detail_(detail) {
  if (caller == nullptr || caller->kind == CallerKind::none) return;
  principal_ = define_principal(mapping, *caller, symbols, scratch, detail);
  fix_context(*caller);
}

Question::Question(const Mapping& mapping, const Caller& caller, const PreparedPrincipal& prepared,
                   const SessionFacts& session, policy::RequestSymbols& symbols, Scratch& scratch)
    : mapping_(mapping), session_(session), symbols_(symbols), detail_(Detail::read) {
  principal_ = prepared.define_in(symbols);
  if (principal_ == policy::kNoEntity) {
    principal_ = define_principal(mapping, caller, symbols, scratch, detail_);
  }
  fix_context(caller);
}

// What is the same in every context of this question.
void Question::fix_context(const Caller& caller) {
  Fields fields(mapping_, symbols_, wanted());
  const Wanted session_wanted = fields.wanted(FieldWord::session);
  if (session_wanted.any()) fields.add(FieldWord::session, session_record(session_wanted));
  // RFC 8693 section 4.1: only the outermost actor counts, the ones inside are history.
  if (!caller.actors.empty() && fields.wanted(FieldWord::actor).any()) {
    fields.add(FieldWord::actor, actor_entity(caller.actors.front()));
  }
  if (session_.workload != nullptr && fields.wanted(FieldWord::workload).any()) {
    fields.add(FieldWord::workload, actor_entity(*session_.workload));
  }
  for (const Field& field : fields.fields()) constant_[constants_++] = field;
}

Wanted Question::wanted() const noexcept {
  return detail_ == Detail::everything ? Wanted::everything() : Wanted(mapping_.reads());
}

Value Question::session_record(Wanted wanted) {
  Fields fields(mapping_, symbols_, wanted);
  fields.add_text(FieldWord::id, session_.id);
  fields.add_text(FieldWord::source, session_.source);
  fields.add(FieldWord::time, Value::of_scalar(policy::Kind::datetime, session_.time_ms));
  if (fields.wanted(FieldWord::source_ip).any()) {
    if (const std::optional<policy::Ip> ip = ip_address(session_.source_ip)) {
      fields.add(FieldWord::source_ip, Value::of_ip(symbols_.arena().create<policy::Ip>(*ip)));
    }
  }
  fields.add_text(FieldWord::transport, transport_name(session_.transport));
  return fields.record();
}

// An actor the store does not know has its two names as attributes, so that policies can tell the
// issuer without taking the id apart, and the two attributes every party has: nothing is known of
// its scopes and groups.
Value Question::actor_entity(const Actor& actor) {
  const EntityId id = party(mapping_, actor.kind, actor.issuer, actor.subject, symbols_);
  // When the caller acts for itself it is already defined, with more than its names.
  if (mapping_.entities().find(id) == nullptr && symbols_.defined(id) == nullptr) {
    Fields fields(mapping_, symbols_, Wanted::everything());
    fields.add_text(FieldWord::issuer, actor.issuer);
    fields.add_text(FieldWord::subject, actor.subject);
    fields.add(FieldWord::scopes, Value::of_set({}));
    fields.add(FieldWord::groups_complete, Value::of_boolean(false));
    symbols_.define(id, {fields.record(), Value::of_record({}), {}});
  }
  return Value::of_entity(id);
}

Value Question::hints(const catalog::Tool& tool, Wanted wanted) {
  Fields fields(mapping_, symbols_, wanted);
  fields.add_flag(FieldWord::read_only, tool.hints.read_only);
  fields.add_flag(FieldWord::destructive, tool.hints.destructive);
  fields.add_flag(FieldWord::idempotent, tool.hints.idempotent);
  fields.add_flag(FieldWord::open_world, tool.hints.open_world);
  fields.add_text(FieldWord::title, tool.hints.title);
  return fields.record();
}

// Arguments are checked even when no policy reads them: what is outside the schema is refused.
ErrorCode Question::input(const Call& call, const Row& row, Wanted wanted, Value& out) {
  out = Value::of_record({});
  const bool tool = row.action == ActionWord::call_tool;
  const catalog::Tool* known = call.pinned != nullptr ? call.pinned : call.claimed;
  if (tool && known == nullptr && mapping_.options().unknown_tools == UnknownTools::deny) {
    return ErrorCode::tool_unknown;
  }
  if (tool && known != nullptr && !known->usable()) return ErrorCode::tool_schema_invalid;
  if (call.input_unknown) {
    out = Value();
    return ErrorCode::none;
  }
  // A completion asks about arguments that are still being written.
  const bool prompt = call.method == Method::prompts_get;
  if (!tool && !prompt) return ErrorCode::none;
  if (call.arguments == nullptr) {
    const bool complete = known == nullptr || known->input == nullptr || prompt ||
                          (*known->input)[known->input->root].required == 0;
    return complete ? ErrorCode::none : ErrorCode::argument_missing;
  }
  ArgumentReader reader(mapping_, symbols_, call.arguments_text);
  if (prompt) return reader.strings(*call.arguments, wanted, out);
  if (known == nullptr) return reader.natural(*call.arguments, wanted, true, out);
  return reader.typed(*known->input, *call.arguments, wanted, out);
}

EntityId Question::action(const Call& call, const Row& row) {
  if (row.action != ActionWord::call_tool) return mapping_.action(row.action, symbols_);
  const EntityId id = symbols_.entity(mapping_.type(TypeWord::action, symbols_),
                                      action_id(call.target.name, symbols_.arena()));
  std::span<const EntityId> parents = mapping_.call_tool_closure();
  if (detail_ == Detail::everything && parents.empty()) {
    auto* parent = symbols_.arena().array<EntityId>(1);
    *parent = mapping_.action(ActionWord::call_tool, symbols_);
    parents = {parent, 1};
  }
  const policy::Entity* stored = mapping_.entities().find(id);
  if (parents.empty()) return id;  // no policy can name the parent, and the store speaks for itself
  policy::Entity facts{Value::of_record({}), Value::of_record({}), parents};
  if (stored != nullptr) {
    facts = *stored;
    facts.ancestors = ancestors_of(mapping_, parents, stored->ancestors, id, symbols_.arena());
  }
  symbols_.define(id, facts);
  return id;
}

EntityId Question::resource(const Call& call, const Row& row) {
  const EntityId server = mapping_.server(symbols_);
  if (row.resource == TypeWord::server) return server;
  // A template stands for URIs that are not known yet: any resource.
  if (call.input_unknown && call.target.kind == TargetKind::resource_template) {
    return policy::kNoEntity;
  }
  const EntityId id = symbols_.entity(mapping_.type(row.resource, symbols_), call.target.name);
  const bool plain = row.resource != TypeWord::resource;
  const UriParts uri = plain ? UriParts() : split_uri(call.target.name);
  // Attributes are read whole: a policy that mentions the name anywhere may read it here.
  Field* items = symbols_.arena().array<Field>(3);
  std::size_t count = 0;
  const std::pair<FieldWord, std::string_view> parts[] = {
      {FieldWord::scheme, uri.scheme}, {FieldWord::host, uri.host}, {FieldWord::path, uri.path}};
  for (const auto& [word, text] : parts) {
    if (plain || (text.data() == nullptr && word != FieldWord::path)) continue;
    if (detail_ == Detail::read && mapping_.known(word) == kNoName) continue;
    items[count++] = {mapping_.field(word, symbols_), Value::of_string(text)};
  }
  policy::Entity facts{Value::of_record({items, count}), Value::of_record({}), {}};
  std::span<const EntityId> closed;
  if (const policy::Entity* stored = mapping_.entities().find(id)) {
    facts.tags = stored->tags;
    closed = stored->ancestors;
    facts.attributes = united(facts.attributes, stored->attributes);
  }
  std::span<const EntityId> parents = mapping_.server_closure();
  if (parents.empty() || !closed.empty()) {
    auto* parent = symbols_.arena().array<EntityId>(1);
    *parent = server;
    parents = ancestors_of(mapping_, {parent, 1}, closed, id, symbols_.arena());
  }
  facts.ancestors = parents;
  symbols_.define(id, facts);
  return id;
}

// The fields of `first`, and those of `second` whose names it lacks.
Value Question::united(const Value& first, const Value& second) {
  Field* items = symbols_.arena().array<Field>(first.record().size() + second.record().size());
  std::size_t count = 0;
  for (const Field& field : first.record()) items[count++] = field;
  for (const Field& field : second.record()) {
    if (first.field(field.name) == nullptr) items[count++] = field;
  }
  return Value::of_record({items, count});
}

ErrorCode Question::ask(const Call& call, policy::Request& out) {
  if (principal_ == policy::kNoEntity) return ErrorCode::caller_missing;
  const Row* row = row_of(call);
  if (row == nullptr) return ErrorCode::method_unknown;
  Fields fields(mapping_, symbols_, wanted());
  Value read;
  const ErrorCode code = input(call, *row, fields.wanted(FieldWord::input), read);
  if (code != ErrorCode::none) return code;
  const bool has_input =
      row->action == ActionWord::call_tool || row->action == ActionWord::get_prompt;
  if (has_input) fields.add(FieldWord::input, read);
  const std::pair<FieldWord, const catalog::Tool*> tools[] = {{FieldWord::pinned, call.pinned},
                                                              {FieldWord::claimed, call.claimed}};
  for (const auto& [word, tool] : tools) {
    const Wanted wanted = fields.wanted(word);
    if (tool != nullptr && wanted.any()) fields.add(word, hints(*tool, wanted));
  }
  for (std::uint32_t i = 0; i < constants_; ++i) fields.add(constant_[i]);
  policy::Request request;
  request.principal = principal_;
  request.action = action(call, *row);
  request.resource = resource(call, *row);
  request.context = fields.record();
  request.symbols = &symbols_;
  out = request;
  return ErrorCode::none;
}

}  // namespace mcpgov::request
