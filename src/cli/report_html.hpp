// Writing HTML in which text of others stays text, and numbers are easy to read.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace mcpgov::cli {

// Text for any place between tags or in a quoted attribute. What could act or mislead when shown
// (control characters, bidirectional controls, invisible characters) becomes `\u{202e}`.
std::string escape_html(std::string_view text);
// The same for a terminal: only what could act or mislead is replaced.
std::string visible_text(std::string_view text);
// Text in at most so many characters; what is cut off is shown as `…`.
std::string shortened(std::string_view text, std::size_t most);
// JSON for a <script type="application/json">: no `<`, `>`, `&`, U+2028 or U+2029 as such.
std::string escape_json_for_html(std::string_view json);

std::string count_text(std::uint64_t count);                      // 12,345
std::string bytes_text(std::uint64_t bytes);                      // 1.5 MiB
std::string duration_text(std::uint64_t nanos);                   // 1.5 ms
std::string share_text(std::uint64_t part, std::uint64_t whole);  // 12 %; of nothing: –
std::string time_text(std::uint64_t time_us);                     // 2026-11-20 08:24:32; never: –

// Appends to a page. Threads: one thread.
class Html {
 public:
  explicit Html(std::string& out) : out_(&out) {}
  // Markup of our own.
  Html& raw(std::string_view markup) {
    *out_ += markup;
    return *this;
  }
  // Anything else.
  Html& text(std::string_view text) {
    *out_ += escape_html(text);
    return *this;
  }

 private:
  std::string* out_;
};

struct Column {
  const char* title;
  bool number = false;
};

// A table with a caption, wide ones in a box that scrolls. Sorting and searching are the script's
// business: a number keeps its value in `data-v`.
// Threads: one thread.
class Table {
 public:
  // note: how the rows were chosen, or an empty text.
  Table(Html& html, std::string_view caption, std::initializer_list<Column> columns,
        std::string_view note = {});
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  Table& row(const char* kind = nullptr);                           // kind: a class of the style
  Table& name(std::string_view text, std::string_view below = {});  // the row's heading
  Table& text(std::string_view text);
  Table& code(std::string_view text, std::size_t most = 48);  // an id; whole as a title
  Table& time(std::uint64_t time_us);
  Table& count(std::uint64_t count);
  Table& number(std::uint64_t value, std::string_view shown);
  Table& markup(std::string_view markup);  // of our own

 private:
  Html* html_;
  bool open_ = false;
};

// `Showing 20 of 1,234, by calls.`; all: an empty text.
std::string showing(std::size_t shown, std::uint64_t all, std::string_view order);

}  // namespace mcpgov::cli
