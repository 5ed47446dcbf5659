// A .tar.gz, extracted into a folder that goes away again.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "mcpgov/result.hpp"

namespace mcpgov::cli {

// Owns the folder. Moves, does not copy.
class ExtractedArchive {
 public:
  // Runs the system's `tar`, for at most two minutes. The archive is the user's own: `tar` refuses
  // members outside of the folder, but nothing limits how much it writes.
  // Errors: file_unreadable.
  static Result<ExtractedArchive> extract(const std::filesystem::path& archive);

  const std::filesystem::path& folder() const noexcept { return folder_; }

  ExtractedArchive(ExtractedArchive&& other) noexcept : folder_(std::move(other.folder_)) {
    other.folder_.clear();
  }
  ExtractedArchive& operator=(ExtractedArchive&&) = delete;
  ~ExtractedArchive();

 private:
  explicit ExtractedArchive(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace mcpgov::cli
