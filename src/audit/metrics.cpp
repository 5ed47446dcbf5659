// Counts of what happened, in tables of a fixed size.
// Tested by tests/audit/metrics_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <new>
#include <utility>

#include "base/hash.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::string_view kOther = "_OTHER";

// Codes that a server or mcpgov answers with (JSON-RPC 2.0 section 5.1, MCP 2025-11-25 and
// 2026-07-28); any other number is of its inventor's choice.
constexpr std::array<std::int64_t, 12> kCodes = {-32700, -32600, -32601, -32602, -32603, -32000,
                                                 -32001, -32002, -32020, -32021, -32022, -32042};
constexpr std::array<std::string_view, 12> kCodeTexts = {"-32700", "-32600", "-32601", "-32602",
                                                         "-32603", "-32000", "-32001", "-32002",
                                                         "-32020", "-32021", "-32022", "-32042"};
// Of these a client is to blame; they are no errors of the server (audit/project/meaning.cpp).
constexpr bool client_mistake(std::int64_t code) noexcept {
  return code == -32700 || (code <= -32600 && code >= -32602) || code == -32002;
}

// Values of `error.type` beside codes; 0 is none, codes follow.
constexpr std::array<std::string_view, 6> kErrors = {
    "", kOther, "tool_error", "mcpgov_denied", "mcpgov_withheld", "mcpgov_abandoned"};
constexpr std::uint8_t kFirstCode = kErrors.size();

// 0: there is none; 1: not one that is known; then the codes.
std::uint8_t code_index(std::int64_t code) noexcept {
  if (code == 0) return 0;
  const auto* const found = std::find(kCodes.begin(), kCodes.end(), code);
  if (found == kCodes.end()) return 1;
  return static_cast<std::uint8_t>(2 + (found - kCodes.begin()));
}

std::string_view code_text(std::uint8_t index) noexcept {
  return index == 0 ? std::string_view() : index == 1 ? kOther : kCodeTexts[index - 2];
}

std::string_view error_text(std::uint8_t index) noexcept {
  return index < kFirstCode ? kErrors[index] : kCodeTexts[index - kFirstCode];
}

// The same answers as error_type() of projections.
std::uint8_t error_index(const Record& record, const Completion& done) noexcept {
  switch (done.outcome) {
    case Outcome::cancelled: return 0;
    case Outcome::denied: return 3;
    default: break;
  }
  if (done.outcome != Outcome::pending && !record.allowed) return 3;
  if (done.outcome == Outcome::withheld) return 4;
  if (done.outcome == Outcome::abandoned) return 5;
  if (done.outcome == Outcome::unknown) return 1;
  if (done.tool_error) return 2;
  if (done.rpc_code != 0) {
    if (client_mistake(done.rpc_code) && record.direction != "from_server") return 0;
    const std::uint8_t code = code_index(done.rpc_code);
    return code == 1 ? std::uint8_t{1} : static_cast<std::uint8_t>(kFirstCode + code - 2);
  }
  return done.outcome == Outcome::failed ? std::uint8_t{1} : std::uint8_t{0};
}

// What capture counted, if it did: `{"bytes":n,"tokens":n`, as it writes them.
std::uint64_t tokens_of(const Captured& captured) noexcept {
  constexpr std::string_view kBytes = "{\"bytes\":";
  constexpr std::string_view kTokens = ",\"tokens\":";
  std::string_view json = captured.json;
  std::uint64_t tokens = 0;
  if (!json.starts_with(kBytes)) return 0;
  json.remove_prefix(std::min(json.find(',', kBytes.size()), json.size()));
  if (!json.starts_with(kTokens)) return 0;
  std::from_chars(json.data() + kTokens.size(), json.data() + json.size(), tokens);
  return tokens;
}

std::size_t bucket_of(std::uint64_t latency_ns) noexcept {
  static constexpr auto kBounds = [] {
    std::array<std::uint64_t, kDurationBounds.size()> out = {};
    for (std::size_t at = 0; at < out.size(); ++at) {
      out[at] = static_cast<std::uint64_t>(kDurationBounds[at] * 1000 + 0.5) * 1'000'000;
    }
    return out;
  }();
  // Upper bounds are part of their buckets.
  std::size_t at = 0;
  while (at < kBounds.size() && latency_ns > kBounds[at]) ++at;
  return at;
}

// A table of open addressing for `Most` keys that are not zero. Its entries are never taken out.
template <class Entry, std::size_t Most>
class Table {
 public:
  Table() { entries_.reserve(Most); }
  // Null: it is full, and the key is new.
  Entry* find(std::uint64_t key) noexcept {
    std::size_t slot = mix(key, 0x9e3779b97f4a7c15U) % kSlots;  // 2^64 / golden ratio
    while (slots_[slot] != 0) {
      Entry& entry = entries_[slots_[slot] - 1U];
      if (entry.key == key) return &entry;
      slot = (slot + 1) % kSlots;
    }
    if (entries_.size() == Most) return nullptr;
    entries_.emplace_back().key = key;  // within what was reserved
    slots_[slot] = static_cast<std::uint16_t>(entries_.size());
    return &entries_.back();
  }
  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  static constexpr std::size_t kSlots = Most * 2 + 1;
  static_assert(Most < 65536);
  std::vector<Entry> entries_;
  std::array<std::uint16_t, kSlots> slots_ = {};  // one more than the entry's place
};

enum class NameKind : std::uint8_t { none, other_tool, other_prompt, tool, prompt };

// Which of the series a message belongs to.
struct Labels {
  std::uint16_t name = 0;   // place in Names
  std::uint8_t method = 0;  // wire::Method
  std::uint8_t error = 0;
  std::uint8_t code = 0;
  std::uint8_t protocol = 0;  // wire::Revision
  bool stdio = false;
  bool by_server = false;

  std::uint64_t key() const noexcept {
    const std::uint64_t bits = (stdio ? 1U : 0U) | (by_server ? 2U : 0U) | 4U;  // never zero
    return std::uint64_t{name} << 48 | std::uint64_t{method} << 40 | std::uint64_t{error} << 32 |
           std::uint64_t{code} << 24 | std::uint64_t{protocol} << 16 | bits;
  }
};

struct Series {
  std::uint64_t key = 0;
  Labels labels;
  std::array<std::uint64_t, kDurationBounds.size() + 1> buckets = {};
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
};

struct DecisionCount {
  std::uint64_t key = 0;
  std::uint64_t count = 0;
};

// A name of a tool or prompt, and what its messages carried.
struct Name {
  std::uint64_t key = 0;
  NameKind kind = NameKind::none;
  std::string text;
  MetricsSnapshot::Content content;
};

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  std::uint64_t since_us = 0;
  // The last series is of everything beyond.
  Table<Series, kSeries> series;
  // An error code for each effect and class is far less.
  Table<DecisionCount, 4096> decisions;
  Table<Name, kNames + 3> names;
  std::array<std::uint64_t, kOutcomes> outcomes = {};

  State();
  Name& name_of(const Record& record) noexcept;
  Series& series_of(const Labels& labels) noexcept;
  std::uint16_t place(const Name& name) const noexcept {
    return static_cast<std::uint16_t>(&name - names.entries().data());
  }
};

// The first three names are not names: no target, other tools, other prompts.
Metrics::State::State() {
  for (const NameKind kind : {NameKind::none, NameKind::other_tool, NameKind::other_prompt}) {
    Name* const name = names.find(std::uint64_t{1} + static_cast<std::uint64_t>(kind));
    name->kind = kind;
    if (kind != NameKind::none) name->text = kOther;
  }
  Labels beyond;
  beyond.error = 1;
  series.find(beyond.key())->labels = beyond;
}

Name& Metrics::State::name_of(const Record& record) noexcept {
  const auto fixed = [&](NameKind kind) -> Name& {
    return *names.find(std::uint64_t{1} + static_cast<std::uint64_t>(kind));
  };
  const bool tool = record.target_kind == "tool";
  if (!tool && record.target_kind != "prompt") return fixed(NameKind::none);
  const NameKind other = tool ? NameKind::other_tool : NameKind::other_prompt;
  // Only names that a server was asked for or could have been.
  if (record.reason == ErrorCode::tool_unknown || !record.allowed) {
    // A denied tool that is reviewed is a name of ours.
    if (!tool || record.tool_class <= ToolClass::unclassified) return fixed(other);
  }
  const std::uint64_t key = hash_bytes(record.target, tool ? 1 : 2) | 0x100;
  Name* const name = names.find(key);
  if (name == nullptr) return fixed(other);
  if (name->kind == NameKind::none) {
    try {
      name->text = record.target;
      name->kind = tool ? NameKind::tool : NameKind::prompt;
    } catch (const std::bad_alloc&) {
      return fixed(other);  // the next message tries again
    }
  }
  return *name;
}

Series& Metrics::State::series_of(const Labels& labels) noexcept {
  Series* const found = series.find(labels.key());
  if (found == nullptr) {
    Labels beyond;
    beyond.error = 1;
    return *series.find(beyond.key());
  }
  found->labels = labels;
  return *found;
}

Metrics::Metrics(std::uint64_t since_us) : state_(std::make_unique<State>()) {
  state_->since_us = since_us;
}
Metrics::~Metrics() = default;

void Metrics::observe(const Event& event) noexcept {
  if (event.kind != EventKind::final) return;
  static constexpr Completion kNone;
  const Record& record = *event.record;
  const Completion& done = event.completion == nullptr ? kNone : *event.completion;
  Labels labels;
  labels.method = static_cast<std::uint8_t>(wire::method_from(record.method));
  labels.protocol = static_cast<std::uint8_t>(wire::revision_from(record.protocol));
  labels.error = error_index(record, done);
  labels.code = code_index(done.rpc_code);
  labels.stdio = record.transport == "stdio";
  labels.by_server = record.direction == "from_server";
  const std::uint64_t decision = std::uint64_t{static_cast<std::uint16_t>(record.reason)} << 8 |
                                 std::uint64_t{static_cast<std::uint8_t>(record.tool_class)} << 2 |
                                 (record.decision ? 2U : 0U) | 1U;
  const std::uint64_t argument_tokens = tokens_of(event.arguments);
  const std::uint64_t result_tokens = tokens_of(event.result);
  const auto outcome = static_cast<std::size_t>(done.outcome);

  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  Name& name = state.name_of(record);
  labels.name = state.place(name);
  name.content.argument_bytes += record.arguments_bytes;
  name.content.argument_tokens += argument_tokens;
  name.content.result_bytes += done.result_bytes;
  name.content.result_tokens += result_tokens;
  name.content.reply_bytes += done.reply_bytes;
  name.content.items_removed += done.items_removed;
  ++state.outcomes[outcome < kOutcomes ? outcome : 0];
  if (DecisionCount* const count = state.decisions.find(decision)) ++count->count;
  Series& series = state.series_of(labels);
  ++series.buckets[bucket_of(done.latency_ns)];
  ++series.count;
  series.sum_ns += done.latency_ns;
}

MetricsSnapshot Metrics::snapshot() const {
  const State& state = *state_;
  MetricsSnapshot out;
  const std::lock_guard lock(state.mutex);
  const std::vector<Name>& names = state.names.entries();
  out.since_us = state.since_us;
  out.outcomes = state.outcomes;
  for (const Series& each : state.series.entries()) {
    if (each.count == 0) continue;
    MetricsSnapshot::Operation operation;
    const Labels& labels = each.labels;
    const Name& name = names[labels.name];
    operation.by_server = labels.by_server;
    operation.method = wire::method_row(static_cast<wire::Method>(labels.method)).name;
    if (operation.method.empty()) operation.method = kOther;
    const bool prompt = name.kind == NameKind::prompt || name.kind == NameKind::other_prompt;
    (prompt ? operation.prompt : operation.tool) = name.text;
    operation.error_type = error_text(labels.error);
    operation.status_code = code_text(labels.code);
    operation.protocol = wire::revision_text(static_cast<wire::Revision>(labels.protocol));
    operation.transport = labels.stdio ? "pipe" : "tcp";
    operation.buckets = each.buckets;
    operation.count = each.count;
    operation.sum_ns = each.sum_ns;
    out.operations.push_back(std::move(operation));
  }
  for (const DecisionCount& each : state.decisions.entries()) {
    out.decisions.push_back({(each.key & 2) != 0, static_cast<ErrorCode>(each.key >> 8),
                             static_cast<ToolClass>(each.key >> 2 & 0x3f), each.count});
  }
  // Prompts and other messages together: tools are what costs.
  MetricsSnapshot::Content rest;
  for (const Name& each : names) {
    const bool tool = each.kind == NameKind::tool || each.kind == NameKind::other_tool;
    MetricsSnapshot::Content& to = tool ? out.content.emplace_back() : rest;
    if (tool) to.tool = each.text;
    to.argument_bytes += each.content.argument_bytes;
    to.argument_tokens += each.content.argument_tokens;
    to.result_bytes += each.content.result_bytes;
    to.result_tokens += each.content.result_tokens;
    to.reply_bytes += each.content.reply_bytes;
    to.items_removed += each.content.items_removed;
  }
  out.content.push_back(rest);
  return out;
}

}  // namespace mcpgov::audit
