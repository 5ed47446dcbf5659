// The tables of protocol members, and the folding that finds look-alikes.
// Tested by tests/wire/strictness_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/members.hpp"

#include <array>
#include <span>

#include "base/hash.hpp"

namespace mcpgov::wire {
namespace {

struct Member {
  constexpr Member(std::string_view text, Slot read = Slot::noted, Place within = Place::other)
      : name(text), signature(signature_of(text)), match{Likeness::exact, read, within} {}

  std::string_view name;
  std::uint32_t signature;
  MemberMatch match;
};

constexpr Member kTop[] = {
    {"jsonrpc", Slot::jsonrpc},
    {"method", Slot::method},
    {"id", Slot::id},
    {"params", Slot::params, Place::params},
    {"result", Slot::result, Place::result},
    {"error", Slot::error, Place::error},
};

constexpr Member kParams[] = {
    {"name", Slot::name},
    {"arguments", Slot::arguments},
    {"_meta", Slot::meta, Place::meta},
    {"uri", Slot::uri},
    {"cursor", Slot::cursor},
    {"ref", Slot::ref, Place::reference},
    {"taskId", Slot::task_id},
    {"task", Slot::task},
    {"notifications", Slot::notifications, Place::notified},
    {"requestId", Slot::request_id},
    {"inputResponses", Slot::input_responses},
    {"requestState", Slot::request_state},
    {"inputRequests", Slot::noted, Place::inputs},  // of notifications/tasks
    {"protocolVersion", Slot::protocol_version},
    {"clientInfo", Slot::client_info, Place::client_info},
    {"progressToken", Slot::progress_token},
    {"capabilities"},
    {"argument"},
    {"context"},
    {"level"},
    {"status"},
    {"elicitationId"},
};

constexpr Member kMeta[] = {
    {"io.modelcontextprotocol/protocolVersion", Slot::meta_revision},
    {"io.modelcontextprotocol/clientCapabilities", Slot::meta_capabilities},
    {"io.modelcontextprotocol/clientInfo", Slot::meta_client, Place::meta_client},
    {"io.modelcontextprotocol/related-task", Slot::meta_related_task, Place::related_task},
    {"io.modelcontextprotocol/logLevel"},
    {"io.modelcontextprotocol/subscriptionId"},
    {"io.modelcontextprotocol/serverInfo"},
    {"progressToken", Slot::meta_progress_token},
    {"traceparent", Slot::meta_traceparent},
    {"tracestate", Slot::meta_tracestate},
    {"baggage"},
};

constexpr Member kReference[] = {
    {"type", Slot::ref_type}, {"name", Slot::ref_name}, {"uri", Slot::ref_uri}};

constexpr Member kNotified[] = {
    {"resourceSubscriptions", Slot::resource_subscriptions},
    {"taskIds", Slot::task_ids},
    {"toolsListChanged", Slot::tools_changed},
    {"promptsListChanged", Slot::prompts_changed},
    {"resourcesListChanged", Slot::resources_changed},
};

constexpr Member kClientInfo[] = {{"name", Slot::client_name}, {"version"}};
constexpr Member kMetaClient[] = {{"name", Slot::meta_client_name}, {"version"}};
constexpr Member kRelatedTask[] = {{"taskId", Slot::related_task_id}};

constexpr Member kResult[] = {
    {"tools", Slot::noted, Place::items},
    {"prompts", Slot::noted, Place::items},
    {"resources", Slot::noted, Place::items},
    {"resourceTemplates", Slot::noted, Place::items},
    {"tasks", Slot::noted, Place::items},
    {"inputRequests", Slot::noted, Place::inputs},
    {"task", Slot::noted, Place::item},
    {"nextCursor"},
    {"resultType"},
    {"requestState"},
    {"cacheScope"},
    {"ttlMs"},
    {"content"},
    {"contents"},
    {"structuredContent"},
    {"isError"},
    {"taskId"},
    {"status"},
    {"result"},
    {"protocolVersion"},
    {"capabilities"},
    {"_meta"},
};

constexpr Member kItem[] = {
    {"name"},      {"uri"},         {"uriTemplate"},
    {"taskId"},    {"inputSchema"}, {"annotations", Slot::noted, Place::annotated},
    {"execution"},
};

constexpr Member kAnnotated[] = {
    {"readOnlyHint"}, {"destructiveHint"}, {"idempotentHint"}, {"openWorldHint"}, {"title"}};
constexpr Member kInput[] = {{"method"}, {"params"}};
constexpr Member kError[] = {{"code", Slot::error_code}, {"message", Slot::error_message}};

constexpr std::span<const Member> members_of(Place place) noexcept {
  switch (place) {
    case Place::top: return kTop;
    case Place::params: return kParams;
    case Place::meta: return kMeta;
    case Place::reference: return kReference;
    case Place::notified: return kNotified;
    case Place::client_info: return kClientInfo;
    case Place::meta_client: return kMetaClient;
    case Place::related_task: return kRelatedTask;
    case Place::result: return kResult;
    case Place::item: return kItem;
    case Place::annotated: return kAnnotated;
    case Place::input: return kInput;
    case Place::error: return kError;
    case Place::items:
    case Place::inputs:
    case Place::other: break;
  }
  return {};
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Longer than the longest member of any table.
constexpr std::size_t kFoldedBytes = 48;

struct Folded {
  std::array<char, kFoldedBytes> bytes = {};
  std::size_t size = 0;  // 0: no protocol member folds to this

  std::string_view text() const noexcept { return {bytes.data(), size}; }
};

// Unicode simple case folding as far as it ends in ASCII: beside the letters, only U+017F folds to
// `s` and U+212A to `k` (CaseFolding.txt, status C).
Folded fold(std::string_view name) noexcept {
  constexpr std::string_view kLongS = "\xc5\xbf";
  constexpr std::string_view kKelvin = "\xe2\x84\xaa";
  Folded folded;
  for (std::size_t at = 0; at < name.size();) {
    if (folded.size == kFoldedBytes) return {};
    char c = name[at];
    std::size_t size = 1;
    if (name.substr(at, kLongS.size()) == kLongS) {
      c = 's';
      size = kLongS.size();
    } else if (name.substr(at, kKelvin.size()) == kKelvin) {
      c = 'k';
      size = kKelvin.size();
    }
    folded.bytes[folded.size++] = lower(c);
    at += size;
  }
  return folded;
}

bool folds_to(std::string_view member, std::string_view folded) noexcept {
  if (member.size() != folded.size()) return false;
  for (std::size_t i = 0; i < member.size(); ++i) {
    if (lower(member[i]) != folded[i]) return false;
  }
  return true;
}

}  // namespace

const MemberMatch& match_member(Place place, std::string_view name,
                                std::uint32_t signature) noexcept {
  static constexpr MemberMatch kUnrelated;
  static constexpr MemberMatch kVariant{Likeness::variant, Slot::noted, Place::other};
  const std::span<const Member> members = members_of(place);
  for (const Member& member : members) {
    if (member.signature == signature && same_text(member.name, name)) {
      return member.match;
    }
  }
  if (members.empty() || name.empty()) return kUnrelated;
  const Folded folded = fold(name);
  for (const Member& member : members) {
    if (folds_to(member.name, folded.text())) return kVariant;
  }
  return kUnrelated;
}

}  // namespace mcpgov::wire
