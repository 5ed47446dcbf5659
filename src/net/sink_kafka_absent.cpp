// What there is without librdkafka: a sentence that says so.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_transport.hpp"

namespace mcpgov::net {

Result<std::unique_ptr<Transport>> make_kafka(const SinkSettings& settings) {
  return sink_error(settings,
                    "the library was built without librdkafka (CMake option MCPGOV_KAFKA)");
}

}  // namespace mcpgov::net
