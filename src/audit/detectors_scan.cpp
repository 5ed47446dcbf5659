// One pass over text for all keywords at once.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors_scan.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define MCPGOV_AVX2 1
#endif

namespace mcpgov::audit {

namespace {

unsigned byte_of(char c) noexcept {
  return static_cast<unsigned char>(c);
}

bool is_letter(unsigned c) noexcept {
  return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
}

bool is_digit(unsigned c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_upper(unsigned c) noexcept {
  return c >= 'A' && c <= 'Z';
}

// The bits of `bits`, `by` bytes later; those of the block before come in.
std::uint64_t later(std::uint64_t bits, std::uint64_t before, unsigned by) noexcept {
  return bits << by | before >> (64U - by);
}

// How often a byte stands in text of messages, roughly, in thousandths.
unsigned share_of(unsigned c) noexcept {
  if (c >= 'a' && c <= 'z') return 24;
  if (c >= 'A' && c <= 'Z') return 5;
  if (c >= '0' && c <= '9') return 12;
  return c == ' ' || c == '"' ? 60 : c > ' ' && c < 0x7f ? 6 : 1;
}

// The bytes of a group at one position, as its tables take them: any low half with any high one.
struct HalfSets {
  std::uint32_t low = 0;
  std::uint32_t high = 0;

  void add(unsigned c) noexcept {
    low |= 1U << (c & 15U);
    high |= 1U << (c >> 4U);
  }
  std::uint64_t weight() const noexcept {
    std::uint64_t out = 0;
    for (unsigned c = 0; c < 256; ++c) {
      if ((low >> (c & 15U) & 1U) != 0 && (high >> (c >> 4U) & 1U) != 0) out += share_of(c);
    }
    return out;
  }
};
using Group = std::array<HalfSets, 4>;

double weight_of(const Group& group) noexcept {
  double out = 1;
  for (const HalfSets& each : group) out *= static_cast<double>(each.weight());
  return out;
}

}  // namespace

std::uint64_t LongNumbers::next(std::uint64_t digit, std::uint64_t grouped) noexcept {
  const std::uint64_t two = grouped & later(grouped, grouped_, 1);
  const std::uint64_t four = two & later(two, two_, 2);
  const std::uint64_t eight = four & later(four, four_, 4);
  // Four digits, and none before them.
  const std::uint64_t begin = digit & later(digit, digit_, 1) & later(digit, digit_, 2) &
                              later(digit, digit_, 3) & ~later(digit, digit_, 4);
  // 13 in all: eight, the four before them, and one more.
  const std::uint64_t out =
      eight & later(four, four_, 8) & later(grouped, grouped_, 12) & later(begin, begin_, 9);
  digit_ = digit;
  grouped_ = grouped;
  two_ = two;
  four_ = four;
  eight_ = eight;
  begin_ = begin;
  return out;
}

bool Scanner::same(const Keyword& keyword, std::string_view text) noexcept {
  const std::string_view wanted = keyword.text;
  if (text.size() < wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const unsigned a = byte_of(wanted[i]);
    const unsigned b = byte_of(text[i]);
    if (a != b && !(keyword.any_case && is_letter(a) && (a ^ b) == 0x20U)) return false;
  }
  return true;
}

Scanner::Scanner(std::vector<Keyword> keywords) : beginnings_((std::size_t{1} << kPlaceBits) / 64) {
  first_.fill(kNone);
  std::vector<Classes> fingerprints;
  for (Keyword& each : keywords) {
    Classes& classes = fingerprints.emplace_back();
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (i >= each.text.size()) {
        classes[i].fill(true);
        continue;
      }
      const unsigned c = byte_of(each.text[i]);
      classes[i][c] = true;
      if (each.any_case && is_letter(c)) classes[i][c ^ 0x20U] = true;
    }
    std::uint16_t& head = first_[slot(each.text[0], each.text[1])];
    entries_.push_back({std::move(each), head});
    head = static_cast<std::uint16_t>(entries_.size() - 1);
  }
  put_in_groups(fingerprints);
  for (const Classes& each : fingerprints) add_beginnings(each);
  read_ = [](const Scanner& self, const char* block, BlockBits& out) noexcept {
    self.read_portably(block, out);
  };
  if (fast()) read_ = &Scanner::read_fast;
}

void Scanner::add_beginnings(const Classes& classes) {
  std::vector<std::uint32_t> all = {0};
  for (unsigned i = 0; i < classes.size(); ++i) {
    std::vector<std::uint32_t> longer;
    for (unsigned c = 0; c < 256; ++c) {
      if (!classes[i][c]) continue;
      for (const std::uint32_t each : all) {
        // In the order in which load() reads them.
        char bytes[4];
        std::memcpy(bytes, &each, sizeof bytes);
        bytes[i] = static_cast<char>(c);
        longer.push_back(load<std::uint32_t>(bytes));
      }
    }
    all = std::move(longer);
  }
  for (const std::uint32_t each : all) {
    const std::uint32_t place = place_of(each);
    beginnings_[place / 64] |= std::uint64_t{1} << place % 64;
  }
}

// Each fingerprint goes where it makes the group take the least more text, as a group takes any
// first byte of its members with any second one, and so on. Those that take the most choose first.
void Scanner::put_in_groups(const std::vector<Classes>& fingerprints) {
  constexpr std::size_t kGroups = 16;
  std::vector<std::pair<double, std::size_t>> order;
  std::vector<Group> sets(fingerprints.size());
  for (std::size_t n = 0; n < fingerprints.size(); ++n) {
    for (std::size_t i = 0; i < 4; ++i) {
      for (unsigned c = 0; c < 256; ++c) {
        if (fingerprints[n][i][c]) sets[n][i].add(c);
      }
    }
    order.emplace_back(-weight_of(sets[n]), n);
  }
  std::sort(order.begin(), order.end());
  std::array<Group, kGroups> groups = {};
  for (const auto& [weight, number] : order) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::max();
    for (std::size_t group = 0; group < kGroups; ++group) {
      Group joined = groups[group];
      for (std::size_t i = 0; i < 4; ++i) {
        joined[i].low |= sets[number][i].low;
        joined[i].high |= sets[number][i].high;
      }
      const double added = weight_of(joined) - weight_of(groups[group]);
      if (added < least) {
        least = added;
        best = group;
      }
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t side = best / 8;
      const auto bit = static_cast<std::uint8_t>(1U << best % 8);
      for (unsigned c = 0; c < 256; ++c) {
        if (!fingerprints[number][i][c]) continue;
        groups[best][i].add(c);
        whole_[i][c] = static_cast<std::uint16_t>(whole_[i][c] | 1U << best);
        for (const unsigned half : {0U, 16U}) {
          low_[i][side][(c & 15U) + half] |= bit;
          high_[i][side][(c >> 4U) + half] |= bit;
        }
      }
    }
  }
}

void Scanner::read_portably(const char* block, BlockBits& out) const noexcept {
  out = {};
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    const unsigned c = byte_of(block[i]);
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto put = [&](std::uint64_t& bits, bool holds) { bits |= holds ? bit : 0; };
    put(out.quote, c == '"');
    put(out.backslash, c == '\\');
    put(out.end, c <= 0x20 || c == ',' || c == ':' || c == ']' || c == '}');
    put(out.control, c < 0x20);
    put(out.high, c >= 0x80);
    put(out.unsafe, c == 0x7f || c == 0xc2 || c == 0xe2 || c == 0xef);
    put(out.digit, is_digit(c));
    put(out.grouped, is_digit(c) || c == ' ' || c == '-');
    put(out.upper, is_upper(c));
    put(out.at_sign, c == '@');
    put(out.plus, c == '+');
    const unsigned groups = static_cast<unsigned>(whole_[0][c]) & whole_[1][byte_of(block[i + 1])] &
                            whole_[2][byte_of(block[i + 2])] & whole_[3][byte_of(block[i + 3])];
    put(out.candidate, groups != 0);
  }
}

namespace {

bool is_base64_portably(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char each) {
    const unsigned c = byte_of(each);
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '\\';
  });
}

}  // namespace

#if defined(MCPGOV_AVX2)

bool Scanner::fast() noexcept {
  return __builtin_cpu_supports("avx2") != 0;
}

namespace {

#define MCPGOV_TARGET __attribute__((target("avx2")))

MCPGOV_TARGET inline std::uint32_t mask_of(__m256i bytes) noexcept {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

MCPGOV_TARGET inline __m256i load32(const void* at) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}

MCPGOV_TARGET inline __m256i equal(__m256i bytes, char c) noexcept {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
}

// Unsigned: bytes from `first` on, `count` of them.
MCPGOV_TARGET inline __m256i in_range(__m256i bytes, char first, char count) noexcept {
  const __m256i moved = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i last = _mm256_set1_epi8(static_cast<char>(count - 1));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(moved, last), moved);
}

MCPGOV_TARGET inline std::uint64_t both(__m256i first, __m256i second) noexcept {
  return std::uint64_t{mask_of(second)} << 32U | mask_of(first);
}

MCPGOV_TARGET inline __m256i lookup(const std::array<std::uint8_t, 32>& table,
                                    __m256i halves) noexcept {
  return _mm256_shuffle_epi8(load32(table.data()), halves);
}

}  // namespace

MCPGOV_TARGET std::uint32_t Scanner::groups_at(const Scanner& scanner, const char* at) noexcept {
  const __m256i low_half = _mm256_set1_epi8(15);
  __m256i first_eight = _mm256_set1_epi8(-1);
  __m256i others = first_eight;
  for (unsigned i = 0; i < 4; ++i) {
    const __m256i bytes = load32(at + i);
    const __m256i low = _mm256_and_si256(bytes, low_half);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_half);
    first_eight = _mm256_and_si256(
        first_eight,
        _mm256_and_si256(lookup(scanner.low_[i][0], low), lookup(scanner.high_[i][0], high)));
    others = _mm256_and_si256(others, _mm256_and_si256(lookup(scanner.low_[i][1], low),
                                                       lookup(scanner.high_[i][1], high)));
  }
  const __m256i groups = _mm256_or_si256(first_eight, others);
  return ~mask_of(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
}

MCPGOV_TARGET void Scanner::read_fast(const Scanner& scanner, const char* block,
                                      BlockBits& out) noexcept {
  const __m256i v = load32(block);
  const __m256i w = load32(block + 32);
  const __m256i bit = _mm256_set1_epi8(0x20);
  out.quote = both(equal(v, '"'), equal(w, '"'));
  out.backslash = both(equal(v, '\\'), equal(w, '\\'));
  out.control = both(in_range(v, 0, 0x20), in_range(w, 0, 0x20));
  out.high = both(v, w);
  out.digit = both(in_range(v, '0', 10), in_range(w, '0', 10));
  out.upper = both(in_range(v, 'A', 26), in_range(w, 'A', 26));
  out.at_sign = both(equal(v, '@'), equal(w, '@'));
  out.plus = both(equal(v, '+'), equal(w, '+'));
  const std::uint64_t blank = both(equal(v, ' '), equal(w, ' '));
  out.grouped = out.digit | blank | both(equal(v, '-'), equal(w, '-'));
  // ] and } differ in this bit only. Control characters that are no white space end nothing that
  // is JSON, and are refused where they stand.
  const std::uint64_t closing =
      both(equal(_mm256_or_si256(v, bit), '}'), equal(_mm256_or_si256(w, bit), '}'));
  out.end = blank | out.control | closing | both(equal(v, ','), equal(w, ',')) |
            both(equal(v, ':'), equal(w, ':'));
  out.unsafe = both(equal(v, 0x7f), equal(w, 0x7f));
  if (out.high != 0) {
    for (const unsigned lead : {0xc2U, 0xe2U, 0xefU}) {
      out.unsafe |= both(equal(v, static_cast<char>(lead)), equal(w, static_cast<char>(lead)));
    }
  }
  out.candidate = std::uint64_t{groups_at(scanner, block + 32)} << 32U | groups_at(scanner, block);
}

namespace {

MCPGOV_TARGET bool is_base64_fast(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i v = load32(text.data() + at);
    const __m256i letter = in_range(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 26);
    const __m256i digit = in_range(v, '0', 10);
    const __m256i plus = _mm256_or_si256(equal(v, '+'), equal(v, '/'));
    const __m256i minus = _mm256_or_si256(equal(v, '-'), equal(v, '_'));
    const __m256i marks = _mm256_or_si256(_mm256_or_si256(plus, minus), equal(v, '\\'));
    if (mask_of(_mm256_or_si256(_mm256_or_si256(letter, digit), marks)) != 0xffffffffU) {
      return false;
    }
  }
  return is_base64_portably(text.substr(at));
}

}  // namespace

bool is_base64_text(std::string_view text) noexcept {
  static const bool fast = Scanner::fast();
  return fast ? is_base64_fast(text) : is_base64_portably(text);
}

#else

bool is_base64_text(std::string_view text) noexcept {
  return is_base64_portably(text);
}

bool Scanner::fast() noexcept {
  return false;
}

void Scanner::read_fast(const Scanner& scanner, const char* block, BlockBits& out) noexcept {
  scanner.read_portably(block, out);
}

#endif

}  // namespace mcpgov::audit
