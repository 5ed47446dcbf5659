// A folder of its own for one test, removed with everything in it at the end.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mcpgov::test {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(
      const std::filesystem::path& below = std::filesystem::temp_directory_path()) {
    std::string name = below / "mcpgov-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(std::string_view name) const { return path_ / name; }

  // Writes a file, making its folders, and gives its path.
  std::string write(std::string_view name, std::string_view text) const {
    const std::filesystem::path target = path_ / name;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << text;
    return target;
  }

 private:
  std::filesystem::path path_;
};

// A file system without a disk, where there is one: for tests that make thousands of files.
inline std::filesystem::path memory() {
  std::error_code ignored;
  const std::filesystem::path shared = "/dev/shm";
  return std::filesystem::is_directory(shared, ignored) ? shared
                                                        : std::filesystem::temp_directory_path();
}

// Every byte of a file; empty when there is none.
inline std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace mcpgov::test
