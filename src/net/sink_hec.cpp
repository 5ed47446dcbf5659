// Splunk's HTTP Event Collector, with the acknowledgements of its indexers
// (help.splunk.com, "About HTTP Event Collector Indexer Acknowledgment").
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/os_time.hpp"
#include "crypto/random.hpp"
#include "net/fields.hpp"
#include "net/sink_http.hpp"
#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

using nlohmann::json;

constexpr std::size_t kWindow = 64;                // batches that wait for their acknowledgement
constexpr std::uint64_t kAskPeriod = 500'000'000;  // ns between questions for them
constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

// A version 4 UUID, RFC 9562 section 5.4: what names a channel. Empty: there is no randomness.
std::string new_channel() {
  std::array<std::uint8_t, 16> bytes = {};
  if (!crypto::random_bytes(bytes)) return {};
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

// Codes of the answer: 0 success, 8 internal error, 9 busy; 1 to 4 the token, 7 the index, 10, 11,
// 14 the channel are about us, the others about the events.
Delivery judge_hec(const HttpReply& reply, const json& answer) {
  Delivery out = judge(reply);
  if (out.fate == Fate::taken || !answer.is_object()) return out;
  const auto code = answer.find("code");
  if (code == answer.end() || !code->is_number_integer()) return out;
  const auto number = code->get<std::int64_t>();
  out.why += ", code " + std::to_string(number);
  switch (number) {
    case 8:
    case 9: out.fate = Fate::again; break;
    case 5:
    case 6:
    case 12:
    case 13:
    case 15: out.fate = Fate::refused; break;
    default:
      if (out.fate == Fate::refused) out.fate = Fate::closed;
  }
  return out;
}

class SplunkHec final : public Transport {
 public:
  SplunkHec(HttpClient http, const SinkSettings& settings, std::string channel)
      : http_(std::move(http)),
        settings_(settings),
        text_(settings, audit::Format::splunk),
        channel_(std::move(channel)) {
    fields_ = {{"Authorization", "Splunk " + settings.token}, {"Content-Type", "application/json"}};
    if (settings.acknowledged) fields_.emplace_back("X-Splunk-Request-Channel", channel_);
    constexpr std::string_view kEvent = "/event";
    const std::string& url = http_.url();
    ask_url_ = url.substr(0, url.size() - kEvent.size()) + "/ack?channel=" + channel_;
  }

  Delivery send(const Batch& batch) override {
    std::string body;
    if (!text_.append(body, batch)) {
      open_.push_back({0, steady_clock_ns(), true});
      return {Fate::handed, 0, 0, {}};
    }
    const HttpReply reply = http_.post(http_.url(), fields_, body);
    const json answer = json::parse(reply.body, nullptr, false);
    Delivery out = judge_hec(reply, answer);
    if (out.fate != Fate::taken || !settings_.acknowledged) return out;
    const auto id = answer.is_object() ? answer.find("ackId") : answer.end();
    if (!answer.is_object() || id == answer.end() || !id->is_number_unsigned()) {
      return {Fate::closed, 0, 0, "its token has no indexer acknowledgement"};
    }
    open_.push_back({id->get<std::uint64_t>(), steady_clock_ns(), false});
    return {Fate::handed, 0, 0, {}};
  }

  Settled settle() override {
    Settled out;
    const std::uint64_t now = steady_clock_ns();
    if (open_.empty()) return out;
    if (now - asked_ns_ >= kAskPeriod) {
      asked_ns_ = now;
      ask();
    }
    while (!open_.empty() && open_.front().known) {
      open_.pop_front();
      ++out.batches;
    }
    const std::uint64_t limit = settings_.acknowledge_ms * kMillisecond;
    if (!open_.empty() && now - open_.front().sent_ns >= limit) {
      out.lost = true;
      out.why = "no acknowledgement came in time";
    }
    return out;
  }

  std::size_t window() const noexcept override { return settings_.acknowledged ? kWindow : 1; }
  void forget() override { open_.clear(); }
  void stop() noexcept override { http_.stop(); }

 private:
  struct Open {
    std::uint64_t id;
    std::uint64_t sent_ns;
    bool known;  // that it is indexed
  };

  // An answer that makes no sense is as none: the time limit decides.
  void ask() {
    json question = {{"acks", json::array()}};
    for (const Open& each : open_) {
      if (!each.known) question["acks"].push_back(each.id);
    }
    const HttpReply reply = http_.post(ask_url_, fields_, question.dump());
    const json answer = json::parse(reply.body, nullptr, false);
    if (!answer.is_object()) return;
    const auto acks = answer.find("acks");
    if (acks == answer.end() || !acks->is_object()) return;
    for (Open& each : open_) {
      const auto known = acks->find(std::to_string(each.id));
      // Splunk forgets an id once it has said true.
      if (known != acks->end() && known->is_boolean() && known->get<bool>()) each.known = true;
    }
  }

  HttpClient http_;
  const SinkSettings settings_;
  SinkText text_;
  const std::string channel_;
  HttpFields fields_;
  std::string ask_url_;
  std::deque<Open> open_;
  std::uint64_t asked_ns_ = 0;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_splunk_hec(const SinkSettings& settings) {
  if (settings.token.empty() || !is_field_value(settings.token)) {
    return sink_error(settings, "`token` is missing or malformed");
  }
  auto http = HttpClient::open(settings, "/services/collector/event");
  if (!http) return http.error();
  std::string channel = new_channel();
  if (channel.empty()) return sink_error(settings, "there are no random numbers for its channel");
  return std::unique_ptr<Transport>(
      std::make_unique<SplunkHec>(std::move(http.value()), settings, std::move(channel)));
}

}  // namespace mcpgov::net
