// The text of a batch in the form that a sink wants.
// Tested by tests/net/sink_text_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_text.hpp"

#include "audit/checkpoint.hpp"
#include "base/json_writer.hpp"
#include "base/os_time.hpp"

namespace mcpgov::net {

namespace {

// An event that is about no message: `v`, `kind`, `time`, and what the caller adds.
JsonWriter begin_event(std::string& out, std::string_view kind, std::uint64_t time_us) {
  char time[kTimestampSize];
  write_timestamp(time_us, time);
  out.clear();
  JsonWriter writer(out);
  writer.number("v", 1);
  writer.string("kind", kind);
  writer.string("time", {time, kTimestampSize});
  return writer;
}

}  // namespace

audit::Format line_format(SinkFormat format) noexcept {
  switch (format) {
    case SinkFormat::json: return audit::Format::json;
    case SinkFormat::ocsf: return audit::Format::ocsf;
    case SinkFormat::ecs: return audit::Format::ecs;
    case SinkFormat::cef: return audit::Format::cef;
    case SinkFormat::toolhive: return audit::Format::toolhive;
  }
  return audit::Format::json;
}

SinkText::SinkText(const SinkSettings& settings, audit::Format format) : format_(format) {
  settings_.service_name = settings.service;
  settings_.splunk_source = settings.service;
  settings_.syslog_app_name = settings.service;
  settings_.syslog_cef = settings.format == SinkFormat::cef;
}

bool SinkText::add(std::string& out, const Batch& batch, std::uint64_t seq) {
  event_.log = batch.log;
  event_.seq = seq;
  return audit::append_to_batch(out, format_, event_, settings_);
}

bool SinkText::add_record(std::string& out, const Batch& batch, std::size_t i) {
  const Batch::Record record = batch[i];
  if (parser_.parse(record.payload, event_) != ErrorCode::none) {
    // Whoever receives it has to know that the log holds something here that cannot be told.
    begin_event(own_, "unreadable", record.time_ns / 1000).finish();
    if (parser_.parse(own_, event_) != ErrorCode::none) return false;
  }
  return add(out, batch, record.seq);
}

bool SinkText::add_note(std::string& out, const Batch& batch) {
  const auto checkpoint = audit::parse_checkpoint(batch.checkpoint);
  if (!checkpoint) return false;
  JsonWriter writer = begin_event(own_, "checkpoint", wall_clock_us());
  writer.string("note", batch.checkpoint);
  writer.finish();
  return parser_.parse(own_, event_) == ErrorCode::none && add(out, batch, checkpoint->size);
}

bool SinkText::append(std::string& out, const Batch& batch) {
  const std::size_t before = out.size();
  audit::open_batch(out, format_, settings_);
  bool any = add_note(out, batch);
  for (std::size_t i = 0; i < batch.size(); ++i) any = add_record(out, batch, i) || any;
  audit::close_batch(out, format_);
  if (!any) out.resize(before);
  return any;
}

bool SinkText::append_record(std::string& out, const Batch& batch, std::size_t i) {
  if (!add_record(out, batch, i)) return false;
  out.pop_back();  // the line end
  return true;
}

bool SinkText::append_note(std::string& out, const Batch& batch) {
  if (!add_note(out, batch)) return false;
  out.pop_back();
  return true;
}

}  // namespace mcpgov::net
