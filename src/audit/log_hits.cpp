// Reading the parts of a log that may hold an answer.
// Tested by tests/audit/query_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_hits.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"

namespace mcpgov::audit {

namespace {

// Hits of a segment without an index are handed on in pieces of about this many.
constexpr std::size_t kPiece = 256;
constexpr std::size_t kMaxDamage = 100;

// What stands in an event as it is: no quotes, no escapes, nothing that a writer would escape.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) {
    return each >= ' ' && each <= '~' && each != '"' && each != '\\';
  });
}

bool is_event(FrameType type) {
  return type == FrameType::event || type == FrameType::intent;
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
  std::optional<SegmentSource> source;
  SegmentHeader header;
  std::optional<SegmentIndex> index;
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

  // The chunks in which every term may be. False: the index is damaged.
  bool choose(const Asked& asked) {
    std::vector<std::uint32_t> some, both;
    bool first = true;
    for (const Asked::Term& term : asked.terms()) {
      if (!index->find(term.key, some)) return false;
      if (first) {
        chunks.swap(some);
      } else {
        both.clear();
        std::set_intersection(chunks.begin(), chunks.end(), some.begin(), some.end(),
                              std::back_inserter(both));
        chunks.swap(both);
      }
      first = false;
    }
    if (!first) return true;
    for (std::uint32_t each = 0; each < index->chunks().size(); ++each) chunks.push_back(each);
    return true;
  }

  bool already_given(std::uint64_t seq) const { return seq >= given_first && seq <= given_last; }
};

// Takes hits out of frames.
struct LogHits::Sieve {
  const Asked& asked;
  EventParser parser;
  ParsedEvent event;

  bool holds(const Frame& frame) {
    if (!is_event(frame.type) || !asked.in_time(frame.time_ns)) return false;
    if (frame.type == FrameType::intent && !asked.question().intents) return false;
    if (asked.terms().empty()) return true;
    return asked.may_fit(frame.payload) && parser.parse(frame.payload, event) == ErrorCode::none &&
           asked.fits(event);
  }
};

LogHits::LogHits(const LogEntry& log, const Asked& asked)
    : log_(log),
      asked_(asked),
      folders_(find_folders(log.folder)),
      sieve_(new Sieve{asked, {}, {}}) {
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
  if (!sieve_->holds(frame) || segment_->already_given(frame.seq)) return;
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
  const bool in_use = log_.alive && at + 1 == files_.size();
  if (in_use || !asked_.question().use_indexes) return true;
  auto source = SegmentSource::open(folders_.path_of(segment.file));
  if (!source) return true;  // reading it as a whole says what is wrong
  segment.source.emplace(std::move(*source));
  if (!segment.read_header()) return true;
  const std::string path =
      path_in(folders_.of(segment.file), name_of(segment.file.first_seq, ".idx"));
  auto index = SegmentIndex::open(path, segment.header);
  if (!index) return true;
  segment.index.emplace(std::move(*index));
  const bool past = segment.index->max_time_ns() < asked_.question().from_ns ||
                    segment.index->min_time_ns() >= asked_.question().until_ns;
  if (!past && !segment.choose(asked_)) return true;
  segment.whole = false;
  segment.reader.reset();
  ++indexed_;
  if (backwards) std::reverse(segment.chunks.begin(), segment.chunks.end());
  return true;
}

// Reads one chunk. False: it is not what the index says.
bool LogHits::read_chunk(std::uint32_t chunk) {
  Segment& segment = *segment_;
  const auto& places = segment.index->chunks();
  const bool last = chunk + 1 == places.size();
  const std::uint64_t end = last ? segment.source->bytes() : places[chunk + 1].offset;
  FrameWalk walk(*segment.source, segment.header.salt, places[chunk].offset);
  std::uint64_t next_seq = places[chunk].seq;
  while (walk.cursor() < end) {
    Frame frame;
    const char* why = "";
    const bool whole = walk.peek(frame, why) == FrameState::whole;
    const bool leaf = whole && is_leaf(frame.type);
    if (last && (!whole || (leaf && frame.seq >= segment.stop))) {
      // Behind what counts of a segment that was given up, anything may be.
      return next_seq == segment.index->last_seq() + 1;
    }
    if (!whole || (leaf && frame.seq != next_seq)) return false;
    next_seq += leaf ? 1 : 0;
    keep(frame);
    walk.pass(frame);
  }
  return walk.cursor() == end;
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
  const bool backwards = asked_.question().newest_first;
  if (segment.done) return false;
  if (segment.whole) {
    segment.done = read_whole(!backwards);
  } else if (segment.next_chunk == segment.chunks.size()) {
    return false;
  } else if (!read_chunk(segment.chunks[segment.next_chunk++])) {
    kept_.clear();
    segment.whole = true;
    --indexed_;
    return true;
  }
  if (backwards) std::reverse(kept_.begin(), kept_.end());
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
  const Kept& kept = kept_[given_++];
  segment_->given_first = std::min(segment_->given_first, kept.seq);
  segment_->given_last = std::max(segment_->given_last, kept.seq);
  hit = {log_.name, kept.seq, kept.time_ns, kept.type, kept.payload};
  return true;
}

}  // namespace mcpgov::audit
