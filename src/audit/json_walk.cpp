// Where strings and tokens end, and which have to be looked at closely.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/json_walk.hpp"

#include <algorithm>
#include <cstring>

#include <simdjson.h>

namespace mcpgov::audit {

namespace {

// 1 KiB at a time: what was stored is full after a few of these, and the rest is never read.
constexpr std::size_t kBlocksAtOnce = 16;
// Longer than what comes before the bytes of a data URL.
constexpr std::size_t kDataHead = 128;

unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// Without a character that the end of the text has cut.
std::string_view whole_characters(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const unsigned c = byte_at(text, text.size() - back);
    if (c < 0x80) return text;
    if (c >= 0xc0) {
      const std::size_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
      return size > back ? text.substr(0, text.size() - back) : text;
    }
  }
  return text;
}

}  // namespace

void TextMap::begin(std::string_view text, const Detectors* detectors) {
  text_ = text;
  static const Scanner kPlain({});
  detectors_ = detectors;
  scanner_ = detectors != nullptr ? &detectors->scanner() : &kPlain;
  shapes_ = detectors != nullptr && detectors->shapes();
  blocks_ = (text.size() + kBlockBytes - 1) / kBlockBytes;
  ready_ = 0;
  escape_open_ = false;
  checked_utf8_ = false;
  valid_utf8_ = true;
  numbers_ = {};
  starts_ = {};
}

bool TextMap::read_more() {
  if (ready_ >= blocks_) return false;
  const std::size_t end = std::min(blocks_, ready_ + kBlocksAtOnce);
  // A window at the text's end reaches one further.
  if (marks_.size() < end + 2) marks_.resize(std::max(end + 2, 2 * marks_.size()));
  while (ready_ < end) read_block(ready_++);
  marks_[end] = {};
  return true;
}

// The quote that ends the string at `from`, where that is base64 without an escape, or a data URL
// of such; else kNone.
std::size_t TextMap::end_of_blob(std::size_t from) const noexcept {
  std::size_t at = from;
  if (text_.substr(from).starts_with("data:")) {
    const std::string_view head = text_.substr(from, kDataHead);
    const std::size_t comma = head.find(";base64,");
    if (comma == std::string_view::npos || head.find_first_of("\"\\") < comma) return kNone;
    at = from + comma + std::string_view(";base64,").size();
  }
  at += base64_size(text_.substr(at), false);
  for (int padding = 0; padding < 2 && byte_at(text_, at) == '='; ++padding) ++at;
  return byte_at(text_, at) == '"' ? at : kNone;
}

// Goes on with the block of the quote at `end`. What has begun before it ends with it.
void TextMap::skip_to(std::size_t end) noexcept {
  const std::size_t block = end / kBlockBytes;
  if (block <= ready_) return;
  ready_ = block;
  escape_open_ = false;
  numbers_ = {};
  starts_ = {};
}

void TextMap::note(std::size_t at) noexcept {
  marks_[at / kBlockBytes].notes |= std::uint64_t{1} << at % kBlockBytes;
}

// The bytes behind each backslash that begins an escape.
std::uint64_t TextMap::escaped(std::uint64_t backslashes) noexcept {
  std::uint64_t out = 0;
  if (escape_open_) {
    out = 1;
    backslashes &= ~std::uint64_t{1};
    escape_open_ = false;
  }
  while (backslashes != 0) {
    const auto at = static_cast<unsigned>(std::countr_zero(backslashes));
    if (at == kBlockBytes - 1) {
      escape_open_ = true;
      break;
    }
    out |= std::uint64_t{2} << at;
    backslashes &= ~(std::uint64_t{3} << at);
  }
  return out;
}

// What append_safe_json() would escape, and the marks of our own text markers.
bool TextMap::is_unsafe(std::size_t at) const noexcept {
  const unsigned first = byte_at(text_, at);
  const unsigned second = byte_at(text_, at + 1);
  const unsigned third = byte_at(text_, at + 2);
  if (first == 0x7f) return true;
  if (first == 0xc2) return second < 0xa0;                    // U+0080 to U+009F
  if (first == 0xef) return second == 0xbb && third == 0xbf;  // U+FEFF
  if (second == 0x80) return third >= 0xa8 && third <= 0xae;  // U+2028 to U+202E
  if (second == 0x81) return third >= 0xa6 && third <= 0xa9;  // U+2066 to U+2069
  return second == 0x9f && third == 0xa6;                     // U+27E6
}

// Whether the escape whose second byte is at `at` may be stored as it is, and hides no byte that a
// detector looks for: \n and its like, and \u of what is not ASCII, but for halves of pairs, which
// may lack the other one, and for the mark of our own text markers.
bool TextMap::stays_escaped(std::size_t at) const noexcept {
  const unsigned kind = byte_at(text_, at);
  switch (kind) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return true;
    case 'u': break;
    default: return false;
  }
  unsigned value = 0;
  for (std::size_t i = at + 1; i <= at + 4; ++i) {
    const unsigned c = byte_at(text_, i);
    const unsigned letter = c | 0x20U;
    if (c >= '0' && c <= '9') {
      value = value << 4U | (c - '0');
    } else if (letter >= 'a' && letter <= 'f') {
      value = value << 4U | (letter - 'a' + 10);
    } else {
      return false;
    }
  }
  return value < 0x20 || (value >= 0x80 && (value < 0xd800 || value > 0xdfff) && value != 0x27e6);
}

void TextMap::read_block(std::size_t word) {
  const std::size_t at = word * kBlockBytes;
  char padded[kBlockBytes + kBlockAhead] = {};
  const char* block = text_.data() + at;
  std::uint64_t inside = ~std::uint64_t{0};
  if (text_.size() - at < sizeof padded) {
    std::memcpy(padded, block, text_.size() - at);
    block = padded;
    if (text_.size() - at < kBlockBytes) inside >>= kBlockBytes - (text_.size() - at);
  }
  BlockBits bits;
  scanner_->read(block, bits);
  std::uint64_t after_escape = 0;
  if (bits.backslash != 0 || escape_open_) after_escape = escaped(bits.backslash);
  Marks& marks = marks_[word];
  marks.quotes = bits.quote & ~after_escape & inside;
  marks.ends = bits.end & inside;
  marks.digits = bits.digit;
  // Control characters between tokens are never inside of what is asked for.
  std::uint64_t notes = bits.control & inside;

  for (std::uint64_t rest = after_escape & inside; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(rest));
    if (!stays_escaped(at + bit)) notes |= std::uint64_t{1} << bit;
  }
  if (bits.high != 0) {
    if (!checked_utf8_) {
      checked_utf8_ = true;
      const std::string_view rest = whole_characters(text_.substr(at));
      valid_utf8_ = simdjson::validate_utf8(rest.data(), rest.size());
    }
    if (!valid_utf8_) notes |= bits.high;
  }
  for (std::uint64_t rest = bits.unsafe; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(rest));
    if (is_unsafe(at + bit)) notes |= std::uint64_t{1} << bit;
  }
  marks.notes = notes;
  if (detectors_ == nullptr) return;
  for (std::uint64_t rest = bits.candidate & inside; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
    if (!scanner_->holds(block + bit)) continue;
    const std::size_t place = at + bit;
    if (detectors_->suspect(text_, place)) note(place);
  }
  if (shapes_) note_shapes(at, bits);
}

// What has no keyword. Behind the end of the text there are zeros only.
void TextMap::note_shapes(std::size_t at, const BlockBits& bits) noexcept {
  const auto note_if = [&](std::uint64_t rest, std::size_t back, auto&& holds) {
    for (; rest != 0; rest &= rest - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(rest));
      if (holds(place - back)) note(place);
    }
  };
  note_if(bits.at_sign, 0,
          [&](std::size_t place) { return address_around(text_, place, place + 1, true); });
  const ShapeStarts::Bits starts = starts_.next(bits);
  note_if(starts.phone, 1, [&](std::size_t place) { return phone_at(text_, place) != 0; });
  note_if(starts.iban, 3, [&](std::size_t place) { return iban_at(text_, place) != 0; });
  note_if(numbers_.next(bits.digit, bits.grouped), LongNumbers::kBack,
          [&](std::size_t place) { return card_number_at(text_, place) != 0; });
}

}  // namespace mcpgov::audit
