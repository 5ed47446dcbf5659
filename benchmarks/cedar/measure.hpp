// Times calls in batches: the same loop as in rivals/cedar-rust and rivals/cedar-go.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <malloc.h>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace mcpgov::bench {

using Clock = std::chrono::steady_clock;

// The result is used, whatever the optimiser thinks.
template <class T>
void keep(T&& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

inline double nanoseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::nano>(Clock::now() - since).count();
}

// Time that the processor spent on us, whatever else the machine was doing.
inline double cpu_nanoseconds() {
  struct timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Bytes that the heap has handed out, as the system counts them: headers of the allocator included.
inline double heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// What one call costs, over all samples.
struct Samples {
  std::vector<double> ns;
  unsigned batch = 1;
  double cpu = 0;  // of all calls, their clock reads included

  // One line of the report. divide: how many things one call did.
  nlohmann::json line(std::string_view op, double divide = 1) {
    std::sort(ns.begin(), ns.end());
    const auto at = [&](double share) {
      return ns[static_cast<std::size_t>(share * static_cast<double>(ns.size() - 1))] / divide;
    };
    double sum = 0;
    for (const double each : ns) sum += each;
    const double calls = static_cast<double>(ns.size()) * batch;
    return {{"op", op},
            {"cpu", cpu / calls / divide},
            {"p50", at(0.50)},
            {"p99", at(0.99)},
            {"mean", sum / static_cast<double>(ns.size()) / divide},
            {"samples", ns.size()},
            {"batch", batch}};
  }
};

// Calls call(0…count-1) in turn for about so many seconds. A sample is a batch of one call repeated
// until it takes 2 us: a clock read costs some 25 ns, which a single call would drown in.
template <class Call>
Samples measure(std::size_t count, double seconds, Call call) {
  constexpr double kWarmShare = 0.1;
  constexpr double kBatchNs = 2000;
  constexpr std::size_t kMostSamples = 400'000;
  const double limit = seconds * 1e9;
  double each = 1e18;  // the fastest call: not what a busy machine made of it
  Clock::time_point begin = Clock::now();
  for (std::size_t calls = 0; calls == 0 || nanoseconds(begin) < limit * kWarmShare; ++calls) {
    const Clock::time_point start = Clock::now();
    call(calls % count);
    each = std::min(each, nanoseconds(start) + 1);
  }
  Samples out;
  out.batch =
      std::bit_ceil(static_cast<unsigned>(std::clamp(std::ceil(kBatchNs / each), 1., 1024.)));
  out.ns.reserve(kMostSamples);
  begin = Clock::now();
  const double cpu = cpu_nanoseconds();
  for (std::size_t at = 0;
       out.ns.empty() || (nanoseconds(begin) < limit && out.ns.size() < kMostSamples);
       at = (at + 1) % count) {
    const Clock::time_point start = Clock::now();
    for (unsigned i = 0; i < out.batch; ++i) call(at);
    out.ns.push_back(nanoseconds(start) / out.batch);
  }
  out.cpu = cpu_nanoseconds() - cpu;
  return out;
}

}  // namespace mcpgov::bench
