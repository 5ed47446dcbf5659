// Webhooks: a signed POST for each batch, in the form of Standard Webhooks
// (github.com/standard-webhooks), so that receivers can check it with its libraries.
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "base/base64.hpp"
#include "base/os_time.hpp"
#include "crypto/hmac.hpp"
#include "net/sink_http.hpp"
#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

constexpr std::size_t kSecretBytes = 24;  // the least that Standard Webhooks allows

class Webhook final : public Transport {
 public:
  Webhook(HttpClient http, const SinkSettings& settings, std::string secret)
      : http_(std::move(http)),
        text_(settings, settings.format == SinkFormat::json ? audit::Format::webhook
                                                            : line_format(settings.format)),
        secret_(std::move(secret)) {}

  Delivery send(const Batch& batch) override {
    std::string body;
    if (!text_.append(body, batch)) return {Fate::taken, 0, 0, {}};
    // The same for the same records, so that a receiver knows a batch that comes again.
    const std::string id = batch.log + ':' + std::to_string(batch[0].seq) + '-' +
                           std::to_string(batch[batch.size() - 1].seq);
    HttpFields fields = {{"Content-Type", std::string(audit::content_type(text_.format()))},
                         {"webhook-id", id}};
    if (!secret_.empty()) {
      const std::string time = std::to_string(wall_clock_us() / 1'000'000);
      const crypto::Digest code = crypto::hmac_sha256(secret_, id + '.' + time + '.' + body);
      const std::string_view bytes(reinterpret_cast<const char*>(code.data()), code.size());
      fields.emplace_back("webhook-timestamp", time);
      fields.emplace_back("webhook-signature", "v1," + encode_base64(bytes));
    }
    const HttpReply reply = http_.post(http_.url(), fields, body);
    if (reply.status == 409) return {Fate::taken, 0, 0, {}};  // it is there already
    return judge(reply);
  }

  void stop() noexcept override { http_.stop(); }

 private:
  HttpClient http_;
  SinkText text_;
  const std::string secret_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_webhook(const SinkSettings& settings) {
  constexpr std::string_view kPrefix = "whsec_";
  std::string secret = settings.secret;
  if (secret.starts_with(kPrefix)) {
    std::string bytes;
    if (!decode_base64(std::string_view(secret).substr(kPrefix.size()), bytes)) {
      return sink_error(settings, "`secret` is no base64 after `whsec_`");
    }
    secret = std::move(bytes);
  }
  if (!secret.empty() && secret.size() < kSecretBytes) {
    return sink_error(settings, "`secret` has less than 24 bytes");
  }
  auto http = HttpClient::open(settings, "");
  if (!http) return http.error();
  return std::unique_ptr<Transport>(
      std::make_unique<Webhook>(std::move(http.value()), settings, std::move(secret)));
}

}  // namespace mcpgov::net
