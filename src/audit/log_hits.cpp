// Reading the parts of a log that may hold an answer.
// Tested by tests/audit/query_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_hits.hpp"

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <system_error>

#include "audit/chunk_sieve.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"

namespace mcpgov::audit {

namespace {

// Hits of a segment without an index are handed on in pieces of about this many.
constexpr std::size_t kPiece = 256;
constexpr std::size_t kMaxDamage = 100;
// Of a part: enough to be worth a thread, few enough for many logs to be read at once (2 MiB each).
constexpr std::size_t kMostChunks = 16;

// What stands in an event as it is: no quotes, no escapes, nothing that a writer would escape.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    return each >= ' ' && each <= '~' && each != '"' && each != '\\';
  });
}

}  // namespace

Asked::Asked(const Question& question) : question_(question) {
  const std::pair<Field, const std::string*> fields[] = {
      {Field::id, &question.id},           {Field::session, &question.session},
      {Field::caller, &question.caller},   {Field::server, &question.server},
      {Field::target, &question.target},   {Field::decision, &question.decision},
      {Field::outcome, &question.outcome}, {Field::policy, &question.policy},
      {Field::tenant, &question.tenant},   {Field::method, &question.method},
  };
  for (const auto& [field, value] : fields) {
    if (!value->empty()) terms_.push_back({field, *value, index_key(field, *value)});
  }
}

bool Asked::may_fit(std::string_view payload) const noexcept {
  if (payload.find('\\') != std::string_view::npos) return true;
  for (const Term& term : terms_) {
    std::string_view part = term.value;
    // `issuer#subject` is two members; the end of the subject stands in one.
    if (term.field == Field::caller) part = part.substr(part.rfind('#') + 1);
    if (is_plain(part) && payload.find(part) == std::string_view::npos) return false;
  }
  return true;
}

bool Asked::fits(const ParsedEvent& event) const {
  std::uint64_t found = 0;  // a bit for each term
  for_each_term(event, [&](Field field, std::string_view value) {
    for (std::size_t each = 0; each < terms_.size(); ++each) {
      if (terms_[each].field == field && terms_[each].value == value) found |= 1ULL << each;
    }
  });
  return found + 1 == 1ULL << terms_.size();
}

// One segment: the chunks that its index names, or without an index all of it.
struct LogHits::Segment {
  SegmentFile file;
  std::uint64_t stop = ~0ULL;  // first seq of the segment that follows
  std::optional<SegmentSource> source, other_source;
  SegmentHeader header;
  std::optional<SegmentIndex> index;
  Wanted wanted;
  std::vector<std::uint32_t> chunks;  // in the order they are read
  std::size_t next_chunk = 0;
  // Without an index.
  bool whole = false;
  std::optional<LogReader> reader;
  bool reading = false;  // the reader is in this segment
  // What was given before an index turned out to be wrong is not given again.
  std::uint64_t given_first = ~0ULL, given_last = 0;
  bool done = false;

  bool read_header() {
    std::string page(kSegmentHeader, '\0');
    std::size_t got = 0;
    if (!source->read_at(0, page, got)) return false;
    page.resize(got);
    return parse_segment_header(page, header) == nullptr && header.first_seq == file.first_seq;
  }

  // The leaves that have every term. False: the index is damaged.
  bool choose(const Asked& asked) {
    std::vector<LeafRun> some;
    wanted.all = asked.terms().empty();
    for (std::size_t each = 0; each < asked.terms().size(); ++each) {
      if (!index->find(asked.terms()[each].key, some)) return false;
      wanted.leaves = each == 0 ? std::move(some) : in_both(wanted.leaves, some);
      if (wanted.leaves.empty()) break;
    }
    chunks = wanted.chunks(*index, header.first_seq);
    return true;
  }

  bool already_given(std::uint64_t seq) const { return seq >= given_first && seq <= given_last; }
};

LogHits::LogHits(const LogEntry& log, const Asked& asked)
    : log_(log),
      asked_(asked),
      folders_(find_folders(log.folder)),
      sieve_(std::make_unique<ChunkSieve>(asked)),
      other_sieve_(std::make_unique<ChunkSieve>(asked)) {
  auto files = list_segments(folders_);
  if (files) {
    files_ = std::move(*files);
  } else {
    damage_.push_back(files.error());
  }
}

LogHits::~LogHits() = default;

void LogHits::keep(const Frame& frame) {
  ++frames_;
  if (!sieve_->sieve.holds(frame, false) || segment_->already_given(frame.seq)) return;
  kept_.push_back({frame.seq, frame.time_ns, frame.type, std::string(frame.payload)});
}

bool LogHits::open_next() {
  if (opened_ == files_.size()) return false;
  const bool backwards = asked_.question().newest_first;
  const std::size_t at = backwards ? files_.size() - 1 - opened_ : opened_;
  ++opened_;
  ++segments_;
  auto reader = segment_ != nullptr ? std::move(segment_->reader) : std::nullopt;
  segment_ = std::make_unique<Segment>();
  Segment& segment = *segment_;
  segment.file = files_[at];
  if (at + 1 < files_.size()) segment.stop = files_[at + 1].first_seq;
  segment.reader = std::move(reader);
  segment.whole = true;
  segment.whole = !open_index(log_.alive && at + 1 == files_.size());
  if (segment.whole) return true;
  segment.reader.reset();
  ++indexed_;
  if (backwards) std::reverse(segment.chunks.begin(), segment.chunks.end());
  return true;
}

// False: the segment has to be read as a whole, which says what is wrong with it.
bool LogHits::open_index(bool in_use) {
  const Question& question = asked_.question();
  Segment& segment = *segment_;
  if (in_use || !question.use_indexes) return false;
  auto source = SegmentSource::open(folders_.path_of(segment.file));
  if (!source) return false;
  segment.source.emplace(std::move(*source));
  if (!segment.read_header()) return false;
  const std::string path =
      path_in(folders_.of(segment.file), name_of(segment.file.first_seq, ".idx"));
  auto index = SegmentIndex::open(path, segment.header);
  if (!index) return false;
  segment.index.emplace(std::move(*index));
  sieve_->enter(*segment.source, segment.header, segment.stop);
  const bool past = segment.index->max_time_ns() < question.from_ns ||
                    segment.index->min_time_ns() >= question.until_ns;
  return past || segment.choose(asked_);
}

// Some of the segment's chunks. False: one is not what the index says.
bool LogHits::read_chunks(ChunkSieve& sieve, std::size_t begin, std::size_t end) {
  const Segment& segment = *segment_;
  const bool backwards = asked_.question().newest_first;
  sieve.kept.clear();
  for (std::size_t each = begin; each < end; ++each) {
    const auto before = static_cast<std::ptrdiff_t>(sieve.kept.size());
    if (!sieve.read(*segment.index, segment.wanted, segment.chunks[each])) return false;
    if (backwards) std::reverse(sieve.kept.begin() + before, sieve.kept.end());
  }
  return true;
}

// The next chunks, the later half of them by another thread. False: as above.
bool LogHits::read_part() {
  Segment& segment = *segment_;
  const std::size_t begin = segment.next_chunk;
  const std::size_t end = std::min(segment.chunks.size(), begin + part_);
  segment.next_chunk = end;
  part_ = std::min(part_ * 2, kMostChunks);
  std::size_t middle = end - begin < 2 ? end : begin + (end - begin + 1) / 2;
  std::future<bool> other;
  if (middle != end) {
    if (!segment.other_source) {
      auto source = SegmentSource::open(segment.source->path());
      if (source) segment.other_source.emplace(std::move(*source));
    }
    try {
      if (segment.other_source) {
        other_sieve_->enter(*segment.other_source, segment.header, segment.stop);
        other =
            std::async(std::launch::async, [&] { return read_chunks(*other_sieve_, middle, end); });
      }
    } catch (const std::system_error&) {
      // No more threads are to be had: one is enough.
    }
    if (!other.valid()) middle = end;
  }
  bool good = read_chunks(*sieve_, begin, middle);
  kept_.swap(sieve_->kept);
  if (other.valid()) {
    good = other.get() && good;
    std::move(other_sieve_->kept.begin(), other_sieve_->kept.end(), std::back_inserter(kept_));
  }
  frames_ += std::exchange(sieve_->frames, 0) + std::exchange(other_sieve_->frames, 0);
  return good;
}

// Goes on through a segment without its index. True: it is at its end.
bool LogHits::read_whole(bool in_pieces) {
  Segment& segment = *segment_;
  const bool goes_on = segment.reader && (segment.reading ||
                                          segment.reader->position().seq == segment.file.first_seq);
  segment.reading = true;
  if (!goes_on) {
    auto opened = LogReader::open(log_.folder, {segment.file.first_seq});
    if (!opened) {
      damage_.push_back(opened.error());
      return true;
    }
    segment.reader.emplace(std::move(*opened));
  }
  for (;;) {
    Frame frame;
    const ReadState state = segment.reader->next(frame);
    if (state == ReadState::damaged) {
      if (damage_.size() < kMaxDamage) damage_.push_back(segment.reader->error());
      // What is behind a damaged place is told all the same; what it is worth, verification says.
      if (segment.reader->skip_damage()) continue;
      segment.reader.reset();
    }
    if (state != ReadState::frame) return true;
    if (is_leaf(frame.type) && frame.seq >= segment.stop) {
      segment.reader.reset();
      return true;
    }
    keep(frame);
    // The reader goes on by itself; what it gives next is the segment that follows.
    if (is_leaf(frame.type) && frame.seq + 1 == segment.stop) return true;
    if (in_pieces && kept_.size() >= kPiece) return false;
  }
}

// Fills kept_ with the hits of the next part of the segment. False: the segment is done.
bool LogHits::fill() {
  Segment& segment = *segment_;
  if (segment.done) return false;
  if (segment.whole) {
    const bool backwards = asked_.question().newest_first;
    segment.done = read_whole(!backwards);
    if (backwards) std::reverse(kept_.begin(), kept_.end());
    return true;
  }
  if (segment.next_chunk == segment.chunks.size()) return false;
  if (read_part()) return true;
  kept_.clear();
  segment.whole = true;
  --indexed_;
  return true;
}

bool LogHits::next(Hit& hit) {
  while (given_ == kept_.size()) {
    kept_.clear();
    given_ = 0;
    if (segment_ == nullptr || !fill()) {
      if (!open_next()) return false;
    }
  }
  const KeptHit& kept = kept_[given_++];
  segment_->given_first = std::min(segment_->given_first, kept.seq);
  segment_->given_last = std::max(segment_->given_last, kept.seq);
  hit = {log_.name, kept.seq, kept.time_ns, kept.type, kept.payload};
  return true;
}

}  // namespace mcpgov::audit
