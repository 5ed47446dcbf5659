// Tests of src/base/arena.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/arena.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::Arena;

struct Interval {
  const char* begin;
  const char* end;
};

bool overlaps(const std::vector<Interval>& taken, Interval next) {
  for (const Interval& one : taken) {
    if (next.begin < one.end && one.begin < next.end) return true;
  }
  return false;
}

TEST_CASE("arena: pieces are aligned, and no two of them overlap, across many blocks") {
  Arena arena(64);
  std::vector<Interval> taken;
  std::size_t total = 0;
  for (std::size_t step = 0; step < 400; ++step) {
    const std::size_t bytes = 1 + (step * 37) % 100;
    const std::size_t alignment = std::size_t{1} << (step % 5);
    CAPTURE(step);
    auto* piece = static_cast<char*>(arena.allocate(bytes, alignment));
    REQUIRE(reinterpret_cast<std::uintptr_t>(piece) % alignment == 0);
    REQUIRE_FALSE(overlaps(taken, {piece, piece + bytes}));
    std::memset(piece, static_cast<int>(step), bytes);  // AddressSanitizer checks the bounds
    taken.push_back({piece, piece + bytes});
    total += bytes;
  }
  CHECK(total > 64 * 100);
}

TEST_CASE("arena: a piece larger than any block so far gets its own") {
  Arena arena(16);
  const std::size_t large = 100'000;
  char* piece = arena.array<char>(large);
  std::memset(piece, 1, large);
  CHECK(piece[large - 1] == 1);
}

TEST_CASE("arena: text outlives its source until reset") {
  Arena arena(32);
  std::vector<std::string_view> copies;
  for (int number = 0; number < 50; ++number) {
    std::string source = "text number " + std::to_string(number);
    copies.push_back(arena.copy(source));
    source.assign(source.size(), 'x');
  }
  for (int number = 0; number < 50; ++number) {
    CHECK(copies[static_cast<std::size_t>(number)] == "text number " + std::to_string(number));
  }
}

TEST_CASE("arena: copies of nothing are empty and take no memory") {
  Arena arena;
  CHECK(arena.copy(std::string_view()).empty());
  CHECK(arena.copy(std::span<const int>()).empty());
}

TEST_CASE("arena: a copied span is the same and elsewhere") {
  Arena arena;
  const std::array<int, 3> source = {1, 2, 3};
  const std::span<int> copied = arena.copy(std::span<const int>(source));
  REQUIRE(copied.size() == 3);
  CHECK(copied[0] == 1);
  CHECK(copied[2] == 3);
  CHECK(copied.data() != source.data());
}

TEST_CASE("arena: create makes the object from its arguments") {
  struct Point {
    int x, y;
  };
  Arena arena;
  const Point* point = arena.create<Point>(3, 4);
  CHECK(point->x == 3);
  CHECK(point->y == 4);
}

TEST_CASE("arena: after reset the same memory is handed out again") {
  Arena arena(64);
  for (int round = 0; round < 3; ++round) {
    for (int piece = 0; piece < 20; ++piece) arena.allocate(50, 8);
    arena.reset();
  }
  std::vector<void*> first;
  for (int piece = 0; piece < 20; ++piece) first.push_back(arena.allocate(50, 8));
  arena.reset();
  for (int piece = 0; piece < 20; ++piece) {
    CAPTURE(piece);
    CHECK(arena.allocate(50, 8) == first[static_cast<std::size_t>(piece)]);
  }
}

TEST_CASE("arena: reset gives memory above kKeep back, and keeps working") {
  Arena arena(1024);
  arena.allocate(100, 1);
  std::memset(arena.array<char>(4 * Arena::kKeep), 0, 4 * Arena::kKeep);
  CHECK(arena.held() > 4 * Arena::kKeep);
  arena.reset();
  CHECK(arena.held() == 1024);
  char* piece = arena.array<char>(100);
  std::memset(piece, 7, 100);
  CHECK(piece[99] == 7);
}

TEST_CASE("arena: reset of one that holds only a block above kKeep starts anew") {
  Arena arena(2 * Arena::kKeep);
  std::memset(arena.array<char>(10), 0, 10);
  arena.reset();
  CHECK(arena.held() == 0);
  arena.reset();
  char* piece = arena.array<char>(10);
  std::memset(piece, 7, 10);
  CHECK(piece[9] == 7);
}

TEST_CASE("arena: parts are joined in their order, empty ones too, and the whole is its own") {
  Arena arena(8);
  CHECK(arena.concat({}).empty());
  CHECK(arena.concat({"", {}}).empty());
  std::string part = "bc";
  const std::string_view whole = arena.concat({"a", part, "", "d", std::string(100, 'e')});
  part = "xx";
  arena.concat({"next"});
  CHECK(whole == "abcd" + std::string(100, 'e'));
}

TEST_CASE("arena: a count whose size in bytes overflows is refused") {
  Arena arena;
  CHECK_THROWS_AS(arena.array<std::uint64_t>(SIZE_MAX / 8 + 2), std::bad_alloc);  // wraps to 8
  CHECK_THROWS_AS(arena.array<std::uint64_t>(SIZE_MAX / 4), std::bad_alloc);
  CHECK_THROWS_AS(arena.array<std::uint64_t>(SIZE_MAX), std::bad_alloc);
}

TEST_CASE("arena: a size near the end of the address space is refused, not wrapped") {
  Arena arena(64);
  arena.allocate(40, 1);
  CHECK_THROWS_AS(arena.allocate(SIZE_MAX - 8, 1), std::bad_alloc);
  CHECK_THROWS_AS(arena.allocate(SIZE_MAX - 8, 16), std::bad_alloc);
}

}  // namespace
