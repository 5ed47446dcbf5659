// Payloads of the frames that a log writes about itself (docs/audit-format.md).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "crypto/sha256.hpp"
#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// Another log below the directory when this one was opened, with its last checkpoint (size 0: none
// could be read).
struct Sibling {
  std::string log;
  std::uint64_t size = 0;
  crypto::Digest root = {};
};

// At most this many siblings are named, the newest ones: each of them names its own.
inline constexpr std::size_t kMaxSiblings = 256;

// First leaf of a log:
// {"v":1,"kind":"config","time":…,"log":"…","origin":"…","process":n,"parent":"<log, after fork>",
//  "settings":{…},"settings_digest":"<64 hex>","siblings":[{"log":"…","size":n,"root":"<64 hex>"}],
//  "siblings_left_out":n,"notices":["…"]}
struct ConfigFrame {
  std::uint64_t time_us = 0;
  std::string log;
  std::string parent;  // the log that was open when the process was forked; empty: none
  std::vector<Sibling> siblings;
  std::vector<std::string> notices = {};  // of keys that are new, of rights that were taken away
};
std::string config_payload(const LogSettings& settings, const ConfigFrame& config);

// What the log does, as JSON without keys, paths or patterns of content; its digest stands in each
// segment's header.
std::string settings_json(const LogSettings& settings);
crypto::Digest settings_digest(const LogSettings& settings);

// {"v":1,"kind":"heartbeat","time":…,"state":"healthy","begun":n,"ended":n,"stored":n,"durable":n,
//  "open":n,"lost":n,"missed":n,"stalls":n,"stalled_ns":n,"ring_bytes":n,"disk_free_bytes":n,
//  "sync_p99_us":n,"detail":"…"}
std::string heartbeat_payload(const Health& health, std::uint64_t time_us);

// {"v":1,"kind":"loss","time":…,"lost":n,"missed":n}: since the log was opened.
std::string loss_payload(std::uint64_t lost, std::uint64_t missed, std::uint64_t time_us);

// {"v":1,"kind":"clock","time":…,"step_ms":n}: the wall clock was set, forward or back.
std::string clock_payload(std::int64_t step_ms, std::uint64_t time_us);

// {"v":1,"kind":"recovery","time":…,"cause":"write: …","segment":"…","from_seq":n}: a segment could
// not be relied on any more, and what it held from there on was written again into another.
std::string rewrite_payload(std::string_view cause, std::string_view segment,
                            std::uint64_t from_seq, std::uint64_t time_us);

// `healthy`, `degraded`, `failed`. Static storage.
std::string_view state_name(State state) noexcept;
std::string_view mode_name(Mode mode) noexcept;

}  // namespace mcpgov::audit
