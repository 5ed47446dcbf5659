// The names of the `agent` mapping, resolved once per snapshot.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcpgov::request {

// X(enumerator, text): attributes and context fields.
#define MCPGOV_REQUEST_FIELDS(X)        \
  X(input, "input")                     \
  X(session, "session")                 \
  X(actor, "actor")                     \
  X(workload, "workload")               \
  X(pinned, "pinned")                   \
  X(claimed, "claimed")                 \
  X(id, "id")                           \
  X(source, "source")                   \
  X(time, "time")                       \
  X(source_ip, "source_ip")             \
  X(transport, "transport")             \
  X(read_only, "readOnlyHint")          \
  X(destructive, "destructiveHint")     \
  X(idempotent, "idempotentHint")       \
  X(open_world, "openWorldHint")        \
  X(title, "title")                     \
  X(issuer, "issuer")                   \
  X(subject, "subject")                 \
  X(client, "client")                   \
  X(tenant, "tenant")                   \
  X(scopes, "scopes")                   \
  X(groups_complete, "groups_complete") \
  X(scheme, "scheme")                   \
  X(host, "host")                       \
  X(path, "path")

// Entity types below the server's namespace.
#define MCPGOV_REQUEST_TYPES(X) \
  X(user, "User")               \
  X(agent, "Agent")             \
  X(workload, "Workload")       \
  X(anonymous, "Anonymous")     \
  X(group, "Group")             \
  X(role, "Role")               \
  X(action, "Action")           \
  X(server, "McpServer")        \
  X(prompt, "Prompt")           \
  X(resource, "Resource")       \
  X(task, "Task")               \
  X(null, "Null")               \
  X(unknown, "Unknown")

// Actions that are no tool. A tool of such a name is called `tool:<name>` (see action_id).
#define MCPGOV_REQUEST_ACTIONS(X)             \
  X(call_tool, "call_tool")                   \
  X(get_prompt, "get_prompt")                 \
  X(read_resource, "read_resource")           \
  X(subscribe_resource, "subscribe_resource") \
  X(get_task, "get_task")                     \
  X(get_task_result, "get_task_result")       \
  X(cancel_task, "cancel_task")               \
  X(update_task, "update_task")               \
  X(list_roots, "list_roots")                 \
  X(create_message, "create_message")         \
  X(elicit, "elicit")

#define MCPGOV_ENUMERATOR(name, text) name,
#define MCPGOV_TEXT(name, text) std::string_view(text),
enum class FieldWord : std::uint8_t { MCPGOV_REQUEST_FIELDS(MCPGOV_ENUMERATOR) };
enum class TypeWord : std::uint8_t { MCPGOV_REQUEST_TYPES(MCPGOV_ENUMERATOR) };
enum class ActionWord : std::uint8_t { MCPGOV_REQUEST_ACTIONS(MCPGOV_ENUMERATOR) };
inline constexpr std::array kFieldTexts{MCPGOV_REQUEST_FIELDS(MCPGOV_TEXT)};
inline constexpr std::array kTypeTexts{MCPGOV_REQUEST_TYPES(MCPGOV_TEXT)};
inline constexpr std::array kActionTexts{MCPGOV_REQUEST_ACTIONS(MCPGOV_TEXT)};
#undef MCPGOV_ENUMERATOR
#undef MCPGOV_TEXT

constexpr std::string_view text_of(FieldWord word) {
  return kFieldTexts[std::size_t(word)];
}
constexpr std::string_view text_of(TypeWord word) {
  return kTypeTexts[std::size_t(word)];
}
constexpr std::string_view text_of(ActionWord word) {
  return kActionTexts[std::size_t(word)];
}

}  // namespace mcpgov::request
