// Compares the version macro of the umbrella header with the file VERSION.
//
// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "mcpgov/mcpgov.hpp"

TEST_CASE("version: the macro equals the file VERSION") {
  std::ifstream file(MCPGOV_SOURCE_DIR "/VERSION");
  std::string version;
  REQUIRE(std::getline(file, version));
  CHECK(version == MCPGOV_VERSION);
}
