// From a body to its messages: buffers, JSON, batches.
// Tested by tests/wire/message_test.cpp, tests/wire/strictness_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "wire/diagnosis.hpp"
#include "wire/document.hpp"
#include "wire/envelope.hpp"
#include "wire/http.hpp"
#include "wire/refusals.hpp"

namespace mcpgov::wire {
namespace {

using State = Parser::State;

// Room for an ordinary call without growing.
constexpr std::size_t kFirstCapacity = 16 * 1024;
// Above this, buffers are given back after the message: simdjson takes about 14 bytes per byte.
constexpr std::size_t kKeptCapacity = 512 * 1024;
// Offsets are 32 bits, and simdjson reads at most 4 GiB.
constexpr std::size_t kMostBytes = 0xffff0000;
// No stack grows with the depth, but the frames do; no honest message needs more.
constexpr std::size_t kMostDepth = 1024;

void make_room(State& state, std::size_t size, std::size_t depth) {
  const std::size_t wanted = std::bit_ceil(std::max(size, kFirstCapacity));
  const bool grow = wanted > state.capacity;
  const bool shrink = state.capacity > kKeptCapacity && wanted <= kKeptCapacity;
  if (!grow && !shrink && depth == state.depth) return;
  state.capacity = 0;
  state.bytes.reset();
  if (shrink) {
    state.json = simdjson::dom::parser();
    state.walk.shrink();
    state.listen = {};
  }
  // simdjson refuses at this depth, so one more admits exactly `depth`; the walk checks it.
  if (state.json.allocate(wanted, depth + 1) != simdjson::SUCCESS) throw std::bad_alloc();
  state.bytes = std::make_unique_for_overwrite<char[]>(wanted + simdjson::SIMDJSON_PADDING);
  state.capacity = wanted;
  state.depth = depth;
}

ErrorCode check_bytes(std::string_view body, const ParseContext& context,
                      std::size_t& offset) noexcept {
  // Some parsers skip a byte order mark and some refuse it (RFC 8259 §8.1).
  if (body.substr(0, 3) == "\xef\xbb\xbf") return ErrorCode::json_syntax;
  // A line is a message (stdio transport, every revision); some readers end lines at CR as well.
  if (context.transport == Transport::stdio) {
    offset = std::min(body.find('\n'), body.find('\r'));
    if (offset != std::string_view::npos) return ErrorCode::line_break_in_message;
  }
  return ErrorCode::none;
}

// What simdjson refused, as one of our codes with a position.
Refusal diagnosed(std::string_view body, simdjson::error_code error, std::size_t depth) {
  if (error == simdjson::MEMALLOC) return refuse(ErrorCode::out_of_memory);
  const Diagnosis diagnosis = diagnose(body, depth);
  if (diagnosis.code == ErrorCode::json_syntax) {
    // The scanner takes any four digits for an escape; half a pair in front of its fault came
    // first.
    const bool clean = diagnosis.offset == 0;
    const std::size_t half =
        find_unpaired_surrogate(clean ? body : body.substr(0, diagnosis.offset));
    if (half != std::string_view::npos) return refuse(ErrorCode::unpaired_surrogate, half);
  }
  return refuse(diagnosis.code, diagnosis.offset);
}

// Copies the body and lets simdjson read all of it: grammar, UTF-8, numbers of 64 bits, and since
// its version 3 halves of surrogate pairs as well (the tests hold it to all of them).
Refusal read_json(State& state, std::string_view body, const ParseContext& context) {
  const std::size_t limit = std::min(context.limits.message_bytes, kMostBytes);
  if (body.size() > limit) return refuse(ErrorCode::message_too_large, limit);
  if (body.empty()) return refuse(ErrorCode::json_syntax);
  std::size_t offset = 0;
  const ErrorCode code = check_bytes(body, context, offset);
  if (code != ErrorCode::none) return refuse(code, offset);
  const std::size_t depth = std::min<std::size_t>(context.limits.depth, kMostDepth);
  make_room(state, body.size(), depth);
  std::memcpy(state.bytes.get(), body.data(), body.size());
  std::memset(state.bytes.get() + body.size(), 0, simdjson::SIMDJSON_PADDING);
  state.size = body.size();
  const auto parsed = state.json.parse(state.bytes.get(), body.size(), false);
  if (parsed.error() != simdjson::SUCCESS) return diagnosed(body, parsed.error(), depth);
  return {};
}

Refusal read_one(State& state, const ParseContext& context, const HttpFacts& facts) {
  if (!state.walk.value(state.outline)) {
    return refuse(state.walk.exceeded, state.walk.position(), assumed_revision(context, facts));
  }
  Message& message = state.messages.emplace_back();
  message.index = static_cast<std::uint32_t>(state.messages.size() - 1);
  read_envelope(state, context, facts, message);
  return {};
}

// Requests of one batch whose answers could not be told apart (JSON-RPC 2.0 §6).
void refuse_repeated_ids(State& state, Revision revision) noexcept {
  for (std::size_t i = 0; i < state.messages.size(); ++i) {
    Message& message = state.messages[i];
    if (!message.id.present()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      Message& earlier = state.messages[j];
      if (!(earlier.id == message.id)) continue;
      const auto offset = static_cast<std::size_t>(message.id.raw.data() - state.bytes.get());
      const Refusal refusal = refuse(ErrorCode::id_in_use, offset, revision);
      if (!message.refusal.refused()) message.refusal = refusal;
      if (!earlier.refusal.refused()) earlier.refusal = refusal;
    }
  }
}

Refusal read_batch(State& state, const ParseContext& context, const HttpFacts& facts) {
  const Revision revision = assumed_revision(context, facts);
  if (revision != Revision::v2025_03_26) return refuse(ErrorCode::batch_not_allowed, 0, revision);
  state.array = true;
  Walk& walk = state.walk;
  walk.skip_bracket();
  if (walk.at_close()) return refuse(ErrorCode::batch_empty, walk.position(), revision);
  const std::size_t limit = context.limits.batch_messages;
  while (true) {
    if (state.messages.size() == limit) {
      return refuse(ErrorCode::batch_too_large, walk.position(), revision);
    }
    const Refusal refusal = read_one(state, context, facts);
    if (refusal.refused()) return refusal;
    Message& message = state.messages.back();
    if (message.method == Method::initialize) {
      return refuse(ErrorCode::batch_initialize, state.outline.whole.begin, revision);
    }
    if (walk.at_close()) break;
    walk.skip_bracket();
  }
  refuse_repeated_ids(state, revision);
  return {};
}

Refusal read_body(State& state, std::string_view body, const ParseContext& context) {
  state.messages.clear();
  state.array = false;
  const HttpFacts facts = read_http(context);
  if (facts.refused != ErrorCode::none) return refuse(facts.refused, 0, facts.revision);
  Refusal refusal = read_json(state, body, context);
  if (refusal.refused()) return refusal;
  const bool client = context.direction == Direction::from_client;
  state.walk.start(state.json, state.bytes.get(), static_cast<std::uint32_t>(state.depth),
                   client ? context.limits.members : context.limits.members_from_server);
  const char first = state.bytes[state.walk.position()];
  if (first == '{') return read_one(state, context, facts);
  if (first == '[') return read_batch(state, context, facts);
  return refuse(ErrorCode::not_an_object, state.walk.position());
}

}  // namespace

Parser::Parser() : state_(std::make_unique<State>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&& other) noexcept = default;
Parser& Parser::operator=(Parser&& other) noexcept = default;

Batch Parser::parse(std::string_view body, const ParseContext& context) noexcept {
  if (state_ == nullptr) return {refuse(ErrorCode::internal), {}, false};
  Refusal refusal;
  try {
    refusal = read_body(*state_, body, context);
  } catch (...) {  // std::bad_alloc is all that can come
    refusal = refuse(ErrorCode::out_of_memory);
  }
  if (refusal.refused()) {
    state_->messages.clear();
    return {refusal, {}, state_->array};
  }
  return {{}, state_->messages, state_->array};
}

}  // namespace mcpgov::wire
