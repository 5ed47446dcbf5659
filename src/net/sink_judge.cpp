// What the status of an HTTP answer means for records.
// Tested by tests/net/sink_http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_http.hpp"

namespace mcpgov::net {

Delivery judge(const HttpReply& reply) {
  const int status = reply.status;
  if (status == 0) return {Fate::again, 0, 0, reply.why};
  if (status >= 200 && status < 300) return {Fate::taken, 0, 0, {}};
  Delivery out = {Fate::closed, 0, reply.retry_after_ms, "HTTP " + std::to_string(status)};
  for (const int each : {408, 429, 500, 502, 503, 504}) {
    if (status == each) out.fate = Fate::again;
  }
  for (const int each : {400, 411, 413, 415, 422, 431}) {
    if (status == each) out.fate = Fate::refused;
  }
  return out;
}

}  // namespace mcpgov::net
