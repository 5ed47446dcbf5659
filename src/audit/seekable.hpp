// zstd's seekable format (zstd's contrib/seekable_format/zstd_seekable_compression_format.md):
// independent frames and a table of their sizes, so that any place is one small frame away.
// Every zstd program reads such a file from end to end.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace mcpgov::audit {

// What one frame may hold uncompressed. Small, because a question that hits one record pays for
// the whole frame; large enough for zstd to find what records have in common.
inline constexpr std::size_t kChunkBytes = 128 * 1024;
inline constexpr std::size_t kMaxChunkBytes = 1024 * 1024;  // of what is read
inline constexpr std::size_t kMaxChunks = 1024 * 1024;

// Makes frames and the table. Threads: one thread.
class ChunkWriter {
 public:
  ChunkWriter();  // throws: std::bad_alloc
  // Appends one frame. raw: at most kMaxChunkBytes. False: zstd cannot, and out is as before.
  // Throws: std::bad_alloc.
  bool append(std::string& out, std::string_view raw);
  // Appends the table of all frames since the beginning.
  void append_table(std::string& out) const;

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const noexcept;
  };
  struct Sizes {
    std::uint32_t compressed = 0, raw = 0;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::vector<Sizes> sizes_;
};

// Where frames lie, read from the end of a file.
class ChunkTable {
 public:
  struct Chunk {
    std::uint64_t offset = 0;  // in the file
    std::uint64_t raw_offset = 0;
    std::uint32_t size = 0, raw_size = 0;
  };
  // Bytes of the footer, with which a reader begins: the last kFooter bytes of the file.
  static constexpr std::size_t kFooter = 9;
  // Bytes of the whole table, the footer among them. 0: it is none.
  static std::size_t table_bytes(std::string_view footer) noexcept;
  // table: that many bytes from the end of a file of file_bytes. False: its numbers do not fit.
  bool parse(std::string_view table, std::uint64_t file_bytes);

  std::span<const Chunk> chunks() const noexcept { return chunks_; }
  std::uint64_t raw_bytes() const noexcept { return raw_bytes_; }
  // The chunk that holds the place; null at and beyond the end.
  const Chunk* at(std::uint64_t raw_offset) const noexcept;

 private:
  std::vector<Chunk> chunks_;
  std::uint64_t raw_bytes_ = 0;
};

// Threads: one thread.
class ChunkReader {
 public:
  ChunkReader();  // throws: std::bad_alloc
  // False: the bytes are no frame of exactly raw.size() bytes.
  bool decompress(std::string_view compressed, std::span<char> raw) noexcept;

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

}  // namespace mcpgov::audit
