// The filter between a server's answer and its caller.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "governor/answers.hpp"
#include "governor/verdict_state.hpp"
#include "wire/sse.hpp"

namespace mcpgov::detail {

// One answer, as a JSON body or an event stream. Owns the question until the end.
// Threads: one thread at a time.
class ReplyState {
 public:
  // question: allowed, of a live session; null passes nothing.
  ReplyState(VerdictState* question, ReplyFormat format);
  ReplyState(const ReplyState&) = delete;
  ReplyState& operator=(const ReplyState&) = delete;
  ~ReplyState();

  std::string_view feed(std::string_view bytes) noexcept;
  std::string_view end() noexcept;
  std::string_view take_to_server() noexcept;

  ErrorCode reason() const noexcept { return reason_; }
  int http_status() const noexcept { return http_status_; }

 private:
  enum class Pass { message, nothing };

  void choose_format(std::string_view bytes) noexcept;
  void feed_json(std::string_view bytes);
  void drain_events();
  void pass_event(const wire::SseEvent& event);
  void write_plainly(const wire::SseEvent& event);
  void end_json();
  void end_events();
  std::string_view withheld_answer();
  void answer_server(const VerdictFacts& facts);
  // Appends what may pass of one JSON text (a message or a batch) to `out`.
  Pass pass_text(std::string_view text, std::string& out);
  Pass pass_message(const wire::Message& message, std::string& out);
  Pass pass_own_answer(const wire::Message& message, std::string& out);
  void keep_result();
  bool is_own(const wire::Message& message) const noexcept;
  void withheld(ErrorCode reason) noexcept;
  void fail() noexcept;
  void close() noexcept;

  VerdictState* question_;
  ReplyFormat format_;
  wire::SseReader events_;
  std::string body_;       // of a JSON answer
  std::string out_;        // what feed() and end() show
  std::string one_;        // one filtered message
  std::string result_;     // of an answer in a stream, for the record
  std::string to_server_;  // errors for denied requests of the server
  std::string shown_to_server_;
  bool failed_ = false;
  bool answered_ = false;
  ErrorCode reason_ = ErrorCode::none;
  int http_status_ = 200;
  audit::Completion completion_;
};

}  // namespace mcpgov::detail
