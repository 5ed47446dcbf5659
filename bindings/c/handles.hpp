// What the opaque types of mcpgov.h are, and how structs of older and newer hosts are read.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "mcpgov.h"
#include "mcpgov/mcpgov.hpp"

struct mcpgov_governor {
  mcpgov::Governor governor;
};
struct mcpgov_session {
  mcpgov::Session session;
};
struct mcpgov_caller {
  mcpgov::Caller caller;
};
struct mcpgov_verdicts {
  mcpgov::Verdicts verdicts;
};
struct mcpgov_reply {
  mcpgov::Reply reply;
};

namespace mcpgov::c {

inline std::string_view view(mcpgov_str text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.size);
}
inline mcpgov_str str(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// A mcpgov_verdict is a Verdict under a name that C can say.
inline Verdict* open(mcpgov_verdict* verdict) noexcept {
  return reinterpret_cast<Verdict*>(verdict);
}
inline const Verdict& shown(const mcpgov_verdict* verdict) noexcept {
  static const Verdict spent;
  return verdict == nullptr ? spent : *reinterpret_cast<const Verdict*>(verdict);
}

// What receive gives when there is no memory for more. All threads share it, so that nothing may be
// moved out of its verdict.
inline mcpgov_verdicts* without_memory() noexcept {
  static mcpgov_verdicts shared;
  return &shared;
}
inline bool is_shared(const mcpgov_verdict* verdict) noexcept {
  return verdict != nullptr && &shown(verdict) == without_memory()->verdicts.begin();
}

// A mcpgov_fetch is a Fetch in the same way.
inline const mcpgov_fetch* handle(const identity::Fetch* fetch) noexcept {
  return reinterpret_cast<const mcpgov_fetch*>(fetch);
}

inline std::int32_t number(ErrorCode code) noexcept {
  return static_cast<std::int32_t>(code);
}

// Reads a struct that starts with struct_size: zero for what an older host does not have. False
// when it is no such struct, or a newer host asks for something that this library does not know.
template <class T>
bool read_struct(const T* from, T& out) noexcept {
  out = T{};
  if (from == nullptr) return false;
  std::uint32_t size = 0;
  std::memcpy(&size, from, sizeof size);
  if (size < sizeof size) return false;
  std::memcpy(&out, from, std::min<std::size_t>(size, sizeof(T)));
  const auto* const bytes = reinterpret_cast<const unsigned char*>(from);
  for (std::size_t at = sizeof(T); at < size; ++at) {
    if (bytes[at] != 0) return false;
  }
  return true;
}

// Fills what the host's struct has room for; its size stays.
template <class T>
void fill_struct(T* out, T value) noexcept {
  if (out == nullptr || out->struct_size < sizeof out->struct_size) return;
  value.struct_size = out->struct_size;
  std::memcpy(out, &value, std::min<std::size_t>(out->struct_size, sizeof(T)));
}

// Copies a text, cut between characters, and closes it with NUL. size: of the buffer, at least 1.
inline void copy_text(std::string_view text, char* buffer, std::size_t size) noexcept {
  std::size_t count = std::min(text.size(), size - 1);
  // 10xxxxxx continues a character (RFC 3629 section 3).
  while (count < text.size() && count != 0 && (text[count] & 0xC0) == 0x80) --count;
  if (count != 0) std::memcpy(buffer, text.data(), count);
  buffer[count] = '\0';
}

// Tells the host what went wrong, and gives the code back.
inline std::int32_t tell(mcpgov_error* error, ErrorCode code, std::string_view message,
                         const Error& where = {}) noexcept {
  mcpgov_error out = {};
  out.code = number(code);
  out.line = where.line;
  out.column = where.column;
  copy_text(message, out.message, sizeof out.message);
  copy_text(where.file, out.file, sizeof out.file);
  fill_struct(error, out);
  return out.code;
}
inline std::int32_t tell(mcpgov_error* error, const Error& why) noexcept {
  return tell(error, why.code, why.message, why);
}

// Runs set-up, which may throw std::bad_alloc; the C side never sees it. `body` returns its result,
// `failed` is given for an exception.
template <class Body, class Value>
Value guarded(mcpgov_error* error, Value failed, Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    tell(error, ErrorCode::out_of_memory, code_sentence(ErrorCode::out_of_memory));
  } catch (...) {
    tell(error, ErrorCode::internal, code_sentence(ErrorCode::internal));
  }
  return failed;
}

}  // namespace mcpgov::c
