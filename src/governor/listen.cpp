// `subscriptions/listen`: denied entries are taken out, the rest passes.
// Tested by tests/governor/listen_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/listen.hpp"

#include <algorithm>

#include "governor/call.hpp"
#include "wire/spans.hpp"
#include "wire/splice.hpp"

namespace mcpgov::detail {

namespace {

bool permitted(Call& call, const wire::ListenEntry& entry) {
  if (entry.refusal.refused()) return false;
  const bool task = entry.kind == wire::TargetKind::task;
  if (task && !call.session.owns_task(entry.name, *call.caller)) return false;
  const bool waived = call.facts.waived;
  call.facts.waived = false;
  const ErrorCode asked =
      ask(call, {task ? wire::Method::tasks_get : wire::Method::resources_subscribe, entry.kind,
                 entry.name, false});
  call.facts.waived = call.facts.waived || waived;
  return asked == ErrorCode::none;
}

// Marks the elements of one array of entries; true when any is to go. The entries of an array stand
// in its order, so both are walked once; an element without an entry is not known, and goes.
bool mark_denied(Call& call, std::string_view array, std::string& marks) {
  const auto entries = call.message->listen;
  auto entry = std::find_if(entries.begin(), entries.end(), [&](const wire::ListenEntry& each) {
    return each.raw.data() > array.data() && each.raw.data() < array.data() + array.size();
  });
  bool any = false;
  wire::ElementSpans elements(array);
  for (std::string_view element; elements.next(element);) {
    const bool known = entry != entries.end() && entry->raw.data() == element.data();
    const bool keep = known && permitted(call, *entry);
    if (known) ++entry;
    marks.push_back(keep ? '\0' : '\1');
    any = any || !keep;
  }
  return any;
}

}  // namespace

void judge_listen(Call& call) {
  // Each entry is a question of its own, so their number is bounded like that of members.
  if (call.message->listen.size() > call.pin.snapshot->config.limits.wire.members) {
    call.facts.reason = ErrorCode::message_too_many_members;
    return;
  }
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
  // What the last entry's question left behind says nothing about the message as a whole; that one
  // of them was waived does.
  call.facts.policies = {};
  call.errors = {};
  call.facts.allowed = true;
  if (!call.facts.waived) call.facts.reason = ErrorCode::none;
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
