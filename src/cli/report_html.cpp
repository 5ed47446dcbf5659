// HTML of the report: escapes, numbers, tables.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_html.hpp"

#include <cstdio>

#include "base/os_time.hpp"
#include "base/utf8.hpp"

namespace mcpgov::cli {

namespace {

// What a browser would obey or hide: C0 and C1 controls, soft hyphen, zero width characters and
// marks of direction (Unicode 15, general category Cf and Cc), tags, half surrogates.
bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f) || (c & 0xfffe) == 0xfffe;
}

void append_code(std::string& out, char32_t c) {
  char text[16];
  std::snprintf(text, sizeof text, "\\u{%x}", static_cast<unsigned>(c));
  out += text;
}

std::string decimal(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text,
                value < 9.995   ? "%.2f %s"
                : value < 99.95 ? "%.1f %s"
                                : "%.0f %s",
                value, unit);
  return text;
}

}  // namespace

std::string visible_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (point.size == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
      continue;
    }
    if (is_unsafe(point.value)) {
      append_code(out, point.value);
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char byte : visible_text(text)) {
    switch (byte) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += byte;
    }
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t at = 0, characters = 0;
  while (at < text.size() && characters < most) {
    const CodePoint point = decode_utf8(text.substr(at));
    at += point.size == 0 ? 1 : point.size;
    ++characters;
  }
  if (at >= text.size()) return std::string(text);
  return std::string(text.substr(0, at)) + "…";
}

std::string escape_json_for_html(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view three = json.substr(i, 3);
    if (three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9") {
      out += three.back() == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
      continue;
    }
    switch (json[i]) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += json[i];
    }
  }
  return out;
}

std::string count_text(std::uint64_t count) {
  std::string out = std::to_string(count);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  static const char* const kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.5 && unit < 5; ++unit) value /= 1024;
  return decimal(value, kUnits[unit]);
}

std::string duration_text(std::uint64_t nanos) {
  if (nanos < 1000) return std::to_string(nanos) + " ns";
  const auto value = static_cast<double>(nanos);
  if (value < 999.5e3) return decimal(value / 1e3, "µs");
  if (value < 999.5e6) return decimal(value / 1e6, "ms");
  if (value < 120e9) return decimal(value / 1e9, "s");
  if (value < 7200e9) return decimal(value / 60e9, "min");
  return value < 172'800e9 ? decimal(value / 3600e9, "h") : decimal(value / 86'400e9, "days");
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "–";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part != 0 && percent < 0.1) return "< 0.1 %";
  char text[32];
  std::snprintf(text, sizeof text, percent < 9.95 && part != 0 ? "%.1f %%" : "%.0f %%", percent);
  return text;
}

std::string time_text(std::uint64_t time_us) {
  if (time_us == 0) return "–";
  char text[kTimestampSize];
  write_timestamp(time_us, text);
  std::string out(text, 19);
  out[10] = ' ';
  return out;
}

std::string showing(std::size_t shown, std::uint64_t all, std::string_view order) {
  if (shown >= all) return {};
  return "Showing " + count_text(shown) + " of " + count_text(all) + ", " + std::string(order) +
         ".";
}

Table::Table(Html& html, std::string_view caption, std::initializer_list<Column> columns,
             std::string_view note)
    : html_(&html) {
  html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"").text(caption);
  html.raw("\"><table><caption>").text(caption);
  if (!note.empty()) html.raw(" <small>").text(note).raw("</small>");
  html.raw("</caption><thead><tr>");
  for (const Column& column : columns) {
    html.raw(column.number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    html.text(column.title).raw("</th>");
  }
  html.raw("</tr></thead><tbody>\n");
}

Table::~Table() {
  html_->raw(open_ ? "</tr>\n</tbody></table></div>\n" : "</tbody></table></div>\n");
}

Table& Table::row(const char* kind) {
  if (open_) html_->raw("</tr>\n");
  open_ = true;
  if (kind == nullptr) {
    html_->raw("<tr>");
  } else {
    html_->raw("<tr class=\"").raw(kind).raw("\">");
  }
  return *this;
}

Table& Table::name(std::string_view text, std::string_view below) {
  html_->raw("<th scope=\"row\">").text(text.empty() ? "–" : shortened(text, 120));
  if (!below.empty()) html_->raw(" <small>").text(shortened(below, 120)).raw("</small>");
  html_->raw("</th>");
  return *this;
}

Table& Table::text(std::string_view text) {
  html_->raw("<td>").text(shortened(text, 120)).raw("</td>");
  return *this;
}

Table& Table::code(std::string_view text, std::size_t most) {
  if (text.empty()) return this->text("–");
  const std::string shown = shortened(text, most);
  html_->raw("<td><code");
  if (shown.size() != text.size()) {
    html_->raw(" title=\"").text(shortened(text, 512)).raw("\"");
  }
  html_->raw(">").text(shown).raw("</code></td>");
  return *this;
}

Table& Table::time(std::uint64_t time_us) {
  html_->raw("<td class=\"t\">").raw(time_text(time_us)).raw("</td>");
  return *this;
}

Table& Table::count(std::uint64_t count) {
  return number(count, count_text(count));
}

Table& Table::number(std::uint64_t value, std::string_view shown) {
  html_->raw("<td class=\"n\" data-v=\"").raw(std::to_string(value)).raw("\">");
  html_->text(shown).raw("</td>");
  return *this;
}

Table& Table::markup(std::string_view markup) {
  html_->raw("<td>").raw(markup).raw("</td>");
  return *this;
}

}  // namespace mcpgov::cli
