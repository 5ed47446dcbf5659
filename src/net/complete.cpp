// What a governor and its verdicts wait for, run and handed over.
// Tested by tests/net/complete_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "base/os_time.hpp"
#include "mcpgov/net.hpp"

namespace mcpgov::net {

namespace {

// Metadata in three places, keys, groups: one may lead to the next.
constexpr int kRounds = 8;

bool waits_for_fetches(const Verdict& verdict) {
  const std::span<const Step> steps = verdict.pending();
  return !steps.empty() && std::all_of(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind == StepKind::fetch && step.fetch != nullptr;
  });
}

bool waits_for_record(const Verdict& verdict) {
  const std::span<const Step> steps = verdict.pending();
  return steps.size() == 1 && steps[0].kind == StepKind::record;
}

Verdict wait_for_record(Session& session, Verdict verdict, std::uint32_t within_ms) {
  if (!session.wait_recorded(verdict, within_ms)) return verdict;
  mcpgov::Answer answer;
  answer.number = verdict.pending()[0].number;
  return session.resume(verdict, {&answer, 1});
}

Verdict run_steps(Session& session, Verdict verdict, std::uint32_t within_ms) {
  std::vector<identity::Fetch> fetches;
  for (const Step& step : verdict.pending()) fetches.push_back(*step.fetch);
  const std::vector<net::Answer> came = run(fetches, within_ms);
  std::vector<mcpgov::Answer> answers;
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    mcpgov::Answer answer;
    answer.number = verdict.pending()[i].number;
    answer.fetched = came[i].of(fetches[i]);
    answers.push_back(answer);
  }
  return session.resume(verdict, answers);
}

}  // namespace

Errands errands_of(const Governor& governor) noexcept {
  Errands out;
  // Errands hand their context back as it was given, and what is done with it here is const.
  out.context = const_cast<Governor*>(&governor);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  out.due = [](void* context, std::uint64_t now_us) {
    return static_cast<const Governor*>(context)->verifier().due(now_us);
  };
  out.accept = [](void* context, const identity::Fetch& fetch, const Answer& answer,
                  std::uint64_t now_us) {
    // A useless answer changes nothing, and is asked for again.
    (void)static_cast<const Governor*>(context)->verifier().accept(fetch, answer.of(fetch), now_us);
  };
  return out;
}

Verdict complete(Session& session, Verdict verdict, std::uint32_t within_ms) {
  const std::uint64_t begun = steady_clock_ns();
  for (int round = 0; round < kRounds; ++round) {
    const bool record = waits_for_record(verdict);
    const std::uint64_t gone_ms = (steady_clock_ns() - begun) / 1'000'000;
    if ((!record && !waits_for_fetches(verdict)) || gone_ms >= within_ms) break;
    const std::uint32_t left_ms = within_ms - static_cast<std::uint32_t>(gone_ms);
    verdict = record ? wait_for_record(session, std::move(verdict), left_ms)
                     : run_steps(session, std::move(verdict), left_ms);
  }
  return verdict;
}

}  // namespace mcpgov::net
