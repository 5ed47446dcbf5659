// Texts and places where a line may end: laid out to a width.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::policy::cedar {

// A document in the manner of Wadler's "A prettier printer" (2003), kept as a flat sequence. A
// group is laid out in one line where it fits, and otherwise each of its own lines ends.
// Threads: one thread.
class Document {
 public:
  void clear() noexcept { pieces_.clear(); }

  void text(std::string_view borrowed);
  void space() { text(" "); }
  void line() { pieces_.push_back({Op::line, 0, {}}); }            // flat: a space
  void soft_line() { pieces_.push_back({Op::soft_line, 0, {}}); }  // flat: nothing
  void hard_line() { pieces_.push_back({Op::hard_line, 0, {}}); }  // its groups are never flat

  // Gives the place for close_group.
  std::size_t open_group();
  void close_group(std::size_t opened);
  // A group that has nothing to lay out is dropped: fewer measurements.
  void drop_group(std::size_t opened) { pieces_[opened].op = Op::nothing; }
  // Not empty: a line end looks for what stands behind it, see nests_closed_behind.
  void open_nest(std::uint32_t spaces) { pieces_.push_back({Op::open_nest, spaces, {}}); }
  void close_nest() { pieces_.push_back({Op::close_nest, 0, {}}); }

  // Appends to out.
  void render(std::size_t width, std::string& out) const;

 private:
  enum class Op : std::uint8_t {
    text,
    line,
    soft_line,
    hard_line,
    open_group,
    close_group,
    open_nest,
    close_nest,
    nothing,
  };
  struct Piece {
    Op op;
    std::uint32_t number;  // columns of a text, end of a group, spaces of a nest
    std::string_view text;
  };
  bool fits(std::size_t group, std::size_t column, std::size_t width) const noexcept;
  std::size_t nests_closed_behind(std::size_t line) const noexcept;

  std::vector<Piece> pieces_;
};

}  // namespace mcpgov::policy::cedar
