// How long does a question to a long log take, and how large is the log? Writes one with realistic
// events first: segments of 64 MiB, closed, compressed and indexed as a process would.
//
//   audit_query_bench [RECORDS [DIRECTORY]]     default: 1,000,000 in the temporary folder
//
// A log below DIRECTORY is kept, and asked again by the next run that names it.
//
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "audit/closing.hpp"
#include "audit/event.hpp"
#include "audit/log_reader.hpp"
#include "audit/query.hpp"
#include "audit/segment_writer.hpp"
#include "audit/tree.hpp"
#include "mcpgov/audit.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

constexpr std::uint64_t kSegment = 64 << 20;
// At any time 200 agents are at work, each with some 150 calls a session.
constexpr std::uint64_t kAgents = 200, kCalls = 150;

double now_s() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::uint64_t random_word() {
  static std::uint64_t state = 0x1234567;
  std::uint64_t word = state += 0x9E3779B97F4A7C15ULL;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
  return word ^ (word >> 31);
}

std::string hex(std::size_t digits, std::uint64_t word) {
  std::string text;
  for (; digits > 16; digits -= 16) text += hex(16, random_word());
  char part[17];
  std::snprintf(part, sizeof part, "%016llx", static_cast<unsigned long long>(word));
  return text + std::string(part + 16 - digits);
}

std::string session_of(std::uint64_t number) {
  return "agent-session-" + hex(16, number * 77);
}

[[noreturn]] void stop(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text().c_str());
  std::exit(1);
}

// One event of level metadata, which is the default.
class Events {
 public:
  std::string_view next(std::uint64_t number, std::uint64_t time_us) {
    const std::uint64_t agent = random_word() % kAgents;
    const std::uint64_t session = number / (kAgents * kCalls) * kAgents + agent;
    const std::string id = hex(32, random_word()), trace = hex(32, random_word());
    const std::string span = hex(16, random_word()), parent = hex(16, random_word());
    const std::string subject = "user-" + std::to_string(agent % 40);
    const std::string tool = "tool_" + std::to_string(random_word() % 60);
    const std::string arguments =
        "{\"bytes\":" + std::to_string(random_word() % 900) +
        ",\"tokens\":57,\"tokens_by\":\"estimate\",\"digest\":\"k1:" + hex(32, random_word()) +
        "\",\"keys\":[\"path\",\"mode\"]}";
    const std::string result =
        "{\"bytes\":" + std::to_string(random_word() % 9000) +
        ",\"tokens\":900,\"tokens_by\":\"estimate\",\"digest\":\"k1:" + hex(32, random_word()) +
        "\"}";
    const std::string session_id = session_of(session);
    const std::string_view policies[] = {"shop/permit-analysts"};
    Caller caller;
    caller.kind = CallerKind::user;
    caller.issuer = "https://login.example.com";
    caller.subject = subject;
    caller.agent_session = session_id;
    caller.agent_session_source = "token";
    caller.actors = {{CallerKind::agent, "https://login.example.com", "report-writer"}};
    Record record;
    record.id = id;
    record.time_us = time_us;
    record.caller = &caller;
    record.client = "agent-host/2.1.0";
    record.tenant = "acme";
    record.server = "shop";
    record.transport = "streamable_http";
    record.peer = "10.1.2.80";
    record.protocol = "2026-07-28";
    record.direction = "from_client";
    record.method = "tools/call";
    record.target = tool;
    record.target_kind = "tool";
    record.request_id = "42";
    record.tool_class = ToolClass::read_only;
    record.decision = record.allowed = random_word() % 50 != 0;
    record.policies = policies;
    record.snapshot = "3-6f1e2d3c4b5a6978";
    record.policy_digest = "6f1e2d3c4b5a6978";
    record.decided_ns = 5000 + random_word() % 9000;
    record.trace = {trace, span, parent, {}, 1, true};
    Completion completion;
    completion.outcome = record.allowed ? Outcome::completed : Outcome::denied;
    completion.latency_ns = 1'000'000 + random_word() % 90'000'000;
    completion.reply_bytes = random_word() % 9000;
    Event event;
    event.record = &record;
    event.completion = &completion;
    event.arguments.json = arguments;
    event.result.json = result;
    text_.clear();
    append_event(text_, event);
    return text_;
  }

 private:
  std::string text_;
};

struct Written {
  std::uint64_t raw_bytes = 0, frames = 0;
  double closing_s = 0;
};

// The tree is left out: its cost is another benchmark's, and no root is asked for here.
Written write_log(const std::string& folder, std::uint64_t records) {
  FileSystem& files = local_files();
  if (files.make_folder(folder) != 0) std::exit(1);
  Written written;
  Events events;
  std::optional<SegmentWriter> writer;
  SegmentHeader header;
  header.origin = "bench.example/log";
  std::string batch;
  std::uint64_t time_us = 1'763'620'000'000'000, first_time = 0;
  const auto close = [&](std::uint64_t last) {
    if (!writer->append(batch, last)) std::exit(1);
    batch.clear();
    Trailer trailer;
    trailer.first_seq = header.first_seq;
    trailer.last_seq = last;
    trailer.min_time_ns = first_time * 1000;
    trailer.max_time_ns = time_us * 1000;
    std::string frame;
    append_frame(frame, {last, time_us * 1000, FrameType::trailer, 0, trailer_payload(trailer)},
                 header.salt);
    if (!writer->close(frame)) std::exit(1);
    written.raw_bytes += writer->used();
    writer.reset();
    const double begin = now_s();
    if (auto done = finish_segments(files, folder, {}); !done) stop(done.error());
    written.closing_s += now_s() - begin;
  };
  for (std::uint64_t seq = 1; seq <= records; ++seq) {
    if (!writer) {
      header.first_seq = seq;
      header.tree_size = seq - 1;
      header.edge.assign(static_cast<std::size_t>(__builtin_popcountll(seq - 1)), {});
      header.salt = static_cast<std::uint32_t>(random_word());
      auto made = SegmentWriter::create(files, folder, kSegment, header);
      if (!made) stop(made.error());
      writer.emplace(std::move(*made));
      first_time = time_us;
    }
    time_us += 100;
    const std::string_view payload = events.next(seq, time_us);
    append_frame(batch, {seq, time_us * 1000, FrameType::event, 0, payload}, header.salt);
    written.frames += payload.size();
    if (batch.size() > 256 * 1024) {
      if (!writer->append(batch, seq)) std::exit(1);
      batch.clear();
    }
    if (writer->room() < batch.size() + 512 * 1024) close(seq);
  }
  if (writer) close(records);
  return written;
}

void ask(const std::string& directory, const char* what, const Question& question) {
  struct Count {
    std::uint64_t bytes = 0;
  } count;
  const OnHit on_hit = [](void* context, const Hit& hit) {
    static_cast<Count*>(context)->bytes += hit.payload.size();
    return true;
  };
  for (const char* state : {"first", "again"}) {
    const double begin = now_s();
    const auto answer = query(directory, question, on_hit, &count);
    if (!answer) stop(answer.error());
    std::printf("%-36s %-6s %9.1f ms  %8llu hits  %9llu frames read  %4llu of %llu by index\n",
                what, state, (now_s() - begin) * 1000,
                static_cast<unsigned long long>(answer->hits),
                static_cast<unsigned long long>(answer->frames),
                static_cast<unsigned long long>(answer->indexed),
                static_cast<unsigned long long>(answer->segments));
  }
}

std::uint64_t size_of(const std::string& folder, std::string_view ending) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(ending)) bytes += entry.file_size();
  }
  return bytes;
}

void read_all(const std::string& folder, std::uint64_t records) {
  const double begin = now_s();
  auto reader = LogReader::open(folder);
  if (!reader) stop(reader.error());
  Frame frame;
  std::uint64_t leaves = 0;
  while (reader->next(frame) == ReadState::frame) leaves += is_leaf(frame.type) ? 1 : 0;
  if (leaves != records) stop(reader->error());
  std::printf("reading all, compressed: %.2f million records/s\n",
              static_cast<double>(records) / (now_s() - begin) / 1e6);
}

// Values of which one is in every 50th to every event, alone and together.
void ask_all(const std::string& directory, std::uint64_t records) {
  Question session, caller, common, denied, one, latest, tool, most;
  session.session = session_of(records / (kAgents * kCalls) / 2 * kAgents + 7);
  caller.caller = "user-7";
  caller.decision = "deny";
  caller.target = "tool_11";
  common.target = "tool_11";
  common.decision = "deny";
  tool.target = "tool_11";
  most.server = "shop";
  most.decision = "allow";
  denied.decision = "deny";
  denied.from_ns = (1'763'620'000'000'000 + records * 50) * 1000;
  denied.until_ns = denied.from_ns + 10'000'000'000;
  one.id = hex(32, 1);
  latest.caller = "user-7";
  latest.newest_first = true;
  latest.limit = 100;
  ask(directory, "by session", session);
  ask(directory, "by caller, tool and decision", caller);
  ask(directory, "by tool and decision", common);
  ask(directory, "by tool", tool);
  ask(directory, "by server and decision, nearly all", most);
  ask(directory, "denied within ten seconds", denied);
  ask(directory, "an id that is not there", one);
  ask(directory, "the latest 100 of a caller", latest);
}

void run(std::uint64_t records, const std::string& directory) {
  const std::string folder = directory + "/bench-1-log";
  const double begin = now_s();
  const auto each = [records](std::uint64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(records);
  };
  if (std::filesystem::exists(folder)) {
    // Indexes that are missing, or of another version, are made.
    const auto done = finish_segments(local_files(), folder, {});
    if (!done) stop(done.error());
    std::printf("%llu segments indexed in %.1f s\n",
                static_cast<unsigned long long>(done->segments), now_s() - begin);
  } else {
    const Written written = write_log(folder, records);
    std::printf("%llu records written in %.1f s, %.1f s of it compressing and indexing\n",
                static_cast<unsigned long long>(records), now_s() - begin, written.closing_s);
    std::printf("bytes a record: %.0f of JSON, %.0f in a segment\n", each(written.frames),
                each(written.raw_bytes));
  }
  std::printf("bytes a record: %.1f compressed, %.1f of index\n", each(size_of(folder, ".seg.zst")),
              each(size_of(folder, ".idx")));
  ask_all(directory, records);
  read_all(folder, records);
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t records =
      count > 1 ? std::strtoull(arguments[1], nullptr, 10) : std::uint64_t{1'000'000};
  if (count > 2) {
    std::filesystem::create_directories(arguments[2]);
    run(records, arguments[2]);
    return 0;
  }
  std::string directory = std::filesystem::temp_directory_path() / "mcpgov-query-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  run(records, directory);
  std::filesystem::remove_all(directory);
  return 0;
}
