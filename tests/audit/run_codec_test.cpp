// A record as bytes of a ring and back; bytes that are none are refused.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/run_codec.hpp"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "audit/log_support.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using mcpgov::test::Sample;

namespace {

// The bytes of one run, aligned as in a ring.
std::vector<std::uint64_t> written(const Record& record, std::string_view arguments,
                                   const Completion& completion, std::size_t& bytes) {
  const RunTexts texts = measure_texts(record);
  bytes = run_bytes(texts.bytes, arguments.size());
  std::vector<std::uint64_t> run(bytes / 8 + 1);
  char* const to = reinterpret_cast<char*>(run.data());
  write_run(to, record, texts, arguments);
  auto& head = *reinterpret_cast<RunHead*>(to);
  write_run_end(head.end, completion);
  return run;
}

std::vector<std::string> texts(std::span<const std::string_view> list) {
  return {list.begin(), list.end()};
}

void check_same(const Record& a, const Record& b) {
  CHECK(a.id == b.id);
  CHECK(a.time_us == b.time_us);
  REQUIRE((a.caller == nullptr) == (b.caller == nullptr));
  if (a.caller != nullptr) CHECK(*a.caller == *b.caller);
  CHECK(a.client == b.client);
  CHECK(a.session == b.session);
  CHECK(a.tenant == b.tenant);
  CHECK(a.server == b.server);
  CHECK(a.transport == b.transport);
  CHECK(a.peer == b.peer);
  CHECK(a.protocol == b.protocol);
  CHECK(a.direction == b.direction);
  CHECK(a.method == b.method);
  CHECK(a.target == b.target);
  CHECK(a.target_kind == b.target_kind);
  CHECK(a.request_id == b.request_id);
  CHECK(a.arguments == b.arguments);
  CHECK(a.arguments_bytes == b.arguments_bytes);
  CHECK(a.tool_class == b.tool_class);
  CHECK(a.open_world == b.open_world);
  CHECK(a.allowed == b.allowed);
  CHECK(a.decision == b.decision);
  CHECK(a.enforced == b.enforced);
  CHECK(a.reason == b.reason);
  CHECK(texts(a.policies) == texts(b.policies));
  CHECK(texts(a.policy_errors) == texts(b.policy_errors));
  CHECK(a.approver == b.approver);
  CHECK(a.snapshot == b.snapshot);
  CHECK(a.policy_digest == b.policy_digest);
  CHECK(a.limits == b.limits);
  CHECK(a.credential == b.credential);
  CHECK(a.decided_ns == b.decided_ns);
  CHECK(a.trace.trace_id == b.trace.trace_id);
  CHECK(a.trace.span_id == b.trace.span_id);
  CHECK(a.trace.parent_id == b.trace.parent_id);
  CHECK(a.trace.state == b.trace.state);
  CHECK(a.trace.flags == b.trace.flags);
  CHECK(a.trace.from_message == b.trace.from_message);
}

}  // namespace

TEST_CASE("of a record that is open nothing of the end is read, which another may be writing") {
  Sample sample;
  std::size_t bytes = 0;
  auto run = written(sample.record, "{}", sample.completion, bytes);
  auto& head = *reinterpret_cast<RunHead*>(run.data());
  head.end.flags = kResultGone;
  StoredRecord stored;
  REQUIRE(stored.read(reinterpret_cast<const char*>(run.data()), bytes, false));
  CHECK(stored.record().id == sample.id);
  CHECK(stored.record().tool_class == sample.record.tool_class);
  CHECK(stored.completion().latency_ns == 0);
  CHECK(stored.completion().outcome == Completion().outcome);
  CHECK((stored.flags() & kResultGone) == 0);
  REQUIRE(stored.read(reinterpret_cast<const char*>(run.data()), bytes));
  CHECK(stored.completion().latency_ns == sample.completion.latency_ns);
  CHECK((stored.flags() & kResultGone) != 0);
}

TEST_CASE("run: everything of a record comes back, whatever was read before") {
  Sample full;
  Sample other;
  other.caller.subject = "another";
  other.caller.actors.pop_back();
  other.caller.evidence.kind = EvidenceKind::api_key;
  other.record.policies = {};
  other.record.trace = {};
  other.record.enforced = false;
  other.record.reason = ErrorCode::audit_unavailable;
  Sample none;
  none.record = {};
  none.record.id = none.id;
  StoredRecord stored;
  for (const Sample* sample : {&full, &full, &other, &none, &full, &none, &other}) {
    std::size_t bytes = 0;
    const auto run = written(sample->record, sample->record.arguments, sample->completion, bytes);
    REQUIRE(stored.read(reinterpret_cast<const char*>(run.data()), bytes));
    check_same(sample->record, stored.record());
    CHECK(stored.completion().outcome == Outcome::completed);
    CHECK(stored.completion().latency_ns == 912345);
    CHECK(stored.completion().reply_bytes == 512);
    CHECK(stored.completion().items == 9);
    CHECK(stored.completion().items_removed == 2);
    CHECK(stored.completion().rpc_code == -32000);
    CHECK(stored.completion().tool_error);
    CHECK(stored.completion().time_us == 1763620000124356);
  }
}

TEST_CASE("run: texts of every length come back") {
  for (std::size_t size = 0; size <= 200; ++size) {
    CAPTURE(size);
    std::string text(size, ' ');
    for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + at % 26);
    Sample sample;
    sample.record.client = text;
    sample.record.target = text;
    sample.caller.subject = text;
    sample.policies[0] = text;
    std::size_t bytes = 0;
    const auto run = written(sample.record, text, sample.completion, bytes);
    StoredRecord stored;
    REQUIRE(stored.read(reinterpret_cast<const char*>(run.data()), bytes));
    sample.record.arguments = text;
    check_same(sample.record, stored.record());
  }
}

TEST_CASE("run: what is too long is cut, JSON left out, and no record outgrows an extent") {
  const std::string endless(1 << 20, 'x');
  std::vector<std::string_view> many(5000, endless);
  Sample sample;
  Record& record = sample.record;
  for (std::string_view* text :
       {&record.client,     &record.session,        &record.tenant,        &record.server,
        &record.transport,  &record.peer,           &record.protocol,      &record.direction,
        &record.method,     &record.target,         &record.target_kind,   &record.request_id,
        &record.approver,   &record.snapshot,       &record.policy_digest, &record.limits,
        &record.credential, &record.trace.trace_id, &record.trace.span_id, &record.trace.parent_id,
        &record.trace.state}) {
    *text = endless;
  }
  for (std::string* text :
       {&sample.caller.issuer, &sample.caller.subject, &sample.caller.tenant, &sample.caller.client,
        &sample.caller.agent_session, &sample.caller.agent_session_source,
        &sample.caller.workload.issuer, &sample.caller.workload.subject, &sample.caller.acr,
        &sample.caller.evidence.token_id, &sample.caller.evidence.key_id,
        &sample.caller.evidence.algorithm, &sample.caller.evidence.bound_to}) {
    *text = endless;
  }
  sample.caller.actors.assign(300, {CallerKind::agent, endless, endless});
  record.policies = many;
  record.policy_errors = many;
  std::size_t bytes = 0;
  const auto run =
      written(record, std::string_view(endless).substr(0, kMaxContent), sample.completion, bytes);
  CHECK(bytes <= (kExtentBlocks - kFirstBlock) * kBlock);
  StoredRecord stored;
  REQUIRE(stored.read(reinterpret_cast<const char*>(run.data()), bytes));
  CHECK(stored.record().method.size() == kMaxText);
  CHECK(stored.record().limits.empty());
  CHECK(stored.record().request_id.empty());
  CHECK(stored.record().caller->actors.size() == kMaxActors);
  REQUIRE(stored.record().policies.size() == kMaxPolicies + 1);
  CHECK(stored.record().policies.back() == "…");
  CHECK(stored.record().arguments.size() == kMaxContent);
}

TEST_CASE("run: bytes that are no record are refused, wherever they are wrong") {
  Sample sample;
  std::size_t bytes = 0;
  const auto good = written(sample.record, sample.record.arguments, sample.completion, bytes);
  StoredRecord stored;
  for (std::size_t shorter = 0; shorter < bytes; ++shorter) {
    CAPTURE(shorter);
    CHECK_FALSE(stored.read(reinterpret_cast<const char*>(good.data()), shorter));
  }
  // Any number may stand anywhere: never beyond the bytes there are (AddressSanitizer watches).
  std::mt19937_64 random(7);
  std::size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    auto run = good;
    char* const at = reinterpret_cast<char*>(run.data());
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      at[random() % bytes] = static_cast<char>(random());
    }
    if (!stored.read(at, bytes)) {
      ++refused;
      continue;
    }
    std::size_t seen = stored.record().arguments.size();
    for (const std::string_view policy : stored.record().policies) seen += policy.size();
    if (stored.record().caller != nullptr) seen += stored.record().caller->actors.size();
    CHECK(seen <= bytes);
  }
  CHECK(refused > 1000);
}
