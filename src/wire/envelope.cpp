// The shape of a message: request, notification or response, of which revision, allowed or not.
// Tested by tests/wire/message_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/envelope.hpp"

#include "wire/refusals.hpp"
#include "wire/values.hpp"

namespace mcpgov::wire {
namespace {

// Reads one message in the order in which a fault hides the next one.
class Envelope {
 public:
  Envelope(Parser::State& state, const ParseContext& context, const HttpFacts& facts,
           Message& message) noexcept
      : state_(state), context_(context), facts_(facts), message_(message), values_(state) {}

  void read() {
    const Outline& outline = state_.outline;
    message_.raw =
        state_.body().substr(outline.whole.begin, outline.whole.end - outline.whole.begin);
    message_.revision = assumed_revision(context_, facts_);
    if (!outline.object) {
      fail(ErrorCode::not_an_object, outline.whole.begin);
    } else if (outline.fault != ErrorCode::none) {
      fail(outline.fault, outline.fault_offset);
    } else {
      (void)(read_shape() && read_revision() && read_method() && read_contents());
    }
  }

 private:
  bool fail(ErrorCode code, std::size_t offset) noexcept {
    message_.refusal = refuse(code, offset, message_.revision);
    return false;
  }
  bool fail(ErrorCode code, Slot slot) noexcept { return fail(code, values_.offset(slot)); }

  bool from_client() const noexcept { return context_.direction == Direction::from_client; }

  bool read_shape() noexcept {
    if (values_.text(Slot::jsonrpc) != "2.0") {
      return fail(ErrorCode::jsonrpc_version, Slot::jsonrpc);
    }
    if (!values_.id(Slot::id, message_.id)) {
      message_.id = {};
      return fail(ErrorCode::id_invalid, Slot::id);
    }
    message_.params = values_.raw(Slot::params);
    message_.result = values_.raw(Slot::result);
    message_.error = values_.raw(Slot::error);
    return values_.has(Slot::method) ? read_call_shape() : read_response_shape();
  }

  bool read_call_shape() noexcept {
    const bool answer = values_.has(Slot::result) || values_.has(Slot::error);
    if (answer || !values_.is_string(Slot::method)) {
      return fail(ErrorCode::message_shape, Slot::method);
    }
    message_.method_text = values_.text(Slot::method);
    message_.kind = values_.has(Slot::id) ? Kind::request : Kind::notification;
    if (message_.id.type == Id::Type::null) return fail(ErrorCode::id_invalid, Slot::id);
    return true;
  }

  bool read_response_shape() noexcept {
    const bool result = values_.has(Slot::result);
    if (result == values_.has(Slot::error) || values_.has(Slot::params)) {
      return fail(ErrorCode::message_shape, Slot::result);
    }
    message_.kind = result ? Kind::response : Kind::error_response;
    if (result) {
      if (!values_.is_object(Slot::result)) return fail(ErrorCode::message_shape, Slot::result);
      // Without an id nobody knows what it answers.
      if (!message_.id.present()) return fail(ErrorCode::id_invalid, Slot::id);
      return true;
    }
    const bool whole = values_.is_object(Slot::error) &&
                       values_.is(Slot::error_code, Values::Type::INT64) &&
                       values_.is_string(Slot::error_message);
    return whole || fail(ErrorCode::message_shape, Slot::error);
  }

  // Which rules the message is read under. A claim in `_meta` makes it modern and `initialize`
  // makes it legacy, whatever the connection has seen before (MCP 2026-07-28 versioning).
  bool read_revision() noexcept {
    const bool claimed = from_client() && values_.has(Slot::meta_revision);
    if (message_.method_text == "initialize" && from_client() && !claimed) {
      const Revision asked = revision_from(values_.text(Slot::protocol_version));
      const bool legacy = asked != Revision::none && !is_modern(asked);
      message_.revision = legacy ? asked : Revision::v2025_11_25;
      if (is_modern(facts_.revision)) return fail(ErrorCode::header_mismatch, Slot::method);
    } else if (claimed) {
      message_.revision = Revision::v2026_07_28;
      if (!values_.is_string(Slot::meta_revision)) {
        return fail(ErrorCode::params_invalid, Slot::meta_revision);
      }
      if (values_.text(Slot::meta_revision) != revision_text(Revision::v2026_07_28)) {
        return fail(ErrorCode::revision_unsupported, Slot::meta_revision);
      }
    } else if (is_modern(facts_.revision)) {
      message_.revision = facts_.revision;
    } else if (facts_.revision != Revision::none && facts_.revision != message_.revision) {
      return fail(ErrorCode::header_mismatch, Slot::method);
    }
    if (facts_.fault != ErrorCode::none) return fail(facts_.fault, 0);
    return read_era();
  }

  // What modern messages must carry, and what they must not be.
  bool read_era() noexcept {
    if (!is_modern(message_.revision) || !from_client()) return true;
    if (message_.kind == Kind::response || message_.kind == Kind::error_response) {
      return fail(ErrorCode::message_shape, Slot::id);
    }
    if (message_.kind == Kind::notification) return true;
    if (!values_.has(Slot::meta_revision)) return fail(ErrorCode::meta_missing, Slot::params);
    if (!values_.is_object(Slot::meta_capabilities)) {
      return fail(ErrorCode::meta_missing, Slot::meta);
    }
    return true;
  }

  bool read_method() noexcept {
    if (!values_.has(Slot::method)) return true;
    message_.method = method_from(message_.method_text);
    if (message_.method == Method::unknown) return fail(ErrorCode::method_unknown, Slot::method);
    const MethodRow& row = method_row(message_.method);
    if (!row.allowed(message_.revision, context_.direction)) {
      const Direction other = from_client() ? Direction::from_server : Direction::from_client;
      return fail(row.allowed(message_.revision, other) ? ErrorCode::method_wrong_direction
                                                        : ErrorCode::method_not_in_revision,
                  Slot::method);
    }
    // A call without an id would be carried out and never answered.
    return row.kind == message_.kind || fail(ErrorCode::message_shape, Slot::method);
  }

  bool read_contents() {
    if (values_.has(Slot::method)) {
      message_.refusal = read_params(state_, message_);
      if (message_.refusal.refused()) return false;
    }
    if (context_.transport == Transport::stdio || !from_client() || context_.headers_agreed) {
      return true;
    }
    const ErrorCode code = check_agreement(facts_, message_);
    return code == ErrorCode::none || fail(code, 0);
  }

  Parser::State& state_;
  const ParseContext& context_;
  const HttpFacts& facts_;
  Message& message_;
  Values values_;
};

}  // namespace

Revision assumed_revision(const ParseContext& context, const HttpFacts& facts) noexcept {
  if (context.negotiated != Revision::none) return context.negotiated;
  if (facts.revision != Revision::none) return facts.revision;
  if (context.direction == Direction::from_server) return Revision::none;
  switch (context.transport) {
    case Transport::streamable_http: return Revision::v2025_03_26;
    case Transport::http_sse: return Revision::v2024_11_05;
    case Transport::stdio: break;
  }
  return Revision::none;
}

void read_envelope(Parser::State& state, const ParseContext& context, const HttpFacts& facts,
                   Message& message) {
  Envelope(state, context, facts, message).read();
}

}  // namespace mcpgov::wire
