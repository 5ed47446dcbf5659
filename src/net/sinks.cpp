// Sinks of the audit log: their settings, and their threads together.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "base/os_fork.hpp"
#include "base/os_time.hpp"
#include "mcpgov/net.hpp"
#include "net/sink_exporter.hpp"
#include "net/sink_metrics.hpp"

namespace mcpgov::net {

namespace {

bool is_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// Empty: they can be used, as far as all types have them.
std::string wrong_with(const SinkSettings& settings) {
  if (!is_name(settings.name)) return "the name is not 1 to 64 of `a-z 0-9 _ -`";
  if (settings.batch_records == 0 || settings.batch_records > 1000) {
    return "`batch_records` is not between 1 and 1000";
  }
  if (settings.batch_bytes == 0 || settings.batch_bytes > 4u << 20) {
    return "`batch_bytes` is not between 1 and 4 MiB";
  }
  if (settings.timeout_ms == 0 || settings.retry_ms == 0 || settings.period_ms == 0 ||
      settings.metrics_period_ms == 0 || settings.longest_retry_ms < settings.retry_ms) {
    return "a time is 0, or the longest wait is shorter than the first";
  }
  return {};
}

Result<std::unique_ptr<Transport>> make(const SinkSettings& settings, SinkSignal signal) {
  switch (settings.type) {
    case SinkType::otlp: return make_otlp(settings, signal);
    case SinkType::splunk_hec: return make_splunk_hec(settings);
    case SinkType::syslog: return make_syslog(settings);
    case SinkType::webhook: return make_webhook(settings);
    case SinkType::standard_output:
    case SinkType::file: return make_lines(settings);
    case SinkType::kafka: return make_kafka(settings);
  }
  return sink_error(settings, "its type is unknown");
}

}  // namespace

class Sinks::State {
 public:
  // Each sink, and each signal of OTLP, is one exporter. Throws: std::bad_alloc.
  Result<void> add(const std::string& directory, const SinkSettings& settings,
                   const SinkHost& host) {
    if (const std::string wrong = wrong_with(settings); !wrong.empty()) {
      return sink_error(settings, wrong);
    }
    if (settings.type != SinkType::otlp)
      return add_one(directory, settings, SinkSignal::logs, host);
    for (const SinkSignal signal : settings.signals) {
      const Result<void> added = signal == SinkSignal::metrics
                                     ? add_metrics(settings, host)
                                     : add_one(directory, settings, signal, host);
      if (!added) return added.error();
    }
    if (settings.signals.empty()) return sink_error(settings, "`signals` names none");
    return {};
  }

  void start() {
    for (const auto& each : exporters_) each->start();
    for (const auto& each : metrics_) each->start();
  }

  void wake() noexcept {
    for (const auto& each : exporters_) each->wake();
  }

  bool stop(std::uint32_t within_ms) noexcept {
    const std::uint64_t until = steady_clock_ns() + within_ms * std::uint64_t{1'000'000};
    for (const auto& each : exporters_) each->drain();
    for (const auto& each : metrics_) each->drain();
    bool complete = true;
    for (const auto& each : exporters_) complete = each->wait(until) && complete;
    for (const auto& each : metrics_) complete = each->wait(until) && complete;
    for (const auto& each : exporters_) each->end();
    for (const auto& each : metrics_) each->end();
    return complete;
  }

  std::vector<SinkStatus> status() const {
    std::vector<SinkStatus> out;
    for (const auto& each : exporters_) out.push_back(each->status());
    for (const auto& each : metrics_) out.push_back(each->status());
    return out;
  }

  bool here() const noexcept { return process_ == fork_generation(); }

 private:
  Result<void> add_one(const std::string& directory, const SinkSettings& settings,
                       SinkSignal signal, const SinkHost& host) {
    ExporterParts parts;
    parts.settings = settings;
    parts.name = settings.name;
    if (signal == SinkSignal::traces) parts.name += ".traces";
    for (const auto& each : exporters_) {
      if (each->status().name == parts.name) return sink_error(settings, "it is there twice");
    }
    auto transport = make(settings, signal);
    if (!transport) return transport.error();
    parts.transport = std::move(transport.value());
    parts.source = logs_below(directory);
    parts.skip_control = signal == SinkSignal::traces || settings.format != SinkFormat::json;
    parts.skip_intents = signal == SinkSignal::traces || settings.format == SinkFormat::toolhive;
    auto files = SinkFiles::open(directory, parts.name);
    if (!files) return files.error();
    exporters_.push_back(
        std::make_unique<Exporter>(std::move(parts), std::move(files.value()), host));
    return {};
  }

  Result<void> add_metrics(const SinkSettings& settings, const SinkHost& host) {
    if (host.metrics == nullptr) return sink_error(settings, "there are no metrics to send");
    auto http = HttpClient::open(settings, "/v1/metrics");
    if (!http) return http.error();
    metrics_.push_back(std::make_unique<MetricsExporter>(settings, std::move(http.value()), host));
    return {};
  }

  const std::uint64_t process_ = fork_generation();
  std::vector<std::unique_ptr<Exporter>> exporters_;
  std::vector<std::unique_ptr<MetricsExporter>> metrics_;
};

Result<Sinks> Sinks::start(const std::string& directory, const std::vector<SinkSettings>& sinks,
                           const SinkHost& host) {
  auto state = std::make_unique<State>();
  for (const SinkSettings& each : sinks) {
    if (const Result<void> added = state->add(directory, each, host); !added) return added.error();
  }
  try {
    state->start();
  } catch (const std::system_error&) {
    state->stop(0);
    return Error{ErrorCode::out_of_memory, "no thread can be started", {}, 0, 0};
  }
  return Sinks(std::move(state));
}

Sinks::Sinks(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Sinks::Sinks(Sinks&&) noexcept = default;

Sinks& Sinks::operator=(Sinks&& other) noexcept {
  if (this == &other) return *this;
  stop(0);
  state_ = std::move(other.state_);
  return *this;
}

Sinks::~Sinks() {
  stop(0);
}

void Sinks::wake() noexcept {
  if (state_ && state_->here()) state_->wake();
}

bool Sinks::stop(std::uint32_t within_ms) noexcept {
  if (!state_) return true;
  if (state_->here()) return state_->stop(within_ms);
  // A forked child has no such threads to wait for, and their locks may be held by nobody: what is
  // left of them stays as it is.
  static_cast<void>(state_.release());
  return false;
}

std::vector<SinkStatus> Sinks::status() const {
  return state_ && state_->here() ? state_->status() : std::vector<SinkStatus>();
}

}  // namespace mcpgov::net
