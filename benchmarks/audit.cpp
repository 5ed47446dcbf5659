// What does a record cost the caller, and how many a second does the log take, beside loggers that
// promise less?
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/audit.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#if defined(MCPGOV_HAS_SPDLOG)
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#endif
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using Clock = std::chrono::steady_clock;

// A clock of a few nanoseconds where there is one, read when everything before it is done and
// before anything after it begins (Intel's manual, volume 2, RDTSCP).
std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  unsigned processor = 0;
  _mm_lfence();
  const std::uint64_t now = __rdtscp(&processor);
  _mm_lfence();
  return now;
#else
  return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
#endif
}

double nanoseconds_per_tick() {
  static const double ratio = [] {
    const auto begin = Clock::now();
    const std::uint64_t first = ticks();
    while (Clock::now() - begin < std::chrono::milliseconds(50)) continue;
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    return took.count() / static_cast<double>(ticks() - first);
  }();
  return ratio;
}

std::uint64_t empty_ticks() {
  static const std::uint64_t median = [] {
    std::vector<std::uint64_t> all(10001);
    for (std::uint64_t& one : all) {
      const std::uint64_t begin = ticks();
      one = ticks() - begin;
    }
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
  }();
  return median;
}

constexpr int kTimed = 400'000;

// Times each operation alone, `before` apart from it, at a pace that a busy server has (about
// 250,000 a second), and reports the distribution without the cost of reading the clock.
template <class Before, class Operation>
void distribution(benchmark::State& state, Before before, Operation operation) {
  std::vector<std::uint64_t> samples;
  samples.reserve(kTimed);
  const auto pause = static_cast<std::uint64_t>(4000 / nanoseconds_per_tick());
  for (int warm = 0; warm < 2000; ++warm) {
    before();
    operation();
  }
  for (auto _ : state) {
    for (int count = 0; count < kTimed; ++count) {
      before();
      const std::uint64_t begin = ticks();
      operation();
      const std::uint64_t end = ticks();
      samples.push_back(end - begin - std::min(end - begin, empty_ticks()));
      while (ticks() - end < pause) continue;
    }
  }
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double share) {
    const auto place = static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1));
    return static_cast<double>(samples[place]) * nanoseconds_per_tick();
  };
  state.counters["p50_ns"] = at(0.5);
  state.counters["p99_ns"] = at(0.99);
  state.counters["p999_ns"] = at(0.999);
}

// A tool call of a verified user, as the governor records it.
struct Sample {
  Caller caller;
  std::string_view policies[1] = {"shop/permit-analysts"};
  char id[32];
  Record record;
  Completion completion;
  std::string content;
  std::uint64_t count = 0;

  explicit Sample(std::size_t content_bytes, char thread = '0') {
    caller.kind = CallerKind::user;
    caller.issuer = "https://login.example.com/realms/shop";
    caller.subject = "7c3f1c2e-5b7e-4f1e-9a1f-0a2b3c4d5e6f";
    caller.client = "agent-host";
    caller.agent_session = "0198f2b4c1d27e55";
    caller.agent_session_source = "token";
    caller.evidence.kind = EvidenceKind::token;
    caller.evidence.token_id = "a1b2c3d4e5f60718";
    caller.evidence.key_id = "key-2026-11";
    caller.evidence.algorithm = "RS256";
    std::fill(std::begin(id), std::end(id), '0');
    id[0] = thread;
    record.id = {id, sizeof id};
    record.time_us = 1763620000000000;
    record.caller = &caller;
    record.session = "5f0c9e7b";
    record.server = "shop";
    record.transport = "streamable_http";
    record.peer = "10.1.2.3";
    record.protocol = "2026-07-28";
    record.direction = "from_client";
    record.method = "tools/call";
    record.target = "query_orders";
    record.target_kind = "tool";
    record.request_id = "42";
    record.tool_class = ToolClass::read_only;
    record.allowed = record.decision = true;
    record.policies = policies;
    record.snapshot = "12 5e884898da280471";
    record.policy_digest = "5e884898da280471";
    record.decided_ns = 1800;
    record.trace.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    record.trace.span_id = "00f067aa0ba902b7";
    record.trace.parent_id = "b7ad6b7169203331";
    record.trace.flags = 1;
    completion.outcome = Outcome::completed;
    completion.latency_ns = 1234567;
    completion.reply_bytes = 700;
    if (content_bytes == 0) return;
    content = "{\"text\":\"" + std::string(content_bytes / 2 - 11, 'x') + "\"}";
    record.arguments = completion.result = content;
    record.arguments_bytes = completion.result_bytes = content.size();
  }
  void next() {
    constexpr char kDigits[] = "0123456789abcdef";
    ++count;
    for (std::size_t at = 0; at < 16; ++at) id[31 - at] = kDigits[count >> (4 * at) & 15];
    ++record.time_us;
  }
};

// directory: where the log lives; "" for a folder of this directory, which is on a disk.
struct Bench {
  std::filesystem::path directory;
  std::unique_ptr<Log> log;
  LogSettings settings;

  explicit Bench(const char* where) {
    directory = std::filesystem::path(where[0] == '\0' ? "." : where) / "mcpgov_audit_bench";
    std::filesystem::remove_all(directory);
    settings.directory = directory;
    settings.compress = false;  // the processor is wanted for the question
    auto opened = Log::open(settings);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().text().c_str());
      std::abort();
    }
    log = *std::move(opened);
  }
  ~Bench() {
    log.reset();
    std::filesystem::remove_all(directory);
  }
};

void caller(benchmark::State& state) {
  Bench bench("/dev/shm");
  Sample sample(static_cast<std::size_t>(state.range(0)));
  const auto next = [&] { sample.next(); };
  distribution(state, next, [&] {
    Ticket ticket;
    if (bench.log->begin(sample.record, nullptr, ticket) != ErrorCode::none) std::abort();
    bench.log->end(ticket, sample.completion);
  });
  const Health health = bench.log->health();
  state.counters["stalls"] = static_cast<double>(health.stalls);
}

// One thread records as fast as the log takes it; until the last record is durable.
void sustained(benchmark::State& state, const char* where) {
  constexpr std::uint64_t kRecords = 2'000'000;
  for (auto _ : state) {
    Bench bench(where);
    Sample sample(0);
    const auto begin = Clock::now();
    for (std::uint64_t number = 0; number < kRecords; ++number) {
      sample.next();
      Ticket ticket;
      while (bench.log->begin(sample.record, nullptr, ticket) != ErrorCode::none) continue;
      bench.log->end(ticket, sample.completion);
    }
    if (!bench.log->flush(60'000)) std::abort();
    const std::chrono::duration<double> took = Clock::now() - begin;
    const Health health = bench.log->health();
    if (health.durable != kRecords || health.lost != 0) std::abort();
    state.SetIterationTime(took.count());
    state.counters["records_per_s"] = static_cast<double>(kRecords) / took.count();
    state.counters["sync_p99_us"] = static_cast<double>(health.sync_p99_us);
  }
}
void sustained_in_memory(benchmark::State& state) {
  sustained(state, "/dev/shm");
}
void sustained_durable(benchmark::State& state) {
  sustained(state, "");
}

// A call of a class that needs its intent on the disk before it runs.
void durable_wait(benchmark::State& state) {
  Bench bench("");
  Sample sample(0);
  sample.record.tool_class = ToolClass::destructive;
  std::vector<double> samples;
  for (auto _ : state) {
    sample.next();
    Ticket ticket;
    const auto begin = Clock::now();
    if (bench.log->begin(sample.record, nullptr, ticket) != ErrorCode::none) std::abort();
    if (!bench.log->wait(ticket, 10'000)) std::abort();
    samples.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    bench.log->end(ticket, sample.completion);
  }
  std::sort(samples.begin(), samples.end());
  state.counters["p50_us"] = samples[samples.size() / 2];
  state.counters["p99_us"] = samples[samples.size() * 99 / 100];
}

#if defined(MCPGOV_HAS_SPDLOG)
// The same facts through spdlog's asynchronous logger: formatted on the caller's thread, queued (a
// full queue makes the caller wait), written without sync; the queue is lost with the process.
struct Spdlog {
  std::filesystem::path file = std::filesystem::path("/dev/shm") / "mcpgov_spdlog_bench.log";
  std::shared_ptr<spdlog::logger> logger;
  Sample sample{0};

  Spdlog() {
    spdlog::init_thread_pool(8192, 1);
    logger = spdlog::basic_logger_mt<spdlog::async_factory>("bench", file.string(), true);
    logger->set_pattern("%v");
  }
  // Ends when everything is in the file.
  ~Spdlog() { close(); }
  void close() {
    logger.reset();
    spdlog::shutdown();
    std::filesystem::remove(file);
  }
  void record() {
    const Record& r = sample.record;
    const Caller& c = sample.caller;
    logger->info(
        R"({{"id":"{}","time":{},"issuer":"{}","subject":"{}","client":"{}","session":"{}",)"
        R"("server":"{}","transport":"{}","peer":"{}","protocol":"{}","method":"{}","target":"{}",)"
        R"("policy":"{}","snapshot":"{}","trace":"{}","span":"{}","latency_ns":{}}})",
        r.id, r.time_us, c.issuer, c.subject, c.client, c.agent_session, r.server, r.transport,
        r.peer, r.protocol, r.method, r.target, r.policies[0], r.snapshot, r.trace.trace_id,
        r.trace.span_id, sample.completion.latency_ns);
  }
};

void rival_spdlog_async(benchmark::State& state) {
  Spdlog rival;
  distribution(
      state, [&] { rival.sample.next(); }, [&] { rival.record(); });
}

void rival_spdlog_sustained(benchmark::State& state) {
  constexpr std::uint64_t kRecords = 1'000'000;
  for (auto _ : state) {
    Spdlog rival;
    const auto begin = Clock::now();
    for (std::uint64_t number = 0; number < kRecords; ++number) {
      rival.sample.next();
      rival.record();
    }
    rival.close();
    const std::chrono::duration<double> took = Clock::now() - begin;
    state.counters["records_per_s"] = static_cast<double>(kRecords) / took.count();
  }
}
BENCHMARK(rival_spdlog_sustained)->Iterations(1)->Repetitions(3);
BENCHMARK(rival_spdlog_async)->Iterations(1);
#endif

}  // namespace

BENCHMARK(caller)->ArgName("content")->Arg(0)->Arg(1024)->Iterations(1);
BENCHMARK(sustained_in_memory)->Iterations(1)->UseManualTime()->Repetitions(3);
BENCHMARK(sustained_durable)->Iterations(1)->UseManualTime()->Repetitions(3);
BENCHMARK(durable_wait)->Iterations(2'000);

BENCHMARK_MAIN();
