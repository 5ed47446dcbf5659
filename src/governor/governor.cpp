// Opening a governor, and replacing what it decides by.
// Tested by tests/governor/governor_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/governor.hpp"

#include "base/os_file.hpp"
#include "base/os_log_file.hpp"
#include "base/os_time.hpp"
#include "governor/governor_core.hpp"
#include "governor/session_core.hpp"

namespace mcpgov {

namespace {

constexpr std::size_t kConfigBytes = 4 * 1024 * 1024;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? std::string() : path.substr(0, slash == 0 ? 1 : slash);
}

// A sink that has not started yet has taken nothing, and its folder says so to retention.
Result<void> make_sink_folders(const AuditConfig& config) {
  const std::string sinks = config.log.directory + "/sinks";
  std::vector<std::string> folders = {config.log.directory, sinks};
  for (const std::string& name : config.sink_folders) folders.push_back(sinks + "/" + name);
  for (const std::string& folder : folders) {
    const int error = local_files().make_folder(folder);
    if (error == 0) continue;
    return Error{ErrorCode::audit_open, "cannot make `" + folder + "`: " + io_error_text(error),
                 folder, 0, 0};
  }
  return {};
}

Result<std::unique_ptr<audit::Sink>> open_log(const AuditConfig& config) {
  if (!config.sink_folders.empty()) {
    if (auto made = make_sink_folders(config); !made) return made.error();
  }
  auto log = audit::Log::open(config.log);
  if (!log) return log.error();
  return std::unique_ptr<audit::Sink>(*std::move(log));
}

// The sink of the options, or of the configuration. Without either nothing could be recorded, which
// only a configuration that says so may accept.
Result<std::unique_ptr<audit::Sink>> open_sink(const AuditConfig& config, const std::string& file,
                                               GovernorOptions& options) {
  if (options.sink) return std::move(options.sink);
  if (!config.file.empty()) return audit::open_file(config.file);
  if (!config.log.directory.empty()) return open_log(config);
  if (!config.required) return std::unique_ptr<audit::Sink>();
  return Error{
      ErrorCode::config_missing_key,
      "`audit.directory` is missing: name a folder for the log of records, or a `file` for "
      "plain lines, or say `required: false` under `audit` to go without",
      file, 0, 0};
}

}  // namespace

Governor::Governor(std::shared_ptr<detail::GovernorCore> core) noexcept : core_(std::move(core)) {}

Governor::~Governor() = default;

namespace {

Result<std::shared_ptr<detail::GovernorCore>> build(std::string_view text, const std::string& file,
                                                    const std::string& directory,
                                                    const std::string& path,
                                                    GovernorOptions options) {
  // The JSON parser chooses its instructions at its first use, with memory that a request could not
  // do without: it happens here, where set-up may fail.
  wire::Parser().parse("{}", {});
  auto config = read_config(text, file, directory);
  if (!config) return config.error();
  auto sink = open_sink(config->audit, file, options);
  if (!sink) return sink.error();
  const std::uint64_t now_us =
      options.now_us == nullptr ? wall_clock_us() : options.now_us(options.now_context);
  auto snapshot = detail::build_snapshot(*std::move(config), 1, now_us);
  if (!snapshot) return snapshot.error();
  return std::make_shared<detail::GovernorCore>(*std::move(snapshot), *std::move(sink), options,
                                                path);
}

}  // namespace

audit::Log* Governor::log() const noexcept {
  return dynamic_cast<audit::Log*>(core_->sink());
}

std::string Governor::sinks_json() const {
  return core_->snapshot()->config.audit.sinks_json;
}

Result<Governor> Governor::open(const std::string& path, GovernorOptions options) {
  auto text = read_file(path, kConfigBytes);
  if (!text) return text.error();
  auto core = build(*text, path, folder_of(path), path, std::move(options));
  if (!core) return core.error();
  return Governor(*std::move(core));
}

Result<Governor> Governor::parse(std::string_view text, const std::string& directory,
                                 GovernorOptions options) {
  auto core = build(text, "<configuration>", directory, {}, std::move(options));
  if (!core) return core.error();
  return Governor(*std::move(core));
}

Session Governor::session(const SessionOptions& options) const {
  return Session(std::make_shared<detail::SessionCore>(core_, options));
}

Result<Generation> Governor::replace(std::string_view text, const std::string& directory) {
  return core_->replace(text, "<configuration>", directory);
}

Result<Generation> Governor::reload() {
  if (core_->path().empty()) {
    return Error{
        ErrorCode::file_unreadable, "the configuration did not come from a file", {}, 0, 0};
  }
  auto text = read_file(core_->path(), kConfigBytes);
  if (!text) return text.error();
  return core_->replace(*text, core_->path(), folder_of(core_->path()));
}

Generation Governor::generation() const {
  const auto snapshot = core_->snapshot();
  return {snapshot->number, snapshot->digest, snapshot->warnings};
}

identity::Verifier Governor::verifier() const {
  const auto snapshot = core_->snapshot();
  if (snapshot->config.verifier) return *snapshot->config.verifier;
  return *identity::Verifier::from_json("{}");
}

Result<void> Governor::reopen() {
  if (core_->reopen()) return {};
  return Error{ErrorCode::forked, "the records cannot be written in this process", {}, 0, 0};
}

}  // namespace mcpgov
