// Running another program: posix_spawn, poll, signals by a pipe to ourselves.
// Tested by tests/cli/run_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace mcpgov {

namespace {

std::string cause(int error) {
  return std::generic_category().message(error);
}

void add_flag(int descriptor, int get, int set, int flag) noexcept {
  const int flags = ::fcntl(descriptor, get);
  if (flags >= 0) ::fcntl(descriptor, set, flags | flag);
}

}  // namespace

Stream Stream::own(int descriptor) noexcept {
  Stream out;
  out.descriptor_ = descriptor;
  out.owned_ = true;
  add_flag(descriptor, F_GETFL, F_SETFL, O_NONBLOCK);
  add_flag(descriptor, F_GETFD, F_SETFD, FD_CLOEXEC);
  return out;
}

Stream Stream::standard(int descriptor) noexcept {
  Stream out;
  struct stat about {};
  if (::fstat(descriptor, &about) != 0) return out;  // it was closed before we came
  out.descriptor_ = descriptor;
  if (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode)) {
    out.flags_ = ::fcntl(descriptor, F_GETFL);
    if (out.flags_ >= 0) ::fcntl(descriptor, F_SETFL, out.flags_ | O_NONBLOCK);
  }
  return out;
}

Stream::Stream(Stream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      owned_(other.owned_),
      flags_(std::exchange(other.flags_, -1)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    owned_ = other.owned_;
    flags_ = std::exchange(other.flags_, -1);
  }
  return *this;
}

void Stream::close() noexcept {
  if (descriptor_ < 0) return;
  if (flags_ >= 0) ::fcntl(descriptor_, F_SETFL, flags_);
  if (owned_) ::close(descriptor_);
  descriptor_ = -1;
  flags_ = -1;
}

Stream::Io Stream::read(std::span<char> into, std::size_t& got) noexcept {
  got = 0;
  if (descriptor_ < 0) return Io::closed;
  const ssize_t count = ::read(descriptor_, into.data(), into.size());
  if (count > 0) {
    got = static_cast<std::size_t>(count);
    return Io::done;
  }
  const bool later = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return later ? Io::not_now : Io::closed;
}

Stream::Io Stream::write(std::string_view bytes, std::size_t& written) noexcept {
  written = 0;
  if (descriptor_ < 0) return Io::closed;
  const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
  if (count >= 0) {
    written = static_cast<std::size_t>(count);
    return Io::done;
  }
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Io::not_now : Io::closed;
}

void wait_ready(std::span<Watch> watches, int timeout_ms) noexcept {
  constexpr std::size_t kMost = 8;
  std::array<pollfd, kMost> polled{};
  const std::size_t count = std::min(watches.size(), kMost);
  for (std::size_t at = 0; at < count; ++at) {
    const int events = (watches[at].read ? POLLIN : 0) | (watches[at].write ? POLLOUT : 0);
    // Without an interest a hang-up would still be reported, again and again.
    polled[at] = {events == 0 ? -1 : watches[at].descriptor, static_cast<short>(events), 0};
  }
  const int ready = ::poll(polled.data(), static_cast<nfds_t>(count), timeout_ms);
  for (std::size_t at = 0; at < count; ++at) {
    watches[at].ready = ready > 0 && polled[at].revents != 0;
  }
}

namespace {

constexpr std::array kHeard{SIGTERM, SIGINT, SIGHUP, SIGCHLD};

// A handler may touch nothing else (POSIX: signal-safety). Written before handlers are installed.
int signal_pipe[2] = {-1, -1};
std::array<struct sigaction, kHeard.size() + 1> former{};

extern "C" void hear(int number) {
  const int saved = errno;
  const auto byte = static_cast<char>(number);
  // A full pipe has signals waiting already; losing one more of them loses nothing.
  [[maybe_unused]] const ssize_t ignored = ::write(signal_pipe[1], &byte, 1);
  errno = saved;
}

void install(int number, void (*act)(int), struct sigaction& before) noexcept {
  struct sigaction action {};
  action.sa_handler = act;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, &before);
}

bool open_pipe(int (&ends)[2]) noexcept {
  if (::pipe(ends) != 0) return false;
  for (const int end : ends) add_flag(end, F_GETFD, F_SETFD, FD_CLOEXEC);
  return true;
}

}  // namespace

Signals::Signals() noexcept {
  if (!open_pipe(signal_pipe)) return;
  for (const int end : signal_pipe) add_flag(end, F_GETFL, F_SETFL, O_NONBLOCK);
  sigset_t heard;
  sigemptyset(&heard);
  for (std::size_t at = 0; at < kHeard.size(); ++at) {
    install(kHeard[at], &hear, former[at]);
    sigaddset(&heard, kHeard[at]);
  }
  // Whoever started us may have blocked some; a child that ended would never be noticed.
  ::pthread_sigmask(SIG_UNBLOCK, &heard, nullptr);
  install(SIGPIPE, SIG_IGN, former.back());
}

Signals::~Signals() {
  if (signal_pipe[0] < 0) return;
  for (std::size_t at = 0; at < kHeard.size(); ++at) {
    ::sigaction(kHeard[at], &former[at], nullptr);
  }
  ::sigaction(SIGPIPE, &former.back(), nullptr);
  for (int& end : signal_pipe) ::close(std::exchange(end, -1));
}

int Signals::descriptor() const noexcept {
  return signal_pipe[0];
}

std::optional<Signal> Signals::next() noexcept {
  char number = 0;
  if (::read(signal_pipe[0], &number, 1) != 1) return {};
  switch (number) {
    case SIGTERM: return Signal::terminate;
    case SIGINT: return Signal::interrupt;
    case SIGHUP: return Signal::hangup;
    default: return Signal::child_exited;
  }
}

namespace {

// What posix_spawn is told, freed with its scope.
struct SpawnPlan {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

// posix_spawn and not fork: no copy of this process ever runs our code, so the sinks of records
// need not be reopened in it.
int spawn(std::span<const std::string> arguments, int in, int out, pid_t& process) {
  SpawnPlan plan;
  posix_spawn_file_actions_adddup2(&plan.files, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&plan.files, out, STDOUT_FILENO);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int number : kHeard) sigaddset(&defaults, number);
  sigaddset(&defaults, SIGPIPE);  // ignoring it would be inherited
  posix_spawnattr_setsigdefault(&plan.attributes, &defaults);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> words;
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  return ::posix_spawnp(&process, words[0], &plan.files, &plan.attributes, words.data(), environ);
}

}  // namespace

Result<Child> Child::start(std::span<const std::string> arguments) {
  if (arguments.empty() || arguments[0].empty()) {
    return Error{ErrorCode::process_failed, "no program is named", {}, 0, 0};
  }
  int to_child[2] = {-1, -1};
  int from_child[2] = {-1, -1};
  Child out;
  const bool first = open_pipe(to_child);
  const bool both = first && open_pipe(from_child);
  int error = both ? 0 : errno;
  if (first) out.input_ = Stream::own(to_child[1]);
  if (both) {
    out.output_ = Stream::own(from_child[0]);
    pid_t process = -1;
    error = spawn(arguments, to_child[0], from_child[1], process);
    if (error == 0) out.process_ = process;
  }
  for (const int end : {to_child[0], from_child[1]}) {
    if (end >= 0) ::close(end);
  }
  if (error == 0) return out;
  return Error{ErrorCode::process_failed,
               "`" + arguments[0] + "` cannot be started: " + cause(error),
               {},
               0,
               0};
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      code_(other.code_),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)) {}

Child::~Child() {
  if (process_ < 0 || exit_code()) return;
  kill();
  int status = 0;
  while (::waitpid(static_cast<pid_t>(process_), &status, 0) < 0 && errno == EINTR) {
  }
}

void Child::send(Signal signal) noexcept {
  if (process_ < 0 || code_) return;
  ::kill(-static_cast<pid_t>(process_), signal == Signal::interrupt ? SIGINT : SIGTERM);
}

void Child::kill() noexcept {
  if (process_ >= 0 && !code_) ::kill(-static_cast<pid_t>(process_), SIGKILL);
}

std::optional<int> Child::exit_code() noexcept {
  if (process_ < 0 || code_) return code_;
  int status = 0;
  if (::waitpid(static_cast<pid_t>(process_), &status, WNOHANG) != process_) return {};
  if (WIFEXITED(status)) code_ = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) code_ = 128 + WTERMSIG(status);
  return code_;
}

}  // namespace mcpgov
