// `subscriptions/listen`: denied entries are taken out, the rest passes.
// Tested by tests/governor/listen_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/listen.hpp"

#include "governor/call.hpp"
#include "wire/spans.hpp"
#include "wire/splice.hpp"

namespace mcpgov::detail {

namespace {

bool permitted(Call& call, const wire::ListenEntry& entry) {
  if (entry.refusal.refused()) return false;
  if (entry.kind == wire::TargetKind::task) {
    const SessionOptions& options = call.session.options();
    return call.session.governor().tasks().owns(options.tenant, options.server, entry.name,
                                                *call.caller);
  }
  return ask(call, {wire::Method::resources_subscribe, wire::TargetKind::resource, entry.name,
                    false}) == ErrorCode::none;
}

// Marks the elements of one array of entries; true when any is to go.
bool mark_denied(Call& call, std::string_view array, std::string& marks) {
  bool any = false;
  wire::ElementSpans elements(array);
  for (std::string_view element; elements.next(element);) {
    bool keep = false;
    for (const wire::ListenEntry& entry : call.message->listen) {
      if (entry.raw.data() == element.data()) keep = permitted(call, entry);
    }
    marks.push_back(keep ? '\0' : '\1');
    any = any || !keep;
  }
  return any;
}

}  // namespace

void judge_listen(Call& call) {
  call.facts.allowed = true;
  call.facts.reason = ErrorCode::none;
  if (call.message->listen.empty()) return;
  wire::Splice splice(call.message->raw);
  for (const std::string_view pointer :
       {"/notifications/resourceSubscriptions", "/notifications/taskIds"}) {
    std::string_view array;
    std::string marks;
    if (!wire::find_value(call.message->params, pointer, array)) continue;
    if (!mark_denied(call, array, marks)) continue;
    splice.remove_elements(array,
                           {reinterpret_cast<const unsigned char*>(marks.data()), marks.size()});
  }
  // What one entry's question left behind says nothing about the message as a whole.
  call.facts.policies = {};
  call.facts.waived = false;
  call.errors = {};
  if (splice.empty()) return;
  if (!splice.apply(call.bench.text)) {
    call.facts.allowed = false;
    call.facts.reason = ErrorCode::internal;
    return;
  }
  call.facts.bytes = call.bench.arena.copy(std::string_view(call.bench.text));
  call.facts.reason = ErrorCode::list_entry_removed;
}

}  // namespace mcpgov::detail
