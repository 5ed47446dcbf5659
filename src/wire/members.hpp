// The members of protocol objects: which there are, and which keys only look like one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcpgov::wire {

// The kind of object a member is in, as far as the protocol gives its members a meaning here.
enum class Place : std::uint8_t {
  other,  // anything else: arguments, schemas, content
  top,
  params,
  meta,
  reference,     // params.ref
  notified,      // params.notifications: what is subscribed to
  client_info,   // params.clientInfo of initialize
  meta_client,   // _meta clientInfo
  related_task,  // _meta related-task
  result,
  items,      // the arrays of result that are filtered: their elements are of Place::item
  item,       // a tool, prompt, resource, template or task
  annotated,  // annotations of a tool
  inputs,     // result.inputRequests: its values are of Place::input
  input,      // {method, params} of 2026-07-28
  error,
};

// A member whose value is read. `noted` are members that only must not have a look-alike.
enum class Slot : std::uint8_t {
  jsonrpc,
  id,
  method,
  params,
  result,
  error,
  name,
  arguments,
  uri,
  meta,
  cursor,
  ref,
  task_id,
  task,
  notifications,
  request_id,
  input_responses,
  request_state,
  protocol_version,
  client_info,
  progress_token,  // params.progressToken of notifications/progress
  meta_revision,
  meta_capabilities,
  meta_client,
  meta_progress_token,
  meta_traceparent,
  meta_tracestate,
  meta_related_task,
  related_task_id,
  client_name,
  meta_client_name,
  ref_type,
  ref_name,
  ref_uri,
  resource_subscriptions,
  task_ids,
  tools_changed,
  prompts_changed,
  resources_changed,
  error_code,
  error_message,
  noted,
};
inline constexpr std::size_t kSlots = static_cast<std::size_t>(Slot::noted);
static_assert(kSlots < 64, "a set of slots is one word");

enum class Likeness : std::uint8_t { unrelated, exact, variant };

struct MemberMatch {
  Likeness likeness = Likeness::unrelated;
  Slot slot = Slot::noted;
  Place inside = Place::other;  // the place of the value, when it is an object or an array of them
};

// Equal names have equal ones; few others do.
constexpr std::uint32_t signature_of(std::string_view name) noexcept {
  if (name.empty()) return 0;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at]));
  };
  const auto size = static_cast<std::uint32_t>(name.size());
  return size << 24 | byte(0) << 16 | byte(name.size() / 2) << 8 | byte(name.size() - 1);
}

// What the key `name` (decoded) is in an object at `place`; signature: signature_of(name).
// variant: it is no protocol member but equals one under Unicode simple case folding, so that some
// readers take it for one. Gives one of the entries of the tables, which live as long as the
// program.
const MemberMatch& match_member(Place place, std::string_view name,
                                std::uint32_t signature) noexcept;

// The place of the elements of an array, or of the values of a map, at `place`.
constexpr Place place_of_elements(Place place) noexcept {
  if (place == Place::items) return Place::item;
  if (place == Place::inputs) return Place::input;
  return Place::other;
}

}  // namespace mcpgov::wire
