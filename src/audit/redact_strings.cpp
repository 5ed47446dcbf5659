// Strings of JSON: decoded, searched, and written with markers in the place of what was found.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/redact_strings.hpp"

#include <algorithm>
#include <charconv>

#include "base/utf8.hpp"

namespace mcpgov::audit {

namespace {

// How far behind its end a stored text is searched, so that what begins in it is seen whole.
constexpr std::size_t kLookAhead = 1024;
// The longest finding with spaces in it, but for keys in PEM, which need no end.
constexpr std::size_t kSpacedFinding = 256;
constexpr std::string_view kOpen = "\xe2\x9f\xa6";   // U+27E6
constexpr std::string_view kClose = "\xe2\x9f\xa7";  // U+27E7

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// The same characters as base/json_writer.cpp.
bool is_unsafe(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_u(std::string& out, char32_t c) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 0xf];
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool four_digits(std::string_view text, std::size_t at, char32_t& out) noexcept {
  if (text.size() < at + 4) return false;
  out = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int value = hex_value(text[i]);
    if (value < 0) return false;
    out = out << 4 | static_cast<char32_t>(value);
  }
  return true;
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned>(value)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6);
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3f));
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
}

// `at` is behind `\u`; moves it behind the digits, also those of a pair's second half.
bool decode_u(std::string_view raw, std::size_t& at, std::string& out) {
  char32_t c = 0;
  if (!four_digits(raw, at, c)) return false;
  at += 4;
  if (c >= 0xd800 && c <= 0xdbff) {
    char32_t low = 0;
    if (raw.substr(at, 2) == "\\u" && four_digits(raw, at + 2, low) && low >= 0xdc00 &&
        low <= 0xdfff) {
      at += 6;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else {
      c = 0xfffd;
    }
  } else if (c >= 0xdc00 && c <= 0xdfff) {
    c = 0xfffd;
  }
  append_utf8(out, c);
  return true;
}

}  // namespace

bool Tally::any() const noexcept {
  return by_name != 0 || dropped != 0 ||
         std::any_of(by_detector.begin(), by_detector.end(), [](auto n) { return n != 0; });
}

void Tally::clear() noexcept {
  std::fill(by_detector.begin(), by_detector.end(), 0);
  by_name = dropped = 0;
  cut = false;
}

void append_digest(std::string& out, const crypto::KeyedSha256& key, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  constexpr std::size_t kStored = 16;  // 128 bits: equal values, not a proof
  const crypto::Digest digest = key.code(text);
  out += "k1:";
  for (std::size_t i = 0; i < kStored; ++i) {
    out += kHex[digest[i] >> 4U];
    out += kHex[digest[i] & 15U];
  }
}

void append_redacted(std::string& out, std::string_view rule, std::string_view text,
                     const crypto::KeyedSha256& key) {
  out += R"({"$redacted":")";
  append_escaped(out, rule);
  out += R"(","bytes":)";
  append_number(out, text.size());
  out += R"(,"digest":")";
  append_digest(out, key, text);
  out += "\"}";
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      ++at;
      continue;
    }
    out.append(text.substr(plain, at - plain));
    const CodePoint c = decode_utf8(text.substr(at));
    if (c.size == 0) {
      out += "\xef\xbf\xbd";
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[at];
    } else if (byte == '\n' || byte == '\t') {
      out += byte == '\n' ? "\\n" : "\\t";
    } else if (is_unsafe(c.value)) {
      append_u(out, c.value);
    } else {
      out.append(text.substr(at, c.size));
      if (c.value == 0x27e6) out += kOpen;
    }
    at += std::max<std::size_t>(c.size, 1);
    plain = at;
  }
  out.append(text.substr(plain));
}

bool decode_string(std::string_view raw, std::size_t most, std::string& out, std::size_t& read) {
  const std::size_t limit = out.size() + most;
  std::size_t at = 0;
  while (at < raw.size() && out.size() < limit) {
    const auto byte = static_cast<unsigned char>(raw[at]);
    if (byte < 0x20 || byte == '"') return false;
    if (byte != '\\') {
      const std::size_t from = at;
      const std::size_t most_here = std::min(raw.size(), at + (limit - out.size()));
      while (at < most_here && raw[at] != '\\' && raw[at] != '"' &&
             static_cast<unsigned char>(raw[at]) >= 0x20) {
        ++at;
      }
      out.append(raw.substr(from, at - from));
      continue;
    }
    if (at + 1 == raw.size()) return false;
    const char c = raw[at + 1];
    at += 2;
    switch (c) {
      case '"':
      case '\\':
      case '/': out += c; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u':
        if (!decode_u(raw, at, out)) return false;
        break;
      default: return false;
    }
  }
  read = at;
  return true;
}

// Where the stored part ends. Behind it nothing is known: a token that the known text does not end,
// and what a finding with spaces could reach, are left out.
std::size_t Strings::end_of_stored(const Order& order, bool whole) const noexcept {
  if (whole && text_.size() <= order.most) return text_.size();
  std::size_t end = std::min(order.most, text_.size());
  if (!whole) {
    end = std::min(end, text_.size() - std::min(text_.size(), kSpacedFinding));
    if (std::none_of(text_.begin() + static_cast<std::ptrdiff_t>(end), text_.end(), is_space)) {
      while (end > 0 && !is_space(text_[end - 1])) --end;
    }
  }
  for (const Detection& each : found_) {
    // A finding is left out whole or not at all.
    if (each.begin < end && each.end > end) end = each.end;
  }
  while (end > 0 && end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) {
    --end;
  }
  return end;
}

void Strings::write_parts(const Order& order, std::size_t end, std::string& out, Tally& tally) {
  std::size_t at = 0;
  for (const Detection& each : found_) {
    if (each.begin >= end) break;
    append_escaped(out, std::string_view(text_).substr(at, each.begin - at));
    out += kOpen;
    out += detectors_.name(each.detector);
    out += ' ';
    append_number(out, each.end - each.begin);
    out += ' ';
    append_digest(out, *order.digests,
                  std::string_view(text_).substr(each.begin, each.end - each.begin));
    out += kClose;
    ++tally.by_detector[each.detector];
    at = each.end;
  }
  if (at < end) append_escaped(out, std::string_view(text_).substr(at, end - at));
}

bool Strings::write(const Order& order, std::string& out, Tally& tally, Work& work) {
  text_.clear();
  found_.clear();
  std::size_t read = 0;
  std::string_view raw = order.raw;
  if (!order.ended) {
    // An escape that the end has cut is no error; what it would have been is left out.
    const std::size_t last = raw.find_last_not_of('\\');
    const std::size_t slashes = raw.size() - (last == std::string_view::npos ? 0 : last + 1);
    if (slashes % 2 == 1) raw.remove_suffix(1);
    const std::size_t escape = raw.size() < 6 ? 0 : raw.size() - 6;
    const std::size_t u = raw.find("\\u", escape);
    if (u != std::string_view::npos && raw.size() - u < 6) raw = raw.substr(0, u);
  }
  if (!decode_string(raw, order.most + kLookAhead, text_, read)) return false;
  const bool whole = order.ended && read == raw.size();
  work.done += text_.size();
  if (order.detect && !detectors_.find(text_, work, found_)) return false;
  if (whole && !order.is_key && found_.size() == 1 && found_[0].begin == 0 &&
      found_[0].end == text_.size()) {
    append_redacted(out, detectors_.name(found_[0].detector), text_, *order.digests);
    ++tally.by_detector[found_[0].detector];
    return true;
  }
  const std::size_t end = end_of_stored(order, whole);
  out += '"';
  // A name of ours in the caller's text gets one more `$`.
  if (order.is_key && !text_.empty() && text_[0] == '$' && end > 0) out += '$';
  write_parts(order, end, out, tally);
  if (!whole || end < text_.size()) {
    tally.cut = true;
    out += kOpen;
    out += "cut";
    if (order.ended) {
      out += ' ';
      append_number(out, order.raw.size());
      out += ' ';
      append_digest(out, *order.digests, order.raw);
    }
    out += kClose;
  }
  out += '"';
  return true;
}

std::string_view media_type(std::string_view base64) noexcept {
  struct Beginning {
    std::string_view base64;
    std::string_view type;
  };
  // The formats' first bytes, encoded.
  static constexpr Beginning kBeginnings[] = {
      {"iVBORw0KGgo", "image/png"},   {"/9j/", "image/jpeg"},       {"R0lGOD", "image/gif"},
      {"JVBERi0", "application/pdf"}, {"UEsDB", "application/zip"}, {"H4sI", "application/gzip"},
      {"T2dnUw", "audio/ogg"},        {"SUQz", "audio/mpeg"},       {"ZkxhQ", "audio/flac"},
  };
  for (const Beginning& each : kBeginnings) {
    if (base64.starts_with(each.base64)) return each.type;
  }
  return {};
}

bool is_base64(std::string_view text) noexcept {
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  return !text.empty() && base64_size(text, true) == text.size();
}

bool Strings::write_blob(std::string_view raw, const crypto::KeyedSha256& digests,
                         std::string& out) {
  std::string_view type;
  std::string_view bytes = raw;
  if (raw.starts_with("data:")) {
    // RFC 2397: data:<type>;base64,<bytes>
    const std::size_t comma = raw.substr(0, 128).find(";base64,");
    if (comma == std::string_view::npos) return false;
    type = raw.substr(5, comma - 5);
    bytes = raw.substr(comma + 8);
    // Lower-case letters only: nothing that could be a secret.
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || c == '/' || c == '-' || c == '+' || c == '.';
    };
    if (type.size() > 80 || type.find('/') == std::string_view::npos ||
        std::count_if(type.begin(), type.end(), [&](char c) { return !plain(c); }) > 0) {
      type = {};
    }
  }
  if (!is_base64(bytes)) return false;
  if (type.empty()) type = media_type(bytes);
  out += R"({"$blob":{)";
  if (!type.empty()) {
    out += R"("mime":")";
    out += type;
    out += "\",";
  }
  out += R"("bytes":)";
  append_number(out, raw.size());
  out += R"(,"digest":")";
  append_digest(out, digests, raw);
  out += "\"}}";
  return true;
}

bool Strings::write_number(std::string_view number, const crypto::KeyedSha256& digests,
                           std::string& out, Tally& tally, Work& work, bool& found) {
  found = false;
  if (!detectors_.find(number, work, found_)) return false;
  if (found_.empty() && number.find_first_of("eE") != std::string_view::npos) {
    // The digits of 4.111111111111111e15.
    text_.clear();
    for (const char c : number.substr(0, number.find_first_of("eE"))) {
      if (c >= '0' && c <= '9') text_ += c;
    }
    if (!detectors_.find(text_, work, found_)) return false;
  }
  if (found_.empty()) return true;
  found = true;
  append_redacted(out, detectors_.name(found_[0].detector), number, digests);
  ++tally.by_detector[found_[0].detector];
  return true;
}

}  // namespace mcpgov::audit
