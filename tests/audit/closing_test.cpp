// Closed segments: compressed so that any zstd program reads them, indexed, and never lost between.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/closing.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "audit/log_folder.hpp"
#include "audit/seekable.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::FailingFiles;
using test::LogMaker;
using test::read_log;
using test::TemporaryFolder;
using test::text_of;

std::string path_of(const LogMaker& log, std::uint64_t first_seq, std::string_view ending) {
  return log.folder() + '/' + name_of(first_seq, ending);
}

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

// 3,000 events, some 2.5 MB, of which no two are the same.
LogMaker make_log(const TemporaryFolder& folder) {
  LogMaker log(folder.path("log"), local_files(), 16 << 20);
  for (std::uint64_t each = 1; each <= 3000; ++each) {
    log.add(test::event_text(each * 0x9E3779B97F4A7C15ULL, "s-" + std::to_string(each / 10)));
    if (each % 500 == 0) log.note(FrameType::checkpoint, "a signed note");
  }
  return log;
}

TEST_CASE("a closed segment becomes chunks that give back every byte") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  const std::string raw = text_of(path_of(log, 1, ".seg"));
  const auto done = finish_segments(local_files(), log.folder(), {});
  REQUIRE(done);
  CHECK(done->raw_bytes == raw.size());
  CHECK(done->bytes == std::filesystem::file_size(path_of(log, 1, ".seg.zst")));
  CHECK(done->bytes * 4 < done->raw_bytes);
  CHECK_FALSE(exists(path_of(log, 1, ".seg")));
  CHECK_FALSE(exists(log.folder() + "/closing.zst"));
  auto source = SegmentSource::open(path_of(log, 1, ".seg.zst"));
  REQUIRE(source);
  CHECK(source->bytes() == raw.size());
  std::string back(raw.size() + 10, '\0');
  std::size_t got = 0;
  REQUIRE(source->read_at(0, back, got));
  CHECK(got == raw.size());
  CHECK(back.substr(0, got) == raw);
  REQUIRE(source->read_at(raw.size() - 5, back, got));
  CHECK(got == 5);
  REQUIRE(source->read_at(raw.size() + 5, back, got));
  CHECK(got == 0);
  CHECK(read_log(log.folder()).seqs.size() == 3000);
  // Doing it again finds nothing to do.
  const auto again = finish_segments(local_files(), log.folder(), {});
  REQUIRE(again);
  CHECK(again->segments == 0);
}

TEST_CASE("the program zstd reads a compressed segment as it was") {
  if (std::system("zstd --version >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: the program zstd is not installed");
    return;
  }
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  const std::string raw = text_of(path_of(log, 1, ".seg"));
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  const std::string command =
      "zstd -q -d '" + path_of(log, 1, ".seg.zst") + "' -o '" + folder.path("back") + "'";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(text_of(folder.path("back")) == raw);
}

TEST_CASE("a segment in use, a torn one and one without its records are left as they are") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  FileLock lock;
  REQUIRE(lock.take(folder.path("log/lock")) == 0);
  REQUIRE(log.sync());
  const std::string path = path_of(log, 1, ".seg");
  auto done = finish_segments(local_files(), log.folder(), {});
  REQUIRE(done);
  CHECK(done->segments == 0);
  CHECK(exists(path));
  // Its process has died: the end is not known to be the end before recovery has looked.
  lock.release();
  done = finish_segments(local_files(), log.folder(), {});
  REQUIRE(done);
  CHECK(exists(path));
  CHECK_FALSE(exists(path_of(log, 1, ".seg.zst")));
  CHECK_FALSE(exists(path_of(log, 1, ".idx")));

  std::string bytes = text_of(path);
  bytes.replace(kSegmentHeader + 5000, 4, "edit");
  std::ofstream(path, std::ios::binary) << bytes;
  log.close_segment();
  log.add("{\"v\":1}");
  log.close_segment();
  done = finish_segments(local_files(), log.folder(), {});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::audit_damaged);
  CHECK(done.error().message.find(path) != std::string::npos);
  CHECK(exists(path));
  // The others are finished all the same.
  CHECK(exists(path_of(log, 3001, ".seg.zst")));
}

TEST_CASE("what was given up by its writer is indexed up to its successor and stays raw") {
  const TemporaryFolder folder(test::memory());
  LogMaker failed(folder.path("log"));
  for (int each = 1; each <= 6; ++each) failed.add(test::event_text(static_cast<unsigned>(each)));
  REQUIRE(failed.sync());
  const TemporaryFolder other(test::memory());
  LogMaker log(other.path("log"));
  for (int each = 1; each <= 4; ++each) log.add(test::event_text(static_cast<unsigned>(each)));
  log.close_segment();
  log.add(test::event_text(5));
  log.close_segment();
  folder.write("log/" + name_of(5, ".seg"), text_of(path_of(log, 5, ".seg")));
  REQUIRE(finish_segments(local_files(), failed.folder(), {}));
  CHECK(exists(path_of(failed, 1, ".seg")));
  const auto index = SegmentIndex::open(path_of(failed, 1, ".idx"), failed.header());
  REQUIRE(index);
  CHECK(index->last_seq() == 4);
  CHECK_FALSE(index->closed());
  const auto again = finish_segments(local_files(), failed.folder(), {});
  REQUIRE(again);
  CHECK(again->segments == 0);
}

TEST_CASE("a crash or a full disk at any step leaves one form that is whole") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  const std::string raw = text_of(path_of(log, 1, ".seg"));
  FailingFiles files;
  for (int* const error :
       {&files.create_error, &files.write_error, &files.sync_error, &files.rename_error}) {
    *error = ENOSPC;
    const auto done = finish_segments(files, log.folder(), {});
    *error = 0;
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::audit_unavailable);
    CHECK(text_of(path_of(log, 1, ".seg")) == raw);
    CHECK_FALSE(exists(path_of(log, 1, ".seg.zst")));
    CHECK_FALSE(exists(log.folder() + "/closing.zst"));
  }
  // It died between putting the compressed form in place and removing the raw one.
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  folder.write("log/" + name_of(1, ".seg"), raw);
  folder.write("log/" + name_of(1, ".seg.zst"), "not whole");
  folder.write("log/closing.zst", "half");
  CHECK(read_log(log.folder()).seqs.size() == 3000);
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  CHECK_FALSE(exists(path_of(log, 1, ".seg")));
  CHECK(read_log(log.folder()).seqs.size() == 3000);
}

TEST_CASE("a compressed form that does not give back every byte never replaces the raw one") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  FailingFiles files;
  files.change_a_byte = true;
  const auto done = finish_segments(files, log.folder(), {});
  REQUIRE_FALSE(done);
  CHECK(done.error().message.find("does not give back") != std::string::npos);
  CHECK(exists(path_of(log, 1, ".seg")));
  CHECK_FALSE(exists(path_of(log, 1, ".seg.zst")));
  CHECK_FALSE(exists(log.folder() + "/closing.zst"));
  // The index that was changed on its way is made again.
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  CHECK(SegmentIndex::open(path_of(log, 1, ".idx"), log.header()));
}

TEST_CASE("a log in quarantine stays as it was found") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  folder.write("log/quarantine", "damage");
  const auto done = finish_segments(local_files(), log.folder(), {});
  REQUIRE(done);
  CHECK(done->segments == 0);
  CHECK(exists(path_of(log, 1, ".seg")));
  CHECK_FALSE(exists(path_of(log, 1, ".idx")));
}

TEST_CASE("closing stops between two chunks when it is told to") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  int asked = 0;
  const Stop third = [](void* context) noexcept { return ++*static_cast<int*>(context) == 3; };
  REQUIRE(finish_segments(local_files(), log.folder(), {}, third, &asked));
  CHECK(asked == 3);
  CHECK(exists(path_of(log, 1, ".seg")));
  CHECK_FALSE(exists(log.folder() + "/closing.zst"));
  REQUIRE(finish_segments(local_files(), log.folder(), {false}));
  CHECK(exists(path_of(log, 1, ".seg")));
  CHECK(exists(path_of(log, 1, ".idx")));
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  CHECK(exists(path_of(log, 1, ".seg.zst")));
}

TEST_CASE("an index is made again when it is lost or damaged, from either form") {
  const TemporaryFolder folder(test::memory());
  LogMaker log = make_log(folder);
  log.close_segment();
  REQUIRE(finish_segments(local_files(), log.folder(), {false}));
  const std::string path = path_of(log, 1, ".idx");
  const std::string good = text_of(path);
  std::ofstream(path, std::ios::binary) << "garbage";
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  CHECK(text_of(path) == good);
  std::filesystem::remove(path);
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  CHECK(text_of(path) == good);
}

TEST_CASE("a table of chunks whose numbers do not fit is refused") {
  ChunkWriter writer;
  std::string file;
  REQUIRE(writer.append(file, "first chunk"));
  REQUIRE(writer.append(file, "second"));
  CHECK_FALSE(writer.append(file, ""));
  CHECK_FALSE(writer.append(file, std::string(kMaxChunkBytes + 1, 'x')));
  writer.append_table(file);
  ChunkTable table;
  const std::string_view footer = std::string_view(file).substr(file.size() - 9);
  const std::size_t bytes = ChunkTable::table_bytes(footer);
  REQUIRE(bytes == 8 + 2 * 8 + 9);
  const std::string_view good = std::string_view(file).substr(file.size() - bytes);
  REQUIRE(table.parse(good, file.size()));
  CHECK(table.raw_bytes() == 17);
  CHECK(table.at(0) == &table.chunks()[0]);
  CHECK(table.at(10) == &table.chunks()[0]);
  CHECK(table.at(11) == &table.chunks()[1]);
  CHECK(table.at(17) == nullptr);
  CHECK_FALSE(table.parse(good, file.size() + 1));
  CHECK_FALSE(table.parse(good.substr(1), file.size()));
  CHECK_FALSE(table.parse("", file.size()));
  CHECK(ChunkTable::table_bytes("123456789") == 0);
  CHECK(ChunkTable::table_bytes("") == 0);
  for (std::size_t bit = 0; bit < bytes * 8; ++bit) {
    std::string turned(good);
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    // Sizes that still add up are found out by the chunks themselves.
    if (!table.parse(turned, file.size())) continue;
    ChunkReader reader;
    const auto& chunk = table.chunks()[0];
    std::string raw(chunk.raw_size, '\0');
    const bool first = reader.decompress(std::string_view(file).substr(0, chunk.size), raw);
    std::string second(table.chunks()[1].raw_size, '\0');
    const bool both =
        first && reader.decompress(
                     std::string_view(file).substr(chunk.size, table.chunks()[1].size), second);
    CHECK_FALSE(both);
  }
}

}  // namespace
}  // namespace mcpgov::audit
#endif
