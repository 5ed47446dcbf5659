// Any stream, cut anywhere: the same events, and no byte lost or invented.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/sse.hpp"

namespace {

using namespace mcpgov::wire;

void must(bool holds) {
  if (!holds) std::abort();
}

// Everything the reader says, as one text that can be compared.
struct Transcript {
  std::string raw;
  std::string fields;
  bool failed = false;
};

void drain(SseReader& reader, Transcript& out) {
  SseEvent event;
  SseReader::Step step = reader.next(event);
  for (; step == SseReader::Step::event; step = reader.next(event)) {
    out.raw += event.raw;
    for (const std::string_view part : {event.name, event.data, event.id}) {
      out.fields += std::to_string(part.size()) + ":";
      out.fields += part;
    }
    out.fields += event.has_data ? 'd' : '-';
    out.fields += event.has_id ? 'i' : '-';
    out.fields += std::to_string(event.retry_ms);

    // Rewritten with its own data, an event says the same.
    std::string rewritten;
    write_event(event, event.data, rewritten);
    if (event.has_mark) continue;
    SseReader second(1 << 20);
    SseEvent again;
    second.feed("\n");  // an empty event in front: a byte order mark counts at the start only
    second.feed(rewritten);
    second.finish();
    must(second.next(again) == SseReader::Step::event);
    must(second.next(again) == SseReader::Step::event);
    must(again.data == event.data && again.name == event.name && again.id == event.id);
  }
  out.failed = step == SseReader::Step::failed;
}

Transcript read(std::string_view stream, std::size_t piece, std::size_t limit) {
  SseReader reader(limit);
  Transcript out;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.feed(stream.substr(at, piece));
    drain(reader, out);
  }
  reader.finish();
  drain(reader, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const std::size_t limit = (bytes[0] & 1U) != 0 ? 32 : 1 << 20;
  const Transcript whole = read(stream, std::max<std::size_t>(stream.size(), 1), limit);
  must(stream.substr(0, whole.raw.size()) == whole.raw);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{1} + (bytes[0] >> 3U)}) {
    const Transcript cut = read(stream, piece, limit);
    must(cut.raw == whole.raw && cut.fields == whole.fields && cut.failed == whole.failed);
  }
  return 0;
}
