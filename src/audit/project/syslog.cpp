// Syslog: RFC 5424 messages.
// Tested by tests/audit/project/syslog_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "audit/project/escapes.hpp"
#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "wire/spans.hpp"

namespace mcpgov::audit {

namespace {

// Section 6.2.1, table 2.
unsigned severity(const ParsedEvent& event) {
  switch (weight(event)) {
    case Weight::usual: break;
    case Weight::refused:
    case Weight::refused_destructive:
    case Weight::trouble: return 4;
    case Weight::broken: return 2;
  }
  return 5;
}

// Of one value of the structured data: the whole of it stays far below the 2,048 octets that every
// receiver should take (section 6.1).
constexpr std::size_t kParameterBytes = 128;

void parameter(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(" ").append(name).append("=\"");
  append_escaped(out, whole_characters(value, kParameterBytes), "\\\"]");
  out += '"';
}

void structured(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings,
                bool cut) {
  out.append("[mcpgov@").append(std::to_string(settings.syslog_enterprise));
  parameter(out, "id", event.id);
  parameter(out, "log", event.log);
  if (event.seq != 0) parameter(out, "seq", std::to_string(event.seq));
  if (event.is_message()) {
    parameter(out, "method", event.method);
    parameter(out, "target", event.target);
    parameter(out, "server", event.server);
    parameter(out, "issuer", event.caller.issuer);
    parameter(out, "subject", event.caller.subject);
    parameter(out, "session", event.session);
    parameter(out, "decision", event.decided_allow ? "allow" : "deny");
    parameter(out, "enforced", event.enforced ? "true" : "false");
    parameter(out, "outcome", event.outcome);
  }
  if (cut) parameter(out, "cut", "true");
  out += ']';
}

// The event without its content, and without other members whose text is longer than `bytes`; still
// one JSON object.
std::string without_long(std::string_view json, std::size_t bytes) {
  std::string out = "{";
  wire::MemberSpans members(json);
  for (wire::MemberSpans::Member member; members.next(member);) {
    const bool content = member.key == "\"arguments\"" || member.key == "\"result\"";
    if (content || member.value.size() > bytes) continue;
    if (out.size() > 1) out += ',';
    out.append(member.key).append(":").append(member.value);
  }
  return out += '}';
}

}  // namespace

bool append_syslog(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings) {
  // Sizes of header fields: section 6.
  std::string head =
      "<" + std::to_string(std::min<unsigned>(settings.syslog_facility, 23) * 8 + severity(event)) +
      ">1 ";
  head.append(event.time).append(" ");
  append_header_field(head, settings.host_name, 255);
  head += ' ';
  append_header_field(head, settings.syslog_app_name, 48);
  head += ' ';
  append_header_field(head, settings.syslog_process, 128);
  head += ' ';
  append_header_field(head, event.kind, 32);
  head += ' ';
  std::string message;
  if (settings.syslog_cef) {
    append_cef(message, event);
  } else {
    append_json_line(message, event);
  }
  // The mark that says that the message is UTF-8 (section 6.4).
  constexpr std::string_view kUtf8 = " \xef\xbb\xbf";
  std::string data;
  structured(data, event, settings, false);
  const std::size_t limit = settings.syslog_bytes;
  if (head.size() + data.size() + kUtf8.size() + message.size() > limit) {
    data.clear();
    structured(data, event, settings, true);
    const std::size_t other = head.size() + data.size() + kUtf8.size();
    const std::string whole = message;
    for (std::size_t most = limit; !settings.syslog_cef && other + message.size() > limit;
         most /= 2) {
      message = without_long(whole, most);
      if (most == 0) break;
    }
  }
  out.append(head).append(data);
  const std::size_t used = head.size() + data.size() + kUtf8.size();
  if (used < limit) out.append(kUtf8).append(whole_characters(message, limit - used));
  return true;
}

}  // namespace mcpgov::audit
