// What a log says of itself: gaps, losses, silence, clock steps, checkpoints.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_evidence.hpp"

#include <string>

#include <doctest/doctest.h>

#include "audit/checkpoint.hpp"
#include "audit/log_frames.hpp"
#include "report_events.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;
using audit::FrameType;

namespace {

constexpr std::uint64_t kStartNs = made::kMonday * 1000;

struct Seen {
  Facts facts;
  LogEvidence evidence;
  LogWitness witness{evidence, facts};
  std::uint64_t seq = 0, time_ns = kStartNs;

  Seen() { evidence.name = "boot-1-log"; }
  void leaf(const std::string& payload, FrameType type = FrameType::event,
            std::uint64_t after_s = 1) {
    time_ns += after_s * 1'000'000'000;
    witness.take({++seq, time_ns, type, 0, payload});
  }
  void note(FrameType type, const std::string& payload) {
    witness.take({seq, time_ns, type, 0, payload});
  }
  std::uint64_t found(Rule rule) const { return facts.of(rule).total; }
};

audit::Signer signer() {
  auto out = audit::Signer::from_seed(std::string(32, 'k'));
  REQUIRE(out.has_value());
  return *out;
}

}  // namespace

TEST_CASE("evidence: leaves are counted by what they are, and the root is over all of them") {
  Seen seen;
  audit::Tree tree;
  for (const char* payload : {"a", "b", "c"}) {
    seen.leaf(payload);
    tree.append(audit::leaf_hash(payload));
  }
  seen.leaf("d", FrameType::intent);
  tree.append(audit::leaf_hash("d"));
  seen.note(FrameType::sync, "{}");
  seen.note(FrameType::trailer, "{}");
  seen.witness.finish();
  CHECK(seen.evidence.events == 3);
  CHECK(seen.evidence.intents == 1);
  CHECK(seen.evidence.first_seq == 1);
  CHECK(seen.evidence.last_seq == 4);
  CHECK(seen.evidence.root == crypto::hex(tree.root()));
  CHECK(seen.evidence.gaps == 0);
}

TEST_CASE("evidence: a gap is found, and there is no root over what is not whole") {
  Seen seen;
  seen.leaf("a");
  seen.seq += 2;
  seen.leaf("b");
  seen.witness.finish();
  CHECK(seen.evidence.gaps == 1);
  CHECK(seen.found(Rule::gap) == 1);
  CHECK(seen.evidence.root.empty());
}

TEST_CASE("evidence: a log whose beginning was retired has no root, but no gap either") {
  Seen seen;
  seen.seq = 100;
  seen.leaf("a");
  seen.leaf("b");
  seen.witness.finish();
  CHECK(seen.evidence.first_seq == 101);
  CHECK(seen.evidence.gaps == 0);
  CHECK(seen.evidence.root.empty());
}

TEST_CASE("evidence: losses are sums since the log was opened, and are not added up again") {
  Seen seen;
  seen.leaf(audit::loss_payload(3, 1, 0), FrameType::loss);
  seen.leaf(audit::loss_payload(3, 4, 0), FrameType::loss);
  seen.leaf(audit::loss_payload(5, 4, 0), FrameType::loss);
  CHECK(seen.evidence.lost == 5);
  CHECK(seen.evidence.missed == 4);
  REQUIRE(seen.found(Rule::lost) == 2);
  CHECK(seen.facts.of(Rule::lost).rows[1].count == 2);
}

TEST_CASE("evidence: 150 s without a record are silence, 149 s are not") {
  Seen seen;
  seen.leaf("a");
  seen.leaf("b", FrameType::event, 149);
  CHECK(seen.found(Rule::silence) == 0);
  seen.leaf("c", FrameType::event, 151);
  CHECK(seen.found(Rule::silence) == 1);
}

TEST_CASE("evidence: a clock step of more than a second is told with its direction") {
  Seen seen;
  seen.leaf(audit::clock_payload(900, 0), FrameType::heartbeat);
  seen.leaf(audit::clock_payload(-1000, 0), FrameType::heartbeat);
  CHECK(seen.found(Rule::clock) == 0);
  seen.leaf(audit::clock_payload(-90'000, 0), FrameType::heartbeat);
  seen.leaf(R"({"kind":"clock","step_ms":-9223372036854775808})", FrameType::heartbeat);
  REQUIRE(seen.found(Rule::clock) == 2);
  CHECK(seen.facts.of(Rule::clock).rows[0].what == "back by 90.0 s");
}

TEST_CASE("evidence: checkpoints are remembered, and one about other bytes is damage") {
  Seen seen;
  seen.leaf("a");
  audit::Tree tree;
  tree.append(audit::leaf_hash("a"));
  seen.note(FrameType::checkpoint, signer().sign({"test.example/log", 1, tree.root()}));
  CHECK(seen.found(Rule::damage) == 0);
  CHECK(seen.evidence.checkpoints == 1);
  CHECK(seen.evidence.last_checkpoint.size == 1);
  CHECK(seen.evidence.last_checkpoint.origin == "test.example/log");
  CHECK(seen.evidence.last_checkpoint.key.size() == 8);
  seen.leaf("b");
  seen.note(FrameType::checkpoint, signer().sign({"test.example/log", 2, tree.root()}));
  CHECK(seen.found(Rule::damage) == 1);
}

TEST_CASE("evidence: payloads that are nothing known change nothing") {
  Seen seen;
  for (const char* payload : {"", "{", "[]", "7", R"({"lost":-1})", R"({"lost":"many"})",
                              R"({"step_ms":"x"})", R"({"kind":"clock"})"}) {
    for (const FrameType type :
         {FrameType::loss, FrameType::heartbeat, FrameType::config, FrameType::recovery}) {
      seen.leaf(payload, type);
    }
    seen.note(FrameType::checkpoint, payload);
  }
  CHECK(seen.evidence.lost == 0);
  for (const RuleFindings& rule : seen.facts.findings) CHECK(rule.total == 0);
}
