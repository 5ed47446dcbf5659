// OTLP/HTTP with JSON (opentelemetry.io/docs/specs/otlp), logs and traces.
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <nlohmann/json.hpp>

#include "net/sink_http.hpp"
#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

// `rejectedLogRecords`, a 64-bit number, which OTLP writes as a decimal string.
std::uint64_t count_of(const nlohmann::json& number) {
  if (number.is_number_unsigned()) return number.get<std::uint64_t>();
  if (!number.is_string()) return 0;
  std::uint64_t count = 0;
  for (const char c : number.get_ref<const std::string&>()) {
    if (c < '0' || c > '9' || count > (UINT64_MAX - 9) / 10) return 0;
    count = count * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return count;
}

// What the server says of a batch it took. Never sent again, as OTLP asks: the same would be
// rejected again.
void read_partial_success(const std::string& body, const char* member, Delivery& out) {
  const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return;
  const auto partial = answer.find("partialSuccess");
  if (partial == answer.end() || !partial->is_object()) return;
  const auto rejected = partial->find(member);
  if (rejected != partial->end()) out.rejected = count_of(*rejected);
  const auto message = partial->find("errorMessage");
  if (message != partial->end() && message->is_string()) {
    out.why = message->get_ref<const std::string&>().substr(0, 1024);
  }
}

class Otlp final : public Transport {
 public:
  Otlp(HttpClient http, const SinkSettings& settings, SinkSignal signal)
      : http_(std::move(http)),
        signal_(signal),
        text_(settings,
              signal == SinkSignal::logs ? audit::Format::otlp_logs : audit::Format::otlp_traces) {}

  Delivery send(const Batch& batch) override {
    std::string body;
    if (!text_.append(body, batch)) return {Fate::taken, 0, 0, {}};
    const HttpReply reply = http_.post(http_.url(), {{"Content-Type", "application/json"}}, body);
    Delivery out = judge(reply);
    // OTLP/HTTP: 429, 502, 503 and 504 come again; of the others it says that they must not.
    if (reply.status == 500 || reply.status == 408) out.fate = Fate::closed;
    if (out.fate == Fate::taken) {
      const bool logs = signal_ == SinkSignal::logs;
      read_partial_success(reply.body, logs ? "rejectedLogRecords" : "rejectedSpans", out);
    }
    return out;
  }

  void stop() noexcept override { http_.stop(); }

 private:
  HttpClient http_;
  const SinkSignal signal_;
  SinkText text_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_otlp(const SinkSettings& settings, SinkSignal signal) {
  auto http = HttpClient::open(settings, signal == SinkSignal::logs ? "/v1/logs" : "/v1/traces");
  if (!http) return http.error();
  return std::unique_ptr<Transport>(
      std::make_unique<Otlp>(std::move(http.value()), settings, signal));
}

}  // namespace mcpgov::net
