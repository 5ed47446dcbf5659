// Errors and results: what set-up returns when it cannot be done, and the codes why.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#if defined(__clang__)
#define MCPGOV_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define MCPGOV_LIFETIME_BOUND
#endif

#if defined(_WIN32)
#define MCPGOV_API
#else
#define MCPGOV_API [[gnu::visibility("default")]]
#endif

namespace mcpgov {

// Why something failed or was denied: the names of mcpgov/error_codes.def. none: it did not.
enum class ErrorCode : std::uint16_t {
#define MCPGOV_ERROR(name, number, sentence) name = (number),
#include "mcpgov/error_codes.def"
};

// The code's name, `json_syntax`. Static storage. Unknown numbers give `internal`.
MCPGOV_API std::string_view code_name(ErrorCode code) noexcept;

// The code's sentence, lower case, without a full stop. Static storage; safe to show to callers.
MCPGOV_API std::string_view code_sentence(ErrorCode code) noexcept;

// Why set-up failed. message: one lower-case sentence, user text in backticks, no secrets.
// file is empty and line is 0 where there is no text to point at; line and column count from 1,
// column in bytes.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // `file:line:column: message [code]`, leaving out what is absent.
  MCPGOV_API std::string text() const;
};

// A value or the reason why there is none; spelled like std::expected, one type in every language
// mode. Reading the value of a failed result is a programming error and terminates.
// Threads: thread-compatible.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  const T& value() const& noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  T&& value() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(*checked()); }
  T& operator*() & noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  const T& operator*() const& noexcept MCPGOV_LIFETIME_BOUND { return *checked(); }
  T&& operator*() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(*checked()); }
  T* operator->() noexcept MCPGOV_LIFETIME_BOUND { return checked(); }
  const T* operator->() const noexcept MCPGOV_LIFETIME_BOUND { return checked(); }

  const Error& error() const& noexcept MCPGOV_LIFETIME_BOUND { return error_; }
  Error&& error() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(error_); }

 private:
  // Moving out of an absent value would be undefined; std::terminate is the defined answer.
  T* checked() noexcept {
    if (!value_) std::terminate();
    return &*value_;
  }
  const T* checked() const noexcept {
    if (!value_) std::terminate();
    return &*value_;
  }

  std::optional<T> value_;
  Error error_{ErrorCode::none, {}, {}, 0, 0};
};

// Success without a value, or the reason why there is none.
// Threads: thread-compatible.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}  // NOLINT

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }
  const Error& error() const& noexcept MCPGOV_LIFETIME_BOUND { return error_; }
  Error&& error() && noexcept MCPGOV_LIFETIME_BOUND { return std::move(error_); }

 private:
  Error error_{ErrorCode::none, {}, {}, 0, 0};
  bool failed_ = false;
};

}  // namespace mcpgov
