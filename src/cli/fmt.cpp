// `mcpgov fmt`.
// Tested by tests/cli/fmt_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/fmt.hpp"

#include <algorithm>
#include <cstdio>

#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "cli/setting.hpp"
#include "mcpgov/cedar.hpp"

namespace mcpgov::cli {

namespace {

// The first line that differs, from 1.
std::size_t differing_line(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(std::count(a.begin(), end, '\n')) + 1;
}

int print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return kAllowed;
  tell("standard output cannot be written");
  return kFailed;
}

int format_file(const std::string& file, const FmtOptions& options) {
  const Result<std::string> text = read_input(file, kDocumentBytes);
  if (!text) return fail(text.error());
  const auto comments = options.as_reference ? policy::FormatOptions::Comments::as_reference
                                             : policy::FormatOptions::Comments::all;
  const Result<std::string> laid_out =
      policy::format({file, *text}, {options.width, options.indent, comments});
  if (!laid_out) return fail(laid_out.error());
  const bool same = *laid_out == *text;
  if (options.check) {
    if (same) return kAllowed;
    tell(file + ":" + std::to_string(differing_line(*text, *laid_out)) +
         ": the layout would change here");
    return kFailed;
  }
  if (!options.write) return print(*laid_out);
  if (same) return kAllowed;
  if (const Result<void> written = replace_file(file, *laid_out); !written) {
    return fail(written.error());
  }
  std::printf("%s\n", file.c_str());
  return kAllowed;
}

}  // namespace

int fmt(const FmtOptions& options) {
  const bool standard_input =
      std::find(options.files.begin(), options.files.end(), "-") != options.files.end();
  if (options.write && standard_input) {
    tell("standard input cannot be written; leave --write out");
    return kFailed;
  }
  int code = kAllowed;
  for (const std::string& file : options.files) {
    code = std::max(code, format_file(file, options));
  }
  return code;
}

}  // namespace mcpgov::cli
