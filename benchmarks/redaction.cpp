// How fast content is redacted: bytes a second, and the time of one message, by kind of content.
// No secrets in it: that is what nearly all content is like.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "audit/capture.hpp"
#include "audit/detectors.hpp"
#include "audit/redact.hpp"

namespace {

using namespace mcpgov::audit;

struct Random {
  std::mt19937 engine{42};
  std::size_t below(std::size_t limit) { return engine() % limit; }
  template <class List>
  std::string_view of(const List& list) {
    return list[below(std::size(list))];
  }
};

constexpr std::string_view kWords[] = {
    "the",       "server",  "of",        "a",       "request", "and",      "answers",
    "to",        "when",    "caller",    "policy",  "is",      "with",     "each",
    "decision",  "written", "that",      "in",      "it",      "report",   "quarter",
    "customers", "has",     "not",       "before",  "changes", "shipping", "address",
    "second",    "were",    "delivered", "invoice", "because", "passed",   "session",
};
// Words that keywords are looked for in: five in a KiB, as in this project's own pages.
constexpr std::string_view kNear[] = {"key", "token", "basic", "author", "secretary"};
constexpr std::string_view kCode[] = {
    "    if (request.method != \"POST\") return std::nullopt;\n",
    "  for (const auto& [key, value] : headers) {\n",
    "\tconst token = await this.lexer.next(Kind.Identifier);\n",
    "// Reads one record, and says whether there was one.\n",
    "def load(self, path: str, *, strict: bool = True) -> dict[str, Any]:\n",
    "        return {\"status\": \"ok\", \"items\": [i for i in items if i.id != 0]}\n",
    "import { useState, useEffect } from 'react';\n",
    "}\n",
    "\n",
    "    authors.push_back(std::move(author));\n",
    "    self.assertEqual(len(rows), 3, msg='rows')\n",
};

std::string prose(Random& random, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += random.below(30) == 0 ? random.of(kNear) : random.of(kWords);
    text += random.below(12) == 0 ? ". " : " ";
    if (random.below(60) == 0) text += "\n\n";
    if (random.below(80) == 0) text += "\xe2\x80\x94 ";
  }
  return text;
}

std::string code(Random& random, std::size_t size) {
  std::string text;
  while (text.size() < size) text += random.of(kCode);
  return text;
}

std::string record(Random& random) {
  char text[512];
  std::snprintf(
      text, sizeof text,
      R"({"id":%zu,"uuid":"%08zx-%04zx-4%03zx-a%03zx-%012zx","created_at":)"
      R"("2026-11-%02zuT%02zu:24:32.%06zuZ","customer":"c-%zu","total":%zu.%02zu,)"
      R"("currency":"EUR","status":"%s","updated_ms":17320%08zu,"items":[%zu,%zu,%zu],)"
      R"("paid":%s,"note":null})",
      random.below(100000), random.below(1u << 31), random.below(65536), random.below(4096),
      random.below(4096), random.below(1u << 31), 1 + random.below(28), random.below(24),
      random.below(1000000), random.below(1000000), random.below(10000), random.below(100),
      random.below(2) ? "delivered" : "shipped", random.below(100000000), random.below(1000),
      random.below(1000), random.below(1000), random.below(2) ? "true" : "false");
  return text;
}

std::string base64(Random& random, std::size_t size) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  while (text.size() < size) text += kAlphabet[random.below(64)];
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
  }
  return out + '"';
}

struct Corpus {
  const char* name;
  std::vector<std::string> messages;
};

std::vector<Corpus> corpora() {
  Random random;
  std::vector<Corpus> out = {
      {"prose", {}}, {"code", {}}, {"records", {}}, {"base64", {}}, {"arguments", {}}};
  for (int i = 0; i < 64; ++i) {
    out[0].messages.push_back(R"({"content":[{"type":"text","text":)" +
                              quoted(prose(random, 3500)) + R"(},{"type":"text","text":)" +
                              quoted(prose(random, 3500)) + "}]}");
    out[1].messages.push_back(R"({"path":"src/main.cpp","content":)" + quoted(code(random, 3500)) +
                              R"(,"patch":)" + quoted(code(random, 3500)) + "}");
    std::string records = "[";
    for (int k = 0; k < 24; ++k) records += (k ? "," : "") + record(random);
    out[2].messages.push_back(records + "]");
    out[3].messages.push_back(R"({"content":[{"type":"image","mimeType":"image/png","data":")" +
                              base64(random, 12000) + "\"}]}");
    out[4].messages.push_back(R"({"order":)" + record(random) + R"(,"reason":)" +
                              quoted(prose(random, 60)) + R"(,"dry_run":false,"limit":20})");
  }
  return out;
}

// Processor time of this thread: what else the machine does is not counted.
double now_ns() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

constexpr int kRounds = 201;

double middle(std::vector<double>& times, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<std::size_t>(at)];
}

// Times of a round over all messages, for their mean and for how much a second; the middle one of
// the rounds, and the fastest.
template <class Run>
void measure(const char* what, const Corpus& corpus, Run&& run) {
  std::size_t bytes = 0;
  for (const std::string& each : corpus.messages) bytes += each.size();
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const double before = now_ns();
    for (const std::string& each : corpus.messages) run(each);
    times.push_back(now_ns() - before);
  }
  const auto count = corpus.messages.size();
  const double half = middle(times, 0.5);
  const double least = middle(times, 0);
  std::printf("%-10s %-10s %7zu B  %8.0f ns  %5.2f GB/s  (fastest round %5.2f GB/s)\n", what,
              corpus.name, bytes / count, half / static_cast<double>(count),
              static_cast<double>(bytes) / half, static_cast<double>(bytes) / least);
}

}  // namespace

int main(int count, char** words) {
  CaptureSettings settings;
  settings.rules = {{"*", Level::redacted, Level::redacted}};
  std::vector<std::string> names;
  for (const std::string_view each : secret_names()) names.emplace_back(each);
  const NameRules rules(names);
  auto detectors = Detectors::make(settings);
  auto capture = Capture::make(settings, std::string(32, 's'), nullptr, nullptr, nullptr);
  if (!detectors || !capture) return 1;
  Redactor redactor(*detectors, rules);
  const mcpgov::crypto::KeyedSha256 key(std::string(32, 'k'));
  std::printf("redact: level redacted, default detectors; capture: with the digest of the whole\n");
  std::string out;
  Tally tally;
  for (const Corpus& corpus : corpora()) {
    if (count > 1 && corpus.name != std::string_view(words[1])) continue;
    measure("redact", corpus, [&](const std::string& text) {
      RedactOrder order;
      order.text = text;
      order.digests = &key;
      tally.clear();
      Work work{0, 2'000'000};
      out.clear();
      if (redactor.run(order, out, tally, work) != RedactEnd::whole || tally.any()) std::abort();
    });
    measure("capture", corpus, [&](const std::string& text) {
      Content content;
      content.is_result = true;
      content.tool = "pay";
      content.text = text;
      content.bytes = text.size();
      if ((*capture)(content).json.empty()) std::abort();
    });
  }
  return 0;
}
