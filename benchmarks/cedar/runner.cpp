// mcpgov on one workload folder: a JSON line per operation.
// usage: cedar_runner FOLDER SECONDS | cedar_runner --growth [--quick]
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kinds.hpp"

int main(int count, char** arguments) {
  using namespace mcpgov::bench;
  if (count >= 2 && std::string_view(arguments[1]) == "--growth") {
    growth(count == 3);
    return 0;
  }
  if (count != 3) {
    std::fprintf(stderr, "usage: cedar_runner FOLDER SECONDS | cedar_runner --growth [--quick]\n");
    return 2;
  }
  const Folder folder(arguments[1]);
  const double seconds = std::atof(arguments[2]);
  const auto kind = folder.facts().at("kind").get<std::string>();
  if (kind == "authorize") {
    authorize(folder, seconds);
  } else if (kind == "list") {
    list(folder, seconds);
  } else if (kind == "parse") {
    parse(folder, seconds);
  } else if (kind == "load") {
    load(folder, seconds);
  } else if (kind == "corpus") {
    corpus(folder);
  } else {
    fail("unknown kind of workload: " + kind);
  }
  return 0;
}
