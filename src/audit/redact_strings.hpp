// Strings of JSON: decoded, searched, and written with markers in the place of what was found.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/detectors.hpp"
#include "crypto/hmac.hpp"

namespace mcpgov::audit {

// What was taken out of one document. by_detector: by the detectors' numbers.
struct Tally {
  std::vector<std::uint32_t> by_detector;
  std::uint32_t by_name = 0;
  std::uint32_t dropped = 0;
  bool cut = false;
  bool any() const noexcept;
  void clear() noexcept;
};

// `k1:` and the first 16 bytes of the code of text, in hexadecimal. k1: the first way of deriving
// keys; another one would be told apart by another prefix.
void append_digest(std::string& out, const crypto::KeyedSha256& key, std::string_view text);

// {"$redacted":"<rule>","bytes":n,"digest":"k1:…"}
void append_redacted(std::string& out, std::string_view rule, std::string_view text,
                     const crypto::KeyedSha256& key);

// Appends what stands for text inside of a JSON string: escaped, safe for terminals, U+FFFD for
// what is not UTF-8, and U+27E6 doubled, so that it cannot be taken for the start of a marker.
void append_escaped(std::string& out, std::string_view text);

// Decodes the inside of a JSON string, until `most` bytes are there. Half surrogate pairs become
// U+FFFD. read: how much of raw that was. False: it is not the inside of a JSON string.
bool decode_string(std::string_view raw, std::size_t most, std::string& out, std::size_t& read);

// The media type of base64 text by its first bytes, where they say so; empty: unknown.
std::string_view media_type(std::string_view base64) noexcept;
// All of its bytes are of the base64 or base64url alphabet, or `=` at the end; escapes as of `/`
// and line ends, too.
bool is_base64(std::string_view text) noexcept;

// Writes strings. Threads: one thread. Throws: std::bad_alloc.
class Strings {
 public:
  explicit Strings(Detectors& detectors) : detectors_(detectors) {}

  struct Order {
    std::string_view raw;  // between the quotes, or to the end of the text
    bool is_key = false;
    bool ended = true;  // false: its end is not known
    bool detect = true;
    std::size_t most = 4096;  // bytes that are stored of it
    const crypto::KeyedSha256* digests = nullptr;
  };
  // Appends a JSON value; for a key, a JSON string. False: not JSON, or too much work.
  bool write(const Order& order, std::string& out, Tally& tally, Work& work);

  // A long string that is base64 or a data: URL becomes {"$blob":…}. False: it is none.
  bool write_blob(std::string_view raw, const crypto::KeyedSha256& digests, std::string& out);

  // A number in which something is found becomes {"$redacted":…}. False: too much work.
  bool write_number(std::string_view number, const crypto::KeyedSha256& digests, std::string& out,
                    Tally& tally, Work& work, bool& found);

  Detectors& detectors() noexcept { return detectors_; }

 private:
  std::size_t end_of_stored(const Order& order, bool whole) const noexcept;
  void write_parts(const Order& order, std::size_t end, std::string& out, Tally& tally);

  Detectors& detectors_;
  std::string text_;  // decoded
  std::vector<Detection> found_;
};

}  // namespace mcpgov::audit
