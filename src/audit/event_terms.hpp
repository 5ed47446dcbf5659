// What of an event can be asked for: fields and their values.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/project/parsed_event.hpp"

namespace mcpgov::audit {

// Values are pinned: they are part of the keys of stored indexes.
enum class Field : std::uint8_t {
  id = 1,       // of the event, or its trace: both are unique enough to share
  session = 2,  // `session.id` or `connection`
  caller = 3,   // anybody in whose name: caller, actors, workload, client
  server = 4,
  target = 5,
  outcome = 6,
  decision = 7,  // `allow`, `deny`
  policy = 8,
  tenant = 9,
  method = 10,
};

// Calls term(field, value) for each value that is not empty. A party is found by `subject` and by
// `issuer#subject`. Throws: std::bad_alloc.
template <class Term>
void for_each_term(const ParsedEvent& event, Term&& term) {
  const auto say = [&](Field field, std::string_view value) {
    if (!value.empty()) term(field, value);
  };
  const auto party = [&](const ParsedParty& who) {
    say(Field::caller, who.subject);
    if (who.issuer.empty() || who.subject.empty()) return;
    std::string full(who.issuer);
    full += '#';
    full += who.subject;
    say(Field::caller, full);
  };
  say(Field::id, event.id);
  say(Field::id, event.trace_id);
  say(Field::session, event.session);
  say(Field::session, event.connection);
  party(event.caller);
  for (const ParsedParty& actor : event.actors) party(actor);
  party(event.workload);
  say(Field::caller, event.client);
  say(Field::caller, event.claimed);
  say(Field::server, event.server);
  say(Field::target, event.target);
  say(Field::outcome, event.outcome);
  say(Field::decision, event.decided_allow ? "allow" : "deny");
  for (const std::string_view policy : event.policies) say(Field::policy, policy);
  say(Field::tenant, event.tenant);
  say(Field::method, event.method);
}

}  // namespace mcpgov::audit
