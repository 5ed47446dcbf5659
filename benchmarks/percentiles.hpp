// The distribution behind a mean: p50 and p99 of one operation as benchmark counters.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include <benchmark/benchmark.h>

namespace mcpgov::bench {

// Runs `operation` kBatch times per iteration and times each batch: a clock read costs about 25 ns,
// which a single operation would drown in. Reports nanoseconds per operation as p50 and p99 of the
// batches; the mean is the benchmark's own figure divided by kBatch (`per_op`).
inline constexpr int kBatch = 16;

// `after` runs behind each batch, outside of what is timed.
template <class Operation, class After>
void measure(benchmark::State& state, Operation operation, After after) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> samples;
  samples.reserve(1 << 20);
  for (int warm = 0; warm < 128; ++warm) {
    for (int at = 0; at < kBatch; ++at) operation();
    after();
  }
  double total = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    for (int at = 0; at < kBatch; ++at) operation();
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    after();
    total += took.count();
    if (samples.size() < samples.capacity()) samples.push_back(took.count() / kBatch);
  }
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double share) {
    return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1))];
  };
  state.counters["p50_ns"] = at(0.50);
  state.counters["p99_ns"] = at(0.99);
  state.counters["mean_ns"] = total / (static_cast<double>(state.iterations()) * kBatch);
}

template <class Operation>
void measure(benchmark::State& state, Operation operation) {
  measure(state, operation, [] {});
}

}  // namespace mcpgov::bench
