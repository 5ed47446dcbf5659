// Counting in bounded memory: exact while it can be, honest when not.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace mcpgov::cli;

TEST_CASE("distinct things are counted exactly below 256, then with a small error") {
  for (const std::uint64_t many : {0ull, 1ull, 2ull, 255ull, 256ull, 10'000ull, 1'000'000ull}) {
    CAPTURE(many);
    Distinct distinct;
    for (std::uint64_t i = 0; i < many; ++i) distinct.add(number_hash(i));
    for (std::uint64_t i = 0; i < many; i += 3) distinct.add(number_hash(i));  // again
    if (many < Distinct::kKept) {
      CHECK(distinct.exact());
      CHECK(distinct.count() == many);
    } else {
      CHECK_FALSE(distinct.exact());
      const double off =
          std::abs(static_cast<double>(distinct.count()) / static_cast<double>(many) - 1);
      CHECK(off < 0.19);  // three standard errors
    }
  }
}

TEST_CASE("a size lies in a cell whose upper end is at most an eighth above it") {
  std::vector<std::uint64_t> values;
  for (std::uint64_t v = 0; v < 5000; ++v) values.push_back(v);
  for (int power = 3; power < 64; ++power) {
    const std::uint64_t two = 1ull << power;
    for (const std::uint64_t v : {two - 1, two, two + 1, two + two / 2}) values.push_back(v);
  }
  values.push_back(std::numeric_limits<std::uint64_t>::max());
  std::sort(values.begin(), values.end());
  std::size_t before = 0;
  for (const std::uint64_t value : values) {
    CAPTURE(value);
    const std::size_t cell = Sizes::cell(value);
    REQUIRE(cell < Sizes::kCells);
    CHECK(cell >= before);
    before = cell;
    const std::uint64_t end = Sizes::upper_end(cell);
    CHECK(end >= value);
    CHECK(end - value <= value / 8);
    if (cell > 0) CHECK(Sizes::upper_end(cell - 1) < value);
  }
}

TEST_CASE("quantiles are those of the sorted numbers, up to an eighth") {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> values;
  Sizes sizes;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t value = random() >> (random() % 60);
    values.push_back(value);
    sizes.add(value);
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    CAPTURE(share);
    const auto at = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
    const std::uint64_t exact = values[at];
    const std::uint64_t got = sizes.quantile(share);
    CHECK(got >= exact);
    CHECK(got - exact <= exact / 8);
  }
  CHECK(sizes.quantile(1.0) == values.back());
  CHECK(sizes.largest() == values.back());
  CHECK(Sizes().quantile(0.5) == 0);
}

TEST_CASE("sizes of two parts are those of the whole") {
  Sizes left, right, whole;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    (i % 3 == 0 ? left : right).add(i * i);
    whole.add(i * i);
  }
  left.merge(right);
  CHECK(left.total() == whole.total());
  for (const double share : {0.1, 0.5, 0.9}) CHECK(left.quantile(share) == whole.quantile(share));
  CHECK(whole.between(0, std::numeric_limits<std::uint64_t>::max()) == 999);  // all but the zero
}

TEST_CASE("the first names get numbers of their own, and all others share one") {
  Names names(3);
  CHECK(names.number("a") == 1);
  CHECK(names.number("b") == 2);
  CHECK(names.number("") == 3);
  CHECK(names.number("d") == Names::kOthers);
  CHECK(names.number("e") == Names::kOthers);
  CHECK(names.number("d") == Names::kOthers);
  CHECK(names.number("a") == 1);
  CHECK(names.text(2) == "b");
  CHECK(names.size() == 4);
  CHECK(names.others() == 2);
}

TEST_CASE("names keep their texts while their number grows") {
  Names names(10'000);
  for (int i = 0; i < 10'000; ++i) names.number("caller " + std::to_string(i));
  for (int i = 0; i < 10'000; ++i) {
    CHECK(names.number("caller " + std::to_string(i)) == static_cast<std::uint32_t>(i + 1));
  }
}

TEST_CASE("what is seen twice is found, and nothing else") {
  SeenOnce seen;
  for (std::uint64_t i = 0; i < 300'000; ++i) REQUIRE_FALSE(seen.again(number_hash(i)));
  for (std::uint64_t i = 0; i < 300'000; i += 1000) CHECK(seen.again(number_hash(i)));
  CHECK_FALSE(seen.again(0));
  CHECK(seen.again(0));
  CHECK(seen.size() == 300'001);
}

TEST_CASE("hashes of texts differ where texts do") {
  std::set<std::uint64_t> hashes;
  for (int i = 0; i < 10'000; ++i) hashes.insert(text_hash(std::to_string(i)));
  hashes.insert(text_hash(""));
  hashes.insert(text_hash(std::string_view("\0", 1)));
  hashes.insert(text_hash("1", 1));
  CHECK(hashes.size() == 10'003);
}
