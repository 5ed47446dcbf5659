// The method table: every method of the five revisions, who may send it, and what it acts on.
// Tested by tests/wire/methods_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>

#include "base/hash.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::wire {
namespace {

constexpr std::array<std::string_view, 6> kRevisions = {"",           "2024-11-05", "2025-03-26",
                                                        "2025-06-18", "2025-11-25", "2026-07-28"};

constexpr std::uint8_t bit(Revision revision) noexcept {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(revision));
}

constexpr std::uint8_t N = 0;  // never
constexpr std::uint8_t I = bit(Revision::v2025_06_18);
constexpr std::uint8_t T = bit(Revision::v2025_11_25);  // the revision of experimental tasks
constexpr std::uint8_t M = bit(Revision::v2026_07_28);  // modern
constexpr std::uint8_t L =
    bit(Revision::v2024_11_05) | bit(Revision::v2025_03_26) | I | T;  // legacy
constexpr std::uint8_t A = L | M;                                     // all

constexpr Kind Q = Kind::request;
constexpr Kind E = Kind::notification;
using enum Method;
using enum TargetKind;

// Sources: the unions ClientRequest, ClientNotification, ServerRequest and ServerNotification of
// each revision's schema. `tasks/get|update|cancel` and `notifications/tasks` of 2026-07-28 are of
// the extension io.modelcontextprotocol/tasks, which that schema does not contain.
constexpr std::array<MethodRow, 37> kTable = {{
    {unknown, "", Q, N, N, none, ""},
    {completion_complete, "completion/complete", Q, A, N, reference, "/ref"},
    {elicitation_create, "elicitation/create", Q, N, I | T, none, ""},
    {initialize, "initialize", Q, L, N, none, ""},
    {logging_set_level, "logging/setLevel", Q, L, N, none, ""},
    {ping, "ping", Q, L, L, none, ""},
    {prompts_get, "prompts/get", Q, A, N, prompt, "/name"},
    {prompts_list, "prompts/list", Q, A, N, prompt_list, ""},
    {resources_list, "resources/list", Q, A, N, resource_list, ""},
    {resources_read, "resources/read", Q, A, N, resource, "/uri"},
    {resources_subscribe, "resources/subscribe", Q, L, N, resource, "/uri"},
    {resources_templates_list, "resources/templates/list", Q, A, N, resource_template_list, ""},
    {resources_unsubscribe, "resources/unsubscribe", Q, L, N, resource, "/uri"},
    {roots_list, "roots/list", Q, N, L, none, ""},
    {sampling_create_message, "sampling/createMessage", Q, N, L, none, ""},
    {server_discover, "server/discover", Q, M, N, none, ""},
    {subscriptions_listen, "subscriptions/listen", Q, M, N, subscription_set, "/notifications"},
    {tasks_cancel, "tasks/cancel", Q, T | M, T, task, "/taskId"},
    {tasks_get, "tasks/get", Q, T | M, T, task, "/taskId"},
    {tasks_list, "tasks/list", Q, T, T, task_list, ""},
    {tasks_result, "tasks/result", Q, T, T, task, "/taskId"},
    {tasks_update, "tasks/update", Q, M, N, task, "/taskId"},
    {tools_call, "tools/call", Q, A, N, tool, "/name"},
    {tools_list, "tools/list", Q, A, N, tool_list, ""},
    {note_cancelled, "notifications/cancelled", E, A, A, none, ""},
    {note_elicitation_complete, "notifications/elicitation/complete", E, N, T, none, ""},
    {note_initialized, "notifications/initialized", E, L, N, none, ""},
    {note_message, "notifications/message", E, N, A, none, ""},
    {note_progress, "notifications/progress", E, L, A, none, ""},
    {note_prompts_list_changed, "notifications/prompts/list_changed", E, N, A, none, ""},
    {note_resources_list_changed, "notifications/resources/list_changed", E, N, A, none, ""},
    {note_resources_updated, "notifications/resources/updated", E, N, A, resource, "/uri"},
    {note_roots_list_changed, "notifications/roots/list_changed", E, L, N, none, ""},
    {note_subscriptions_acknowledged, "notifications/subscriptions/acknowledged", E, N, M,
     subscription_set, "/notifications"},
    {note_tasks, "notifications/tasks", E, N, M, task, "/taskId"},
    {note_tasks_status, "notifications/tasks/status", E, T, T, task, "/taskId"},
    {note_tools_list_changed, "notifications/tools/list_changed", E, N, A, none, ""},
}};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].method) != i) return false;
    if (i > 1 && kTable[i].kind == kTable[i - 1].kind && kTable[i].name <= kTable[i - 1].name) {
      return false;
    }
  }
  return true;
}
static_assert(rows_in_order(), "row m describes method m; names are sorted within a kind");

// A table of twice the rows makes a lookup one hash and, nearly always, one comparison.
constexpr std::size_t kSlots = 128;
constexpr std::size_t slot_of(std::string_view name) noexcept {
  // Length, the first letter after the prefix and the last ones differ among the methods.
  const std::size_t size = name.size();
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
  return (size * 5 + at(size - 1) * 31U + at(size / 2) * 7U + at(size - 3) * 17U) % kSlots;
}
constexpr std::array<std::uint8_t, kSlots> make_slots() {
  std::array<std::uint8_t, kSlots> slots = {};
  for (std::size_t row = 1; row < kTable.size(); ++row) {
    std::size_t slot = slot_of(kTable[row].name);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint8_t>(row);
  }
  return slots;
}
constexpr auto kSlotRows = make_slots();

}  // namespace

std::string_view revision_text(Revision revision) noexcept {
  const auto index = static_cast<std::size_t>(revision);
  return index < kRevisions.size() ? kRevisions[index] : std::string_view();
}

Revision revision_from(std::string_view text) noexcept {
  for (std::size_t i = 1; i < kRevisions.size(); ++i) {
    if (kRevisions[i] == text) return static_cast<Revision>(i);
  }
  return Revision::none;
}

std::span<const MethodRow> method_table() noexcept {
  return kTable;
}

const MethodRow& method_row(Method method) noexcept {
  const auto index = static_cast<std::size_t>(method);
  return kTable[index < kTable.size() ? index : 0];
}

Method method_from(std::string_view name) noexcept {
  constexpr std::size_t kShortest = 4;  // `ping`; slot_of reads three bytes from the end
  if (name.size() < kShortest) return Method::unknown;
  for (std::size_t slot = slot_of(name); kSlotRows[slot] != 0; slot = (slot + 1) % kSlots) {
    const MethodRow& row = kTable[kSlotRows[slot]];
    if (same_text(row.name, name)) return row.method;
  }
  return Method::unknown;
}

}  // namespace mcpgov::wire
