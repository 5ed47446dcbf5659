// A connection that bytes are written to, over TCP or TLS.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mcpgov/net.hpp"

namespace mcpgov::net {

// Threads: one thread at a time, but for stop(). Throws: std::bad_alloc.
class SinkLine {
 public:
  // url of the settings: `tls://host:port` or `tcp://host:port`. Errors: audit_sink, net_missing.
  static Result<SinkLine> open(const SinkSettings& settings);
  SinkLine(SinkLine&&) noexcept;
  SinkLine& operator=(SinkLine&&) noexcept;
  ~SinkLine();

  // Connects where there is no connection. Empty: there is one; otherwise why not.
  std::string connect();
  // All bytes, or the connection is closed. Empty: they are with the system; otherwise why not.
  std::string write(std::string_view bytes);

  // Never wait. alive: the other side has not closed it; what it says is dropped. arrived: its
  // system has acknowledged every byte, as far as this system can tell (Linux can).
  bool alive();
  bool arrived() const;

  void close() noexcept;
  void stop() noexcept;

  struct Parts;

 private:
  explicit SinkLine(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mcpgov::net
