// What a sink keeps below the directory of the logs.
// Tested by tests/net/sink_files_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "audit/log_parts.hpp"
#include "base/json_writer.hpp"
#include "base/os_file.hpp"
#include "base/os_fork.hpp"
#include "base/os_time.hpp"

namespace mcpgov::net {

namespace {

using audit::kSinkAcked;
using audit::kSinkCursor;

// A pipe is not waited for, a link is not followed: the folder may have been somebody's.
constexpr int kPlainOnly = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr off_t kRejectedBytes = 1 << 20;

Error unreadable(const std::string& path) {
  return {ErrorCode::file_unreadable, "`" + path + "`: " + std::strerror(errno), {}, 0, 0};
}

bool make_folder(const std::string& path) {
  return mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

bool write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t wrote = write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void nothing(void*) noexcept {}

}  // namespace

SinkLock::SinkLock(std::string path) : path_(std::move(path)) {
  // The lock belongs to the open file that a child inherits: it would outlive this process there.
  on_fork({nothing, nothing, [](void* self) noexcept { static_cast<SinkLock*>(self)->unlock(); },
           this});
}

SinkLock::~SinkLock() {
  forget_fork(this);
  unlock();
}

void SinkLock::unlock() noexcept {
  if (held()) close(std::exchange(descriptor_, -1));
}

bool SinkLock::try_lock() noexcept {
  if (held()) return true;
  const int opened = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | kPlainOnly, 0600);
  if (opened < 0) return false;
  if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
    close(opened);
    return false;
  }
  descriptor_ = opened;
  return true;
}

Result<SinkFiles> SinkFiles::open(const std::string& directory, const std::string& name) {
  SinkFiles out;
  const std::string sinks = directory + "/sinks";
  out.folder_ = sinks + "/" + name;
  out.lock_path_ = out.folder_ + ".lock";
  if (!make_folder(sinks)) return unreadable(sinks);
  if (!make_folder(out.folder_)) return unreadable(out.folder_);
  return out;
}

std::string SinkFiles::path_of(std::string_view log, std::string_view ending) const {
  return folder_ + "/" + std::string(log) + std::string(ending);
}

bool SinkFiles::write_number(std::string_view log, std::string_view ending,
                             std::uint64_t seq) const {
  const std::string path = path_of(log, ending);
  const std::string fresh = path + ".new";
  // One that a crash has left, or a link or a pipe that somebody has put there.
  unlink(fresh.c_str());
  const int opened = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (opened < 0) return false;
  const bool wrote = write_all(opened, std::to_string(seq) + '\n');
  return (close(opened) == 0) && wrote && rename(fresh.c_str(), path.c_str()) == 0;
}

std::uint64_t SinkFiles::cursor(std::string_view log) const {
  return audit::read_sink_file(path_of(log, kSinkCursor));
}

bool SinkFiles::move_cursor(std::string_view log, std::uint64_t seq) const {
  return write_number(log, kSinkCursor, seq);
}

std::uint64_t SinkFiles::acked(std::string_view log) const {
  return audit::read_sink_file(path_of(log, kSinkAcked));
}

bool SinkFiles::move_acked(std::string_view log, std::uint64_t seq) const {
  return write_number(log, kSinkAcked, seq);
}

void SinkFiles::drop_cursor(std::string_view log) const {
  for (const std::string_view ending : {kSinkCursor, kSinkAcked}) {
    unlink(path_of(log, ending).c_str());
  }
}

std::vector<std::string> SinkFiles::cursors() const {
  std::vector<std::string> out;
  DIR* const folder = opendir(folder_.c_str());
  if (folder == nullptr) return out;
  while (const dirent* const entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    for (const std::string_view ending : {kSinkCursor, kSinkAcked}) {
      if (name.size() > ending.size() && name.ends_with(ending)) {
        out.emplace_back(name.substr(0, name.size() - ending.size()));
      }
    }
  }
  closedir(folder);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void SinkFiles::reject(std::string_view log, std::uint64_t first, std::uint64_t last,
                       std::uint64_t count, std::string_view why) const {
  const std::string path = folder_ + "/rejected";
  const int opened =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | kPlainOnly | O_CLOEXEC, 0600);
  if (opened < 0) return;
  struct stat about = {};
  if (fstat(opened, &about) == 0 && S_ISREG(about.st_mode) && about.st_size < kRejectedBytes) {
    char time[kTimestampSize];
    write_timestamp(wall_clock_us(), time);
    std::string line;
    JsonWriter writer(line);
    writer.string("time", {time, kTimestampSize});
    writer.string("log", log);
    writer.number("first", first);
    writer.number("last", last);
    writer.number("count", count);
    writer.string("why", why);
    writer.finish();
    line += '\n';
    static_cast<void>(write_all(opened, line));
  }
  close(opened);
}

}  // namespace mcpgov::net
