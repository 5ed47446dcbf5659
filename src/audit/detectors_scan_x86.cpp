// One pass over text for all keywords at once, with the instructions that this machine has.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "audit/detectors_scan.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define MCPGOV_X86 1
#endif

namespace mcpgov::audit {

void Scanner::use(Instructions instructions) noexcept {
  switch (instructions) {
#if defined(MCPGOV_X86)
    case Instructions::avx512: read_ = &Scanner::read_avx512; return;
    case Instructions::avx2: read_ = &Scanner::read_avx2; return;
#endif
    default: break;
  }
  read_ = [](const Scanner& self, const char* block, BlockBits& out) noexcept {
    self.read_portably(block, out);
  };
}

#if defined(MCPGOV_X86)

Instructions Scanner::fastest() noexcept {
  if (__builtin_cpu_supports("avx512bw") != 0) return Instructions::avx512;
  return __builtin_cpu_supports("avx2") != 0 ? Instructions::avx2 : Instructions::any;
}

namespace {

#define MCPGOV_AVX2 __attribute__((target("avx2")))

MCPGOV_AVX2 inline std::uint32_t mask_of(__m256i bytes) noexcept {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

MCPGOV_AVX2 inline __m256i load32(const void* at) noexcept {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}

MCPGOV_AVX2 inline __m256i equal(__m256i bytes, char c) noexcept {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
}

// Unsigned: bytes from `first` on, `count` of them.
MCPGOV_AVX2 inline __m256i in_range(__m256i bytes, char first, char count) noexcept {
  const __m256i moved = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i last = _mm256_set1_epi8(static_cast<char>(count - 1));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(moved, last), moved);
}

MCPGOV_AVX2 inline std::uint64_t both(__m256i first, __m256i second) noexcept {
  return std::uint64_t{mask_of(second)} << 32U | mask_of(first);
}

MCPGOV_AVX2 inline __m256i lookup(const std::array<std::uint8_t, 32>& table,
                                  __m256i halves) noexcept {
  return _mm256_shuffle_epi8(load32(table.data()), halves);
}

}  // namespace

MCPGOV_AVX2 std::uint32_t Scanner::groups_at(const Scanner& scanner, const char* at) noexcept {
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

MCPGOV_AVX2 void Scanner::read_avx2(const Scanner& scanner, const char* block,
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

#define MCPGOV_AVX512 __attribute__((target("avx512bw,avx512f")))

MCPGOV_AVX512 inline std::uint64_t are(__m512i bytes, char c) noexcept {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

MCPGOV_AVX512 inline std::uint64_t are_in(__m512i bytes, char first, char count) noexcept {
  return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(first)),
                                _mm512_set1_epi8(count));
}

// The first half of a table, which both halves are alike in.
MCPGOV_AVX512 inline __m512i lookup64(const std::array<std::uint8_t, 32>& table,
                                      __m512i halves) noexcept {
  const __m128i one = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()));
  // Masked, although it takes all: g++ 12 warns of the other form's undefined source.
  return _mm512_shuffle_epi8(_mm512_maskz_broadcast_i32x4(0xffff, one), halves);
}

}  // namespace

MCPGOV_AVX512 void Scanner::read_avx512(const Scanner& scanner, const char* block,
                                        BlockBits& out) noexcept {
  const __m512i v = _mm512_loadu_si512(block);
  out.quote = are(v, '"');
  out.backslash = are(v, '\\');
  out.control = are_in(v, 0, 0x20);
  out.high = static_cast<std::uint64_t>(_mm512_movepi8_mask(v));
  out.digit = are_in(v, '0', 10);
  out.upper = are_in(v, 'A', 26);
  out.at_sign = are(v, '@');
  out.plus = are(v, '+');
  const std::uint64_t blank = are(v, ' ');
  out.grouped = out.digit | blank | are(v, '-');
  out.end = blank | out.control | are(_mm512_or_si512(v, _mm512_set1_epi8(0x20)), '}') |
            are(v, ',') | are(v, ':');
  out.unsafe = are(v, 0x7f);
  if (out.high != 0) {
    for (const unsigned lead : {0xc2U, 0xe2U, 0xefU}) {
      out.unsafe |= are(v, static_cast<char>(lead));
    }
  }
  const __m512i low_half = _mm512_set1_epi8(15);
  __m512i first_eight = _mm512_set1_epi8(-1);
  __m512i others = first_eight;
  for (unsigned i = 0; i < 4; ++i) {
    const __m512i bytes = _mm512_loadu_si512(block + i);
    const __m512i low = _mm512_and_si512(bytes, low_half);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), low_half);
    first_eight = _mm512_and_si512(
        first_eight,
        _mm512_and_si512(lookup64(scanner.low_[i][0], low), lookup64(scanner.high_[i][0], high)));
    others = _mm512_and_si512(others, _mm512_and_si512(lookup64(scanner.low_[i][1], low),
                                                       lookup64(scanner.high_[i][1], high)));
  }
  const __m512i groups = _mm512_or_si512(first_eight, others);
  out.candidate = _mm512_test_epi8_mask(groups, groups);
}

namespace {

MCPGOV_AVX2 std::size_t base64_size_avx2(std::string_view text, bool escapes) noexcept {
  const __m256i fifth = _mm256_set1_epi8(escapes ? '\\' : '_');
  std::size_t at = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i v = load32(text.data() + at);
    const __m256i letter = in_range(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 26);
    const __m256i digit = in_range(v, '0', 10);
    const __m256i plus = _mm256_or_si256(equal(v, '+'), equal(v, '/'));
    const __m256i minus = _mm256_or_si256(equal(v, '-'), equal(v, '_'));
    const __m256i marks =
        _mm256_or_si256(_mm256_or_si256(plus, minus), _mm256_cmpeq_epi8(v, fifth));
    const std::uint32_t other = ~mask_of(_mm256_or_si256(_mm256_or_si256(letter, digit), marks));
    if (other != 0) return at + static_cast<std::size_t>(std::countr_zero(other));
  }
  return at + base64_size_portably(text.substr(at), escapes);
}

}  // namespace

std::size_t base64_size(std::string_view text, bool escapes) noexcept {
  static const bool fast = Scanner::fastest() != Instructions::any;
  return fast ? base64_size_avx2(text, escapes) : base64_size_portably(text, escapes);
}

#else

Instructions Scanner::fastest() noexcept {
  return Instructions::any;
}

std::size_t base64_size(std::string_view text, bool escapes) noexcept {
  return base64_size_portably(text, escapes);
}

#endif

}  // namespace mcpgov::audit
