// Questions about a server's policies that are partly open.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/open_server.hpp"

#include <algorithm>
#include <utility>

#include "base/arena.hpp"
#include "base/os_file.hpp"
#include "base/os_time.hpp"
#include "cli/file_sizes.hpp"
#include "policy/cedar/engine.hpp"
#include "request/mapping.hpp"

namespace mcpgov::cli {

namespace {

using request::ActionWord;
using request::TypeWord;

request::Call call_about(const OpenUse& use) {
  request::Call call;
  switch (use.action) {
    case ActionWord::get_prompt:
      call.method = wire::Method::prompts_get;
      call.target.kind = wire::TargetKind::prompt;
      call.target.name = "any";
      break;
    case ActionWord::read_resource:
      call.method = wire::Method::resources_read;
      call.target.kind = wire::TargetKind::resource;
      call.target.name = "any:";
      break;
    default:
      call.method = wire::Method::tools_call;
      call.target.kind = wire::TargetKind::tool;
      call.target.name = use.tool;
      break;
  }
  return call;
}

// What the session says is open: the answer is not about one moment or one connection.
policy::Value without_session(const policy::Value& context, policy::NameId session, Arena& arena) {
  const std::span<policy::Field> fields = arena.copy(context.record());
  for (policy::Field& field : fields) {
    if (field.name == session) field.value = policy::Value{};
  }
  return policy::Value::of_record(fields);
}

bool is_member(const OpenCaller& open) {
  return open.type == TypeWord::group || open.type == TypeWord::role;
}

// Nobody whom policies or entities name, so that nothing is true of this one that is not of all.
policy::EntityId stranger(const request::Mapping& mapping, TypeWord kind,
                          policy::RequestSymbols& symbols) {
  const policy::NameId type = mapping.type(kind, symbols);
  std::string id = "anyone";
  while (symbols.frozen().find_entity(type, id) != policy::kNoEntity) id += '\'';
  return symbols.entity(type, id);
}

// Someone of whom only a group or role is known, or only the name: attributes are open.
// kind: of a member.
policy::EntityId define_caller(const request::Mapping& mapping, const OpenCaller& open,
                               TypeWord kind, policy::RequestSymbols& symbols) {
  const bool member = is_member(open);
  if (!member && mapping.entities().find(open.entity) != nullptr) return open.entity;
  policy::Entity facts;
  policy::EntityId out = open.entity;
  if (member) {
    out = stranger(mapping, kind, symbols);
    std::vector<policy::EntityId> above{open.entity};
    if (const policy::Entity* known = mapping.entities().find(open.entity)) {
      above.insert(above.end(), known->ancestors.begin(), known->ancestors.end());
    }
    std::sort(above.begin(), above.end());
    facts.ancestors = symbols.arena().copy(std::span<const policy::EntityId>(above));
  }
  symbols.define(out, facts);
  return out;
}

// Who is nobody may do only what a policy grants to Anonymous by name, as the governor has it.
void only_by_name(OpenAnswer& answer, const detail::ServerSnapshot& server) {
  Say most = Say::denied;
  for (const OpenPolicy& each : answer.policies) {
    const auto at = std::find(server.policy_ids.begin(), server.policy_ids.end(), each.policy.id);
    const auto number = static_cast<std::size_t>(at - server.policy_ids.begin());
    if (each.policy.forbid || !server.names_anonymous[number]) continue;
    const bool certain = each.outcomes == policy::cedar::kSatisfied;
    most = std::max(most, certain ? Say::allowed : Say::depends);
  }
  answer.say = std::min(answer.say, most);
}

}  // namespace

Result<std::unique_ptr<OpenServer>> OpenServer::open(const Place& place, const std::string& tools) {
  auto out = std::make_unique<OpenServer>();
  auto config = load_config(place.config);
  if (!config) return config.error();
  out->config_ = *config;
  auto name = choose_server(*config, place);
  if (!name) return name.error();
  out->name_ = *std::move(name);
  auto snapshot = detail::build_snapshot(*std::move(config), 1, wall_clock_us());
  if (!snapshot) return snapshot.error();
  out->snapshot_ = *std::move(snapshot);
  bool tenant_known = false;
  out->server_ = out->snapshot_->find(place.tenant, out->name_, tenant_known);
  if (!tools.empty()) {
    const auto text = read_file(tools, kToolsBytes);
    if (!text) return text.error();
    auto read = catalog::Catalog::from_tools_json(*text, catalog::Origin::claimed, tools);
    if (!read) return read.error();
    out->claimed_ = *std::move(read);
  }
  return out;
}

std::vector<std::string_view> OpenServer::tool_names() const {
  std::vector<std::string_view> out;
  const catalog::Catalog* list = server_->pinned ? &*server_->pinned
                                 : claimed_      ? &*claimed_
                                                 : nullptr;
  if (list == nullptr) return out;
  for (const catalog::Tool& tool : list->tools()) out.push_back(tool.name);
  return out;
}

std::vector<OpenCaller> OpenServer::named_callers() const {
  const policy::Symbols& symbols = server_->engine->symbols();
  std::vector<OpenCaller> out;
  for (const TypeWord type :
       {TypeWord::user, TypeWord::agent, TypeWord::workload, TypeWord::group, TypeWord::role}) {
    const policy::NameId name = server_->mapping.known(type);
    if (name == policy::kNoName) continue;
    const std::size_t first = out.size();
    for (std::uint32_t id = 0; id < symbols.entity_count(); ++id) {
      if (symbols.type(policy::EntityId{id}) == name) out.push_back({type, policy::EntityId{id}});
    }
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
              [&](const OpenCaller& a, const OpenCaller& b) {
                return symbols.id(a.entity) < symbols.id(b.entity);
              });
  }
  return out;
}

std::string OpenServer::type_text(TypeWord type) const {
  Arena arena;
  policy::RequestSymbols symbols(server_->engine->symbols(), arena);
  return std::string(symbols.text(server_->mapping.type(type, symbols)));
}

std::string OpenServer::text_of(const OpenCaller& caller) const {
  if (caller.entity == policy::kNoEntity) return "any " + type_text(caller.type);
  Arena arena;
  const policy::RequestSymbols symbols(server_->engine->symbols(), arena);
  const std::string uid = policy::cedar::uid_text(symbols, caller.entity);
  return (is_member(caller) ? "who is only in " : "") + uid;
}

Result<OpenAnswer> OpenServer::ask(const OpenCaller& caller, const OpenUse& use) {
  Caller stand_in;
  stand_in.kind = CallerKind::user;
  stand_in.issuer = "any";
  stand_in.subject = "one";
  if (!is_member(caller)) return ask(stand_in, {&caller, caller.type}, use);
  // Nobody is anonymous and a member.
  std::vector<TypedAnswer> answers;
  for (const TypeWord kind : {TypeWord::user, TypeWord::agent, TypeWord::workload}) {
    Result<OpenAnswer> answer = ask(stand_in, {&caller, kind}, use);
    if (!answer) return answer;
    answers.push_back({type_text(kind), *std::move(answer)});
  }
  return joined(answers);
}

Result<OpenAnswer> OpenServer::ask(const Caller& caller, const OpenUse& use) {
  return ask(caller, OpenPrincipal{}, use);
}

Result<OpenAnswer> OpenServer::ask(const Caller& caller, const OpenPrincipal& principal,
                                   const OpenUse& use) {
  const OpenCaller* open = principal.caller;
  const request::Mapping& mapping = server_->mapping;
  request::Call call = call_about(use);
  const bool tool = use.action == ActionWord::call_tool;
  if (tool && server_->pinned) call.pinned = server_->pinned->find(use.tool);
  if (tool && claimed_) call.claimed = claimed_->find(use.tool);
  call.input_unknown = use.arguments.empty();
  simdjson::dom::parser parser;
  simdjson::dom::element arguments;
  if (!use.arguments.empty()) {
    if (parser.parse(use.arguments.data(), use.arguments.size()).get(arguments) !=
            simdjson::SUCCESS ||
        !arguments.is_object()) {
      return Error{ErrorCode::message_shape, "the arguments are no JSON object", {}, 0, 0};
    }
    call.arguments = &arguments;
    call.arguments_text = use.arguments;
  }
  Arena arena;
  policy::RequestSymbols symbols(server_->engine->symbols(), arena);
  const request::SessionFacts facts;
  request::Question question(mapping, &caller, facts, symbols, scratch_,
                             request::Detail::everything);
  policy::cedar::PartialRequest asked;
  OpenAnswer refused;
  refused.code = question.ask(call, asked.request);
  if (refused.code != ErrorCode::none) return refused;
  asked.request.context = without_session(
      asked.request.context, mapping.field(request::FieldWord::session, symbols), arena);
  if (!tool) {
    asked.request.resource = policy::kNoEntity;
    asked.resource_type = mapping.type(
        use.action == ActionWord::get_prompt ? TypeWord::prompt : TypeWord::resource, symbols);
  }
  if (open != nullptr && open->entity == policy::kNoEntity) {
    asked.request.principal = policy::kNoEntity;
    asked.principal_type = mapping.type(open->type, symbols);
  } else if (open != nullptr) {
    asked.request.principal = define_caller(mapping, *open, principal.kind, symbols);
  }
  std::optional<policy::Uid> shown_open;
  if (open != nullptr && is_member(*open)) {
    const policy::EntityId uid = asked.request.principal;
    shown_open = {symbols.text(symbols.type(uid)), symbols.id(uid)};
  }
  Result<OpenAnswer> answer =
      answer_of(*server_->engine, asked, server_->settings.policy_errors, arena, shown_open);
  const bool anonymous =
      open == nullptr ? caller.kind == CallerKind::anonymous : open->type == TypeWord::anonymous;
  if (answer && anonymous) only_by_name(*answer, *server_);
  return answer;
}

}  // namespace mcpgov::cli
