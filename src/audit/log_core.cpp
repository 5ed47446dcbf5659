// One open log of one process: opening, closing, and the side of those who are answered.
// Tested by tests/audit/log_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_core.hpp"

#include <algorithm>
#include <chrono>
#include <new>

#include "audit/log_folder.hpp"
#include "audit/log_recovery.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

std::uint64_t now_ns() noexcept {
  return wall_clock_us() * 1000;
}

// For the health; the frames say more.
std::string summary(const std::vector<Error>& left, const std::vector<std::string>& notices) {
  std::string out;
  if (!left.empty()) {
    out = std::to_string(left.size()) +
          " logs of dead processes are not recovered: " + left.front().message;
  }
  for (const std::string& each : notices) out += (out.empty() ? "" : "; ") + each;
  return out;
}

// What a log writes before anybody may use it: its own first record, and what the rings of logs
// still held that can take nothing any more.
class FirstBatches {
 public:
  FirstBatches(LogStream& stream, Encoder& encoder) : stream_(stream), encoder_(encoder) {}

  void add(FrameType type, std::string_view payload) {
    encoder_.add_frame(batch_, type, payload, now_ns());
  }
  // What nobody could recover is told of again by each process until somebody can.
  bool begin(std::string_view config, const std::vector<Error>& left) {
    add(FrameType::config, config);
    constexpr std::size_t kMost = 100;  // of frames; more tell nothing new
    for (std::size_t each = 0; each < std::min(kMost, left.size()); ++each) {
      add(FrameType::recovery, left_payload(left[each], now_ns()));
    }
    return write();
  }
  bool add_orphans(RecoveredLog& log) {
    const auto take = [this](Batch&) { return write(); };
    if (!replay(*log.orphans, log.recovery.last_seq, log.replayed_before, encoder_, batch_, log,
                take))
      return false;
    add(FrameType::recovery,
        recovery_payload(log.recovery, log.name, now_ns(), log.replayed, log.unknown));
    return write() && stream_.sync(now_ns());
  }
  bool write() {
    if (batch_.frames.empty()) return true;
    auto batch = std::make_unique<Batch>(std::move(batch_));
    batch_ = {};
    return stream_.write(std::move(batch), now_ns());
  }

 private:
  LogStream& stream_;
  Encoder& encoder_;
  Batch batch_;
};

}  // namespace

Result<std::unique_ptr<LogCore>> LogCore::open(const LogSettings& settings, FileSystem& files,
                                               const std::string& parent) {
  if (auto checked = check_settings(settings); !checked) return checked.error();
  auto made = make_directory(settings, files);
  if (!made) return made.error();
  auto keys = load_keys(settings);
  if (!keys) return keys.error();
  std::unique_ptr<LogCore> core(new LogCore(settings, files));
  core->set_classes();
  core->keys_ = *std::move(keys);
  core->keys_->notices.insert(core->keys_->notices.end(), made->begin(), made->end());
  if (auto started = core->start(parent); !started) {
    core->ring_.reset();  // there are no threads yet
    return started.error();
  }
  return core;
}

void LogCore::set_classes() {
  for (std::size_t at = 0; at < kToolClasses; ++at) {
    const bool intent = settings_.intent[at];
    modes_[at] = intent ? std::max(settings_.mode, Mode::durable) : settings_.mode;
    waits_[at] = modes_[at] != Mode::ring;
    any_acked_ = any_acked_ || modes_[at] == Mode::acked;
  }
}

Result<void> LogCore::make_captures() {
  auto for_callers = make_capture(settings_, *keys_);
  if (!for_callers) return for_callers.error();
  auto capture = make_capture(settings_, *keys_);
  if (!capture) return capture.error();
  for_callers_ = std::make_unique<Capture>(*std::move(for_callers));
  wants_all_ = for_callers_->wants_all();
  encoder_ = std::make_unique<Encoder>(*std::move(capture));
  return {};
}

Result<void> LogCore::start(const std::string& parent) {
  if (auto made = make_captures(); !made) return made.error();
  LeftLogs dead = recover_left_logs(settings_, files_, *keys_);
  left_ = summary(dead.left, keys_->notices);
  auto place = make_place(settings_, files_, keys_->signer);
  if (!place) return place.error();
  place_ = *std::move(place);
  ConfigFrame config{wall_clock_us(), place_.name, parent, list_siblings(settings_, place_.name),
                     keys_->notices};
  if (replace_durably(files_, path_in(place_.folder, kRingFile), place_.ring) != 0) {
    return Error{ErrorCode::audit_open, "cannot write to `" + place_.folder + "`", place_.folder, 0,
                 0};
  }
  auto ring =
      Ring::create({place_.ring, settings_.ring_bytes, settings_.max_stall_ms, place_.uuid});
  if (!ring) return ring.error();
  ring_ = *std::move(ring);
  auto stream =
      LogStream::open({&files_, place_.folder, place_.spare, settings_.segment_bytes,
                       std::uint64_t{settings_.segment_s} * 1'000'000'000, settings_.reserve_bytes,
                       place_.uuid, place_.origin, settings_digest(settings_)},
                      keys_->signer, now_ns());
  if (!stream) {
    ring_->remove();
    return Error{ErrorCode::audit_open, stream.error().message, stream.error().file, 0, 0};
  }
  stream_ = *std::move(stream);
  encoder_->set_salt(stream_->salt());
  FirstBatches first(*stream_, *encoder_);
  bool written = first.begin(config_payload(settings_, config), dead.left);
  for (RecoveredLog& log : dead.recovered) {
    left_folders_.push_back(log.folder);
    if (!log.orphans || !written) continue;
    written = first.add_orphans(log);
    if (written) remove_ring(files_, log.folder);
  }
  if (!written || !stream_->sync(now_ns())) {
    ring_->remove();
    return Error{ErrorCode::audit_open,
                 "cannot write to `" + place_.folder + "`: " + stream_->detail(), place_.folder, 0,
                 0};
  }
  stream_->freed().clear();
  stream_->spent().clear();
  publish();
  metrics_ = std::make_unique<Metrics>(wall_clock_us());
  empty_.reserve(64);
  full_.reserve(kMaxFull);
  batch_ = fresh_batch();
  (void)clock_.step_ms();
  encoder_thread_ = std::thread([this] { encode_loop(); });
  writer_thread_ = std::thread([this] { write_loop(); });
  tidy_thread_ = std::thread([this] { tidy_loop(); });
  return {};
}

LogCore::~LogCore() {
  if (!encoder_thread_.joinable()) return;
  const auto stop = [this](bool& flag, std::condition_variable& wakes, std::thread& thread) {
    {
      const std::lock_guard hold(lock_);
      flag = true;
    }
    wakes.notify_all();
    room_.notify_all();
    thread.join();
  };
  stop(stop_encoder_, encoder_wakes_, encoder_thread_);
  stop(stop_writer_, writer_wakes_, writer_thread_);
  stop(stop_tidy_, tidy_wakes_, tidy_thread_);
  if (!closed_) return;
  remove_ring(files_, place_.folder);
}

void LogCore::abandon() noexcept {
  place_.lock.release();
  tidy_lock_.release();
  stream_->release_lock();
  ring_->forget();
}

// Content that callers hand over: none that no rule wants, and what is never stored not even in a
// ring that is on a disk.
Handed LogCore::handed(std::string_view text, bool wanted) noexcept {
  if (text.empty() || !wanted) return {};
  if (ring_->on_memory()) return {text, false};
  thread_local std::string kept;
  try {
    kept.clear();
    if (for_callers_->drop_places(text, kept)) return {kept, false};
  } catch (const std::bad_alloc&) {
    // Nothing of it may be kept.
  }
  return {{}, true};
}

ErrorCode LogCore::begin(const Record& record, const Completion* closed, Ticket& ticket) noexcept {
  // Denials are recorded as long as there is room in the ring.
  // A message without an answer that is let through has ended with its beginning, and goes on.
  const bool goes_on = closed == nullptr || record.allowed;
  if (goes_on && state_.load(std::memory_order_relaxed) == State::failed) {
    return ErrorCode::audit_unavailable;
  }
  const std::string_view tool = record.target_kind == "tool" ? record.target : std::string_view();
  unsigned flags = 0;
  if (closed == nullptr && waits(record.tool_class)) flags |= kWantsIntent;
  const bool wants_result = wants_all_ || for_callers_->wants(tool, true);
  if (!wants_result) flags |= kNoResult;
  const Handed arguments = handed(record.arguments, wants_all_ || for_callers_->wants(tool, false));
  Handed result;
  if (closed != nullptr && wants_result && !closed->result.empty()) {
    // The arguments may be in the memory that handed() uses.
    if (!arguments.text.empty() && !ring_->on_memory()) {
      result.gone = true;
    } else {
      result = handed(closed->result, true);
    }
  }
  const ErrorCode code =
      ring_->begin(record, closed, arguments, static_cast<std::uint16_t>(flags), ticket, result);
  if (code == ErrorCode::none && (flags & kWantsIntent) != 0) wake_encoder();
  return code;
}

void LogCore::end(const Ticket& ticket, const Completion& completion) noexcept {
  ring_->end(ticket, completion, handed(completion.result, true));
}

void LogCore::wake_encoder() noexcept {
  {
    const std::lock_guard hold(lock_);
    urgent_ = true;
  }
  encoder_wakes_.notify_one();
}

std::uint64_t LogCore::reached(ToolClass tool_class) const noexcept {
  switch (modes_[index_of(tool_class)]) {
    case Mode::ring: return ~std::uint64_t{0};
    case Mode::written: return written_.load(std::memory_order_acquire);
    case Mode::durable: return durable_.load(std::memory_order_acquire);
    case Mode::acked: return acked_.load(std::memory_order_acquire);
  }
  return 0;
}

bool LogCore::settled(const Ticket& ticket) const noexcept {
  std::uint64_t seq = 0;
  ToolClass tool_class{};
  if (!ring_->intent_seq(ticket, seq, tool_class)) return false;
  if (!waits(tool_class)) return true;
  return seq != 0 && seq <= reached(tool_class);
}

bool LogCore::wait(const Ticket& ticket, std::uint32_t within_ms) noexcept {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
  std::unique_lock hold(lock_);
  while (!settled(ticket)) {
    if (reached_.wait_until(hold, until) == std::cv_status::timeout) return settled(ticket);
  }
  return true;
}

bool LogCore::flush(std::uint32_t within_ms) noexcept {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(within_ms);
  std::unique_lock hold(lock_);
  const std::uint64_t mine = ++flush_wanted_;
  encoder_wakes_.notify_one();
  const auto done = [&] {
    return flush_taken_ >= mine && durable_.load(std::memory_order_acquire) >= flush_seq_;
  };
  return reached_.wait_until(hold, until, done);
}

Health LogCore::health() const {
  const RingUse use = ring_->use();
  Health health;
  health.state = state_.load();
  health.begun = use.begun;
  health.ended = use.ended;
  health.open = use.begun - std::min(use.begun, use.ended);
  health.stored = stored_records_.load();
  health.durable = durable_records_.load();
  health.lost = lost_.load();
  health.missed = missed_.load();
  health.stalls = use.stalls;
  health.stalled_ns = use.stalled_ns;
  health.ring_bytes = use.bytes;
  health.sync_p99_us = sync_times_.p99_us();
  (void)files_.free_bytes(place_.folder, health.disk_free_bytes);
  health.log = place_.name;
  const std::lock_guard hold(lock_);
  health.detail = detail_.empty() ? left_ : detail_;
  return health;
}

std::string LogCore::metrics() const {
  const Health now = health();
  return prometheus_text(metrics_->snapshot(), &now);
}

std::string LogCore::metrics_otlp() const {
  const Health now = health();
  ProjectionSettings settings;
  // Counts of two processes would else be one series, which jumps from one to the other.
  settings.service_instance = now.log;
  return otlp_metrics(metrics_->snapshot(), &now, wall_clock_us(), settings);
}

}  // namespace mcpgov::audit
