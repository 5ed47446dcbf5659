// Records of one log on their way to a sink, and what a sink says to them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/frame.hpp"

namespace mcpgov::net {

// A run of one log. Records that are filtered out are not in it, but last_seq counts them.
// checkpoint: a signed note that the sink has not seen yet; it goes ahead of the records.
class Batch {
 public:
  struct Record {
    audit::FrameType type = audit::FrameType::event;
    std::uint64_t seq = 0;
    std::uint64_t time_ns = 0;
    std::string_view payload;  // canonical JSON; borrowed from the batch
  };

  std::string log;
  std::string checkpoint;
  std::uint64_t last_seq = 0;
  // Every message up to last_seq is in it: none was filtered out, none is missing in the log.
  bool whole = true;

  // Throws: std::bad_alloc.
  void add(const audit::Frame& frame) {
    places_.push_back({frame.type, frame.seq, frame.time_ns, text_->size(), frame.payload.size()});
    text_->append(frame.payload);
  }
  std::size_t size() const noexcept { return places_.size(); }
  std::size_t bytes() const noexcept { return text_->size(); }
  Record operator[](std::size_t i) const noexcept {
    const Place& at = places_[i];
    return {at.type, at.seq, at.time_ns, std::string_view(*text_).substr(at.begin, at.size)};
  }

  // The two halves of a batch of at least two records, for a sink that refuses the whole; the
  // second ends where this does.
  std::pair<Batch, Batch> halves() const;

 private:
  struct Place {
    audit::FrameType type;
    std::uint64_t seq;
    std::uint64_t time_ns;
    std::size_t begin;
    std::size_t size;
  };
  std::vector<Place> places_;
  std::shared_ptr<std::string> text_ = std::make_shared<std::string>();  // halves share it
};

inline std::pair<Batch, Batch> Batch::halves() const {
  std::pair<Batch, Batch> out = {*this, *this};
  const auto middle = static_cast<std::ptrdiff_t>(places_.size() / 2);
  out.first.places_.erase(out.first.places_.begin() + middle, out.first.places_.end());
  out.first.last_seq = out.first.places_.back().seq;
  out.second.places_.erase(out.second.places_.begin(), out.second.places_.begin() + middle);
  out.second.checkpoint.clear();
  return out;
}

enum class Fate : std::uint8_t {
  taken,   // the sink answers for it
  handed,  // it is with the sink, and settle() will tell
  again,   // it cannot be taken now
  closed,  // the sink refuses us, whatever we bring: an operator has to do something
  refused  // it cannot take these records
};

// after_ms: when to come again, as the sink asks; 0: it does not say. rejected: of the records that
// were taken, how many were not. why: for an operator; names hosts and causes, no secrets.
struct Delivery {
  Fate fate = Fate::again;
  std::uint64_t rejected = 0;
  std::uint32_t after_ms = 0;
  std::string why = {};
};

// Of what was handed over, from the oldest. lost: what is left has to be sent again.
struct Settled {
  std::size_t batches = 0;
  bool lost = false;
  std::string why = {};
};

}  // namespace mcpgov::net
