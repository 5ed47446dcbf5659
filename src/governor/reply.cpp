// The filter between a server's answer and its caller.
// Tested by tests/governor/reply_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "base/json_writer.hpp"
#include "governor/denials.hpp"
#include "governor/reply_state.hpp"
#include "governor/snapshot.hpp"

namespace mcpgov {

namespace detail {

namespace {

std::size_t reply_limit(const VerdictState* question) noexcept {
  return question == nullptr ? 0 : question->pin->snapshot->config.limits.reply_bytes;
}

// Only a request has an answer of its own. An answer that passed has an id, too: of what it
// answers.
bool asks(const VerdictState& question) noexcept {
  return question.facts.kind == wire::Kind::request && question.facts.id.present();
}

}  // namespace

ReplyState::ReplyState(VerdictState* question, ReplyFormat format)
    : question_(question), format_(format), events_(reply_limit(question)) {}

ReplyState::~ReplyState() {
  abandon(question_);
}

// Remembers the first reason: it is what went wrong, the rest follows from it.
void ReplyState::withheld(ErrorCode reason) noexcept {
  if (reason_ == ErrorCode::none) reason_ = reason;
  completion_.outcome = audit::Outcome::withheld;
}

void ReplyState::fail() noexcept {
  failed_ = true;
  body_.clear();
  out_.clear();
  withheld(ErrorCode::out_of_memory);
  http_status_ = 502;
}

void ReplyState::choose_format(std::string_view bytes) noexcept {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (format_ != ReplyFormat::automatic || first == std::string_view::npos) return;
  // A byte order mark in front of JSON would make it a stream without data to us and JSON to
  // others.
  const bool json = bytes[first] == '{' || bytes[first] == '[' || bytes[first] == '\xef';
  format_ = json ? ReplyFormat::json : ReplyFormat::event_stream;
}

std::string_view ReplyState::feed(std::string_view bytes) noexcept {
  out_.clear();
  if (question_ == nullptr || failed_) return {};
  try {
    choose_format(bytes);
    if (format_ == ReplyFormat::event_stream) {
      // White space that came before the format was known is part of the stream.
      events_.feed(std::exchange(body_, {}));
      events_.feed(bytes);
      drain_events();
    } else {
      feed_json(bytes);
    }
  } catch (...) {
    fail();
  }
  completion_.reply_bytes += out_.size();
  return out_;
}

void ReplyState::feed_json(std::string_view bytes) {
  if (body_.size() + bytes.size() > reply_limit(question_)) {
    failed_ = true;
    body_.clear();
    withheld(ErrorCode::message_too_large);
    return;
  }
  body_.append(bytes);
}

void ReplyState::drain_events() {
  wire::SseEvent event;
  for (;;) {
    switch (events_.next(event)) {
      case wire::SseReader::Step::event: pass_event(event); break;
      case wire::SseReader::Step::more: return;
      case wire::SseReader::Step::failed:
        failed_ = true;
        withheld(events_.error());
        return;
    }
  }
}

// Comments and heartbeats carry no message. Events of other types than `message` do not either,
// but clients differ in what they do with them, so only the `endpoint` event of 2024-11-05 passes.
void ReplyState::pass_event(const wire::SseEvent& event) {
  if (!event.has_data || event.data.empty()) {
    // A heartbeat keeps the connection; what it says is for nobody.
    out_.append(":\n\n");
    return;
  }
  if (event.name == "endpoint" && question_->facts.stream &&
      question_->session->options().transport == Transport::http_sse) {
    out_.append(event.raw);
    return;
  }
  if (!event.name.empty() && event.name != "message") return withheld(ErrorCode::stream_invalid);
  one_.clear();
  if (pass_text(event.data, one_) == Pass::nothing) return;
  if (!wire::is_plain(event)) return write_plainly(event);
  if (one_ == event.data) {
    out_.append(event.raw);
  } else {
    wire::write_event(event, one_, out_);
  }
}

// Clients differ in where lines end and in which lines are fields. What remains of such an event is
// its message, in a spelling that all of them read alike, and its id where that is as plain.
void ReplyState::write_plainly(const wire::SseEvent& event) {
  std::string data;
  append_safe_json(data, one_);
  const bool plain_id =
      std::all_of(event.id.begin(), event.id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  wire::write_new_event(plain_id ? event.id : std::string_view{}, data, out_);
}

ReplyState::Pass ReplyState::pass_text(std::string_view text, std::string& out) {
  Workbench& bench = workbench();
  bench.arena.reset();
  const Pin& pin = *question_->pin;
  wire::ParseContext parse{.direction = Direction::from_server,
                           .transport = Transport::streamable_http,  // a body, not a line
                           .negotiated = question_->session->negotiated(),
                           .http = {},
                           .limits = pin.snapshot->config.limits.wire};
  parse.limits.message_bytes = pin.snapshot->config.limits.reply_bytes;
  if (wire::is_modern(question_->facts.revision)) parse.negotiated = question_->facts.revision;
  const wire::Batch batch = bench.parser.parse(text, parse);
  if (batch.refusal.refused()) {
    withheld(batch.refusal.code);
    return Pass::nothing;
  }
  if (!batch.array) return pass_message(batch.messages[0], out);
  std::string joined;
  for (const wire::Message& message : batch.messages) {
    std::string one;
    if (pass_message(message, one) == Pass::nothing) continue;
    joined.append(joined.empty() ? "" : ",").append(one);
  }
  if (joined.empty()) return Pass::nothing;
  out.append("[").append(joined).append("]");
  return Pass::message;
}

bool ReplyState::is_own(const wire::Message& message) const noexcept {
  return message.kind >= wire::Kind::response && !answered_ && asks(*question_) &&
         question_->facts.id == message.id;
}

// The parser's text goes with the next message; only a JSON answer ends before that.
void ReplyState::keep_result() {
  // As much as a record takes of one side.
  constexpr std::size_t kKept = 64 * 1024;
  if (format_ != ReplyFormat::event_stream || !question_->record_open) return;
  result_.assign(completion_.result.substr(0, kKept));
  completion_.result = result_;
}

ReplyState::Pass ReplyState::pass_own_answer(const wire::Message& message, std::string& out) {
  answered_ = true;
  const FilteredAnswer answer = filter_answer(*question_, message, workbench());
  const std::uint64_t passed = completion_.reply_bytes;
  completion_ = completion_of(answer, message);
  completion_.reply_bytes = passed;
  keep_result();
  if (answer.outcome == audit::Outcome::withheld) {
    withheld(answer.reason);
    http_status_ = 502;
  }
  out.append(answer.bytes);
  return Pass::message;
}

// Errors for a server that nobody hands on are not collected without end.
void ReplyState::answer_server(const VerdictFacts& facts) {
  constexpr std::size_t kKept = 1024 * 1024;
  if (facts.denial.body.empty() || to_server_.size() > kKept) return;
  to_server_.append(facts.denial.body).push_back('\n');
}

// What is not the answer itself is a message of the server like any other.
ReplyState::Pass ReplyState::pass_message(const wire::Message& message, std::string& out) {
  if (is_own(message)) return pass_own_answer(message, out);
  // What comes on a stream after its caller's time is for nobody.
  static const std::shared_ptr<const Caller> kNobody;
  const bool ended = question_->session->has_ended(question_->facts.identity_ends_s);
  const MessageContext context{.session = *question_->session,
                               .pin = question_->pin,
                               .caller = ended ? kNobody : question_->caller,
                               .caller_error = ErrorCode::token_expired,
                               .bench = workbench(),
                               .peer = question_->facts.peer,
                               .direction = Direction::from_server,
                               .started = question_->session->governor().now(),
                               .protocol_session = question_->facts.protocol_session};
  Holder held{decide_message(context, &message, {})};
  const VerdictFacts& facts = held.state->facts;
  if (!facts.allowed) {
    if (message.kind == wire::Kind::request && message.id.present()) answer_server(facts);
    if (message.kind >= wire::Kind::response || message.refusal.refused()) withheld(facts.reason);
    return Pass::nothing;
  }
  out.append(facts.bytes);
  question_->session->await_answer(held.give());
  return Pass::message;
}

void ReplyState::end_json() {
  if (!failed_ && body_.find_first_not_of(" \t\r\n") != std::string::npos) {
    one_.clear();
    if (pass_text(body_, one_) == Pass::message) out_.assign(one_);
  }
  // Nothing that came was the answer. The caller gets one all the same.
  if (answered_ || !asks(*question_) || (body_.empty() && !failed_)) return;
  withheld(ErrorCode::item_unclassified);
  http_status_ = 502;
  out_.assign(withheld_answer());
}

// A stream that ends without the answer may be resumed elsewhere (2025-11-25), unless what was to
// be the answer has been withheld: then the client would wait for ever.
void ReplyState::end_events() {
  events_.finish();
  if (!failed_) drain_events();
  if (answered_ || !asks(*question_) || reason_ == ErrorCode::none) return;
  wire::write_new_event({}, withheld_answer(), out_);
}

std::string_view ReplyState::withheld_answer() {
  Workbench& bench = workbench();
  bench.arena.reset();
  return error_response(question_->facts.id.raw, 502, "The answer was withheld", bench.arena);
}

std::string_view ReplyState::end() noexcept {
  out_.clear();
  if (question_ == nullptr) return {};
  try {
    if (format_ == ReplyFormat::event_stream) {
      end_events();
    } else {
      end_json();
    }
  } catch (...) {
    fail();
  }
  completion_.reply_bytes += out_.size();
  close();
  return out_;
}

void ReplyState::close() noexcept {
  // A stream that ended without the answer may be resumed by the client elsewhere (2025-11-25).
  if (completion_.outcome == audit::Outcome::unknown) {
    completion_.outcome =
        question_->facts.stream ? audit::Outcome::completed : audit::Outcome::abandoned;
  }
  completion_.reason = reason_;
  const std::shared_ptr<SessionCore> session = question_->session;
  session->finish(std::exchange(question_, nullptr), completion_);
}

std::string_view ReplyState::take_to_server() noexcept {
  shown_to_server_.clear();
  shown_to_server_.swap(to_server_);
  return shown_to_server_;
}

}  // namespace detail

Reply::Reply() noexcept = default;
Reply::Reply(std::unique_ptr<detail::ReplyState> state) noexcept : state_(std::move(state)) {}
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(Reply&&) noexcept = default;
Reply::~Reply() = default;

std::string_view Reply::feed(std::string_view bytes) noexcept {
  return state_ ? state_->feed(bytes) : std::string_view{};
}

std::string_view Reply::end() noexcept {
  return state_ ? state_->end() : std::string_view{};
}

ErrorCode Reply::reason() const noexcept {
  return state_ ? state_->reason() : ErrorCode::verdict_spent;
}

int Reply::http_status() const noexcept {
  return state_ ? state_->http_status() : 502;
}

std::string_view Reply::to_server() noexcept {
  return state_ ? state_->take_to_server() : std::string_view{};
}

Reply Session::reply(Verdict& verdict, ReplyFormat format) noexcept {
  detail::VerdictState* const state = verdict.take();
  if (state == nullptr || state->immortal) return {};
  if (!core_ || state->session != core_ || !state->facts.allowed) {
    detail::abandon(state);
    return {};
  }
  try {
    return Reply(std::make_unique<detail::ReplyState>(state, format));
  } catch (...) {
    detail::abandon(state);
    return {};
  }
}

}  // namespace mcpgov
