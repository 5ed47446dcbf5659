// A log's folder on the spare disk.
// Tested by tests/audit/spare_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_spare.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "audit/recovery.hpp"

namespace mcpgov::audit {

namespace {

Error left(const std::string& name, const std::string& why, const std::string& path) {
  return {ErrorCode::audit_unavailable, "the log `" + name + "` is left as it is: " + why, path, 0,
          0};
}

// It ended in order where it is, and no record waits in memory.
bool is_at_rest(const LogFolders& folders, std::span<const Checkpoint> known) {
  ReadFile ring;
  if (ring.open(path_in(folders.own, kRingFile)) != ENOENT) return false;
  const auto found = examine_log(folders, known);
  return found && found->tail == Tail::closed;
}

}  // namespace

std::string spare_of(const LogSettings& settings, const std::string& name) {
  if (settings.spare_directory.empty()) return {};
  // Others, who read `spare`, may work elsewhere.
  std::error_code none;
  const auto whole = std::filesystem::absolute(settings.spare_directory, none);
  return path_in(none ? settings.spare_directory : whole.string(), name);
}

Result<void> make_spare(FileSystem& files, const std::string& spare) {
  int error = files.make_folder(spare);
  if (error == 0 && !is_own_folder(spare)) error = EPERM;
  if (error == 0) error = files.sync_folder(spare.substr(0, spare.rfind('/')));
  if (error == 0) return {};
  return Error{ErrorCode::audit_open, "cannot make `" + spare + "`: " + io_error_text(error), spare,
               0, 0};
}

Result<bool> check_spare(const LogSettings& settings, const std::string& name,
                         const LogFolders& folders, std::span<const Checkpoint> known) {
  if (!folders.refused.empty()) return left(name, folders.refused, folders.own);
  const std::string& spare = folders.spare;
  if (!spare.empty()) {
    if (spare != spare_of(settings, name)) {
      // The settings may be others since.
      if (is_at_rest(folders, known)) return false;
      return left(name, "it went on in `" + spare + "`, which is not below the spare directory",
                  spare);
    }
    if (!is_own_folder(spare)) {
      return left(name, "it went on in `" + spare + "`, which belongs to another user", spare);
    }
    if (!FileLock::is_taken(path_in(spare, kLockFile))) return true;
    return Error{ErrorCode::audit_locked, "`" + spare + "` is open in another process", spare, 0,
                 0};
  }
  if (folders.named.empty()) return true;
  std::vector<std::string> names;
  const bool is_its = folders.named.ends_with("/" + name);
  const int error = is_its ? list_folder(folders.named, kMaxSegments, names) : EINVAL;
  if (error == 0 || (error == ENOENT && is_at_rest(folders, known))) return true;
  return left(name,
              "it may have gone on in `" + folders.named + "`, which cannot be read: " +
                  io_error_text(error) + ". If it is lost, remove the file `spare`",
              path_in(folders.own, kSpareFile));
}

void remove_spare(FileSystem& files, const LogSettings& settings, const std::string& name,
                  const LogFolders& folders) {
  const std::string& spare = folders.named;
  if (spare.empty() || !folders.spare.empty() || spare != spare_of(settings, name)) return;
  if (!is_own_folder(spare)) return;
  // What is left when no segment could be begun there.
  for (const std::string_view file : {kLockFile, std::string_view("next")}) {
    files.remove(path_in(spare, file));
  }
  if (files.remove(spare) == 0) files.remove(path_in(folders.own, kSpareFile));
}

}  // namespace mcpgov::audit
