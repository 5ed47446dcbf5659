// Reading what frames say about the log itself; log_frames.hpp and frame.hpp write it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/frame.hpp"
#include "audit/log_frames.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::audit {

// Each function takes text that anybody may have written. False: it does not say that, in this
// form, and out is unspecified. Throw: std::bad_alloc.

struct ConfigText {
  std::string log;
  std::uint64_t heartbeat_s = 0, seal_interval_ms = 0;  // 0: it does not say
  std::vector<Sibling> siblings;
  std::vector<std::string> notices;
};
bool read_config(std::string_view payload, ConfigText& out);

bool read_trailer(std::string_view payload, Trailer& out);

// Records up to this one are on the disk.
bool read_sync(std::string_view payload, std::uint64_t& durable);

// A line of a log's `retired` (retention.hpp). checkpoint: a signed note, or empty.
struct RetiredText {
  std::uint64_t first_seq = 0, last_seq = 0;
  std::uint32_t salt = 0;
  crypto::Digest link = {};
  std::string checkpoint;
};
bool read_retired(std::string_view line, RetiredText& out);

}  // namespace mcpgov::audit
