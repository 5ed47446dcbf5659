// Sinks of lines: standard output, and a file.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

constexpr int kPollPeriod = 100;  // ms, until stop() is heard while nobody reads our output

class Lines final : public Transport {
 public:
  Lines(const SinkSettings& settings, std::string path)
      : text_(settings, line_format(settings.format)), path_(std::move(path)) {}
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() override {
    if (owned_ >= 0) close(owned_);
  }

  Delivery send(const Batch& batch) override {
    std::string text;
    if (!text_.append(text, batch)) return {Fate::taken, 0, 0, {}};
    if (!reopen()) return failed("open");
    const int descriptor = path_.empty() ? STDOUT_FILENO : owned_;
    if (!write_all(descriptor, text)) return failed("write");
    // Whoever asked for a file wants its lines after a power failure, too.
    if (!path_.empty() && fdatasync(descriptor) != 0) return failed("sync");
    return {Fate::taken, 0, 0, {}};
  }

  void stop() noexcept override { stopped_.store(true, std::memory_order_relaxed); }

 private:
  Delivery failed(const char* what) const {
    return {Fate::again, 0, 0, std::string("cannot ") + what + ": " + std::strerror(errno)};
  }

  // A file that was moved away by a rotation of logs is made anew.
  bool reopen() noexcept {
    if (path_.empty()) return true;
    struct stat there = {};
    struct stat ours = {};
    if (owned_ >= 0 && stat(path_.c_str(), &there) == 0 && fstat(owned_, &ours) == 0 &&
        there.st_ino == ours.st_ino && there.st_dev == ours.st_dev) {
      return true;
    }
    if (owned_ >= 0) close(owned_);
    owned_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    torn_ = false;
    return owned_ >= 0;
  }

  bool write_all(int descriptor, std::string_view text) noexcept {
    // What a failed write left of a line must not swallow the next one.
    if (torn_ && write(descriptor, "\n", 1) == 1) torn_ = false;
    while (!text.empty()) {
      const ssize_t wrote = write(descriptor, text.data(), text.size());
      if (wrote > 0) {
        torn_ = text[static_cast<std::size_t>(wrote) - 1] != '\n';
        text.remove_prefix(static_cast<std::size_t>(wrote));
      } else if (wrote < 0 && errno == EAGAIN) {
        pollfd wait = {descriptor, POLLOUT, 0};
        poll(&wait, 1, kPollPeriod);
      } else if (wrote == 0 || errno != EINTR) {
        return false;
      }
      if (stopped_.load(std::memory_order_relaxed) && !text.empty()) {
        errno = EINTR;
        return false;
      }
    }
    return true;
  }

  SinkText text_;
  const std::string path_;  // empty: standard output
  int owned_ = -1;
  bool torn_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_lines(const SinkSettings& settings) {
  const bool file = settings.type == SinkType::file;
  if (file && settings.url.empty()) return sink_error(settings, "`url` has no path");
  return std::unique_ptr<Transport>(
      std::make_unique<Lines>(settings, file ? settings.url : std::string()));
}

}  // namespace mcpgov::net
