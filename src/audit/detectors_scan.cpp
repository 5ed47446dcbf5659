// One pass over text for all keywords at once.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors_scan.hpp"

#include <algorithm>
#include <limits>

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

std::size_t product(const std::array<std::array<bool, 256>, 3>& classes) noexcept {
  std::size_t out = 1;
  for (const auto& each : classes) {
    out *= static_cast<std::size_t>(std::count(each.begin(), each.end(), true));
  }
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

Shape Scanner::shape_at(std::string_view text, std::size_t at) noexcept {
  const unsigned first = byte_of(text[at]);
  if (first == '@') return Shape::at_sign;
  if (first == '+') return Shape::plus_digit;
  if (!is_upper(first) || at + 3 >= text.size()) return Shape::none;
  return is_upper(byte_of(text[at + 1])) && is_digit(byte_of(text[at + 2])) &&
                 is_digit(byte_of(text[at + 3]))
             ? Shape::upper_upper_digit
             : Shape::none;
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

Scanner::Scanner(std::vector<Keyword> keywords, bool shapes) {
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
  if (shapes) {
    Classes& at_sign = fingerprints.emplace_back();
    Classes& plus = fingerprints.emplace_back();
    Classes& upper = fingerprints.emplace_back();
    at_sign[0]['@'] = plus[0]['+'] = true;
    at_sign[2].fill(true);
    for (unsigned c = 0; c < 128; ++c) {
      at_sign[1][c] = is_letter(c) || is_digit(c);
      plus[1][c] = c >= '1' && c <= '9';  // ITU-T E.164: no country code begins with 0
      plus[2][c] = is_digit(c) || c == ' ' || c == '-' || c == '.' || c == '(';
      upper[0][c] = upper[1][c] = is_upper(c);
      upper[2][c] = is_digit(c);
    }
  }
  put_in_groups(fingerprints);
  read_ = [](const Scanner& self, const char* block, BlockBits& out) noexcept {
    self.read_portably(block, out);
  };
  if (fast()) read_ = &Scanner::read_fast;
}

// Each fingerprint goes where it adds the fewest triples of bytes, as a group takes any first byte
// of its members together with any second and third. Those of many bytes choose first.
void Scanner::put_in_groups(const std::vector<Classes>& fingerprints) {
  std::vector<const Classes*> order;
  for (const Classes& each : fingerprints) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(),
                   [](const Classes* a, const Classes* b) { return product(*a) > product(*b); });
  std::array<Classes, 8> groups = {};
  for (const Classes* each : order) {
    std::size_t best = 0;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (std::size_t group = 0; group < groups.size(); ++group) {
      Classes joined = groups[group];
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t c = 0; c < 256; ++c) joined[i][c] = joined[i][c] || (*each)[i][c];
      }
      const std::size_t added = product(joined) - product(groups[group]);
      if (added < least) {
        least = added;
        best = group;
      }
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t c = 0; c < 256; ++c) {
        if (!(*each)[i][c]) continue;
        const auto bit = static_cast<std::uint8_t>(1U << best);
        groups[best][i][c] = true;
        whole_[i][c] |= bit;
        low_[i][c & 15U] |= bit;
        low_[i][(c & 15U) + 16] |= bit;
        high_[i][c >> 4U] |= bit;
        high_[i][(c >> 4U) + 16] |= bit;
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
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    put(out.quote, c == '"');
    put(out.backslash, c == '\\');
    put(out.end, space || c == ',' || c == ':' || c == ']' || c == '}');
    put(out.control, c < 0x20);
    put(out.high, c >= 0x80);
    put(out.unsafe, c == 0x7f || c == 0xc2 || c == 0xe2 || c == 0xef);
    put(out.digit, is_digit(c));
    put(out.grouped, is_digit(c) || c == ' ' || c == '-');
    const unsigned groups = static_cast<unsigned>(whole_[0][c]) & whole_[1][byte_of(block[i + 1])] &
                            whole_[2][byte_of(block[i + 2])];
    put(out.candidate, groups != 0);
  }
}

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

MCPGOV_TARGET inline __m256i groups_of(__m256i bytes, const std::uint8_t* low,
                                       const std::uint8_t* high) noexcept {
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i lower = _mm256_and_si256(bytes, half);
  const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
  return _mm256_and_si256(_mm256_shuffle_epi8(load32(low), lower),
                          _mm256_shuffle_epi8(load32(high), upper));
}

}  // namespace

MCPGOV_TARGET void Scanner::read_fast(const Scanner& scanner, const char* block,
                                      BlockBits& out) noexcept {
  std::uint32_t bits[9][2];
  for (unsigned half = 0; half < 2; ++half) {
    const char* at = block + 32 * half;
    const __m256i bytes = load32(at);
    const __m256i digit = in_range(bytes, '0', 10);
    const __m256i blank = equal(bytes, ' ');
    // , and : do not differ from ] and } in one bit, but four comparisons are cheap enough.
    const __m256i closing = equal(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), '}');
    __m256i end = _mm256_or_si256(equal(bytes, ','), equal(bytes, ':'));
    end = _mm256_or_si256(end, _mm256_or_si256(closing, blank));
    end = _mm256_or_si256(end, _mm256_or_si256(equal(bytes, '\n'), equal(bytes, '\r')));
    end = _mm256_or_si256(end, equal(bytes, '\t'));
    __m256i unsafe = _mm256_or_si256(equal(bytes, 0x7f), equal(bytes, static_cast<char>(0xc2)));
    unsafe = _mm256_or_si256(unsafe, equal(bytes, static_cast<char>(0xe2)));
    unsafe = _mm256_or_si256(unsafe, equal(bytes, static_cast<char>(0xef)));
    __m256i groups = groups_of(bytes, scanner.low_[0].data(), scanner.high_[0].data());
    groups = _mm256_and_si256(
        groups, groups_of(load32(at + 1), scanner.low_[1].data(), scanner.high_[1].data()));
    groups = _mm256_and_si256(
        groups, groups_of(load32(at + 2), scanner.low_[2].data(), scanner.high_[2].data()));
    bits[0][half] = mask_of(equal(bytes, '"'));
    bits[1][half] = mask_of(equal(bytes, '\\'));
    bits[2][half] = mask_of(end);
    bits[3][half] = mask_of(in_range(bytes, 0, 0x20));
    bits[4][half] = mask_of(bytes);
    bits[5][half] = mask_of(unsafe);
    bits[6][half] = mask_of(digit);
    bits[7][half] = mask_of(_mm256_or_si256(digit, _mm256_or_si256(blank, equal(bytes, '-'))));
    bits[8][half] = ~mask_of(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
  }
  const auto both = [&](unsigned which) {
    return std::uint64_t{bits[which][1]} << 32U | bits[which][0];
  };
  out = {both(0), both(1), both(2), both(3), both(4), both(5), both(6), both(7), both(8)};
}

#else

bool Scanner::fast() noexcept {
  return false;
}

void Scanner::read_fast(const Scanner& scanner, const char* block, BlockBits& out) noexcept {
  scanner.read_portably(block, out);
}

#endif

}  // namespace mcpgov::audit
