// Whatever a document looks like, nothing of a secret in it reaches the log. Documents are random,
// from fixed seeds; secrets are made up and put together here.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "audit/capture.hpp"
#include "base/json.hpp"

namespace mcpgov::audit {
namespace {

class Documents {
 public:
  explicit Documents(unsigned seed) : random_(seed) {}

  // JSON text with some of the secrets in strings, names and numbers.
  std::string next(std::vector<std::string>& planted) {
    planted_ = &planted;
    planted.clear();
    std::string out;
    value(out, 0);
    return out;
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  static std::string from(std::string_view alphabet, std::size_t size, std::mt19937& random) {
    std::string out;
    while (out.size() < size) out += alphabet[random() % alphabet.size()];
    return out;
  }

  std::string secret() {
    constexpr std::string_view kAlnum =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const auto alnum = [&](std::size_t size) { return from(kAlnum, size, random_); };
    switch (below(9)) {
      case 0: return std::string("AK") + "IA" + from(kUpper, 16, random_);
      case 1: return std::string("gh") + "p_" + alnum(36);
      case 2: return std::string("xo") + "xb-123456789012-" + alnum(24);
      case 3: return std::string("sk_") + "live_" + alnum(24);
      case 4: return std::string("gl") + "pat-" + alnum(20);
      case 5:
        return std::string("ey") + "J" + alnum(40) + ".ey" + "J" + alnum(60) + "." + alnum(43);
      case 6: return "4111111111111111";
      case 7: return "ann." + alnum(8) + "@example.com";
      default:
        return std::string("-----BEGIN PRIVATE") + " KEY-----" + alnum(64) + alnum(200) +
               "-----END PRIVATE" + " KEY-----";
    }
  }

  void character(std::string& out, char c) {
    static constexpr char kHex[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (below(escape_share_) == 0) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += below(2) == 0 ? kHex[byte & 15U] : static_cast<char>(std::toupper(kHex[byte & 15U]));
    } else if (c == '/' && below(2) == 0) {
      out += "\\/";
    } else {
      out += c;
    }
  }

  void text(std::string& out, std::size_t size) {
    static constexpr std::string_view kPieces[] = {
        " ",    "word ", "\\n",     "key: ", "\xc3\xa9",     "\\ud83d\\ude00",
        "\\\\", "\\\"",  "x=1; ",   "0 ",    "token ",       "=",
        ", ",   "/",     "\\u2028", "(",     "\xe2\x80\x94",
    };
    while (size-- > 0) out += kPieces[below(std::size(kPieces))];
  }

  void string(std::string& out) {
    out += '"';
    escape_share_ = below(3) == 0 ? 2 : 1000;
    text(out, below(40) == 0 ? 1500 : below(12));
    if (below(3) == 0) {
      const std::string each = secret();
      planted_->push_back(each);
      // Behind a blank: a token within a word is part of the word.
      out += ' ';
      for (const char c : each) character(out, c);
      out += ' ';
      text(out, below(8));
    }
    out += '"';
  }

  void space(std::string& out) {
    if (below(6) == 0) out += below(2) == 0 ? " " : "\n\t";
  }

  void value(std::string& out, unsigned depth) {
    space(out);
    const std::size_t kind = below(depth > 6 ? 3 : 6);
    if (kind == 0) {
      out += std::to_string(below(100000));
    } else if (kind <= 2) {
      string(out);
    } else if (kind == 3) {
      out += '[';
      for (std::size_t i = 0, count = below(6); i < count; ++i) {
        if (i > 0) out += ',';
        value(out, depth + 1);
      }
      out += ']';
    } else {
      out += '{';
      for (std::size_t i = 0, count = below(6); i < count; ++i) {
        if (i > 0) out += ',';
        space(out);
        string(out);
        // No name twice: readers refuse that.
        out.pop_back();
        out += ' ' + std::to_string(i) + '"';
        space(out);
        out += ':';
        value(out, depth + 1);
      }
      out += '}';
    }
    space(out);
  }

  std::mt19937 random_;
  std::vector<std::string>* planted_ = nullptr;
  std::size_t escape_share_ = 1000;
};

// The bytes that a secret is about, without its published beginning.
std::vector<std::string> pieces_of(const std::string& secret) {
  std::vector<std::string> out;
  const std::size_t from = secret.find("KEY-----") == std::string::npos ? 4 : 40;
  for (std::size_t at = from; at + 9 < secret.size(); at += 9) out.push_back(secret.substr(at, 9));
  return out;
}

void check_none_left(const std::string& json, const std::vector<std::string>& planted) {
  const auto read = parse_json(json, {}, {});
  if (!read.has_value()) {
    FAIL("what is stored is no JSON: " << read.error().text() << json.substr(0, 300));
  }
  // Decoded and written again without escapes: every way of writing a string looks the same.
  const std::string plain = read->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (const std::string& secret : planted) {
    for (const std::string& piece : pieces_of(secret)) {
      if (plain.find(piece) == std::string::npos) continue;
      const std::size_t at = plain.find(piece);
      const std::size_t from = at - std::min<std::size_t>(at, 100);
      FAIL("a piece of `" << secret << "` is left: " << plain.substr(from, 250));
    }
  }
}

Capture make(Level level) {
  CaptureSettings settings;
  settings.rules = {{"*", level, level, {"/a", "/*", "/*/*", "/0"}}};
  auto made = Capture::make(settings, std::string(32, 's'), nullptr, nullptr, nullptr);
  if (!made) FAIL(made.error().text());
  return *std::move(made);
}

TEST_CASE("redact: of random documents no planted secret is stored, whole or cut") {
  Capture redacted = make(Level::redacted);
  Capture fields = make(Level::fields);
  Capture metadata = make(Level::metadata);
  std::vector<std::string> planted;
  std::size_t secrets = 0;
  std::size_t failed = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Documents documents(seed);
    const std::string document = documents.next(planted);
    secrets += planted.size();
    Content content;
    content.tool = "t";
    content.bytes = document.size();
    for (int cut = 0; cut < 3; ++cut) {
      content.text = document;
      if (cut > 0) content.text = content.text.substr(0, documents.below(document.size()));
      for (Capture* capture : {&redacted, &fields, &metadata}) {
        const Captured captured = (*capture)(content);
        if ((captured.flags & 16U) != 0) ++failed;  // kCaptureFailed
        CHECK(captured.json.size() < 40'000);
        check_none_left(std::string(captured.json), planted);
      }
    }
  }
  CHECK(secrets > 1000);
  CHECK(failed == 0);
}

}  // namespace
}  // namespace mcpgov::audit
