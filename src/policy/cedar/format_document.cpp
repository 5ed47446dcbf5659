// Lays a document out in one pass, measuring each group that is not part of a flat one.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format_document.hpp"

#include "policy/cedar/text_width.hpp"

namespace mcpgov::policy::cedar {

void Document::text(std::string_view borrowed) {
  pieces_.push_back({Op::text, static_cast<std::uint32_t>(text_width(borrowed)), borrowed});
}

std::size_t Document::open_group() {
  pieces_.push_back({Op::open_group, 0, {}});
  return pieces_.size() - 1;
}

void Document::close_group(std::size_t opened) {
  pieces_[opened].number = static_cast<std::uint32_t>(pieces_.size());
  pieces_.push_back({Op::close_group, 0, {}});
}

// Whether the group, flat, and what follows it up to the next line end have room. At most `width`
// columns are looked at.
bool Document::fits(std::size_t group, std::size_t column, std::size_t width) const noexcept {
  for (std::size_t at = group; at < pieces_.size(); ++at) {
    const Piece& piece = pieces_[at];
    const bool flat = at < pieces_[group].number;
    switch (piece.op) {
      case Op::text: column += piece.number; break;
      case Op::line:
        if (!flat) return true;
        ++column;
        break;
      case Op::soft_line:
        if (!flat) return true;
        continue;
      case Op::hard_line: return !flat;
      default: continue;
    }
    if (column > width) return false;
  }
  return true;
}

// A line is indented for what begins it: nests that close there do not count any more.
std::size_t Document::nests_closed_behind(std::size_t line) const noexcept {
  std::size_t out = 0;
  for (std::size_t at = line + 1; at < pieces_.size(); ++at) {
    const Op op = pieces_[at].op;
    if (op == Op::close_nest) {
      ++out;
    } else if (op != Op::open_group && op != Op::close_group && op != Op::nothing) {
      break;
    }
  }
  return out;
}

void Document::render(std::size_t width, std::string& out) const {
  std::vector<std::size_t> indents{0};
  std::size_t column = 0;
  std::size_t flat_until = 0;
  for (std::size_t at = 0; at < pieces_.size(); ++at) {
    const Piece& piece = pieces_[at];
    const bool flat = at < flat_until;
    switch (piece.op) {
      case Op::text:
        out += piece.text;
        column += piece.number;
        break;
      case Op::line:
      case Op::soft_line:
      case Op::hard_line:
        if (flat) {
          // Groups with a hard line never fit.
          if (piece.op == Op::line) out += ' ';
          column += piece.op == Op::line ? 1 : 0;
          break;
        }
        column = indents[indents.size() - 1 - nests_closed_behind(at)];
        out += '\n';
        out.append(column, ' ');
        break;
      case Op::open_group:
        if (!flat && fits(at, column, width)) flat_until = piece.number;
        break;
      case Op::open_nest: indents.push_back(indents.back() + piece.number); break;
      case Op::close_nest: indents.pop_back(); break;
      case Op::close_group:
      case Op::nothing: break;
    }
  }
}

}  // namespace mcpgov::policy::cedar
