// Kafka, by librdkafka: an idempotent producer that waits for all replicas.
// Tested by tests/sinks/kafka.py, on a real broker
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <sys/socket.h>
#include <utility>

#include "base/os_time.hpp"
#include "net/address.hpp"
#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

constexpr std::size_t kWindow = 32;  // batches
constexpr int kPollPeriod = 50;      // ms, while the producer's queue is full

struct Destroy {
  void operator()(rd_kafka_conf_t* conf) const noexcept { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_t* producer) const noexcept {
    // What is still in it comes again from the log.
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy_flags(producer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};

class Kafka final : public Transport {
 public:
  explicit Kafka(const SinkSettings& settings)
      : settings_(settings), text_(settings, line_format(settings.format)) {}

  // Makes the producer, which connects later. Empty: it is there; otherwise what is wrong.
  std::string begin() {
    std::array<char, 512> wrong = {};
    const std::unique_ptr<rd_kafka_conf_t, Destroy> made(rd_kafka_conf_new());
    if (!made) throw std::bad_alloc();
    std::unique_ptr<rd_kafka_conf_t, Destroy> conf(rd_kafka_conf_dup(made.get()));
    for (const auto& [name, value] : properties()) {
      if (value.empty()) continue;
      if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), wrong.data(), wrong.size()) !=
          RD_KAFKA_CONF_OK) {
        // The message of librdkafka repeats the value, which may be a secret.
        return "the property `" + name + "` cannot be used";
      }
    }
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &Kafka::delivered);
    rd_kafka_conf_set_connect_cb(conf.get(), &Kafka::connect_to);
    rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), wrong.data(), wrong.size()));
    if (!producer_) return wrong.data();
    static_cast<void>(conf.release());  // it is the producer's now
    return {};
  }

  Delivery send(const Batch& batch) override {
    if (!producer_) {
      if (std::string why = begin(); !why.empty()) return {Fate::closed, 0, 0, std::move(why)};
    }
    const std::uint64_t end = steady_clock_ns() + settings_.timeout_ms * std::uint64_t{1'000'000};
    sent_.push_back({++last_, 0, {}});
    std::string line;
    if (text_.append_note(line, batch) && !produce(batch.log, line, end)) return full();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      line.clear();
      if (text_.append_record(line, batch, i) && !produce(batch.log, line, end)) return full();
    }
    return {Fate::handed, 0, 0, {}};
  }

  Settled settle() override {
    Settled out;
    if (!producer_) return out;
    rd_kafka_poll(producer_.get(), 0);
    while (!sent_.empty() && sent_.front().open == 0 && sent_.front().why.empty()) {
      sent_.pop_front();
      ++out.batches;
    }
    if (!sent_.empty() && !sent_.front().why.empty()) {
      out.lost = true;
      out.why = sent_.front().why;
    }
    return out;
  }

  std::size_t window() const noexcept override { return kWindow; }

  // A producer that dropped messages is not used again: its sequence has a gap.
  void forget() override {
    sent_.clear();
    producer_.reset();
  }

  void stop() noexcept override { stopped_.store(true, std::memory_order_relaxed); }

 private:
  struct Sent {
    std::uint64_t number;
    std::size_t open;  // messages without a report
    std::string why;   // the first failure
  };

  std::vector<std::pair<std::string, std::string>> properties() const {
    std::vector<std::pair<std::string, std::string>> out = settings_.properties;
    // After those of the settings, so that nobody turns the promise off.
    out.insert(out.end(), {{"bootstrap.servers", settings_.url},
                           {"enable.idempotence", "true"},
                           {"acks", "all"},
                           {"message.timeout.ms", std::to_string(settings_.acknowledge_ms)},
                           {"ssl.ca.pem", settings_.ca_pem},
                           {"ssl.certificate.pem", settings_.certificate_pem},
                           {"ssl.key.pem", settings_.key_pem}});
    return out;
  }

  // One partition for each log: its order stays.
  rd_kafka_resp_err_t offer(const std::string& log, const std::string& line) {
    std::array<rd_kafka_vu_t, 5> parts = {};
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = settings_.topic.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_KEY;
    parts[1].u.mem = {const_cast<char*>(log.data()), log.size()};  // NOLINT: it is copied
    parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[2].u.mem = {const_cast<char*>(line.data()), line.size()};  // NOLINT: it is copied
    parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[3].u.i = RD_KAFKA_MSG_F_COPY;
    parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[4].u.ptr = reinterpret_cast<void*>(last_);  // NOLINT: a number
    rd_kafka_error_t* const error = rd_kafka_produceva(producer_.get(), parts.data(), parts.size());
    if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
  }

  bool produce(const std::string& log, const std::string& line, std::uint64_t end) {
    while (!stopped_.load(std::memory_order_relaxed)) {
      const rd_kafka_resp_err_t code = offer(log, line);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++sent_.back().open;
        return true;
      }
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || steady_clock_ns() >= end) {
        why_ = rd_kafka_err2str(code);
        return false;
      }
      rd_kafka_poll(producer_.get(), kPollPeriod);
    }
    why_ = "it was broken off";
    return false;
  }

  // Half of a batch is in the queue: all that is open comes again.
  Delivery full() {
    sent_.back().why = why_;
    return {Fate::handed, 0, 0, {}};
  }

  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* context) {
    auto& self = *static_cast<Kafka*>(context);
    const auto number = reinterpret_cast<std::uintptr_t>(message->_private);
    for (Sent& each : self.sent_) {
      if (each.number != number) continue;
      --each.open;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && each.why.empty()) {
        each.why = rd_kafka_err2str(message->err);
      }
    }
  }

  static int connect_to(int socket, const struct sockaddr* address, int size, const char*,
                        void* context) {
    const auto& self = *static_cast<const Kafka*>(context);
    const Reachable how = reachable(*address);
    const bool near = how == Reachable::from_here || how == Reachable::this_machine;
    if (how == Reachable::never || (near && !self.settings_.private_addresses)) return EACCES;
    // The socket does not wait: librdkafka goes on when it is ready.
    const bool begun =
        connect(socket, address, static_cast<socklen_t>(size)) == 0 || errno == EINPROGRESS;
    return begun ? 0 : errno;
  }

  const SinkSettings settings_;
  SinkText text_;
  std::unique_ptr<rd_kafka_t, Destroy> producer_;
  std::deque<Sent> sent_;
  std::uintptr_t last_ = 0;
  std::string why_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_kafka(const SinkSettings& settings) {
  if (settings.url.empty()) return sink_error(settings, "`url` names no brokers");
  if (settings.topic.empty()) return sink_error(settings, "`topic` is missing");
  SinkSettings known = settings;
  const auto named =
      std::find_if(known.properties.begin(), known.properties.end(),
                   [](const auto& each) { return each.first == "security.protocol"; });
  if (named == known.properties.end()) {
    known.properties.emplace_back("security.protocol", settings.plaintext ? "plaintext" : "ssl");
  } else if (!settings.plaintext && !named->second.ends_with("ssl") &&
             !named->second.ends_with("SSL")) {
    return sink_error(settings, "`security.protocol` has no TLS, and `plaintext` is not set");
  }
  auto kafka = std::make_unique<Kafka>(known);
  if (const std::string wrong = kafka->begin(); !wrong.empty()) return sink_error(settings, wrong);
  return std::unique_ptr<Transport>(std::move(kafka));
}

}  // namespace mcpgov::net
