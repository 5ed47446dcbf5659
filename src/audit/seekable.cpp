// Frames of zstd and the table of their sizes.
// Tested by tests/audit/closing_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/seekable.hpp"

#include <algorithm>
#include <new>
#include <zstd.h>

#include "base/little_endian.hpp"

namespace mcpgov::audit {

namespace {

// Magic numbers of the format: a skippable frame, and the end of the table.
constexpr std::uint32_t kSkippable = 0x184D2A5E;
constexpr std::uint32_t kSeekable = 0x8F92EAB1;
constexpr std::size_t kSkippableHeader = 8;
constexpr std::size_t kEntry = 8;  // without checksums: each frame has its own
// zstd's own default.
constexpr int kLevel = 3;

void put32(std::string& out, std::uint32_t word) {
  char bytes[sizeof word];
  put_little(bytes, word);
  out.append(bytes, sizeof bytes);
}

std::uint32_t get32(std::string_view bytes, std::size_t at) noexcept {
  return get_little<std::uint32_t>(bytes.data() + at);
}

}  // namespace

void ChunkWriter::Free::operator()(ZSTD_CCtx_s* context) const noexcept {
  ZSTD_freeCCtx(context);
}
void ChunkReader::Free::operator()(ZSTD_DCtx_s* context) const noexcept {
  ZSTD_freeDCtx(context);
}

ChunkWriter::ChunkWriter() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

bool ChunkWriter::append(std::string& out, std::string_view raw) {
  if (raw.empty() || raw.size() > kMaxChunkBytes) return false;
  const std::size_t begin = out.size();
  const std::size_t bound = ZSTD_compressBound(raw.size());
  out.resize(begin + bound);
  const std::size_t size =
      ZSTD_compress2(context_.get(), out.data() + begin, bound, raw.data(), raw.size());
  const bool done = ZSTD_isError(size) == 0;
  out.resize(begin + (done ? size : 0));
  if (!done) return false;
  sizes_.push_back({static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(raw.size())});
  return true;
}

void ChunkWriter::append_table(std::string& out) const {
  put32(out, kSkippable);
  put32(out, static_cast<std::uint32_t>(sizes_.size() * kEntry + ChunkTable::kFooter));
  for (const Sizes& each : sizes_) {
    put32(out, each.compressed);
    put32(out, each.raw);
  }
  put32(out, static_cast<std::uint32_t>(sizes_.size()));
  out += '\0';  // descriptor: no checksums in the table
  put32(out, kSeekable);
}

std::size_t ChunkTable::table_bytes(std::string_view footer) noexcept {
  if (footer.size() != kFooter || footer[4] != 0 || get32(footer, 5) != kSeekable) return 0;
  const std::size_t chunks = get32(footer, 0);
  if (chunks > kMaxChunks) return 0;
  return kSkippableHeader + chunks * kEntry + kFooter;
}

bool ChunkTable::parse(std::string_view table, std::uint64_t file_bytes) {
  chunks_.clear();
  raw_bytes_ = 0;
  if (table.size() < kSkippableHeader + kFooter || table.size() > file_bytes) return false;
  if (table_bytes(table.substr(table.size() - kFooter)) != table.size()) return false;
  if (get32(table, 0) != kSkippable || get32(table, 4) != table.size() - kSkippableHeader) {
    return false;
  }
  const std::size_t count = (table.size() - kSkippableHeader - kFooter) / kEntry;
  chunks_.reserve(count);
  std::uint64_t offset = 0;
  for (std::size_t each = 0; each < count; ++each) {
    const std::size_t at = kSkippableHeader + each * kEntry;
    const Chunk chunk{offset, raw_bytes_, get32(table, at), get32(table, at + 4)};
    const bool fits = chunk.raw_size != 0 && chunk.raw_size <= kMaxChunkBytes &&
                      chunk.size <= ZSTD_compressBound(kMaxChunkBytes);
    if (!fits) return false;
    offset += chunk.size;
    raw_bytes_ += chunk.raw_size;
    chunks_.push_back(chunk);
  }
  return offset == file_bytes - table.size();
}

const ChunkTable::Chunk* ChunkTable::at(std::uint64_t raw_offset) const noexcept {
  if (raw_offset >= raw_bytes_) return nullptr;
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), raw_offset,
      [](std::uint64_t offset, const Chunk& chunk) { return offset < chunk.raw_offset; });
  return &*(after - 1);
}

ChunkReader::ChunkReader() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}

bool ChunkReader::decompress(std::string_view compressed, std::span<char> raw) noexcept {
  const std::size_t size = ZSTD_decompressDCtx(context_.get(), raw.data(), raw.size(),
                                               compressed.data(), compressed.size());
  return ZSTD_isError(size) == 0 && size == raw.size();
}

}  // namespace mcpgov::audit
