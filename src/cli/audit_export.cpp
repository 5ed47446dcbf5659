// `mcpgov audit export`.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_export.hpp"

#include <cstdio>
#include <memory>
#include <optional>

#include "audit/project/format.hpp"
#include "audit/project/parsed_event.hpp"
#include "base/os_log_file.hpp"
#include "base/os_time.hpp"
#include "cli/audit_source.hpp"
#include "cli/audit_time.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

// Of formats whose batch is one request or one line: what collectors take at once.
constexpr std::uint64_t kBatchEvents = 1000;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

// Into a file that appears when it is whole, or to standard output.
class Output {
 public:
  Result<void> open(const std::string& path) {
    if (path.empty() || path == "-") return {};
    path_ = path;
    part_ = path + ".part";
    local_files().remove(part_);
    return checked(local_files().create(part_, file_));
  }
  Result<void> write(std::string_view bytes) {
    if (file_ == nullptr) {
      if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
      return Error{ErrorCode::file_unreadable, "standard output cannot be written", {}, 0, 0};
    }
    const std::string_view pieces[] = {bytes};
    const Result<void> done = checked(file_->write_at(written_, pieces));
    written_ += bytes.size();
    return done;
  }
  Result<void> close() {
    if (file_ == nullptr) return {};
    Result<void> synced = checked(file_->sync());
    file_.reset();
    return synced ? checked(local_files().rename(part_, path_)) : synced;
  }

 private:
  Result<void> checked(int error) const {
    if (error == 0) return {};
    return Error{ErrorCode::file_unreadable, io_error_text(error), path_, 0, 0};
  }
  std::string path_, part_;
  std::unique_ptr<LogFile> file_;
  std::uint64_t written_ = 0;
};

// `jsonl` and `otlp` are what people say.
std::optional<audit::Format> format_of(const std::string& name) {
  if (name == "jsonl") return audit::Format::json;
  if (name == "otlp") return audit::Format::otlp_logs;
  return audit::format_from(name);
}

bool in_batches(audit::Format format) {
  return format == audit::Format::otlp_logs || format == audit::Format::otlp_traces ||
         format == audit::Format::webhook;
}

struct Range {
  std::uint64_t from_us = 0, to_us = 0;
};

// Frames to text.
class Exporter {
 public:
  Exporter(audit::Format format, const AuditExportOptions& options, Range range, Output& output)
      : format_(format), with_control_(options.with_control), range_(range), output_(&output) {}

  Result<void> take(const std::string& log, const audit::Frame& frame) {
    using audit::FrameType;
    const bool message = frame.type == FrameType::event || frame.type == FrameType::intent;
    if (!message && !(with_control_ && audit::is_leaf(frame.type))) return {};
    if (parser_.parse(frame.payload, event_) != ErrorCode::none) {
      ++refused_;
      return {};
    }
    if (event_.time_us < range_.from_us || (range_.to_us != 0 && event_.time_us >= range_.to_us)) {
      return {};
    }
    event_.log = log;
    event_.seq = frame.seq;
    if (in_batch_ == 0) audit::open_batch(text_, format_, settings_);
    if (audit::append_to_batch(text_, format_, event_, settings_)) ++exported_;
    ++in_batch_;
    if (in_batches(format_) && in_batch_ == kBatchEvents) end_batch();
    return text_.size() < kPieceBytes || (in_batches(format_) && in_batch_ != 0) ? Result<void>()
                                                                                 : flush();
  }
  Result<void> finish() {
    if (in_batch_ != 0) end_batch();
    return flush();
  }
  std::uint64_t exported() const noexcept { return exported_; }
  std::uint64_t refused() const noexcept { return refused_; }

 private:
  void end_batch() {
    audit::close_batch(text_, format_);
    if (in_batches(format_) && !text_.ends_with('\n')) text_ += '\n';
    in_batch_ = 0;
  }
  Result<void> flush() {
    const Result<void> written = output_->write(text_);
    text_.clear();
    return written;
  }

  audit::Format format_;
  bool with_control_;
  Range range_;
  Output* output_;
  audit::ProjectionSettings settings_;
  audit::EventParser parser_;
  audit::ParsedEvent event_;
  std::string text_;
  std::uint64_t in_batch_ = 0, exported_ = 0, refused_ = 0;
};

}  // namespace

int audit_export(const AuditExportOptions& options) {
  const std::uint64_t now_us = wall_clock_us();
  const auto since = read_moment(options.since, now_us);
  const auto until = read_moment(options.until, now_us);
  const auto format = format_of(options.format);
  if (!since || !until || !format) {
    if (!format) tell("there is no format `" + options.format + "`");
    if (!since) fail(since.error());
    if (!until) fail(until.error());
    return kAuditMisuse;
  }
  auto merge = LogMerge::open(options.directory);
  if (!merge) return fail(merge.error());
  Output output;
  const Result<void> opened = output.open(options.out);
  if (!opened) return fail(opened.error());
  Exporter exporter(*format, options, {*since, *until}, output);
  std::size_t log = 0;
  audit::Frame frame;
  while (merge->next(log, frame)) {
    const Result<void> taken = exporter.take(merge->logs()[log].name, frame);
    if (!taken) return fail(taken.error());
  }
  const Result<void> finished = exporter.finish();
  if (!finished) return fail(finished.error());
  const Result<void> closed = output.close();
  if (!closed) return fail(closed.error());
  for (const LogMerge::Damage& each : merge->damage()) fail(each.error);
  if (exporter.refused() != 0) {
    tell(std::to_string(exporter.refused()) + " records are no events and were left out");
  }
  const bool whole = merge->damage().empty() && exporter.refused() == 0;
  return whole && exporter.exported() != 0 ? kAllowed : kFailed;
}

}  // namespace mcpgov::cli
