// A disk that fails when a test says so.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/os_log_file.hpp"

namespace mcpgov::test {

// The real file system, with faults that a test asks for: of files whose path contains `where`.
struct FaultyFiles final : FileSystem {
  std::atomic<int> write_error{0}, sync_error{0}, allocate_error{0};
  std::atomic<int> writes_until{1 << 30};  // whole ones before write_error counts
  std::atomic<int> folder_error{0};
  std::atomic<int> folders{0};  // that were asked for
  std::string where;

  bool concerns(const std::string& path) const {
    return path.find(where) != std::string::npos && path.find("ring") == std::string::npos;
  }

  struct File final : LogFile {
    FaultyFiles& files;
    std::unique_ptr<LogFile> real;
    bool faulty;
    File(FaultyFiles& of, std::unique_ptr<LogFile> file, bool fails)
        : files(of), real(std::move(file)), faulty(fails) {}
    int write_at(std::uint64_t offset, std::span<const std::string_view> pieces) noexcept override {
      if (faulty && files.write_error != 0 && --files.writes_until < 0) {
        // Half of it gets there, as on a disk that fills up.
        const std::string_view half[] = {pieces[0].substr(0, pieces[0].size() / 2)};
        (void)real->write_at(offset, half);
        return files.write_error;
      }
      return real->write_at(offset, pieces);
    }
    int sync() noexcept override {
      return faulty && files.sync_error != 0 ? files.sync_error.load() : real->sync();
    }
    int allocate(std::uint64_t bytes) noexcept override {
      return faulty && files.allocate_error != 0 ? files.allocate_error.load()
                                                 : real->allocate(bytes);
    }
    int resize(std::uint64_t bytes) noexcept override { return real->resize(bytes); }
  };

  int wrap(int error, const std::string& path, std::unique_ptr<LogFile>& file) {
    if (error == 0) file = std::make_unique<File>(*this, std::move(file), concerns(path));
    return error;
  }
  int create(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    return wrap(local_files().create(path, file), path, file);
  }
  int open(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    return wrap(local_files().open(path, file), path, file);
  }
  int rename(const std::string& from, const std::string& to) noexcept override {
    return local_files().rename(from, to);
  }
  int remove(const std::string& path) noexcept override { return local_files().remove(path); }
  int make_folder(const std::string& path) noexcept override {
    ++folders;
    return folder_error != 0 ? folder_error.load() : local_files().make_folder(path);
  }
  int sync_folder(const std::string& path) noexcept override {
    return local_files().sync_folder(path);
  }
  int free_bytes(const std::string& path, std::uint64_t& bytes) noexcept override {
    return local_files().free_bytes(path, bytes);
  }
};

}  // namespace mcpgov::test
