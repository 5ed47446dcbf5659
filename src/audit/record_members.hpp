// Members that the JSON line of a record and the event of a log have in common.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// Out: JsonWriter or JsonBuffer.

template <class Out>
void string_if(Out& out, std::string_view key, std::string_view value) {
  if (!value.empty()) out.string(key, value);
}

template <class Out>
void strings_if(Out& out, std::string_view key, std::span<const std::string_view> values) {
  if (values.empty()) return;
  out.open_array(key);
  for (const std::string_view value : values) out.element(value);
  out.close_array();
}

template <class Out>
void append_party(Out& out, std::string_view key, const Actor& party) {
  out.open_object(key);
  out.string("kind", kind_name(party.kind));
  out.string("issuer", party.issuer);
  out.string("subject", party.subject);
  out.close_object();
}

// What the library has verified itself; what a host or the configuration says needs none.
template <class Out>
void append_evidence(Out& out, const Caller& caller) {
  string_if(out, "acr", caller.acr);
  if (caller.auth_time_s != 0) out.number("auth_time", caller.auth_time_s);
  if (caller.evidence.kind < EvidenceKind::token) return;
  out.open_object("evidence");
  out.string("kind", evidence_name(caller.evidence.kind));
  string_if(out, "token_id", caller.evidence.token_id);
  string_if(out, "key_id", caller.evidence.key_id);
  string_if(out, "algorithm", caller.evidence.algorithm);
  string_if(out, "bound_to", caller.evidence.bound_to);
  out.close_object();
}

// On whose behalf and from where a caller calls, and what vouches for it.
template <class Out>
void append_standing(Out& out, const Caller& caller) {
  if (!caller.actors.empty()) {
    out.open_array("actors");
    for (const Actor& actor : caller.actors) append_party(out, {}, actor);
    out.close_array();
  }
  if (caller.workload.kind != CallerKind::none) append_party(out, "workload", caller.workload);
  append_evidence(out, caller);
}

}  // namespace mcpgov::audit
