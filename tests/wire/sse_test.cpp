// Event streams, cut at every byte.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/sse.hpp"

#include <string>
#include <vector>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

using namespace std::string_literals;

// An event that owns what the reader lends.
struct Read {
  std::string raw, name, data, id;
  bool has_data = false, has_id = false, has_retry = false;
  std::uint64_t retry_ms = 0;
  bool operator==(const Read&) const = default;
};

void drain(SseReader& reader, std::vector<Read>& out) {
  SseEvent event;
  while (reader.next(event) == SseReader::Step::event) {
    out.push_back({std::string(event.raw), std::string(event.name), std::string(event.data),
                   std::string(event.id), event.has_data, event.has_id, event.has_retry,
                   event.retry_ms});
  }
}

std::vector<Read> read_in(const std::vector<std::string_view>& pieces) {
  SseReader reader;
  std::vector<Read> out;
  for (const std::string_view piece : pieces) {
    reader.feed(piece);
    drain(reader, out);
  }
  reader.finish();
  drain(reader, out);
  return out;
}

std::vector<Read> read_all(std::string_view stream) {
  return read_in({stream});
}

TEST_CASE("sse: fields are read as the specification says") {
  struct Case {
    const char* name;
    std::string stream;
    std::vector<Read> events;
  };
  const Case cases[] = {
      {"data", "data: {}\n\n", {{"data: {}\n\n", "", "{}", "", true}}},
      {"no space after the colon", "data:{}\n\n", {{"data:{}\n\n", "", "{}", "", true}}},
      {"one space is dropped, not two", "data:  x\n\n", {{"data:  x\n\n", "", " x", "", true}}},
      {"lines are joined",
       "data: a\ndata: b\ndata:\n\n",
       {{"data: a\ndata: b\ndata:\n\n", "", "a\nb\n", "", true}}},
      {"data without a colon", "data\n\n", {{"data\n\n", "", "", "", true}}},
      {"name and id",
       "event: message\nid: 7\ndata: x\n\n",
       {{"event: message\nid: 7\ndata: x\n\n", "message", "x", "7", true, true}}},
      {"an empty id resets", "id\ndata: x\n\n", {{"id\ndata: x\n\n", "", "x", "", true, true}}},
      {"an id with a NUL is ignored",
       "id: a\0b\ndata: x\n\n"s,
       {{"id: a\0b\ndata: x\n\n"s, "", "x", "", true}}},
      {"retry",
       "retry: 1500\ndata: x\n\n",
       {{"retry: 1500\ndata: x\n\n", "", "x", "", true, false, true, 1500}}},
      {"a retry that is no number",
       "retry: 1s\ndata: x\n\n",
       {{"retry: 1s\ndata: x\n\n", "", "x", "", true}}},
      {"a retry beyond reason",
       "retry: 99999999999999999999\n\n",
       {{"retry: 99999999999999999999\n\n", "", "", "", false, false, true, 1'000'000'000'000}}},
      {"comments and unknown fields",
       ": hi\nfoo: bar\ndata: x\n\n",
       {{": hi\nfoo: bar\ndata: x\n\n", "", "x", "", true}}},
      {"fields are case-sensitive", "Data: x\n\n", {{"Data: x\n\n", "", "", "", false}}},
      {"a heartbeat", ": ping\n\n", {{": ping\n\n", "", "", "", false}}},
      {"an empty block",
       "\n\ndata: x\n\n",
       {{"\n", "", "", "", false}, {"\n", "", "", "", false}, {"data: x\n\n", "", "x", "", true}}},
      {"CR LF",
       "data: a\r\ndata: b\r\n\r\n",
       {{"data: a\r\ndata: b\r\n\r\n", "", "a\nb", "", true}}},
      {"CR",
       "data: a\rdata: b\r\rdata: c\r\r",
       {{"data: a\rdata: b\r\r", "", "a\nb", "", true}, {"data: c\r\r", "", "c", "", true}}},
      {"mixed line ends",
       "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n",
       {{"data: a\r\n\n", "", "a", "", true},
        {"data: b\n\r\n", "", "b", "", true},
        {"data: c\r\r\n", "", "c", "", true}}},
      {"a byte order mark",
       "\xef\xbb\xbf"
       "data: a\n\ndata: b\n\n",
       {{"\xef\xbb\xbf"
         "data: a\n\n",
         "", "a", "", true},
        {"data: b\n\n", "", "b", "", true}}},
      {"a second byte order mark belongs to a field",
       "data: a\n\n\xef\xbb\xbf"
       "data: b\n\n",
       {{"data: a\n\n", "", "a", "", true},
        {"\xef\xbb\xbf"
         "data: b\n\n",
         "", "", "", false}}},
      {"an event that does not end is no event",
       "data: a\n\ndata: b\n",
       {{"data: a\n\n", "", "a", "", true}}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(read_all(c.stream) == c.events);
  }
}

TEST_CASE("sse: how a stream is cut does not change its events") {
  const std::string streams[] = {
      "\xef\xbb\xbf"
      "event: message\nid: 1\ndata: {\"a\":1}\n\n: c\n\ndata: x\ndata: y\n\nrest",
      "data: a\r\ndata: b\r\n\r\nid: 2\r\ndata: c\r\n\r\n",
      "data: a\rdata: b\r\rid: 2\rdata: c\r\r",
      "data: a\n\r\ndata: b\r\r\n\r\n\r\rdata: c\n\r",
      "\xef\xbb",
      "\r\n\r\n\r",
  };
  for (const std::string& stream : streams) {
    CAPTURE(stream);
    const std::vector<Read> whole = read_all(stream);
    const std::string_view view = stream;
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < view.size(); ++i) bytes.push_back(view.substr(i, 1));
    CHECK(read_in(bytes) == whole);
    for (std::size_t a = 0; a <= view.size(); ++a) {
      for (std::size_t b = a; b <= view.size(); ++b) {
        CAPTURE(a);
        CAPTURE(b);
        CHECK(read_in({view.substr(0, a), view.substr(a, b - a), view.substr(b)}) == whole);
      }
    }
  }
}

TEST_CASE("sse: raw bytes of all events are the stream") {
  const std::string stream = ": a\n\ndata: 1\n\nid: x\rdata: 2\r\r\r\ndata: 3\r\n\r\n";
  std::string joined;
  for (const Read& event : read_all(stream)) joined += event.raw;
  CHECK(joined == stream);
}

TEST_CASE("sse: an event above the limit ends the stream, whether complete or not") {
  for (const char* end : {"", "\n\n"}) {
    SseReader reader(16);
    SseEvent event;
    reader.feed("data: 12345678\n\n");
    CHECK(reader.next(event) == SseReader::Step::event);
    CHECK(event.data == "12345678");
    reader.feed("data: 1234567890" + std::string(end));
    if (*end == '\0') {
      CHECK(reader.next(event) == SseReader::Step::more);
      CHECK(reader.pending() == 16);
      reader.feed("1");
    }
    CHECK(reader.next(event) == SseReader::Step::failed);
    CHECK(reader.error() == ErrorCode::stream_event_too_large);
    reader.feed("data: x\n\n");
    CHECK(reader.next(event) == SseReader::Step::failed);
    CHECK(reader.pending() == 0);
  }
  SseReader nothing(0);
  SseEvent event;
  CHECK(nothing.next(event) == SseReader::Step::more);
  nothing.feed("\n");
  CHECK(nothing.next(event) == SseReader::Step::failed);
}

TEST_CASE("sse: many small feeds of one large event are read in linear time") {
  SseReader reader;
  SseEvent event;
  reader.feed("data: ");
  for (int i = 0; i < 200'000; ++i) {
    reader.feed("0123456789");
    CHECK_MESSAGE(reader.next(event) == SseReader::Step::more, i);
  }
  reader.feed("\n\n");
  CHECK(reader.next(event) == SseReader::Step::event);
  CHECK(event.data.size() == 2'000'000);
}

std::string rewritten(std::string_view stream, std::string_view data) {
  SseReader reader;
  reader.feed(stream);
  reader.finish();
  std::string out;
  SseEvent event;
  while (reader.next(event) == SseReader::Step::event) write_event(event, data, out);
  return out;
}

TEST_CASE("sse: other data, all other lines byte for byte") {
  CHECK(rewritten("event: message\nid: 7\ndata: old\nretry: 5\n\n", "new") ==
        "event: message\nid: 7\ndata: new\nretry: 5\n\n");
  CHECK(rewritten("data: a\ndata: b\nid: 1\n\n", "new") == "data: new\nid: 1\n\n");
  CHECK(rewritten("data:a\r\nid:1\r\n: c\r\n\r\n", "x\ny") ==
        "data: x\r\ndata: y\r\nid:1\r\n: c\r\n\r\n");
  CHECK(rewritten("id: 1\rdata: a\r\r", "x") == "id: 1\rdata: x\r\r");
  CHECK(rewritten("data: a\n\n", "") == "data: \n\n");
  CHECK(rewritten("data\n\n", "x") == "data: x\n\n");
  CHECK(rewritten(": ping\n\n", "x") == ": ping\n\n");
  CHECK(rewritten("\xef\xbb\xbf"
                  "data: a\n\n",
                  "x") ==
        "\xef\xbb\xbf"
        "data: x\n\n");
  CHECK(rewritten("\xef\xbb\xbf"
                  "data: a\ndata: b\n\n",
                  "x") ==
        "\xef\xbb\xbf"
        "data: x\n\n");
  CHECK(rewritten("data: a\n\n\xef\xbb\xbf"
                  "data: b\n\n",
                  "x") ==
        "data: x\n\n\xef\xbb\xbf"
        "data: b\n\n");
}

// Former bugs.
TEST_CASE("sse: a CR in front of a dropped line does not swallow the blank line") {
  CHECK(rewritten("data: a\rdata: b\n\n", "x") == "data: x\n\n");
  CHECK(rewritten("data: a\nid: 1\rdata: b\n\n", "x") == "data: x\nid: 1\n\n");
  CHECK(rewritten("data: a\r\r", "x") == "data: x\r\r");
}

TEST_CASE("sse: a line end in the new data cannot begin a field of its own") {
  for (const char* data : {"x\nid: evil", "x\r\nid: evil", "x\rid: evil", "x\n\ndata: evil"}) {
    CAPTURE(data);
    const std::vector<Read> events = read_all(rewritten("data: a\n\n", data));
    REQUIRE(events.size() == 1);
    CHECK(!events[0].has_id);
  }
}

TEST_CASE("sse: new events") {
  std::string out;
  write_new_event("7", "{}", out);
  write_new_event("", "a\nb", out);
  CHECK(out == "id: 7\nevent: message\ndata: {}\n\nevent: message\ndata: a\ndata: b\n\n");
}

}  // namespace
}  // namespace mcpgov::wire::test
