// From pieces of a stream to its lines, which is how MCP frames messages on stdio.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgov::cli {

// Gives each line without its end (`\n` or `\r\n`). Of a line longer than `limit` the first
// limit + 1 bytes are given and the rest is dropped as it comes, so that a line without end takes
// no memory and its reader still sees that it is too long.
// Spec: MCP basic/transports, stdio: messages are delimited by newlines and contain none.
// Threads: one thread.
class Lines {
 public:
  explicit Lines(std::size_t limit) : limit_(limit) {}
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }

  // Takes over the next piece of the stream; borrowed until the last next() of it.
  void feed(std::string_view piece) noexcept { piece_ = piece; }
  // False when the piece is used up. The line lives until the next call.
  bool next(std::string_view& line);
  // What stands after the last line end. False when there is nothing.
  bool rest(std::string_view& line);

 private:
  void keep(std::string_view part);

  std::size_t limit_;
  std::string_view piece_;
  std::string begun_;   // the line so far, from earlier pieces
  bool spent_ = false;  // `begun_` was given away and is to be cleared
};

}  // namespace mcpgov::cli
