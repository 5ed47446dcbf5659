// A governed conversation over stdio: lines in from both sides, lines out to both sides.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/tool_listing.hpp"
#include "mcpgov/governor.hpp"

namespace mcpgov::cli {

// Sans-I/O: what is to be written stands in to_client, to_server and notes; whoever writes it
// empties them. Bytes pass unchanged except where something is filtered, denied or withheld.
//
// Calls to tools are judged by the tools' schemas. So the relay lists the tools itself, and until
// it has them all, what the client asks for waits here in order; the client's answers to the
// server's own questions pass, because the server may need them first.
// Threads: one thread.
class Relay {
 public:
  struct Options {
    SessionOptions session;
    wire::Limits limits;
    std::uint64_t tools_timeout_ns = 10'000'000'000;
    std::string id_prefix;  // of our own requests, unguessable
  };
  Relay(const Governor& governor, Options options);

  // line: one message without its line end; blank ones are skipped.
  void from_client(std::string_view line, std::uint64_t now_ns);
  void from_server(std::string_view line, std::uint64_t now_ns);

  // When to call tick(): the listing of tools has taken too long then.
  std::optional<std::uint64_t> deadline_ns() const noexcept;
  void tick(std::uint64_t now_ns);

  // Whether messages of the client wait for the list of tools.
  bool holds_back() const noexcept { return !held_.empty(); }
  // True: read no more from the client until the tools are listed.
  bool held_enough() const noexcept { return held_bytes_ > limits_.message_bytes; }

  void set_limits(const wire::Limits& limits) noexcept { limits_ = limits; }

  std::string to_client;
  std::string to_server;
  std::vector<std::string> notes;  // one line each, for people

 private:
  struct Glance {
    bool answer = false;  // to a question of the server
    bool uses_tools = false;
    wire::Revision modern = wire::Revision::none;  // of a request that needs no handshake
  };
  Glance glance_at(std::string_view line) noexcept;
  bool must_wait(std::string_view line, std::uint64_t now_ns);
  void govern(Direction direction, std::string_view line, std::uint64_t now_ns);
  void notice(const MessageView& message, Direction direction);

  void list_tools(wire::Revision revision, std::uint64_t now_ns);
  bool take_listing(std::string_view line, std::uint64_t now_ns);
  void finish_listing(std::uint64_t now_ns);
  void fail_listing(const std::string& why, std::uint64_t now_ns);
  void release_held(std::uint64_t now_ns);

  wire::Limits limits_;
  std::uint64_t tools_timeout_ns_;
  Session session_;
  wire::Parser parser_;  // for glances; the session has its own
  ToolListing listing_;
  wire::Revision revision_ = wire::Revision::none;  // of the last listing
  bool listed_ = false;                             // we have listed once: changes matter
  bool list_again_ = false;                         // once the message at hand is sent
  bool stale_ = false;                              // the list changed while we were listing
  std::uint64_t listing_until_ns_ = 0;
  std::deque<std::string> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace mcpgov::cli
