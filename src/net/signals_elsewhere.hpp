// Threads of ours that leave signals to the host.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if !defined(_WIN32)
#include <signal.h>
#endif

namespace mcpgov::net {

// Signals are for the threads of the host: while this lives, threads that are started block them.
// Threads: one thread.
class SignalsElsewhere {
 public:
#if !defined(_WIN32)
  SignalsElsewhere() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former_);
  }
  ~SignalsElsewhere() {
    pthread_sigmask(SIG_SETMASK, &former_, nullptr);
  }

 private:
  sigset_t former_;
#else
  SignalsElsewhere() noexcept {}
  ~SignalsElsewhere() {}

 public:
#endif
  SignalsElsewhere(const SignalsElsewhere&) = delete;
  SignalsElsewhere& operator=(const SignalsElsewhere&) = delete;
};

}  // namespace mcpgov::net
