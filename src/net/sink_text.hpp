// The text of a batch in the form that a sink wants.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "audit/project/format.hpp"
#include "mcpgov/net.hpp"
#include "net/sink_batch.hpp"

namespace mcpgov::net {

// Batches as audit::Format frames them, each with its signed note first where the form has room for
// one. Threads: one thread. Throws: std::bad_alloc.
class SinkText {
 public:
  // format: how records are framed, or written where they are on lines.
  SinkText(const SinkSettings& settings, audit::Format format);

  audit::Format format() const noexcept { return format_; }

  // False: the form says nothing about these records, and there is nothing to send.
  bool append(std::string& out, const Batch& batch);

  // One record or the note, for forms of lines, without a line end. False: as above.
  bool append_record(std::string& out, const Batch& batch, std::size_t i);
  bool append_note(std::string& out, const Batch& batch);

 private:
  bool add_record(std::string& out, const Batch& batch, std::size_t i);
  bool add_note(std::string& out, const Batch& batch);
  bool add(std::string& out, const Batch& batch, std::uint64_t seq);

  const audit::Format format_;
  audit::ProjectionSettings settings_;
  audit::EventParser parser_;
  audit::ParsedEvent event_;
  std::string own_;  // an event that was made here
};

// How a record is written on a line, by the settings.
audit::Format line_format(SinkFormat format) noexcept;

}  // namespace mcpgov::net
