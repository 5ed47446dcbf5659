// Running another program with its standard input and output in our hands, and hearing signals.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov {

// One end of a pipe, or a standard stream of this process. Threads: one thread.
class Stream {
 public:
  enum class Io : std::uint8_t { done, not_now, closed };

  Stream() = default;
  // Owned: closed with the stream, never inherited by other programs, never waits.
  static Stream own(int descriptor) noexcept;
  // Standard input (0) or output (1). A pipe or socket does not wait until the stream is closed,
  // which restores what others share with us; files and terminals stay as they are.
  static Stream standard(int descriptor) noexcept;
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream() { close(); }

  // closed: there is nothing more, or the other side cannot be reached any more.
  Io read(std::span<char> into, std::size_t& got) noexcept;
  Io write(std::string_view bytes, std::size_t& written) noexcept;
  void close() noexcept;

  bool is_open() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
  bool owned_ = false;
  int flags_ = -1;  // to restore; -1: nothing
};

// What to wait for, and what came. A negative descriptor is passed over.
struct Watch {
  int descriptor = -1;
  bool read = false;
  bool write = false;
  bool ready = false;  // either, or the other side is gone
};

// Waits until one of them is ready, at most timeout_ms; negative: without end. A signal ends the
// wait early.
void wait_ready(std::span<Watch> watches, int timeout_ms) noexcept;

enum class Signal : std::uint8_t { terminate, interrupt, hangup, child_exited };

// From its making to its end, signals do not end this process but come through here; SIGPIPE is
// ignored. One at a time in a process. Threads: one thread.
class Signals {
 public:
  Signals() noexcept;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  // Becomes ready to read when a signal has come; -1 when there is no pipe for it.
  int descriptor() const noexcept;
  std::optional<Signal> next() noexcept;
};

// A program that was started by us, leader of a process group of its own: signals that are passed
// on reach what it starts, and a key of the terminal does not reach it twice.
// Threads: one thread.
class Child {
 public:
  // arguments: the program, searched for in PATH, and what it is called with. Standard error and
  // the environment are inherited. Errors: process_failed.
  static Result<Child> start(std::span<const std::string> arguments);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  // Kills what still runs, so that nothing ungoverned is left behind.
  ~Child();

  Stream& input() noexcept { return input_; }    // we write
  Stream& output() noexcept { return output_; }  // we read

  void send(Signal signal) noexcept;  // terminate or interrupt
  void kill() noexcept;

  // Never waits. Empty while it runs; then its exit code, 128 and its number for a signal, which
  // is how shells tell it.
  std::optional<int> exit_code() noexcept;

 private:
  Child() = default;
  long process_ = -1;
  std::optional<int> code_;
  Stream input_;
  Stream output_;
};

}  // namespace mcpgov
