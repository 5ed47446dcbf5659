// Lists, filtered to what the caller could use.
// Tested by tests/governor/lists_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/lists.hpp"

#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "governor/snapshot.hpp"
#include "wire/document.hpp"
#include "wire/names.hpp"
#include "wire/spans.hpp"
#include "wire/splice.hpp"

namespace mcpgov::detail {

namespace {

// Where a list stands in its result, what names an item, and what using an item would be.
struct Shape {
  std::string_view member;
  std::string_view name;
  wire::TargetKind kind;
};

Shape shape_of(wire::Method method) noexcept {
  using enum wire::Method;
  switch (method) {
    case tools_list: return {"tools", "name", wire::TargetKind::tool};
    case prompts_list: return {"prompts", "name", wire::TargetKind::prompt};
    case resources_list: return {"resources", "uri", wire::TargetKind::resource};
    case resources_templates_list:
      return {"resourceTemplates", "uriTemplate", wire::TargetKind::resource_template};
    default: return {"tasks", "taskId", wire::TargetKind::task};
  }
}

// What could not be asked for by this name is not shown by it either.
bool well_named(wire::TargetKind kind, std::string_view name) noexcept {
  switch (kind) {
    case wire::TargetKind::resource: return wire::check_uri(name) == ErrorCode::none;
    case wire::TargetKind::resource_template:
      return wire::check_uri_template(name) == ErrorCode::none;
    case wire::TargetKind::task: return wire::check_handle(name) == ErrorCode::none;
    default: return wire::check_name(name) == ErrorCode::none;
  }
}

// Asks about one item after another.
class ItemFilter {
 public:
  ItemFilter(const VerdictState& question, Workbench& bench)
      : question_(question),
        server_(*question.pin->server),
        bench_(bench),
        asking_(*question.session, *question.pin, question.caller.get(), question.facts.started,
                question.facts.peer, {}, bench) {}

  bool shows(wire::TargetKind kind, std::string_view name) {
    if (kind == wire::TargetKind::task && !question_.session->owns_task(name, *question_.caller)) {
      return false;
    }
    request::Call call{.method = question_.facts.method, .target = {kind, name}};
    call.input_unknown = true;
    if (kind == wire::TargetKind::tool) {
      if (server_.pinned) call.pinned = server_.pinned->find(name);
      if (question_.pin->claimed) call.claimed = question_.pin->claimed->find(name);
    }
    policy::Request request;
    if (asking_.question.ask(call, request) != ErrorCode::none) return false;
    if (!list_) {
      list_.emplace(*server_.engine, asking_.question.principal(), asking_.symbols,
                    server_.mapping.varying(), server_.settings.policy_errors, bench_.arena);
    }
    const policy::Possible possible =
        list_->probe(request.action, request.resource, request.context);
    return server_.settings.lists == ListRule::certain ? possible.certain : possible.some;
  }

 private:
  const VerdictState& question_;
  const ServerSnapshot& server_;
  Workbench& bench_;
  Asking asking_;
  std::optional<policy::cedar::ListQuestion> list_;
};

// The cursor of a result for its caller alone, as JSON; empty: there is none, or it stays.
std::string sealed_cursor(const VerdictState& question, const simdjson::dom::object& result) {
  std::string_view cursor;
  const SessionCore& session = *question.session;
  if (question.caller == nullptr || !seals_cursors(session, *question.caller) ||
      result["nextCursor"].get(cursor) != simdjson::SUCCESS) {
    return {};
  }
  std::string out;
  append_json_string(
      out, session.governor().cursors().close({session.options().tenant, session.options().server,
                                               question.facts.method, question.caller.get()},
                                              cursor));
  return out;
}

FilteredAnswer unclassified() {
  return {.reason = ErrorCode::item_unclassified};
}

}  // namespace

FilteredAnswer filter_list(const VerdictState& question, const wire::Message& message,
                           Workbench& bench) {
  const Shape shape = shape_of(question.facts.method);
  simdjson::dom::object result;
  simdjson::dom::array items;
  std::string_view items_text;
  if (wire::result_tree(bench.parser, message).get(result) != simdjson::SUCCESS ||
      result[shape.member].get(items) != simdjson::SUCCESS ||
      !wire::find_member(message.result, shape.member, items_text)) {
    return unclassified();
  }
  const bool observing =
      question.pin->server->settings.observe_until_us > question.facts.started.wall_us &&
      shape.kind != wire::TargetKind::task;
  ItemFilter filter(question, bench);
  auto* const marks = bench.arena.array<unsigned char>(items.size());
  std::size_t count = 0;
  FilteredAnswer out{.bytes = message.raw,
                     .outcome = audit::Outcome::completed,
                     .reason = ErrorCode::none,
                     .items = static_cast<std::uint32_t>(items.size())};
  for (const simdjson::dom::element item : items) {
    std::string_view name;
    const bool named =
        item[shape.name].get(name) == simdjson::SUCCESS && well_named(shape.kind, name);
    // An item that cannot be judged is left out, whatever the mode.
    const bool shown = named && (observing || filter.shows(shape.kind, name));
    marks[count++] = shown ? 0 : 1;
    out.removed += shown ? 0 : 1;
  }
  const bool relabel = wire::is_modern(question.facts.revision);
  const std::string next = sealed_cursor(question, result);
  if (out.removed == 0 && !relabel && next.empty()) return out;
  wire::Splice splice(message.raw);
  splice.remove_elements(items_text, {marks, count});
  std::vector<wire::Splice::Member> members;
  if (relabel) members = {{"cacheScope", "\"private\""}, {"ttlMs", "0"}};
  if (!next.empty()) members.push_back({"nextCursor", next});
  if (!members.empty()) splice.set_members(message.result, members);
  if (!splice.apply(bench.text)) return unclassified();
  out.bytes = bench.arena.copy(std::string_view(bench.text));
  return out;
}

}  // namespace mcpgov::detail
