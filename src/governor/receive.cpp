// From received bytes to verdicts: the pipeline of one call, and nothing else.
// Tested by tests/governor/receive_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "governor/answers.hpp"
#include "governor/call.hpp"
#include "governor/denials.hpp"
#include "governor/snapshot.hpp"

namespace mcpgov::detail {

namespace {

Outward outward_of(const Call& call) noexcept {
  const DenialForm form =
      call.pin.server == nullptr ? DenialForm::unauthorized : call.pin.server->settings.denials;
  const bool identity = call.caller == nullptr && call.facts.reason == call.caller_error;
  return {form, identity ? call.identification : nullptr, call.challenge};
}

void deny(Call& call, ErrorCode reason) noexcept {
  call.facts.allowed = false;
  call.facts.waived = false;
  call.facts.reason = reason;
}

// Whether the message, once passed on, will be answered.
bool expects_answer(const VerdictFacts& facts) noexcept {
  return facts.kind == wire::Kind::request && facts.id.present();
}

VerdictState* seal_call(Call& call, const std::shared_ptr<const Pin>& pin,
                        const std::shared_ptr<const Caller>& caller) {
  VerdictState* const state = seal(call.facts);
  state->session = call.session.shared_from_this();
  state->pin = pin;
  state->caller = caller;
  return state;
}

// Also a malformed answer: it is withheld, and the client gets an error in its place.
bool answers_open_question(const Call& call) noexcept {
  if (call.message == nullptr || call.message->kind < wire::Kind::response) return false;
  return call.facts.allowed ||
         (call.refusal.refused() && call.facts.direction == Direction::from_server &&
          call.session.openness(Direction::from_client, call.message->id, nullptr) ==
              SessionCore::Openness::awaiting);
}

// The record of a message that ends with its verdict.
ErrorCode close_record(Call& call, audit::Outcome outcome) {
  audit::Completion completion;
  completion.outcome = outcome;
  completion.reason = outcome == audit::Outcome::completed ? ErrorCode::none : call.facts.reason;
  return open_record(call, &completion);
}

// What becomes of a message whose record cannot be written. True: it goes on and is counted.
bool goes_unrecorded(const Call& call) noexcept {
  const auto tool_class = static_cast<std::size_t>(call.facts.tool_class);
  switch (call.pin.snapshot->config.audit.on_failure[tool_class]) {
    case OnAuditFailure::deny: return false;
    case OnAuditFailure::allow_marked: break;
    case OnAuditFailure::halt: std::abort();
  }
  if (audit::Sink* const sink = call.session.governor().sink(); sink != nullptr) sink->missed();
  return true;
}

// Whether the message waits until its record is as safe as configured.
bool waits_for_record(const Call& call) noexcept {
  const audit::Sink* const sink = call.session.governor().sink();
  return sink != nullptr && expects_answer(call.facts) && sink->waits(call.facts.tool_class);
}

// The denial that such a message is until then, sealed with it.
void prepare_gate(Call& call) {
  Step* const step = call.bench.arena.create<Step>(StepKind::record, 1U);
  call.facts.steps = {step, 1};
  VerdictFacts denied = call.facts;
  denied.reason = ErrorCode::audit_waits;
  call.facts.denial = make_denial(denied, {}, outward_of(call), call.bench.arena);
}

void close_gate(VerdictState& state) noexcept {
  state.gated = true;
  state.facts.allowed = false;
  state.facts.reason = ErrorCode::audit_waits;
}

// A cancelled request gets no answer that would close it.
void cancel(Call& call) noexcept {
  VerdictState* const open =
      call.session.take_awaiting(call.facts.direction, call.message->cancelled);
  if (open == nullptr) return;
  audit::Completion completion;
  completion.outcome = audit::Outcome::cancelled;
  call.session.finish(open, completion);
}

// Takes an allowed message into its table and its record; what fails there denies it.
// Responses and notifications end here, requests stay open.
void admit(Call& call, Holder& held) {
  VerdictState* const state = held.state;
  if (expects_answer(call.facts)) {
    const OpenRequests::Added added = call.session.open(state);
    if (added == OpenRequests::Added::in_use) return deny(call, ErrorCode::id_in_use);
    if (added == OpenRequests::Added::full) return deny(call, ErrorCode::too_many_open);
  }
  const bool stays = expects_answer(call.facts) || call.facts.stream;
  const ErrorCode recorded =
      stays ? open_record(call, nullptr) : close_record(call, audit::Outcome::completed);
  if (recorded != ErrorCode::none && !goes_unrecorded(call)) return deny(call, recorded);
  if (call.message != nullptr && call.message->cancelled.present()) cancel(call);
  state->facts.ticket = call.facts.ticket;
  std::copy(std::begin(call.facts.record_id), std::end(call.facts.record_id),
            std::begin(state->facts.record_id));
  state->record_open = stays && recorded == ErrorCode::none;
  if (call.facts.steps.empty()) return;
  const audit::Sink& sink = *call.session.governor().sink();
  if (state->record_open && !sink.settled(state->facts.ticket)) return close_gate(*state);
  open_gate(*state);
}

}  // namespace

void open_gate(VerdictState& state) noexcept {
  state.gated = false;
  state.facts.allowed = true;
  state.facts.reason = ErrorCode::none;
  state.facts.steps = {};
  state.facts.denial = {};
}

VerdictState* settle(Call& call, const std::shared_ptr<const Pin>& pin,
                     const std::shared_ptr<const Caller>& caller) {
  Holder held;
  if (call.facts.allowed) {
    if (waits_for_record(call)) prepare_gate(call);
    held.state = seal_call(call, pin, caller);
    admit(call, held);
    if (call.facts.allowed) return held.give();
    abandon(held.give());
    call.facts.ticket = {};
    call.facts.steps = {};
  }
  // A sink that cannot take the record of a denial leaves a denial.
  const bool pending = !call.facts.steps.empty();
  close_record(call, pending ? audit::Outcome::pending : audit::Outcome::denied);
  call.facts.denial = make_denial(call.facts, call.refusal, outward_of(call), call.bench.arena);
  return seal_call(call, pin, caller);
}

namespace {

void take_context(Call& call, const MessageContext& context) {
  call.caller = context.caller.get();
  call.principal = context.principal;
  call.caller_error = context.caller_error;
  call.http = context.http;
  call.approved = context.approved;
  call.approver = context.approver;
  call.headers_agreed = context.headers_agreed;
  call.identification = context.identification;
  call.facts.protocol_session = context.protocol_session;
  call.facts.direction = context.direction;
  call.facts.started = context.started;
  call.facts.peer = context.peer;
  if (context.identification != nullptr) {
    call.facts.identity_ends_s = context.identification->expires_s;
  }
}

// A caller that is not known yet: what has to be fetched, as steps of the denial.
std::unique_ptr<const HeldCredentials> wait_for_identity(Call& call,
                                                         const MessageContext& context) {
  if (call.facts.reason != ErrorCode::identity_waits || context.identification == nullptr ||
      context.identification->pending.empty() || context.incoming == nullptr) {
    return nullptr;
  }
  auto held =
      std::make_unique<const HeldCredentials>(*context.incoming, context.identification->pending);
  auto* const steps = call.bench.arena.array<Step>(held->fetches.size());
  for (std::size_t at = 0; at < held->fetches.size(); ++at) {
    steps[at] = {StepKind::fetch, static_cast<std::uint32_t>(at + 1), {}, &held->fetches[at]};
  }
  call.facts.steps = {steps, held->fetches.size()};
  return held;
}

}  // namespace

VerdictState* decide_message(const MessageContext& context, const wire::Message* message,
                             const wire::Refusal& refusal) {
  Call call{.session = context.session, .pin = *context.pin, .bench = context.bench};
  take_context(call, context);
  call.message = message;
  call.parser = &context.bench.parser;
  if (refusal.refused()) {
    call.refusal = refusal;
    call.facts.reason = refusal.code;
  } else {
    judge(call);
    if (!call.facts.allowed && (call.facts.reason == ErrorCode::policy_denied ||
                                call.facts.reason == ErrorCode::policy_forbidden)) {
      consider_step_up(call);
    }
  }
  if (context.refused != ErrorCode::none &&
      (call.facts.allowed || call.facts.reason == ErrorCode::approval_required)) {
    call.facts.steps = {};
    deny(call, context.refused);
  }
  // An answer goes through the filter of its question, which also closes the question's record.
  if (answers_open_question(call)) return settle_answer(call, context);
  std::unique_ptr<const HeldCredentials> held = wait_for_identity(call, context);
  VerdictState* const state = settle(call, context.pin, context.caller);
  state->held = std::move(held);
  return state;
}

VerdictState* decide_bodyless(const MessageContext& context, const wire::ParseContext& parse) {
  const wire::BodylessRequest request = wire::classify_bodyless(parse);
  Call call{.session = context.session, .pin = *context.pin, .bench = context.bench};
  take_context(call, context);
  call.facts.kind = wire::Kind::notification;
  call.facts.method_text = context.http.method;
  call.facts.stream = request.what == wire::Bodyless::open_stream;
  if (request.refusal.refused()) {
    call.refusal = request.refusal;
    call.facts.reason = request.refusal.code;
  } else {
    judge(call);
  }
  std::unique_ptr<const HeldCredentials> held = wait_for_identity(call, context);
  VerdictState* const state = settle(call, context.pin, context.caller);
  state->held = std::move(held);
  return state;
}

namespace {

// A host that forgot to name its transport must not get the caller that stdio has.
VerdictState* refuse_http(const MessageContext& context) {
  wire::Refusal refusal;
  refusal.code = ErrorCode::http_method_not_allowed;
  refusal.http_status = 405;
  return decide_message(context, nullptr, refusal);
}

}  // namespace

Verdicts SessionCore::receive(const Incoming& incoming) noexcept {
  Verdicts out;
  try {
    Workbench& bench = workbench();
    bench.arena.reset();
    const std::shared_ptr<const Pin>& now = pin();
    ErrorCode caller_error = ErrorCode::none;
    std::optional<identity::Identification> seen;
    const std::shared_ptr<const Caller>& caller = resolve(incoming, caller_error, seen);
    const MessageContext context{.session = *this,
                                 .pin = now,
                                 .caller = caller,
                                 .principal = principal(bench.scratch),
                                 .caller_error = caller_error,
                                 .bench = bench,
                                 .http = incoming.http,
                                 .peer = incoming.peer,
                                 .direction = incoming.direction,
                                 .started = governor_->now(),
                                 .protocol_session = claimed_session(incoming.http),
                                 .identification = seen ? &*seen : nullptr,
                                 .incoming = &incoming};
    const wire::ParseContext parse{.direction = incoming.direction,
                                   .transport = options_.transport,
                                   .negotiated = negotiated(),
                                   .http = incoming.http,
                                   .limits = now->snapshot->config.limits.wire};
    if (options_.transport == Transport::stdio && !incoming.http.method.empty()) {
      out.one_ = Verdict(refuse_http(context));
      return out;
    }
    if (bodyless(incoming.http, incoming.direction)) {
      out.one_ = Verdict(decide_bodyless(context, parse));
      return out;
    }
    const wire::Batch batch = bench.parser.parse(incoming.body, parse);
    out.batch_ = batch.array;
    if (batch.refusal.refused()) {
      out.one_ = Verdict(decide_message(context, nullptr, batch.refusal));
    } else if (batch.messages.size() == 1) {
      out.one_ = Verdict(decide_message(context, &batch.messages[0], {}));
    } else {
      out.many_.reserve(batch.messages.size());
      // One fetch serves a batch: the first message waits for it, the others come again.
      MessageContext rest = context;
      for (const wire::Message& message : batch.messages) {
        out.many_.push_back(Verdict(decide_message(rest, &message, {})));
        rest.incoming = nullptr;
      }
    }
  } catch (...) {
    // Verdicts made so far are dropped, which closes their records: nobody was told of them.
    out = Verdicts();
    record_exhaustion(*this, incoming.direction);
    out.one_ = Verdict(prepared_out_of_memory());
  }
  return out;
}

}  // namespace mcpgov::detail
