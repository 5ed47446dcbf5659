// The set-up part of the C ABI: library, governor, callers.
// Tested by tests/c/abi_test.c
//
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "handles.hpp"

using namespace mcpgov::c;
using mcpgov::ErrorCode;

namespace {

// The host's callback as the library calls it.
struct HostSink {
  mcpgov_options host;

  static bool write(void* self, std::string_view line) noexcept {
    const mcpgov_options& host = static_cast<HostSink*>(self)->host;
    return host.write(host.context, str(line)) != 0;
  }
  static void release(void* self) noexcept {
    const std::unique_ptr<HostSink> owned(static_cast<HostSink*>(self));
    let_go(owned->host);
  }
  static void let_go(const mcpgov_options& host) noexcept {
    if (host.release != nullptr) host.release(host.context);
  }
};

// False: the options are none.
bool read_options(const mcpgov_options* from, mcpgov::GovernorOptions& out) {
  mcpgov_options host;
  if (from == nullptr) return true;
  if (!read_struct(from, host)) return false;
  if (host.write == nullptr) return true;
  auto* const sink = new (std::nothrow) HostSink{host};
  if (sink == nullptr) {
    HostSink::let_go(host);
    throw std::bad_alloc();
  }
  out.sink = mcpgov::audit::to_callback(&HostSink::write, sink, &HostSink::release);
  return true;
}

template <class Open>
mcpgov_governor* open_governor(const mcpgov_options* options, mcpgov_error* error, Open open) {
  return guarded(error, static_cast<mcpgov_governor*>(nullptr), [&]() -> mcpgov_governor* {
    mcpgov::GovernorOptions read;
    if (!read_options(options, read)) {
      tell(error, ErrorCode::internal, "the options are none of this library");
      return nullptr;
    }
    auto opened = open(std::move(read));
    if (!opened) {
      tell(error, opened.error());
      return nullptr;
    }
    return new mcpgov_governor{*std::move(opened)};
  });
}

template <class Renew>
std::int32_t renew(mcpgov_governor* governor, mcpgov_error* error, Renew renewal) {
  if (governor == nullptr) return tell(error, ErrorCode::internal, "there is no governor");
  std::int32_t code = number(ErrorCode::out_of_memory);
  return guarded(error, code, [&] {
    auto renewed = renewal(governor->governor);
    return renewed ? number(ErrorCode::none) : tell(error, renewed.error());
  });
}

// A number beyond those of ErrorCode must not wrap around to `none`.
ErrorCode code_of(std::int32_t code) noexcept {
  return code < 0 || code > UINT16_MAX ? ErrorCode::internal : static_cast<ErrorCode>(code);
}

// Stands in for every text that is no caller: an identity that no check accepts.
mcpgov_caller* refused_caller() noexcept {
  static mcpgov_caller refused = [] {
    mcpgov_caller out;
    out.caller.kind = mcpgov::CallerKind::user;
    return out;
  }();
  return &refused;
}

}  // namespace

extern "C" {

uint32_t mcpgov_abi(void) {
  return MCPGOV_ABI;
}

const char* mcpgov_version(void) {
  return MCPGOV_VERSION;
}

mcpgov_str mcpgov_code_name(int32_t code) {
  return str(mcpgov::code_name(code_of(code)));
}

mcpgov_str mcpgov_code_sentence(int32_t code) {
  return str(mcpgov::code_sentence(code_of(code)));
}

mcpgov_governor* mcpgov_governor_open(mcpgov_str path, const mcpgov_options* options,
                                      mcpgov_error* error) {
  return open_governor(options, error, [&](mcpgov::GovernorOptions&& read) {
    return mcpgov::Governor::open(std::string(view(path)), std::move(read));
  });
}

mcpgov_governor* mcpgov_governor_parse(mcpgov_str text, mcpgov_str directory,
                                       const mcpgov_options* options, mcpgov_error* error) {
  return open_governor(options, error, [&](mcpgov::GovernorOptions&& read) {
    return mcpgov::Governor::parse(view(text), std::string(view(directory)), std::move(read));
  });
}

int32_t mcpgov_governor_reload(mcpgov_governor* governor, mcpgov_error* error) {
  return renew(governor, error, [](mcpgov::Governor& open) { return open.reload(); });
}

int32_t mcpgov_governor_replace(mcpgov_governor* governor, mcpgov_str text, mcpgov_str directory,
                                mcpgov_error* error) {
  return renew(governor, error, [&](mcpgov::Governor& open) {
    return open.replace(view(text), std::string(view(directory)));
  });
}

uint64_t mcpgov_governor_generation(const mcpgov_governor* governor, mcpgov_generation* out) {
  fill_struct(out, mcpgov_generation{});
  if (governor == nullptr) return 0;
  return guarded(nullptr, uint64_t{0}, [&] {
    const mcpgov::Generation now = governor->governor.generation();
    mcpgov_generation shown = {};
    shown.number = now.number;
    shown.warnings = static_cast<uint32_t>(now.warnings.size());
    copy_text(now.digest, shown.digest, sizeof shown.digest);
    fill_struct(out, shown);
    return now.number;
  });
}

size_t mcpgov_governor_warning(const mcpgov_governor* governor, size_t index, char* buffer,
                               size_t size) {
  const bool room = buffer != nullptr && size != 0;
  if (room) buffer[0] = '\0';
  if (governor == nullptr) return 0;
  return guarded(nullptr, size_t{0}, [&] {
    const mcpgov::Generation now = governor->governor.generation();
    if (index >= now.warnings.size()) return size_t{0};
    if (room) copy_text(now.warnings[index], buffer, size);
    return now.warnings[index].size();
  });
}

void mcpgov_governor_free(mcpgov_governor* governor) {
  delete governor;
}

mcpgov_caller* mcpgov_caller_parse(mcpgov_str json, mcpgov_error* error) {
  return guarded(error, refused_caller(), [&] {
    auto read = mcpgov::Caller::from_json(view(json));
    if (read) return new mcpgov_caller{*std::move(read)};
    tell(error, read.error());
    return refused_caller();
  });
}

void mcpgov_caller_free(mcpgov_caller* caller) {
  if (caller != refused_caller()) delete caller;
}

}  // extern "C"
