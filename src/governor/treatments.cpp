// The method table of the governor: what passes, what is filtered, what is decided.
// Tested by tests/governor/methods_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/config.hpp"

namespace mcpgov {

Treatment default_treatment(wire::Method method) noexcept {
  using enum wire::Method;
  switch (method) {
    case initialize:
    case ping:
    case server_discover:
    case logging_set_level:
    case note_cancelled:
    case note_elicitation_complete:
    case note_initialized:
    case note_message:
    case note_progress:
    case note_prompts_list_changed:
    case note_resources_list_changed:
    case note_roots_list_changed:
    case note_subscriptions_acknowledged:
    case note_tools_list_changed: return Treatment::pass;

    case tools_list:
    case prompts_list:
    case resources_list:
    case resources_templates_list:
    case tasks_list:
    case note_resources_updated:  // by URI
    case note_tasks:              // by owner of the task
    case note_tasks_status: return Treatment::filter;

    case tools_call:
    case prompts_get:
    case resources_read:
    case resources_subscribe:
    case resources_unsubscribe:
    case subscriptions_listen:
    case completion_complete:
    case tasks_get:
    case tasks_result:
    case tasks_cancel:
    case tasks_update:
    case roots_list:
    case sampling_create_message:
    case elicitation_create: return Treatment::decide;

    case unknown: return Treatment::deny;
  }
  return Treatment::deny;
}

}  // namespace mcpgov
