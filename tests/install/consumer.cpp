// A user's program: includes the installed umbrella header and calls into the installed library.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <mcpgov/mcpgov.hpp>

int main() {
  const mcpgov::Error error{mcpgov::ErrorCode::policy_denied, {}, {}, 0, 0};
  std::printf("mcpgov " MCPGOV_VERSION ": %s\n", error.text().c_str());
  return error.text() == "no policy permits it [policy_denied]" ? 0 : 1;
}
