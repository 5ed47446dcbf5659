// The keys of a log as files: made when they are missing, read by every process after that.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "base/os_file.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// 32 bytes of secret: one line of base64, and before it lines that begin with `#`. A missing file
// is made with mode 0600, random bytes and a line `# <note>`; of several processes that find it
// missing, one makes it. The caller wipes the result. One that others may have read or written is
// not used (read_secret_file). links: whether path may be one, as where somebody has named it; in
// folders of the log's own it may not.
// Errors: audit_key (names the path), file_unreadable. Throws: std::bad_alloc.
struct KeyReport {
  bool made = false;
  bool tightened = false;  // its group had rights to it
};
Result<std::string> load_or_make_secret(const std::string& path, std::string_view note,
                                        Links links = Links::refuse, KeyReport* report = nullptr);

// Adds a sentence about a key that was tightened.
void add_notice(const std::string& path, const KeyReport& report,
                std::vector<std::string>& notices);

// Who signs for the logs of a directory: the host, if it does, or the key of signing_key_file
// (`<directory>/signing.key`). `<directory>/signing.vkey` gets a line for it, named by the
// settings' origin, unless it has that line; lines of former keys stay, as their logs do.
// notices: null, or gets a sentence if that key is a new one among former ones.
// Errors: audit_key, file_unreadable. Throws: std::bad_alloc.
Result<Signer> load_or_make_signer(const LogSettings& settings,
                                   std::vector<std::string>* notices = nullptr);

// The verifier keys of a file, one in each line; empty lines and those that begin with `#` are
// passed over. Errors: audit_key (names path and line), file_unreadable. Throws: std::bad_alloc.
Result<std::vector<VerifierKey>> read_verifier_keys(const std::string& path);

}  // namespace mcpgov::audit
