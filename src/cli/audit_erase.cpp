// Erasing the content key of one tenant.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_erase.hpp"

#include <cerrno>
#include <cstdio>

#include "audit/content_keys.hpp"
#include "audit/log_folder.hpp"
#include "base/os_log_file.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

int audit_erase_key(const AuditEraseOptions& options) {
  if (options.tenant.empty() != options.no_tenant) {
    tell("--tenant is empty: --no-tenant means what was stored without one");
    return kAuditMisuse;
  }
  const auto keys = audit::KeyFolder::open(options.keys, false);
  if (!keys) return fail(keys.error());
  // Said, because it may be a slip of the pen, and the key that was meant is still there.
  const std::string name = audit::content_key_file(options.tenant);
  ReadFile file;
  if (file.open(audit::path_in(options.keys, name)) == ENOENT) {
    tell("there is no key of this tenant: no file `" + name + "`");
    return kFailed;
  }
  file.close();
  if (const auto erased = (*keys)->erase(options.tenant); !erased) return fail(erased.error());
  std::printf(
      "erased: %s. What was encrypted with it cannot be read any more, but by who has a copy.\n"
      "A server that stores more for this tenant makes a new key.\n",
      name.c_str());
  return kAllowed;
}

}  // namespace mcpgov::cli
