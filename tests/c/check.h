/* What the C tests need: a check that counts, and comparison of borrowed strings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MCPGOV_TESTS_C_CHECK_H
#define MCPGOV_TESTS_C_CHECK_H

#include <stdio.h>
#include <string.h>

#include "mcpgov.h"

static int passed, failed;

/* One line at the end, which the suite reads. */
#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)

static void check(int good, const char* condition, const char* file, int line) {
  if (good) {
    ++passed;
    return;
  }
  ++failed;
  printf("%s:%d: %s\n", file, line, condition);
}

static int close_checks(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0 || passed == 0;
}

static inline int same(mcpgov_str a, mcpgov_str b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline mcpgov_str text(const char* words) {
  mcpgov_str out;
  out.data = words;
  out.size = strlen(words);
  return out;
}

#endif
