// Deciding a pending message again, with what came from outside.
// Tested by tests/governor/approvals_test.cpp and tests/governor/identity_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "governor/answers.hpp"
#include "governor/call.hpp"
#include "governor/snapshot.hpp"

namespace mcpgov::detail {

namespace {

// Whether every step has exactly one answer.
bool all_answered(std::span<const Step> steps, std::span<const Answer> answers) noexcept {
  if (steps.empty() || steps.size() != answers.size()) return false;
  return std::all_of(steps.begin(), steps.end(), [&](const Step& step) {
    return std::count_if(answers.begin(), answers.end(),
                         [&](const Answer& answer) { return answer.number == step.number; }) == 1;
  });
}

// Hands what was fetched to the verifier. What it cannot use changes nothing, and the credentials
// are looked at again.
void take_fetched(const identity::Verifier& verifier, std::span<const Step> steps,
                  std::span<const Answer> answers, std::uint64_t now_us) {
  for (const Step& step : steps) {
    for (const Answer& answer : answers) {
      if (answer.number != step.number || step.fetch == nullptr) continue;
      identity::FetchAnswer fetched = answer.fetched;
      fetched.number = step.fetch->number;
      (void)verifier.accept(*step.fetch, fetched, now_us);
    }
  }
}

// Why a verdict that waited for an approval stays denied; none: it was given.
ErrorCode take_approval(MessageContext& context, const Answer& answer) noexcept {
  context.approved = answer.granted && !answer.by.empty();
  context.approver = answer.by;
  return context.approved ? ErrorCode::none : ErrorCode::approval_refused;
}

// The credentials that were held, as they came.
Incoming incoming_again(const VerdictState& pending) noexcept {
  if (!pending.held) return {.direction = pending.facts.direction};
  const identity::Presented shown = pending.held->presented();
  return {.direction = pending.facts.direction,
          .http = shown.http,
          .peer = shown.peer,
          .certificate = shown.certificate,
          .chain = shown.chain};
}

// What is needed to decide again, without the record and the place among the open requests.
VerdictState* copy_of(const VerdictState& pending) {
  VerdictState* const out = seal(pending.facts);
  out->caller = pending.caller;
  out->pin = pending.pin;
  return out;
}

// Everything is read again as the bytes it was; its headers agreed when it came in.
VerdictState* decide_again(const MessageContext& context, const VerdictFacts& facts,
                           const HttpHead& http) {
  wire::ParseContext parse{.direction = facts.direction,
                           .transport = context.session.options().transport,
                           .negotiated = facts.revision,
                           .http = {},
                           .limits = context.pin->snapshot->config.limits.wire,
                           .headers_agreed = true};
  if (bodyless(http, facts.direction)) {
    parse.http = http;
    return decide_bodyless(context, parse);
  }
  const wire::Batch batch = context.bench.parser.parse(facts.raw, parse);
  // One message was judged, so one message is read again, or nothing is allowed.
  wire::Refusal refusal = batch.refusal;
  if (!refusal.refused() && batch.messages.size() != 1) refusal.code = ErrorCode::resume_invalid;
  if (refusal.refused()) return decide_message(context, nullptr, refusal);
  return decide_message(context, &batch.messages[0], {});
}

}  // namespace

// A message that waits for its record is decided already, and goes on when that is safe, as long as
// what decided it still holds. True: it does; pending is allowed, or waits on.
bool SessionCore::resume_recorded(VerdictState& pending) {
  if (pin() != pending.pin || forked() || has_ended(pending.facts.identity_ends_s)) return false;
  if (governor_->sink()->settled(pending.facts.ticket)) open_gate(pending);
  return true;
}

VerdictState* SessionCore::resume(VerdictState* pending, std::span<const Answer> answers) noexcept {
  Holder held{pending};
  try {
    const bool recorded = pending->gated;
    if (recorded) {
      if (resume_recorded(*pending)) return held.give();
      // Its id and its record end with it: what follows is decided like a new message.
      Holder former{std::exchange(held.state, copy_of(*pending))};
      pending = held.state;
    }
    Workbench& bench = workbench();
    bench.arena.reset();
    const VerdictFacts& facts = pending->facts;
    const std::shared_ptr<const Pin>& now = pin();
    const bool answered = all_answered(facts.steps, answers);
    const Moment started = governor_->now();
    if (pending->held && answered && now->snapshot->config.verifier) {
      take_fetched(*now->snapshot->config.verifier, facts.steps, answers, started.wall_us);
    }
    const Incoming again = incoming_again(*pending);
    ErrorCode caller_error = ErrorCode::none;
    std::optional<identity::Identification> seen;
    MessageContext context{.session = *this,
                           .pin = now,
                           .caller = resolve_again(*pending, caller_error, seen),
                           .bench = bench};
    context.caller_error = caller_error;
    context.principal = principal(bench.scratch);
    context.http = again.http;
    context.peer = facts.peer;
    context.direction = facts.direction;
    context.started = started;
    // Headers that mirror arguments are compared once a caller is known, so not yet.
    context.headers_agreed = !pending->held;
    context.protocol_session = facts.protocol_session;
    context.identification = seen ? &*seen : nullptr;
    context.incoming = pending->held ? &again : nullptr;
    context.refused = ErrorCode::none;
    if (!answered) context.refused = ErrorCode::resume_invalid;
    if (answered && !pending->held && !recorded)
      context.refused = take_approval(context, answers[0]);
    return decide_again(context, facts, again.http);
  } catch (...) {
    record_exhaustion(*this, pending->facts.direction);
    return prepared_out_of_memory();
  }
}

}  // namespace mcpgov::detail
