// A governed conversation over stdio.
// Tested by tests/cli/relay_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/relay.hpp"

#include <utility>

#include "mcpgov/net.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::string_view kNoTools = "[]";

// What a disk that is busy may take; a client would rather be told than wait longer.
constexpr std::uint32_t kRecordWaitMs = 2000;

bool blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

void add_line(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  out.append(bytes).push_back('\n');
}

bool is_answer(wire::Kind kind) noexcept {
  return kind == wire::Kind::response || kind == wire::Kind::error_response;
}

// Lines of one batch, to be sent as one array. Batches exist in 2025-03-26 only.
class Together {
 public:
  explicit Together(bool batch) : batch_(batch) {}
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    if (!bytes_.empty()) bytes_ += ',';
    bytes_ += bytes;
  }
  void send(std::string& out) const {
    if (!bytes_.empty()) add_line(out, batch_ ? "[" + bytes_ + "]" : bytes_);
  }

 private:
  bool batch_;
  std::string bytes_;
};

}  // namespace

Relay::Relay(const Governor& governor, Options options)
    : limits_(options.limits),
      tools_timeout_ns_(options.tools_timeout_ns),
      session_(governor.session(options.session)),
      listing_(std::move(options.id_prefix)) {}

void Relay::from_client(std::string_view line, std::uint64_t now_ns) {
  if (blank(line)) return;
  if (must_wait(line, now_ns)) {
    held_.emplace_back(line);
    held_bytes_ += line.size();
    return;
  }
  govern(Direction::from_client, line, now_ns);
}

void Relay::from_server(std::string_view line, std::uint64_t now_ns) {
  if (blank(line) || (listing_.active() && take_listing(line, now_ns))) return;
  // What it answers cannot be known, so nobody can be told but the people who set the limit.
  if (line.size() > limits_.message_bytes) {
    notes.push_back("a message of the server exceeds `limits.message_bytes` and is dropped");
  }
  govern(Direction::from_server, line, now_ns);
}

// What is no single message we understand counts as a use of tools: it waits and is judged then.
Relay::Glance Relay::glance_at(std::string_view line) noexcept {
  const wire::Batch batch = parser_.parse(line, {.direction = Direction::from_client,
                                                 .transport = Transport::stdio,
                                                 .negotiated = wire::Revision::none,
                                                 .http = {},
                                                 .limits = limits_});
  Glance out;
  if (batch.refusal.refused() || batch.messages.size() != 1) {
    out.uses_tools = true;
    return out;
  }
  const wire::Message& message = batch.messages[0];
  out.answer = is_answer(message.kind);
  out.uses_tools = message.refusal.refused() || message.method == wire::Method::tools_call ||
                   message.method == wire::Method::tools_list;
  // A probe of the server's era must reach the server first: a legacy one knows no tools yet.
  if (wire::is_modern(message.revision) && message.method != wire::Method::server_discover) {
    out.modern = message.revision;
  }
  return out;
}

bool Relay::must_wait(std::string_view line, std::uint64_t now_ns) {
  if (!listing_.active() && !session_.wants_tools()) return false;
  const Glance glance = glance_at(line);
  if (!listing_.active()) {
    const bool understood = glance.modern != wire::Revision::none || glance.uses_tools;
    if (!understood || glance.answer) return false;
    list_tools(glance.modern, now_ns);
  }
  return !glance.answer && (glance.uses_tools || !held_.empty());
}

void Relay::govern(Direction direction, std::string_view line, std::uint64_t now_ns) {
  Verdicts verdicts = session_.receive({.direction = direction, .body = line});
  const bool client = direction == Direction::from_client;
  Together onward(verdicts.batch());
  Together back(verdicts.batch());
  for (Verdict& verdict : verdicts) {
    // Only its record can make a message of standard input wait: about as long as the disk takes.
    if (!verdict.pending().empty()) {
      verdict = net::complete(session_, std::move(verdict), kRecordWaitMs);
    }
    const MessageView message = verdict.message();
    if (!verdict.allowed()) {
      // A client is told why nothing comes, and so is a server that asked something; what else a
      // server says out of turn, such as lines of a log, is no question.
      const bool asked = message.kind == wire::Kind::request && !message.id.empty();
      if (client || asked) back.add(verdict.denial().body);
      continue;
    }
    onward.add(message.bytes);
    notice(message, direction);
    if (message.kind == wire::Kind::request) session_.await_answer(verdict);
  }
  onward.send(client ? to_server : to_client);
  back.send(client ? to_client : to_server);
  // After the message that gave the reason has been sent on.
  if (std::exchange(list_again_, false)) list_tools(revision_, now_ns);
}

// What an allowed message means for the list of tools.
void Relay::notice(const MessageView& message, Direction direction) {
  const bool client = direction == Direction::from_client;
  if (client && message.method == wire::Method::note_initialized) {
    revision_ = wire::Revision::none;
    list_again_ = listed_ || session_.wants_tools();
  }
  if (!client && message.method == wire::Method::note_tools_list_changed && listed_) {
    stale_ = listing_.active();
    list_again_ = !stale_;
  }
}

void Relay::list_tools(wire::Revision revision, std::uint64_t now_ns) {
  listing_until_ns_ = now_ns + tools_timeout_ns_;
  revision_ = revision;
  stale_ = false;
  listed_ = true;
  add_line(to_server, listing_.begin(revision));
}

bool Relay::take_listing(std::string_view line, std::uint64_t now_ns) {
  const wire::Batch batch = parser_.parse(line, {.direction = Direction::from_server,
                                                 .transport = Transport::stdio,
                                                 .negotiated = wire::Revision::none,
                                                 .http = {},
                                                 .limits = limits_});
  if (batch.refusal.refused() || batch.messages.size() != 1) return false;
  std::string request;
  switch (listing_.take(batch.messages[0], request)) {
    case ToolListing::Step::not_ours: return false;
    case ToolListing::Step::next: add_line(to_server, request); break;
    case ToolListing::Step::complete: finish_listing(now_ns); break;
    case ToolListing::Step::failed: fail_listing(listing_.failure(), now_ns); break;
  }
  return true;
}

void Relay::finish_listing(std::uint64_t now_ns) {
  if (stale_) {
    stale_ = false;
    // The time is not begun again: a list that keeps changing must not hold calls for ever.
    add_line(to_server, listing_.begin(revision_));
    return;
  }
  const Result<void> known = session_.set_tools(listing_.tools());
  if (!known) return fail_listing(known.error().text(), now_ns);
  release_held(now_ns);
}

// A list that is known to be out of date decides nothing.
void Relay::fail_listing(const std::string& why, std::uint64_t now_ns) {
  notes.push_back("the tools of the server cannot be listed, so calls are denied: " + why);
  if (const auto cleared = session_.set_tools(kNoTools); !cleared) {
    notes.push_back(cleared.error().text());
  }
  release_held(now_ns);
}

void Relay::release_held(std::uint64_t now_ns) {
  // One of them may start a new listing, and then the others wait for that one.
  while (!held_.empty() && !listing_.active()) {
    const std::string line = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= line.size();
    govern(Direction::from_client, line, now_ns);
  }
}

std::optional<std::uint64_t> Relay::deadline_ns() const noexcept {
  if (!listing_.active()) return {};
  return listing_until_ns_;
}

void Relay::tick(std::uint64_t now_ns) {
  if (!listing_.active() || now_ns < listing_until_ns_) return;
  listing_.give_up();
  fail_listing("no complete answer in time", now_ns);
}

}  // namespace mcpgov::cli
