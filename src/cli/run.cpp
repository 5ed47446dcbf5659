// `mcpgov run`: moves bytes between a client, a relay and a server, and ends all three in order.
// Tested by tests/cli/run_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include <array>
#include <optional>
#include <utility>

#include "base/os_process.hpp"
#include "base/os_time.hpp"
#include "cli/lines.hpp"
#include "cli/relay.hpp"
#include "crypto/random.hpp"
#include "mcpgov/net.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;  // a pipe of Linux holds as much
// Nothing more is read from a side while what it caused waits to be written. The client is read a
// while longer when it does not read itself: only denials add to what waits for it, and a client
// that writes a long message before it reads must get to its end.
constexpr std::size_t kWaitingBytes = 1024 * 1024;
constexpr std::size_t kWaitingDenials = 4 * kWaitingBytes;

constexpr std::uint32_t kLastRecords = 2000;  // ms, for the sinks at the end

std::uint64_t nanoseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

// 128 random bits in hexadecimal; empty when the system has none.
std::string random_name() {
  std::array<std::uint8_t, 16> bytes{};
  if (!crypto::random_bytes(bytes)) return {};
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

// Bytes on their way out.
class Outlet {
 public:
  // Takes what a relay has made.
  void take(std::string& bytes) {
    if (waiting_.empty()) {
      waiting_.swap(bytes);
    } else {
      // What has been sent goes once it is the larger part, so that moving the rest costs little.
      if (sent_ > waiting()) waiting_.erase(0, std::exchange(sent_, 0));
      waiting_ += bytes;
    }
    bytes.clear();
  }
  std::size_t waiting() const { return waiting_.size() - sent_; }
  void forget() {
    waiting_.clear();
    sent_ = 0;
  }
  // Writes what the stream takes now. False: the other side is gone.
  bool flush(Stream& stream) {
    while (waiting() != 0) {
      std::size_t written = 0;
      const auto io = stream.write(std::string_view(waiting_).substr(sent_), written);
      if (io == Stream::Io::closed) return false;
      if (io == Stream::Io::not_now) return true;
      sent_ += written;
    }
    forget();
    return true;
  }

 private:
  std::string waiting_;
  std::size_t sent_ = 0;
};

class Conversation {
 public:
  Conversation(Governor& governor, const RunOptions& options, Signals& signals, Relay relay,
               Child child, const wire::Limits& limits)
      : governor_(governor),
        options_(options),
        signals_(signals),
        relay_(std::move(relay)),
        server_(std::move(child)),
        client_lines_(limits.message_bytes),
        server_lines_(limits.message_bytes) {}

  int run();

 private:
  void wait();
  void hear_signals();
  void reload();
  void read_client();
  void read_server();
  void drain_server();
  void flush_client(std::uint64_t until);
  void write_out();
  void end_client();
  void shut_down(std::uint64_t now);

  Governor& governor_;
  const RunOptions& options_;
  Signals& signals_;
  Relay relay_;
  Child server_;
  Stream in_ = Stream::standard(0);
  Stream out_ = Stream::standard(1);
  Lines client_lines_;
  Lines server_lines_;
  Outlet to_client_;
  Outlet to_server_;
  bool client_ready_ = false;
  bool server_ready_ = false;
  bool client_ended_ = false;

  // Closing standard input, asking it to end, ending it: each step has its time.
  enum class Ending : std::uint8_t { no, input_closed, asked, killed };
  Ending ending_ = Ending::no;
  std::uint64_t next_step_ns_ = 0;
};

int Conversation::run() {
  if (!in_.is_open()) end_client();
  std::optional<int> code;
  while (!code) {
    wait();
    hear_signals();
    // Before reading: what the server wrote before it ended can be read after it has.
    code = server_.exit_code();
    read_client();
    read_server();
    const std::uint64_t now = steady_clock_ns();
    relay_.tick(now);
    write_out();
    shut_down(now);
  }
  drain_server();
  return *code;
}

void Conversation::wait() {
  const bool client_reads = !client_ended_ && to_server_.waiting() < kWaitingBytes &&
                            to_client_.waiting() < kWaitingDenials && !relay_.held_enough();
  const bool server_reads =
      to_client_.waiting() < kWaitingBytes && to_server_.waiting() < kWaitingDenials;
  std::array<Watch, 5> watches{{
      {signals_.descriptor(), true, false, false},
      {in_.descriptor(), client_reads, false, false},
      {server_.output().descriptor(), server_reads, false, false},
      {out_.descriptor(), false, to_client_.waiting() != 0, false},
      {server_.input().descriptor(), false, to_server_.waiting() != 0, false},
  }};
  std::optional<std::uint64_t> until = relay_.deadline_ns();
  if (ending_ != Ending::no && (!until || next_step_ns_ < *until)) until = next_step_ns_;
  int timeout_ms = -1;
  if (until) {
    const std::uint64_t now = steady_clock_ns();
    // Rounded up: waking too early would only turn the loop once more.
    timeout_ms = *until <= now ? 0 : static_cast<int>((*until - now) / 1'000'000 + 1);
  }
  wait_ready(watches, timeout_ms);
  client_ready_ = watches[1].ready;
  server_ready_ = watches[2].ready;
}

void Conversation::hear_signals() {
  while (const std::optional<Signal> signal = signals_.next()) {
    switch (*signal) {
      case Signal::terminate:
      case Signal::interrupt: server_.send(*signal); break;
      case Signal::hangup: reload(); break;
      case Signal::child_exited: break;
    }
  }
}

void Conversation::reload() {
  const Result<Generation> fresh = governor_.reload();
  if (!fresh) {
    tell("the configuration stays as it was: " + fresh.error().text());
    return;
  }
  for (const std::string& warning : fresh->warnings) tell("warning: " + warning);
  const Result<Config> config = load_config(options_.place.config);
  if (!config) return;
  client_lines_.set_limit(config->limits.wire.message_bytes);
  server_lines_.set_limit(config->limits.wire.message_bytes);
  relay_.set_limits(config->limits.wire);
}

void Conversation::read_client() {
  if (!client_ready_) return;
  std::array<char, kReadBytes> bytes;
  std::size_t got = 0;
  const Stream::Io io = in_.read(bytes, got);
  if (io == Stream::Io::not_now) return;
  std::string_view line;
  const std::uint64_t now = steady_clock_ns();
  if (io == Stream::Io::done) {
    client_lines_.feed({bytes.data(), got});
    while (client_lines_.next(line)) relay_.from_client(line, now);
    return;
  }
  if (client_lines_.rest(line)) relay_.from_client(line, now);
  end_client();
}

void Conversation::read_server() {
  if (!server_ready_) return;
  std::array<char, kReadBytes> bytes;
  std::size_t got = 0;
  const Stream::Io io = server_.output().read(bytes, got);
  if (io == Stream::Io::not_now) return;
  std::string_view line;
  const std::uint64_t now = steady_clock_ns();
  if (io == Stream::Io::done) {
    server_lines_.feed({bytes.data(), got});
    while (server_lines_.next(line)) relay_.from_server(line, now);
    return;
  }
  if (server_lines_.rest(line)) relay_.from_server(line, now);
  server_.output().close();
}

// What the server has written before it ended; processes it started may keep the pipe open, so this
// does not wait for its end.
void Conversation::drain_server() {
  const std::uint64_t until = steady_clock_ns() + nanoseconds(options_.exit_timeout_s);
  while (server_.output().is_open() && steady_clock_ns() < until) {
    Watch more{server_.output().descriptor(), true, false, false};
    wait_ready({&more, 1}, 0);
    if (!more.ready) break;
    server_ready_ = true;
    read_server();
    flush_client(until);
  }
  flush_client(until);
}

// Waits for the client to take what is for it.
void Conversation::flush_client(std::uint64_t until) {
  write_out();
  while (to_client_.waiting() != 0 && out_.is_open()) {
    const std::uint64_t now = steady_clock_ns();
    if (now >= until) return;
    Watch room{out_.descriptor(), false, true, false};
    wait_ready({&room, 1}, static_cast<int>((until - now) / 1'000'000 + 1));
    write_out();
  }
}

void Conversation::write_out() {
  to_server_.take(relay_.to_server);
  to_client_.take(relay_.to_client);
  for (const std::string& note : std::exchange(relay_.notes, {})) tell(note);
  if (!server_.input().is_open()) {
    to_server_.forget();
  } else if (!to_server_.flush(server_.input())) {
    server_.input().close();
    to_server_.forget();
  }
  if (!out_.is_open()) {
    to_client_.forget();
  } else if (!to_client_.flush(out_)) {
    // Nobody reads what the server says: the same as a client that has ended.
    out_.close();
    to_client_.forget();
    end_client();
  }
}

void Conversation::end_client() {
  if (client_ended_) return;
  client_ended_ = true;
  in_.close();
  next_step_ns_ =
      steady_clock_ns() + nanoseconds(options_.exit_timeout_s + options_.tools_timeout_s);
}

// Spec: MCP 2025-06-18 and later, basic/lifecycle, "Shutdown", stdio.
void Conversation::shut_down(std::uint64_t now) {
  if (!client_ended_) return;
  const bool late = now >= next_step_ns_;
  switch (ending_) {
    case Ending::no:
      if (!late && (to_server_.waiting() != 0 || relay_.holds_back())) return;
      server_.input().close();
      ending_ = Ending::input_closed;
      break;
    case Ending::input_closed:
      if (!late) return;
      server_.send(Signal::terminate);
      ending_ = Ending::asked;
      break;
    case Ending::asked:
      if (!late) return;
      server_.kill();
      ending_ = Ending::killed;
      break;
    case Ending::killed:
      if (!late) return;
      break;
  }
  next_step_ns_ = now + nanoseconds(options_.exit_timeout_s);
}

// The caller of this session: that of the command line, or of the configuration, or nobody.
Result<SessionOptions> session_options(const Config& config, const Place& place) {
  Result<std::string> server = choose_server(config, place);
  if (!server) return server.error();
  Result<Caller> caller = read_caller(place.caller);
  if (!caller) return caller.error();
  SessionOptions out;
  out.server = *std::move(server);
  out.tenant = place.tenant;
  out.transport = Transport::stdio;
  out.id = random_name();
  out.caller = *std::move(caller);
  return out;
}

}  // namespace

int run(const RunOptions& options) {
  const Result<Config> config = load_config(options.place.config);
  if (!config) return fail(config.error());
  Result<SessionOptions> session = session_options(*config, options.place);
  if (!session) return fail(session.error());
  Result<Governor> governor = Governor::open(options.place.config);
  if (!governor) return fail(governor.error());
  for (const std::string& warning : governor->generation().warnings) tell("warning: " + warning);
  if (session->caller.kind == CallerKind::none && config->stdio.kind == CallerKind::none) {
    tell("warning: no caller is named (`identity.stdio` or --caller): everything is denied");
  }
  std::optional<net::Sinks> sinks;  // of a log; the lines of `audit.file` go nowhere else
  if (governor->log() != nullptr) {
    Result<net::Sinks> started = net::start_sinks(*governor);
    if (!started) return fail(started.error());
    sinks = *std::move(started);
  }
  const std::string own = random_name();
  if (own.empty()) return fail({ErrorCode::internal, "there is no randomness", {}, 0, 0});
  // Before the server starts, so that its end is heard whenever it comes.
  Signals signals;
  Result<Child> child = Child::start(options.command);
  if (!child) {
    fail(child.error());
    return kNotStarted;
  }
  Relay relay(*governor, {.session = *std::move(session),
                          .limits = config->limits.wire,
                          .tools_timeout_ns = nanoseconds(options.tools_timeout_s),
                          .id_prefix = "mcpgov:" + own + ":"});
  const int code = Conversation(*governor, options, signals, std::move(relay), *std::move(child),
                                config->limits.wire)
                       .run();
  // What they do not get now, the next process of this directory sends.
  if (sinks) {
    governor->log()->flush(kLastRecords);
    sinks->stop(kLastRecords);
  }
  return code;
}

}  // namespace mcpgov::cli
