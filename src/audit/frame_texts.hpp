// Reading what frames say about the log itself; log_frames.hpp and frame.hpp write it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
// Each line of the whole file that is one: take(RetiredText&&).
template <class Take>
void for_each_retired(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    RetiredText read;
    if (read_retired(line, read)) take(std::move(read));
  }
}

}  // namespace mcpgov::audit
