// Which scopes would allow what policy denies.
// Tested by tests/governor/identity_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "governor/call.hpp"
#include "governor/snapshot.hpp"
#include "wire/document.hpp"

namespace mcpgov::detail {

namespace {

using Scopes = std::vector<std::string>;

bool holds(const Scopes& scopes, const std::string& scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

// Only who has shown a token can get a better one, and only over HTTP is there a way to say so.
bool eligible(const Call& call) {
  if (call.session.options().transport == Transport::stdio || call.message == nullptr ||
      call.facts.direction != Direction::from_client || call.caller == nullptr ||
      call.message->kind != wire::Kind::request || !call.pin.snapshot->config.verifier) {
    return false;
  }
  const EvidenceKind kind = call.caller->evidence.kind;
  const wire::TargetKind target = call.message->target.kind;
  return (kind == EvidenceKind::token || kind == EvidenceKind::introspection) &&
         (target == wire::TargetKind::tool || target == wire::TargetKind::prompt ||
          target == wire::TargetKind::resource);
}

// Asks what the same message would be answered with other scopes.
class Trial {
 public:
  explicit Trial(const Call& call) : call_(call), caller_(*call.caller) {}

  bool allows(const Scopes& scopes) {
    caller_.scopes = scopes;
    return answer(false);
  }
  // With the scopes held, whatever the arguments are: what a list shows.
  bool may_list() { return answer(true); }

 private:
  bool answer(bool listing) {
    const ServerSnapshot& server = *call_.pin.server;
    const wire::Message& message = *call_.message;
    Asking asking(call_.session, call_.pin, &caller_, call_.facts.started, call_.facts.peer,
                  call_.facts.protocol_session, call_.bench);
    request::Call about{.method = message.method,
                        .target = {message.target.kind, message.target.name}};
    if (message.method == wire::Method::tools_call) {
      if (server.pinned) about.pinned = server.pinned->find(message.target.name);
      if (call_.pin.claimed) about.claimed = call_.pin.claimed->find(message.target.name);
    }
    about.input_unknown = listing;
    simdjson::dom::element arguments;
    if (!listing &&
        wire::arguments_tree(*call_.parser, message).get(arguments) == simdjson::SUCCESS) {
      about.arguments = &arguments;
      about.arguments_text = message.arguments;
    }
    policy::Request request;
    if (asking.question.ask(about, request) != ErrorCode::none) return false;
    const policy::Possible possible =
        server.engine->possible(request, server.settings.policy_errors, call_.bench.arena);
    const bool some = listing && server.settings.lists == ListRule::some;
    return some ? possible.some : possible.certain;
  }

  const Call& call_;
  Caller caller_;
};

// Drops one after the other of what is not held, as long as the rest is enough.
Scopes needed(Trial& trial, const Scopes& held, std::span<const std::string> configured) {
  Scopes enough = held;
  for (const std::string& each : configured) {
    if (!holds(held, each)) enough.push_back(each);
  }
  if (enough.size() == held.size() || !trial.allows(enough)) return {};
  for (const std::string& each : configured) {
    if (holds(held, each)) continue;
    Scopes fewer = enough;
    fewer.erase(std::find(fewer.begin(), fewer.end(), each));
    if (trial.allows(fewer)) enough = std::move(fewer);
  }
  return enough;
}

}  // namespace

void consider_step_up(Call& call) {
  if (!eligible(call)) return;
  const identity::Verifier& verifier = *call.pin.snapshot->config.verifier;
  if (verifier.scopes().empty()) return;
  Trial trial(call);
  if (!trial.may_list()) return;
  const Scopes scopes = needed(trial, call.caller->scopes, verifier.scopes());
  if (scopes.empty()) return;
  call.challenge =
      call.bench.arena.copy(std::string_view(verifier.challenge("insufficient_scope", scopes)));
  call.facts.reason = ErrorCode::scope_insufficient;
}

}  // namespace mcpgov::detail
