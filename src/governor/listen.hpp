// `subscriptions/listen`: many subscriptions in one request.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mcpgov::detail {

struct Call;

// Decides each resource and task entry; denied ones are taken out of facts.bytes. The request
// passes even when nothing is left, as one without entries would. Throws: std::bad_alloc.
void judge_listen(Call& call);

}  // namespace mcpgov::detail
