// A disk that is full after some bytes, made of the process's limit for the size of files.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <stdexcept>
#include <sys/resource.h>

namespace mcpgov::test {

// While it lives, no file of this process grows beyond `bytes`: a write up to there is cut short
// and the next one fails (setrlimit(2), RLIMIT_FSIZE).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : former_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    if (::getrlimit(RLIMIT_FSIZE, &former_) != 0) throw std::runtime_error("getrlimit");
    set(bytes);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_signal_);
  }

  void set(rlim_t bytes) const {
    const rlimit wanted{bytes, former_.rlim_max};
    if (::setrlimit(RLIMIT_FSIZE, &wanted) != 0) throw std::runtime_error("setrlimit");
  }

 private:
  void (*former_signal_)(int);
  rlimit former_{};
};

}  // namespace mcpgov::test
