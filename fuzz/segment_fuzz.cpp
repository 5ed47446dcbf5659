// A log that somebody changed: reader, recovery, closing and query never crash, never give a record
// that was not written, and agree about where it ends.
//
// The input is a list of steps: what is written, and what is done to the files afterwards.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/closing.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/query.hpp"
#include "audit/recovery.hpp"
#include "audit/segment_writer.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

void must(bool holds) {
  if (!holds) std::abort();
}

// A folder that every input empties and fills again.
struct Folder {
  std::string path;

  Folder() {
    const bool memory = std::filesystem::is_directory("/dev/shm");
    path = memory ? "/dev/shm/mcpgov-fuzz-XXXXXX" : "/tmp/mcpgov-fuzz-XXXXXX";
    must(::mkdtemp(path.data()) != nullptr);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};

const std::string& directory() {
  static const Folder made;
  return made.path;
}

class Steps {
 public:
  explicit Steps(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }
  std::size_t number(std::size_t bytes = 1) {
    std::size_t value = 0;
    for (; bytes > 0; --bytes) value = value << 8 | static_cast<unsigned char>(text(1)[0]);
    return value;
  }
  std::string text(std::size_t size) {
    std::string taken(bytes_.substr(0, size));
    bytes_.remove_prefix(taken.size());
    taken.resize(size, '\0');
    return taken;
  }

 private:
  std::string_view bytes_;
};

struct Made {
  std::string folder = directory() + "/log";
  std::vector<std::string> payloads;  // of leaves, from seq 1
  std::vector<Tree> trees{Tree()};
  SegmentHeader header;
  std::optional<SegmentWriter> writer;
  std::string batch;

  void begin() {
    const Tree& tree = trees.back();
    header.first_seq = tree.size() + 1;
    header.tree_size = tree.size();
    header.root = tree.root();
    header.edge.assign(tree.edge().begin(), tree.edge().end());
    header.salt = static_cast<std::uint32_t>(header.first_seq) * 7919;
    auto made = SegmentWriter::create(local_files(), folder, 64 * 1024, header);
    must(made.has_value());
    writer.emplace(std::move(*made));
  }
  void add(std::string payload, FrameType type) {
    if (payload.empty()) payload = "{}";
    if (!writer) begin();
    if (is_leaf(type)) {
      payloads.push_back(payload);
      trees.push_back(trees.back());
      trees.back().append(leaf_hash(payload));
    }
    append_frame(batch, {payloads.size(), payloads.size(), type, 0, payload}, header.salt);
  }
  void write() {
    if (!writer) return;
    if (writer->room() > batch.size()) must(writer->append(batch, payloads.size()));
    batch.clear();
  }
  void close() {
    if (!writer || payloads.size() < header.first_seq) return;
    write();
    if (writer->written_seq() != payloads.size()) return;
    std::string frame;
    append_frame(frame, {payloads.size(), 1, FrameType::trailer, 0, "{\"v\":1}"}, header.salt);
    must(writer->close(frame));
    writer.reset();
  }
};

void change_a_file(const Made& log, Steps& steps) {
  std::vector<std::string> names;
  must(list_folder(log.folder, 1000, names) == 0);
  if (names.empty()) return;
  const std::string path = log.folder + '/' + names[steps.number() % names.size()];
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t how = steps.number(), at = steps.number(2);
  if (how % 4 == 0) bytes.resize(std::min(bytes.size(), at));
  if (how % 4 == 1 && at < bytes.size())
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(how >> 2 | 1));
  if (how % 4 == 2) bytes.insert(std::min(at, bytes.size()), steps.text(how >> 2));
  if (how % 4 == 3 && at < bytes.size()) bytes.replace(at, how, bytes.substr(at / 2, how));
  std::ofstream(path, std::ios::binary) << bytes;
}

// What is given is what was written, in its order; changes may only take away.
std::uint64_t read_all(const Made& log, std::uint64_t from) {
  auto reader = LogReader::open(log.folder, {from});
  if (!reader) return 0;
  std::uint64_t last = 0;
  for (Frame frame; reader->next(frame) == ReadState::frame;) {
    if (!is_leaf(frame.type)) continue;
    must(last == 0 || frame.seq == last + 1);
    last = frame.seq;
    must(last >= from && last <= log.payloads.size());
    must(frame.payload == log.payloads[last - 1]);
  }
  const bool skipped = reader->skip_damage();
  Frame frame;
  if (skipped) reader->next(frame);
  return last;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::filesystem::remove_all(directory() + "/log");
  Made log;
  must(local_files().make_folder(log.folder) == 0);
  Steps steps({reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096)});
  bool changed = false;
  while (!steps.done()) {
    const std::size_t step = steps.number() % 8;
    if (step < 3) log.add(steps.text(steps.number()), FrameType::event);
    if (step == 3) log.add(steps.text(steps.number()), FrameType::checkpoint);
    if (step == 4) log.write();
    if (step == 5) log.close();
    if (step == 6) must(finish_segments(local_files(), log.folder, {}).has_value() || changed);
    if (step == 7) {
      log.write();
      change_a_file(log, steps);
      changed = true;
      break;
    }
  }
  log.write();
  const std::uint64_t last = read_all(log, 1);
  must(changed || last == log.payloads.size() || log.writer);
  read_all(log, log.payloads.size() / 2 + 1);
  const OnHit any = [](void*, const Hit&) { return true; };
  must(query(directory(), {}, any, nullptr).has_value());
  Question question;
  question.session = "s";
  must(query(directory(), question, any, nullptr).has_value());
  auto found = recover_log(local_files(), log.folder, {}, 1);
  if (found && found->tail != Tail::none && found->tail != Tail::damaged) {
    must(found->last_seq <= log.payloads.size());
    // Of a compressed segment that its index calls closed the tree is not made.
    const bool known = found->tree.size() == found->last_seq;
    must(!known || found->tree.root() == log.trees[found->last_seq].root());
    auto again = recover_log(local_files(), log.folder, {}, 2);
    must(again && again->tail != Tail::torn && again->last_seq == found->last_seq);
  }
  static_cast<void>(finish_segments(local_files(), log.folder, {}));
  return 0;
}
