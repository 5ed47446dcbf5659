// The state of a session: what decides now, who calls, and what is open.
// Tested by tests/governor/session_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/session_core.hpp"

#include <algorithm>

#include "base/os_fork.hpp"
#include "base/os_time.hpp"
#include "governor/snapshot.hpp"

namespace mcpgov {

namespace detail {

// Callers one session is asked about in turn; a connection of a gateway carries a few.
constexpr std::size_t kCallers = 8;

namespace {

OpenRequests limits_of(const GovernorCore& governor) {
  const LimitsConfig& limits = governor.snapshot()->config.limits;
  return {limits.open_requests, limits.open_bytes};
}

}  // namespace

SessionCore::SessionCore(std::shared_ptr<GovernorCore> governor, const SessionOptions& options)
    : governor_(std::move(governor)),
      options_(options),
      own_caller_(options.caller.kind == CallerKind::none
                      ? nullptr
                      : std::make_shared<const Caller>(options.caller)),
      born_(fork_generation()),
      from_client_(limits_of(*governor_)),
      from_server_(limits_of(*governor_)) {
  callers_.reserve(kCallers);
}

bool SessionCore::forked() const noexcept {
  return born_ != fork_generation() || !governor_->usable();
}

const std::shared_ptr<const Pin>& SessionCore::pin() {
  if (pin_ && pin_->snapshot->number == governor_->generation()) return pin_;
  auto fresh = std::make_shared<Pin>();
  fresh->snapshot = governor_->snapshot();
  fresh->server = fresh->snapshot->find(options_.tenant, options_.server, fresh->tenant_known);
  fresh->claimed = claimed_;
  pin_ = std::move(fresh);
  return pin_;
}

namespace {

const std::shared_ptr<const Caller> kNobody;

bool same_party(const Caller* a, const Caller* b) noexcept {
  if (a == nullptr || b == nullptr) return a == b;
  return a->kind == b->kind && a->issuer == b->issuer && a->subject == b->subject &&
         a->tenant == b->tenant;
}

const Caller& anybody() {
  static const Caller kAnonymous = [] {
    Caller out;
    out.kind = CallerKind::anonymous;
    return out;
  }();
  return kAnonymous;
}

}  // namespace

// Who calls without a look at credentials; null: they have to be looked at.
const Caller* SessionCore::named(const Caller* given) const noexcept {
  if (given != nullptr) return given;
  if (own_caller_ != nullptr) return own_caller_.get();
  return options_.transport == Transport::stdio ? &pin_->snapshot->config.stdio : nullptr;
}

// A host that names a tenant means the session's. An issuer may name one of its own: the session's
// has to be that, but top-level servers belong to no tenant, and there it is a fact like any other.
bool SessionCore::fits_tenant(const Caller& caller) const noexcept {
  if (caller.tenant == options_.tenant) return true;
  return caller.evidence.kind >= EvidenceKind::token ? options_.tenant.empty()
                                                     : caller.tenant.empty();
}

const std::shared_ptr<const Caller>& SessionCore::resolve(const Caller* given, ErrorCode& why) {
  const Config& config = pin()->snapshot->config;
  given = named(given);
  resolved_ = nullptr;
  why = given == nullptr ? ErrorCode::caller_missing : ErrorCode::none;
  if (given == nullptr) return kNobody;
  const bool own = given == own_caller_.get();
  const auto found = std::find_if(callers_.begin(), callers_.end(), [&](const KnownCaller& each) {
    return own ? each.caller.get() == given : *each.caller == *given;
  });
  KnownCaller* known = found == callers_.end() ? nullptr : &*found;
  if (known == nullptr) {
    why = check_code(*given);
    if (why == ErrorCode::none && !fits_tenant(*given)) why = ErrorCode::caller_invalid;
    if (why != ErrorCode::none) return kNobody;
    known = &keep(own ? own_caller_ : std::make_shared<const Caller>(*given));
  }
  const bool refused = known->caller->kind == CallerKind::anonymous && !config.anonymous;
  if (refused) why = ErrorCode::anonymous_not_enabled;
  if (refused) return kNobody;
  resolved_ = known;
  return known->caller;
}

const std::shared_ptr<const Caller>& SessionCore::resolve(
    const Incoming& incoming, ErrorCode& why, std::optional<identity::Identification>& seen) {
  const Config& config = pin()->snapshot->config;
  if (named(incoming.caller) != nullptr || !config.verifier) return resolve(incoming.caller, why);
  if (incoming.direction == Direction::from_server) return resolve_last(why);
  const identity::Presented presented{.http = incoming.http,
                                      .peer = incoming.peer,
                                      .certificate = incoming.certificate,
                                      .chain = incoming.chain};
  return resolve_verified(presented, why, seen.emplace());
}

const std::shared_ptr<const Caller>& SessionCore::resolve_verified(
    const identity::Presented& presented, ErrorCode& why, identity::Identification& seen) {
  const Config& config = pin()->snapshot->config;
  resolved_ = nullptr;
  seen = config.verifier->identify(presented, governor_->now().wall_us);
  why = seen.reason;
  // Only who shows nothing at all is anonymous; credentials that are refused stay refused.
  if (why == ErrorCode::caller_missing && config.anonymous) return resolve(&anybody(), why);
  if (seen.caller == nullptr) return kNobody;
  why = ErrorCode::none;
  if (!fits_tenant(*seen.caller)) {
    seen.caller = nullptr;
    seen.reason = why = ErrorCode::caller_invalid;
    seen.http_status = 403;
    return kNobody;
  }
  const auto found = std::find_if(callers_.begin(), callers_.end(), [&](const KnownCaller& each) {
    return each.caller == seen.caller;
  });
  resolved_ = found == callers_.end() ? &keep(seen.caller) : &*found;
  // What the server sends of its own accord is for the caller of the connection, if it has one.
  several_callers_ =
      several_callers_ || (last_verified_ && !same_party(last_verified_.get(), seen.caller.get()));
  last_verified_ = resolved_->caller;
  last_ends_s_ = seen.expires_s;
  return resolved_->caller;
}

bool SessionCore::has_ended(std::uint64_t ends_s) const noexcept {
  return ends_s != 0 && governor_->now().wall_us / 1'000'000 >= ends_s;
}

const std::shared_ptr<const Caller>& SessionCore::resolve_last(ErrorCode& why) {
  resolved_ = nullptr;
  why = has_ended(last_ends_s_) ? ErrorCode::token_expired : ErrorCode::caller_missing;
  if (last_verified_ == nullptr || several_callers_ || has_ended(last_ends_s_)) return kNobody;
  return resolve(last_verified_.get(), why);
}

const std::shared_ptr<const Caller>& SessionCore::resolve_again(
    const VerdictState& pending, ErrorCode& why, std::optional<identity::Identification>& seen) {
  const Snapshot& now = *pin()->snapshot;
  resolved_ = nullptr;
  if (pending.held && now.config.verifier) {
    return resolve_verified(pending.held->presented(), why, seen.emplace());
  }
  const Caller* const caller = pending.caller.get();
  const bool verified = caller != nullptr && caller->evidence.kind >= EvidenceKind::token;
  // Another generation may trust others, and nobody keeps the credentials to look at them again.
  why = ErrorCode::caller_missing;
  if (pending.held || (verified && pending.pin->snapshot->number != now.number)) return kNobody;
  why = ErrorCode::token_expired;
  if (has_ended(pending.facts.identity_ends_s)) return kNobody;
  return resolve(caller, why);
}

bool SessionCore::owns_session(std::string_view id, const Caller& caller, bool binds) {
  TaskOwners& sessions = governor_->sessions();
  if (caller.kind == CallerKind::anonymous || !binds) {
    return !sessions.known(options_.tenant, options_.server, id) ||
           sessions.owns(options_.tenant, options_.server, id, caller);
  }
  if (id == bound_session_ && &caller == bound_caller_.get()) return true;
  if (!sessions.bind(options_.tenant, options_.server, id, caller)) return false;
  // The next message of a connection mostly has the same of both.
  bound_session_ = id;
  bound_caller_ = resolved_ == nullptr ? nullptr : resolved_->caller;
  return true;
}

// The oldest of the kept callers makes room.
SessionCore::KnownCaller& SessionCore::keep(std::shared_ptr<const Caller> caller) {
  KnownCaller kept{std::move(caller), 0, nullptr};
  if (callers_.size() < kCallers) return callers_.emplace_back(std::move(kept));
  KnownCaller& place = callers_[next_caller_++ % kCallers];
  return place = std::move(kept);
}

// Numbers of generations start at 1 and are never used twice, so an old entity is never taken for
// one of now.
const request::PreparedPrincipal* SessionCore::principal(request::Scratch& scratch) {
  const Pin& now = *pin_;
  if (resolved_ == nullptr || now.server == nullptr) return nullptr;
  if (resolved_->generation != now.snapshot->number) {
    resolved_->principal = std::make_unique<const request::PreparedPrincipal>(
        now.server->mapping, *resolved_->caller, scratch);
    resolved_->generation = now.snapshot->number;
  }
  return resolved_->principal.get();
}

Result<void> SessionCore::set_tools(std::string_view tools_json) {
  auto read = catalog::Catalog::from_tools_json(tools_json, catalog::Origin::claimed);
  if (!read) return read.error();
  claimed_ = std::make_shared<const catalog::Catalog>(*std::move(read));
  pin_.reset();
  return {};
}

bool SessionCore::wants_tools() const noexcept {
  if (claimed_) return false;
  try {
    const auto snapshot = governor_->snapshot();
    bool tenant_known = false;
    const ServerSnapshot* const server =
        snapshot->find(options_.tenant, options_.server, tenant_known);
    return server != nullptr && !server->pinned &&
           server->settings.unknown_tools == request::UnknownTools::deny;
  } catch (...) {
    return true;
  }
}

OpenRequests::Added SessionCore::open(VerdictState* state) {
  const std::lock_guard hold(lock_);
  const OpenRequests::Added added = table(state->facts.direction).add(state);
  state->listed = added == OpenRequests::Added::yes;
  return added;
}

SessionCore::Openness SessionCore::openness(Direction request_direction, const wire::Id& id,
                                            const Caller* caller) const noexcept {
  const std::lock_guard hold(lock_);
  const OpenRequests& requests =
      request_direction == Direction::from_client ? from_client_ : from_server_;
  const VerdictState* const found = requests.find(id);
  if (found == nullptr) return Openness::closed;
  if (caller != nullptr && !same_party(found->caller.get(), caller)) return Openness::of_another;
  return found->awaiting ? Openness::awaiting : Openness::held;
}

VerdictState* SessionCore::take_awaiting(Direction request_direction, const wire::Id& id) noexcept {
  const std::lock_guard hold(lock_);
  VerdictState* const found = table(request_direction).find(id);
  if (found == nullptr || !found->awaiting) return nullptr;
  found->awaiting = false;
  return found;
}

void SessionCore::await_answer(VerdictState* state) noexcept {
  {
    const std::lock_guard hold(lock_);
    if (state->listed && !closed_) {
      state->awaiting = true;
      return;
    }
  }
  abandon(state);
}

void SessionCore::finish(VerdictState* state, audit::Completion completion) noexcept {
  // The state may hold the last reference to this session.
  const std::shared_ptr<SessionCore> self = std::move(state->session);
  // After fork the parent closes the record. The lock may be held by a thread that is not here.
  if (born_ != fork_generation()) return release(state);
  if (state->listed) {
    const std::lock_guard hold(lock_);
    table(state->facts.direction).remove(state);
  }
  if (state->record_open && governor_->sink() != nullptr) {
    const Moment& started = state->facts.started;
    completion.latency_ns = steady_clock_ns() - started.steady_ns;
    completion.time_us = started.wall_us + completion.latency_ns / 1000;
    governor_->sink()->end(state->facts.ticket, completion);
  }
  release(state);
}

bool SessionCore::wait_recorded(const VerdictState& pending, std::uint32_t within_ms) noexcept {
  if (!pending.gated) return false;
  return governor_->sink()->wait(pending.facts.ticket, within_ms);
}

void SessionCore::close() noexcept {
  if (born_ != fork_generation()) return;
  for (const Direction direction : {Direction::from_client, Direction::from_server}) {
    for (;;) {
      VerdictState* state = nullptr;
      {
        const std::lock_guard hold(lock_);
        closed_ = true;
        state = table(direction).any_awaiting();
        if (state != nullptr) state->awaiting = false;
      }
      if (state == nullptr) break;
      abandon(state);
    }
  }
}

void abandon(VerdictState* state) noexcept {
  if (state == nullptr || state->immortal) return;
  if (!state->session) return release(state);
  audit::Completion completion;
  completion.outcome = audit::Outcome::abandoned;
  state->session->finish(state, completion);
}

}  // namespace detail

Session::Session(std::shared_ptr<detail::SessionCore> core) noexcept : core_(std::move(core)) {}

Session::Session(Session&& other) noexcept : core_(std::move(other.core_)) {}

Session& Session::operator=(Session&& other) noexcept {
  if (this != &other) {
    if (core_) core_->close();
    core_ = std::move(other.core_);
  }
  return *this;
}

Session::~Session() {
  if (core_) core_->close();
}

Verdicts Session::receive(const Incoming& incoming) noexcept {
  return core_ ? core_->receive(incoming) : Verdicts();
}

void Session::await_answer(Verdict& verdict) noexcept {
  detail::VerdictState* const state = verdict.take();
  if (state == nullptr || state->immortal) return;
  if (core_ && state->session == core_ && state->facts.allowed) {
    core_->await_answer(state);
  } else {
    detail::abandon(state);
  }
}

Verdict Session::resume(Verdict& verdict, std::span<const Answer> answers) noexcept {
  detail::VerdictState* const state = verdict.take();
  if (state == nullptr || state->immortal) return {};
  if (!core_ || state->session != core_ || state->facts.steps.empty()) {
    detail::abandon(state);
    return {};
  }
  return Verdict(core_->resume(state, answers));
}

bool Session::wait_recorded(const Verdict& verdict, std::uint32_t within_ms) noexcept {
  const detail::VerdictState* const state = verdict.state_;
  if (!core_ || state == nullptr || state->session != core_) return false;
  return core_->wait_recorded(*state, within_ms);
}

Result<void> Session::set_tools(std::string_view tools_json) {
  if (!core_) return Error{ErrorCode::server_unknown, "the session is empty", {}, 0, 0};
  return core_->set_tools(tools_json);
}

bool Session::wants_tools() const noexcept {
  return core_ && core_->wants_tools();
}

}  // namespace mcpgov
