// Sealing a decision into one block, and the verdict's public face.
// Tested by tests/governor/verdict_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/verdict_state.hpp"

#include <cstring>
#include <new>

#include "base/os_memory.hpp"
#include "base/pool.hpp"
#include "governor/session_core.hpp"

namespace mcpgov {

namespace detail {

namespace {

constexpr std::string_view kUnavailable =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":503,"message":"Unavailable"}})";

VerdictState make_prepared(ErrorCode reason) {
  VerdictState state;
  state.immortal = true;
  state.facts.reason = reason;
  state.facts.denial = {503, {}, kUnavailable};
  return state;
}

// Copies views behind the state, in the order they come. The sum of what is asked for is known
// before, see size_of().
class Packer {
 public:
  explicit Packer(char* at) : at_(at) {}

  std::string_view text(std::string_view from) {
    if (from.empty()) return {};
    std::memcpy(at_, from.data(), from.size());
    const std::string_view out(at_, from.size());
    at_ += from.size();
    return out;
  }

  template <class T>
  T* items(std::span<const T> from) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (from.empty()) return nullptr;
    T* const out = reinterpret_cast<T*>(at_);
    std::uninitialized_copy(from.begin(), from.end(), out);
    at_ += from.size_bytes();
    return out;
  }

 private:
  char* at_;
};

// Parts of `raw` are shown from the copy of raw.
bool inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

std::string_view moved(std::string_view part, std::string_view from, std::string_view to) {
  if (part.empty()) return {};
  return to.substr(static_cast<std::size_t>(part.data() - from.data()), part.size());
}

std::size_t size_of(const VerdictFacts& facts) {
  std::size_t bytes = facts.policies.size_bytes() + facts.steps.size_bytes();
  bytes += facts.raw.size() + facts.method_text.size() + facts.target.size();
  bytes += facts.id.text.size() + facts.id.raw.size() + facts.arguments.size();
  bytes += facts.bytes.size() + facts.peer.size() + facts.protocol_session.size();
  bytes += facts.denial.body.size() + facts.denial.headers.size_bytes();
  for (const Header& header : facts.denial.headers) bytes += header.value.size();
  for (const Step& step : facts.steps) bytes += step.prompt.size();
  return bytes;
}

}  // namespace

// Room for the bytes is made before anything is shown, so that no view moves.
HeldCredentials::HeldCredentials(const Incoming& incoming, std::vector<identity::Fetch> wanted)
    : fetches(std::move(wanted)) {
  const HttpHead& http = incoming.http;
  std::size_t size = http.method.size() + http.url.size() + incoming.peer.size();
  for (const Header& header : http.headers) size += header.name.size() + header.value.size();
  size += incoming.certificate.size();
  for (const std::string_view each : incoming.chain) size += each.size();
  bytes_.reserve(size);
  const auto kept = [&](std::string_view text) {
    const std::size_t at = bytes_.size();
    bytes_.append(text);
    return std::string_view(bytes_).substr(at);
  };
  for (const Header& header : http.headers) {
    headers_.push_back({kept(header.name), kept(header.value)});
  }
  for (const std::string_view each : incoming.chain) chain_.push_back(kept(each));
  shown_ = {.http = {kept(http.method), kept(http.url), headers_},
            .peer = kept(incoming.peer),
            .certificate = kept(incoming.certificate),
            .chain = chain_};
}

HeldCredentials::~HeldCredentials() {
  wipe(bytes_);
  for (identity::Fetch& fetch : fetches) {
    wipe(fetch.body);
    for (auto& [name, value] : fetch.headers) wipe(value);
  }
}

identity::Presented HeldCredentials::presented() const noexcept {
  return shown_;
}

VerdictState* seal(const VerdictFacts& facts) {
  const Block block = take_block(sizeof(VerdictState) + size_of(facts));
  auto* const state = new (block.bytes) VerdictState{facts, {}, {}, {}, {}};
  Packer pack(static_cast<char*>(block.bytes) + sizeof(VerdictState));
  VerdictFacts& mine = state->facts;
  // Aligned things first: the block is aligned for all of them, texts need none.
  mine.policies = {pack.items(facts.policies), facts.policies.size()};
  Header* const headers = pack.items(facts.denial.headers);
  Step* const steps = pack.items(facts.steps);
  for (std::size_t at = 0; at < facts.steps.size(); ++at) {
    steps[at].prompt = pack.text(facts.steps[at].prompt);
  }
  mine.steps = {steps, facts.steps.size()};
  // Names of headers are static.
  for (std::size_t at = 0; at < facts.denial.headers.size(); ++at) {
    headers[at].value = pack.text(facts.denial.headers[at].value);
  }
  mine.denial.headers = {headers, facts.denial.headers.size()};
  mine.raw = pack.text(facts.raw);
  const auto part = [&](std::string_view from) {
    return inside(from, facts.raw) ? moved(from, facts.raw, mine.raw) : pack.text(from);
  };
  mine.bytes = part(facts.bytes);
  mine.arguments = part(facts.arguments);
  mine.id.raw = part(facts.id.raw);
  mine.id.text = part(facts.id.text);
  mine.method_text = pack.text(facts.method_text);
  mine.target = pack.text(facts.target);
  mine.peer = pack.text(facts.peer);
  mine.protocol_session = pack.text(facts.protocol_session);
  mine.denial.body = pack.text(facts.denial.body);
  return state;
}

void release(VerdictState* state) noexcept {
  if (state == nullptr || state->immortal) return;
  state->~VerdictState();
  give_block(state);
}

VerdictState* prepared_out_of_memory() noexcept {
  static VerdictState state = make_prepared(ErrorCode::out_of_memory);
  return &state;
}

}  // namespace detail

Verdict::Verdict(Verdict&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Verdict& Verdict::operator=(Verdict&& other) noexcept {
  if (this != &other) {
    detail::abandon(state_);
    state_ = std::exchange(other.state_, nullptr);
  }
  return *this;
}

Verdict::~Verdict() {
  detail::abandon(state_);
}

bool Verdict::allowed() const noexcept {
  return state_ != nullptr && state_->facts.allowed;
}

ErrorCode Verdict::reason() const noexcept {
  return state_ == nullptr ? ErrorCode::verdict_spent : state_->facts.reason;
}

std::span<const std::string_view> Verdict::policies() const noexcept {
  return state_ == nullptr ? std::span<const std::string_view>{} : state_->facts.policies;
}

Denial Verdict::denial() const noexcept {
  if (state_ == nullptr) return {503, {}, detail::kUnavailable};
  return state_->facts.denial;
}

MessageView Verdict::message() const noexcept {
  if (state_ == nullptr) return {};
  const detail::VerdictFacts& facts = state_->facts;
  return {facts.kind,   facts.method, facts.target_kind, facts.method_text,
          facts.target, facts.id.raw, facts.arguments,   facts.bytes};
}

std::string_view Verdict::record_id() const noexcept {
  if (state_ == nullptr || state_->immortal) return {};
  return {state_->facts.record_id, sizeof state_->facts.record_id};
}

std::span<const Step> Verdict::pending() const noexcept {
  return state_ == nullptr ? std::span<const Step>{} : state_->facts.steps;
}

}  // namespace mcpgov
