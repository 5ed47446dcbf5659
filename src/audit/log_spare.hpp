// A log's folder on the spare disk: made when the log is opened, so that it tells "never went
// there" from "that disk is not there now"; gone on with at recovery; removed when it is empty.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "audit/checkpoint.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_parts.hpp"

namespace mcpgov::audit {

// The folder of this log below the settings' spare directory; empty: they have none.
std::string spare_of(const LogSettings& settings, const std::string& name);

// Makes it, before the log has a record. Errors: audit_open.
Result<void> make_spare(FileSystem& files, const std::string& spare);

// Whether recovery may write into what find_folders() has found, and has found everything: a
// history that goes on elsewhere must not be ended here, nor may anybody but the configuration name
// a folder to write into. known: what is signed of the log. False: it may not, and the log has
// ended in order, so that it need not. Errors: audit_unavailable, audit_locked.
Result<bool> check_spare(const LogSettings& settings, const std::string& name,
                         const LogFolders& folders, std::span<const Checkpoint> known);

// Of a log that has ended and never went there: the folder, if it is empty, and the file `spare`.
void remove_spare(FileSystem& files, const LogSettings& settings, const std::string& name,
                  const LogFolders& folders);

}  // namespace mcpgov::audit
