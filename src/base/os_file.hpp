// Reading whole files, replacing them, and appending to one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov {

// The whole file, at most max_bytes of it. Errors: file_unreadable (names the path and the cause).
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// As read_file, of a plain file only: a pipe of that name is refused instead of waited for. For
// folders that others may have filled; links: a symbolic link may lead to it.
// Errors: file_unreadable.
enum class Links { refuse, follow };
Result<std::string> read_plain_file(const std::string& path, std::size_t max_bytes,
                                    Links links = Links::refuse);

// As read_plain_file, of a file that holds a secret: refused where it belongs neither to this user
// nor to root, or where everybody may read or write it. A group may read a file of root's (as
// container platforms mount secrets); from a file of this user its rights are taken away, and
// tightened is set. Errors: file_unreadable.
Result<std::string> read_secret_file(const std::string& path, std::size_t max_bytes, Links links,
                                     bool& tightened);

// Puts other bytes into an existing file: those who read it see all of the old or all of the new.
// Its mode stays; a symbolic link stays one. Errors: file_unreadable (names the path and the
// cause).
Result<void> replace_file(const std::string& path, std::string_view bytes);

// Makes a file, or finds that there is one, which stays as it is: several processes may try, and
// one of them makes it. Whoever opens it sees all bytes, and they are on the disk when this
// returns. mode: of the file, such as 0600. True: made here. Errors: file_unreadable (names the
// path and the cause).
Result<bool> create_file(const std::string& path, std::string_view bytes, unsigned mode);

// A file that is only ever appended to. Threads: thread-safe once open; open and close are not.
class AppendFile {
 public:
  AppendFile() = default;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  // Creates the file with mode 0600 where it is missing. "-" means standard error.
  // Opening again after fork gives the process an open file of its own. Errors: audit_open.
  Result<void> open(const std::string& path);

  // One system call for all bytes, which the kernel appends whole on a local file system; a rest
  // (disk full, signal) is tried again once. written: how much is in the file now.
  // False: not everything was written.
  bool append(std::string_view bytes, std::size_t& written) noexcept;

 private:
  int descriptor_ = -1;
  bool owned_ = false;
};

}  // namespace mcpgov
