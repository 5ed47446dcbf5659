// Reading whole files, replacing them, and appending to one.
// Tested by tests/base/os_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace mcpgov {

namespace {

Error unreadable(const std::string& path, const char* cause) {
  return {ErrorCode::file_unreadable, "cannot read `" + path + "`: " + cause, path, 0, 0};
}

Result<std::string> read_whole(std::FILE* opened, const std::string& path, std::size_t max_bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(opened, &std::fclose);
  if (!file) return unreadable(path, std::strerror(errno));
  std::string text;
  char block[64 * 1024];
  for (;;) {
    const std::size_t got = std::fread(block, 1, sizeof block, file.get());
    if (text.size() + got > max_bytes) return unreadable(path, "the file is too large");
    text.append(block, got);
    if (got < sizeof block) break;
  }
  if (std::ferror(file.get()) != 0) return unreadable(path, std::strerror(errno));
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  return read_whole(std::fopen(path.c_str(), "rb"), path, max_bytes);
}

#if defined(_WIN32)
Result<std::string> read_plain_file(const std::string& path, std::size_t max_bytes, Links) {
  return read_file(path, max_bytes);
}
Result<std::string> read_secret_file(const std::string& path, std::size_t max_bytes, Links,
                                     bool& tightened) {
  tightened = false;
  return read_file(path, max_bytes);
}
#else
namespace {

// Nothing: it may be read. Else why not.
std::string_view take_care_of(int descriptor, const struct stat& found, bool& tightened) {
  const bool ours = found.st_uid == ::geteuid();
  if (!ours && found.st_uid != 0) return "it belongs to another user";
  if ((found.st_mode & S_IRWXO) != 0) {
    return "it holds a secret, and every user of this machine has rights to it (chmod 600)";
  }
  const mode_t allowed = found.st_uid == 0 ? S_IRGRP : 0;
  if ((found.st_mode & S_IRWXG & ~allowed) == 0) return {};
  if (!ours || ::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) {
    return "it holds a secret, and its group has rights to it (chmod 600)";
  }
  tightened = true;
  return {};
}

Result<std::string> read_plain(const std::string& path, std::size_t max_bytes, Links links,
                               bool* tightened) {
  // Without O_NONBLOCK, opening a pipe waits for its writer.
  const int how = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  const int descriptor = ::open(path.c_str(), links == Links::refuse ? how | O_NOFOLLOW : how);
  if (descriptor < 0) return unreadable(path, std::strerror(errno));
  struct stat found = {};
  if (::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) {
    ::close(descriptor);
    return unreadable(path, "it is no plain file");
  }
  if (tightened != nullptr) {
    *tightened = false;
    const std::string_view why = take_care_of(descriptor, found, *tightened);
    if (!why.empty()) {
      ::close(descriptor);
      return unreadable(path, std::string(why).c_str());
    }
  }
  std::FILE* const file = ::fdopen(descriptor, "rb");
  if (file == nullptr) ::close(descriptor);
  return read_whole(file, path, max_bytes);
}

}  // namespace

Result<std::string> read_plain_file(const std::string& path, std::size_t max_bytes, Links links) {
  return read_plain(path, max_bytes, links, nullptr);
}

Result<std::string> read_secret_file(const std::string& path, std::size_t max_bytes, Links links,
                                     bool& tightened) {
  return read_plain(path, max_bytes, links, &tightened);
}
#endif

namespace {

// A new file beside `target`, of a name nobody can know beforehand, with the bytes and the mode.
// `cause` is set when that failed; the name is empty if there is no such file.
#if defined(_WIN32)
std::string write_beside(const std::string& target, std::string_view bytes, std::filesystem::perms,
                         std::error_code& cause) {
  const std::string beside = target + ".mcpgov-new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.flush();
  if (!file) cause = std::make_error_code(std::errc::io_error);
  return beside;
}
#else
std::string write_beside(const std::string& target, std::string_view bytes,
                         std::filesystem::perms mode, std::error_code& cause) {
  std::string beside = target + ".XXXXXX";
  const int descriptor = ::mkstemp(beside.data());
  if (descriptor < 0) {
    cause = {errno, std::generic_category()};
    return {};
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool done = bytes.empty() && ::fchmod(descriptor, static_cast<mode_t>(mode)) == 0;
  if (!done) cause = {errno, std::generic_category()};
  if (::close(descriptor) != 0 && !cause) cause = {errno, std::generic_category()};
  return beside;
}
#endif

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  namespace fs = std::filesystem;
  const auto failed = [&](const std::error_code& cause) {
    return Error{ErrorCode::file_unreadable, "cannot write `" + path + "`: " + cause.message(),
                 path, 0, 0};
  };
  std::error_code cause;
  const fs::path target = fs::canonical(path, cause);
  if (cause) return failed(cause);
  const fs::perms mode = fs::status(target, cause).permissions();
  // Beside it, so that one rename within the file system puts it in place.
  if (cause) return failed(cause);
  const fs::path beside = write_beside(target.string(), bytes, mode & fs::perms::mask, cause);
  if (!cause) fs::rename(beside, target, cause);
  if (!cause) return {};
  std::error_code ignored;
  if (!beside.empty()) fs::remove(beside, ignored);
  return failed(cause);
}

namespace {

// Of a file, or of the names in a folder.
void sync_path(const std::string& path, std::error_code& cause) {
#if !defined(_WIN32)
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) cause = {errno, std::generic_category()};
  if (descriptor >= 0) ::close(descriptor);
#else
  (void)path;
  (void)cause;
#endif
}

}  // namespace

Result<bool> create_file(const std::string& path, std::string_view bytes, unsigned mode) {
  namespace fs = std::filesystem;
  std::error_code cause;
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() != fs::file_type::not_found) return false;
  const std::string beside = write_beside(path, bytes, static_cast<fs::perms>(mode), cause);
  if (!cause) sync_path(beside, cause);
  // A rename would replace what another process has made meanwhile; a link refuses to.
  if (!cause) fs::create_hard_link(beside, path, cause);
  if (!beside.empty()) fs::remove(beside, ignored);
  if (cause == std::errc::file_exists) return false;
  if (!cause) {
    const std::string folder = fs::path(path).parent_path().string();
    sync_path(folder.empty() ? "." : folder, cause);
  }
  if (!cause) return true;
  return Error{ErrorCode::file_unreadable, "cannot make `" + path + "`: " + cause.message(), path,
               0, 0};
}

AppendFile::~AppendFile() {
#if defined(_WIN32)
  if (owned_) _close(descriptor_);
#else
  if (owned_) ::close(descriptor_);
#endif
}

Result<void> AppendFile::open(const std::string& path) {
  if (path == "-") {
    descriptor_ = 2;
    return {};
  }
#if defined(_WIN32)
  const int opened =
      _open(path.c_str(), _O_WRONLY | _O_APPEND | _O_CREAT | _O_BINARY, _S_IREAD | _S_IWRITE);
#else
  const int opened =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
#endif
  if (opened < 0) {
    return Error{ErrorCode::audit_open, "cannot append to `" + path + "`: " + std::strerror(errno),
                 path, 0, 0};
  }
  const int former = owned_ ? descriptor_ : -1;
  descriptor_ = opened;
  owned_ = true;
#if defined(_WIN32)
  if (former >= 0) _close(former);
#else
  if (former >= 0) ::close(former);
#endif
  return {};
}

bool AppendFile::append(std::string_view bytes, std::size_t& written) noexcept {
  written = 0;
  // Twice: a signal or a nearly full disk may cut the first call short.
  for (int attempt = 0; attempt < 2 && written < bytes.size(); ++attempt) {
    const std::string_view rest = bytes.substr(written);
#if defined(_WIN32)
    const auto got = _write(descriptor_, rest.data(), static_cast<unsigned>(rest.size()));
#else
    const auto got = ::write(descriptor_, rest.data(), rest.size());
#endif
    if (got > 0) written += static_cast<std::size_t>(got);
  }
  return written == bytes.size();
}

}  // namespace mcpgov
