// Opening a log on file operations of a test's choice.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/os_log_file.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// As Log::open, whose files are those of this machine. files: outlives the log.
Result<std::unique_ptr<Log>> open_log(const LogSettings& settings, FileSystem& files);

}  // namespace mcpgov::audit
