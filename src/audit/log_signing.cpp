// What recovery may sign of a log that it did not write.
// Tested by tests/audit/former_holes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_signing.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/segment_scan.hpp"
#include "base/os_file.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kMaxReason = 4096;

// A note that a key of the directory has signed for the log of this name.
std::optional<Checkpoint> open_note(const LogKeys& keys, const std::string& name,
                                    const std::string& note) {
  const auto read = parse_checkpoint(note);
  if (!read || !read->origin.ends_with("/" + name)) return std::nullopt;
  auto opened = open_with(keys.published, read->origin, note);
  if (!opened) return std::nullopt;
  return *std::move(opened);
}

// Whether records that nobody has signed for are of a longer time than a process leaves unsigned.
bool is_long_unsigned(const LogSettings& settings, const LogFolders& folders, std::uint64_t from,
                      std::uint64_t to) {
  auto reader = LogReader::open(folders, {from});
  if (!reader) return true;
  std::uint64_t first = 0, latest = 0, seen = from - 1;
  for (Frame frame; reader->next(frame) == ReadState::frame;) {
    if (!is_leaf(frame.type) || frame.seq < from) continue;
    if (frame.seq > to) break;
    seen = frame.seq;
    if (frame.type == FrameType::recovery && is_of_dead_log(frame.payload)) continue;
    latest = std::max(latest, frame.time_ns);
    if (first == 0) first = std::max(latest, reader->segment().created_ns);
  }
  if (seen < to) return true;
  return latest > first && latest - first > most_unsigned_ns(settings.seal_interval_ms);
}

}  // namespace

SignedBefore signed_before(const LogKeys& keys, const std::string& name,
                           const LogFolders& folders) {
  SignedBefore out;
  const auto take = [&](const std::string& folder, std::string_view file) {
    const std::string path = path_in(folder, file);
    ReadFile probe;
    if (probe.open(path) == ENOENT) return false;
    const auto note = read_plain_file(path, kMaxNote);
    if (!note) return true;
    if (auto opened = open_note(keys, name, *note)) out.known.push_back(*std::move(opened));
    return true;
  };
  std::size_t notes = take(folders.own, kCheckpointFile) ? 1 : 0;
  if (!folders.spare.empty() && take(folders.spare, kCheckpointFile)) ++notes;
  // None of them may be replaced, unless a key of the directory has signed it.
  out.is_foreign = out.known.size() < notes;
  if (notes == 0) take(folders.own, kOpenedFile);
  std::sort(out.known.begin(), out.known.end(),
            [](const Checkpoint& a, const Checkpoint& b) { return a.size > b.size; });
  return out;
}

std::string refusal_to_sign(const LogSettings& settings, const LogKeys& keys,
                            const std::string& name, const LogFolders& folders,
                            const SignedBefore& before, const Recovery& recovery) {
  if (auto former = read_plain_file(path_in(folders.own, kUnsignedFile), kMaxReason)) {
    return former->substr(0, former->find('\n'));
  }
  // It would be replaced by another one, and with it what it proves.
  if (before.is_foreign) return "its checkpoint is signed by no key of signing.vkey";
  const std::string& origin = recovery.header.origin;
  const bool ours =
      std::any_of(keys.published.begin(), keys.published.end(), [&](const VerifierKey& key) {
        return key.public_key == keys.signer.public_key() && origin == key.name + "/" + name;
      });
  if (!ours) return "the key in use signs for no log of the origin " + origin;
  if (before.known.empty()) return "nothing shows that a process with a key of this log began it";
  const std::uint64_t size = before.known.front().size;
  if (is_long_unsigned(settings, folders, size + 1, recovery.last_seq)) {
    return "the records behind record " + std::to_string(size) +
           " are of a longer time than a process leaves unsigned";
  }
  return {};
}

}  // namespace mcpgov::audit
