// What the library does on the network, for hosts that have no means of their own: fetching what a
// verifier asks for, and taking the records of the audit log elsewhere. The rest does no network
// input or output.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/governor.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::net {

// Whether the library was built with its HTTP client (CMake option MCPGOV_NET, which needs
// libcurl). Without it every exchange ends with net_missing.
MCPGOV_API bool available() noexcept;

// What came of one exchange. code: none, or why there is no answer: fetch_url, fetch_address,
// fetch_too_large, fetch_failed (no connection, TLS, time), net_missing. detail: the same for an
// operator; it names hosts and causes, never headers or bodies.
// status: of HTTP, any; 0 when code is set. max_age_s: of Cache-Control; 0: not given.
// Threads: thread-compatible.
struct Answer {
  ErrorCode code = ErrorCode::fetch_failed;
  int status = 0;
  std::string body;
  std::uint32_t max_age_s = 0;
  std::string detail;

  // For accept(). Borrows from this answer.
  identity::FetchAnswer of(const identity::Fetch& fetch) const noexcept MCPGOV_LIFETIME_BOUND {
    return {fetch.number, code == ErrorCode::none ? status : 0, body, max_age_s};
  }
};

// Does one exchange and waits for it, at most within_ms and the fetch's own time.
// HTTPS with TLS 1.2 or newer and a verified certificate; http to this machine alone, where
// private_addresses allows that. Redirects are answers like others; there are no cookies, no proxy
// of the environment, no compression. The address that a connection is opened to is checked, not a
// former answer of the name service: without private_addresses only those that are reachable from
// everywhere, and never multicast and reserved ones (RFC 6890 and its registries).
// Threads: thread-safe. Throws: std::bad_alloc.
MCPGOV_API Answer run(const identity::Fetch& fetch, std::uint32_t within_ms);

// All at the same time; answers in the order of the fetches.
// Threads: thread-safe. Throws: std::bad_alloc.
MCPGOV_API std::vector<Answer> run(std::span<const identity::Fetch> fetches,
                                   std::uint32_t within_ms);

// Who has fetches to do and takes their answers. now_us: microseconds since 1970.
// Called by one thread at a time; what they throw leaves run_errands(), and is dropped by Upkeep.
// Threads: thread-compatible.
struct Errands {
  void* context = nullptr;
  std::vector<identity::Fetch> (*due)(void* context, std::uint64_t now_us) = nullptr;
  void (*accept)(void* context, const identity::Fetch& fetch, const Answer& answer,
                 std::uint64_t now_us) = nullptr;
};

// Of a verifier: what its due() asks for goes to its accept(). verifier: borrowed while the errands
// are used; another thread may use it too.
MCPGOV_API Errands errands_of(const identity::Verifier& verifier MCPGOV_LIFETIME_BOUND) noexcept;

// Of the generation that a governor has at the time. governor: borrowed as the verifier is.
MCPGOV_API Errands errands_of(const Governor& governor MCPGOV_LIFETIME_BOUND) noexcept;

// Runs the fetches that a verdict waits for and has it decided again, and waits for its record to
// be as safe as configured, until it waits for neither, or within_ms are over: then it stays the
// denial that it was. One that waits for an approval, or for nothing, comes back as it is. session:
// whose verdict it is. Threads: those of Session. Throws: std::bad_alloc.
MCPGOV_API Verdict complete(Session& session, Verdict verdict, std::uint32_t within_ms);

// Runs what is due, and what is due then, until nothing is: discovery, then keys. True: nothing is
// due any more. False: time is over, or it did not end in 8 rounds.
MCPGOV_API bool run_errands(const Errands& errands, std::uint32_t within_ms);

// A thread that runs errands when they are due, so that no request waits for keys.
// Does not run in a forked child: start another one there.
// Threads: thread-safe, but for moving and destruction.
class MCPGOV_API Upkeep {
 public:
  // period_ms: how often it asks what is due, at least 10. Errors: net_missing, out_of_memory (no
  // memory for a thread). errands: their context must outlive the upkeep.
  static Result<Upkeep> start(const Errands& errands, std::uint32_t period_ms = 1000);
  Upkeep(Upkeep&&) noexcept;
  Upkeep& operator=(Upkeep&&) noexcept;
  // Breaks off the exchange under way; no callback runs any more when this returns.
  ~Upkeep();

  // Asks what is due now instead of at the end of the period. Never waits.
  void wake() noexcept;

  // False in a forked child, and after it was moved from.
  [[nodiscard]] bool running() const noexcept;

  class State;

 private:
  explicit Upkeep(std::unique_ptr<State> state) noexcept;
  void stop() noexcept;
  std::unique_ptr<State> state_;
};

// Where records are taken. docs/audit.md, section "Sinks", says what each type promises.
enum class SinkType : std::uint8_t {
  otlp,             // OTLP/HTTP with JSON, to an OpenTelemetry collector or what speaks like one
  splunk_hec,       // Splunk's HTTP Event Collector, with acknowledgements of its indexers
  syslog,           // RFC 5424 over TCP or TLS, octet counting (RFC 6587, RFC 5425)
  webhook,          // POST of a signed batch
  standard_output,  // a line of JSON for each record
  file,             // the same, appended to a file
  kafka,            // needs the library to be built with librdkafka (CMake option MCPGOV_KAFKA)
};

// How a record is written where the protocol leaves that open.
enum class SinkFormat : std::uint8_t { json, ocsf, ecs, cef, toolhive };

// What OTLP takes of a record. metrics are of this process and have no records.
enum class SinkSignal : std::uint8_t { logs, traces, metrics };

// One sink. Secrets are handed in as text; they never appear in errors or in a status.
struct SinkSettings {
  std::string name;  // 1 to 64 of `a-z 0-9 _ -`; names its files below the directory
  SinkType type = SinkType::otlp;
  // otlp, splunk_hec: URL that `/v1/logs` or `/services/collector/event` is added to. webhook: the
  // whole URL. syslog: `tls://host:port` or `tcp://host:port`. file: its path. kafka: brokers.
  std::string url = {};
  SinkFormat format = SinkFormat::json;
  std::vector<SinkSignal> signals = {SinkSignal::logs};              // otlp
  std::vector<std::pair<std::string, std::string>> headers = {};     // of HTTP
  std::vector<std::pair<std::string, std::string>> properties = {};  // kafka: of librdkafka
  std::string token = {};                                            // splunk_hec
  std::string secret = {};         // webhook: signs (HMAC-SHA-256), at least 24 bytes
  std::string topic = {};          // kafka
  std::string service = "mcpgov";  // what the events come from: `service.name`, APP-NAME, source
  bool acknowledged = true;        // splunk_hec: wait for its indexers
  bool plaintext = false;          // http or tcp to other machines than this one
  bool private_addresses = true;   // connect to addresses that are not public, such as 10.0.0.0/8
  std::string ca_pem = {};         // trust these authorities only; empty: the system's
  std::string certificate_pem = {}, key_pem = {};  // shown to the server
  bool denials_only = false;                       // of messages; what the log says of itself stays
  bool intents = false;                            // also what is about to run
  bool sealed = true;                        // only what a signed checkpoint covers, and after that
  std::uint32_t batch_records = 500;         // at most 1,000
  std::uint32_t batch_bytes = 2u << 20;      // of the log, at most 4 MiB; one record always goes
  std::uint32_t timeout_ms = 10'000;         // of one exchange
  std::uint32_t retry_ms = 500;              // first wait after a failure; doubled, with jitter
  std::uint32_t longest_retry_ms = 60'000;   // last one
  std::uint32_t acknowledge_ms = 300'000;    // sent again when not acknowledged by then
  std::uint32_t period_ms = 200;             // how often it looks for new records
  std::uint32_t metrics_period_ms = 60'000;  // how often metrics are sent
};

// What a sink did since it was started in this process. exporting: false while another process has
// its lock. rejected: records that the sink does not want; `sinks/NAME/rejected` says which.
// behind_ms: age of the oldest record that it has not taken; 0: it has everything.
struct SinkStatus {
  std::string name;  // with `.traces` or `.metrics` for these signals
  bool exporting = false;
  std::uint64_t sent = 0, rejected = 0, retries = 0;
  std::uint64_t behind_ms = 0;
  std::string error;  // of the last failure, empty when the last exchange worked
};

// What sinks ask and tell; called from their threads, which must come back soon.
// metrics: a request body of OTLP metrics, as JSON; empty: none now. taken: the sink has everything
// of this log up to the record seq.
struct SinkHost {
  void* context = nullptr;
  std::string (*metrics)(void* context) = nullptr;
  void (*taken)(void* context, std::string_view sink, std::string_view log,
                std::uint64_t seq) noexcept = nullptr;
};

// Takes what the logs below a directory hold to sinks, each with a thread and a place in every log
// of its own, so that a slow or dead one holds up nobody. At least once: who receives a record
// twice knows it by its `id`. Of several processes with the same directory one serves a sink; when
// it ends, another goes on. Does not run in a forked child. Threads: thread-safe, but for moving
// and destruction.
class MCPGOV_API Sinks {
 public:
  // Errors: audit_sink (the settings cannot be used; or the library lacks what they need),
  // net_missing, file_unreadable, out_of_memory. host: its context outlives the sinks.
  static Result<Sinks> start(const std::string& directory, const std::vector<SinkSettings>& sinks,
                             const SinkHost& host = {});
  Sinks(Sinks&&) noexcept;
  Sinks& operator=(Sinks&&) noexcept;
  // As stop(0).
  ~Sinks();

  // There are new records: look now instead of at the end of the period. Never waits.
  void wake() noexcept;

  // Sends what is there, once the next checkpoint covers it, and ends all threads, at most
  // within_ms later. Flush the log before. True: the sinks that this process served have taken
  // everything.
  bool stop(std::uint32_t within_ms) noexcept;

  // Also after stop(). Throws: std::bad_alloc.
  std::vector<SinkStatus> status() const;

  class State;

 private:
  explicit Sinks(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

// What `audit.sinks` of the configuration says; nothing runs when it says nothing. governor: must
// stay where it is, and outlive the sinks. Errors: as Sinks::start(), with the setting's name.
MCPGOV_API Result<Sinks> start_sinks(const Governor& governor MCPGOV_LIFETIME_BOUND);

}  // namespace mcpgov::net
