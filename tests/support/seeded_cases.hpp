// The command line of programs that write random cases: `PROGRAM SEED COUNT`, one JSON object for
// each seed from SEED on.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <nlohmann/json.hpp>

namespace mcpgov::random {

// The exit code: 2 when the command line is wrong.
inline int write_cases(int argc, char** argv, nlohmann::json (*make)(std::uint64_t seed)) {
  std::uint64_t seed = 0;
  std::uint64_t count = 0;
  const auto read = [](const char* text, std::uint64_t& out) {
    const char* const end = text + std::strlen(text);
    return std::from_chars(text, end, out).ptr == end;
  };
  if (argc != 3 || !read(argv[1], seed) || !read(argv[2], count)) {
    std::fprintf(stderr, "usage: %s SEED COUNT\n", argv[0]);
    return 2;
  }
  for (std::uint64_t i = 0; i < count; ++i) std::cout << make(seed + i).dump() << '\n';
  return 0;
}

}  // namespace mcpgov::random
