// Taking secrets out of JSON text while it is copied: one pass, no document in memory.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/detectors.hpp"
#include "audit/json_walk.hpp"
#include "audit/redact_names.hpp"
#include "audit/redact_places.hpp"
#include "audit/redact_strings.hpp"
#include "crypto/hmac.hpp"

namespace mcpgov::audit {

// Bounds of what is stored, and of what is read.
inline constexpr std::size_t kStoredDepth = 32;
inline constexpr std::size_t kReadDepth = 64;
inline constexpr std::uint32_t kStoredMembers = 256;
inline constexpr std::uint32_t kStoredItems = 1000;
inline constexpr std::size_t kStoredKey = 256;  // bytes of a member's name

// What one document is stored with. Borrowed for the run.
struct RedactOrder {
  std::string_view text;
  bool cut = false;              // text is only the beginning
  bool detect = true;            // names and detectors; false: full
  bool places_only = false;      // nothing but `drop`: no limits of size, strings as they are
  const Places* keep = nullptr;  // level fields; null: everything
  const Places* drop = nullptr;  // null: nothing
  std::size_t value_bytes = 4096;
  std::size_t content_bytes = 16384;
  const crypto::KeyedSha256* digests = nullptr;
};

enum class RedactEnd : std::uint8_t { whole, cut, failed };

// Writes what may be stored of a JSON text. Memory is kept from run to run.
// Threads: one thread. Throws: std::bad_alloc.
class Redactor {
 public:
  // Borrowed for the redactor's life.
  Redactor(Detectors& detectors, const NameRules& names) : strings_(detectors), names_(names) {}

  // Appends one JSON value to out, without white space between tokens, safe to be shown in a
  // terminal, and not much longer than content_bytes. failed: not JSON, deeper than kReadDepth, or
  // too much work: what was appended must not be used.
  RedactEnd run(const RedactOrder& order, std::string& out, Tally& tally, Work& work);

  // Appends the names of an object's members, safely, as a JSON array; nothing for other values.
  // False: failed, as above.
  bool write_keys(const RedactOrder& order, std::string& out, Tally& tally, Work& work);

 private:
  struct Level {
    bool object = false;
    bool picky = false;  // only some of its children are stored
    bool wrote = false;  // a child, where picky
    std::uint32_t count = 0;
    std::uint32_t left_out = 0;  // items in a row, where picky
    Places::Bits keep = 0;
    Places::Bits drop = 0;
  };
  // What becomes of the value that comes next.
  struct Fate {
    bool dropped = false;
    bool picky = false;
    const std::string* name_rule = nullptr;
    Places::Bits keep = 0;
    Places::Bits drop = 0;
  };
  enum class Step : std::uint8_t { go_on, ended, broken };  // ended: of what is read or stored

  void start(const RedactOrder& order, std::string& out, Tally& tally, Work& work);
  Step walk();
  Step end_of_text();
  Step next_child();
  void plain_children(Level& level);
  std::size_t after_expected_name(std::size_t at) const noexcept;
  std::size_t after_plain_value(std::size_t at);
  Step member(Level& level);
  Step item(Level& level);
  Step compare_name(std::string_view raw, Level& level, Fate& fate);
  bool is_plain_name(std::size_t begin, std::size_t end) noexcept;
  Step write_name(std::size_t begin, std::size_t end, bool noted);
  Step too_many(bool object);
  Step list_name(bool comma);
  void close(Level& level);

  Step value(const Fate& fate);
  // One that no rule of a place or name is about.
  Step plain_value() {
    switch (order_.text[at_]) {
      case '"': return string_value();
      case '{':
      case '[': return open({});
      default: return scalar();
    }
  }
  Step picky_value(Level& level, const Fate& fate, std::size_t out_before);
  Step open(const Fate& fate);
  Step string_value();
  Step cut_string(std::size_t begin);
  Step scalar();
  Step take_out(const std::string& rule);
  Step skip_value();
  bool reveals_nothing() const noexcept;

  bool spaces() {
    return at_ < order_.text.size() && static_cast<unsigned char>(order_.text[at_]) > 0x20
               ? true
               : more_spaces();
  }
  bool more_spaces();
  bool over(std::size_t at) const noexcept {
    return out_->size() - first_ + (at - copied_) > order_.content_bytes;
  }
  void keep_so_far() noexcept {
    good_out_ = out_->size();
    good_copied_ = copied_;
    good_at_ = at_;
  }
  void flush(std::size_t to) {
    out_->append(order_.text.substr(copied_, to - copied_));
    copied_ = to;
  }
  void end_early();
  void write_left_out(Level& level);

  RedactOrder order_;
  Strings strings_;
  const NameRules& names_;
  PlainNames plain_names_;
  TextMap map_;
  std::string* out_ = nullptr;
  Tally* tally_ = nullptr;
  Work* work_ = nullptr;
  std::string name_;  // a member's, decoded
  std::vector<Level> levels_;
  bool always_ = false;     // every string is searched
  bool quick_ = false;      // plain_children() may be tried
  std::size_t first_ = 0;   // where out began
  std::size_t at_ = 0;      // in the text
  std::size_t copied_ = 0;  // of the text, to out; what follows up to at_ stays as it is
  // The state after the last value that is stored whole.
  std::size_t good_out_ = 0, good_copied_ = 0, good_at_ = 0;
};

// Appends the text without what is at these places. False: it is not JSON as far as it was read,
// and what was appended must not be used. Threads: thread-safe. Throws: std::bad_alloc.
bool drop_places(const Places& drop, std::string_view text, std::string& out);

}  // namespace mcpgov::audit
