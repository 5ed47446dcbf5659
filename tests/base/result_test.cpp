// Tests of include/mcpgov/result.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

#include <cctype>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

namespace {

using mcpgov::code_name;
using mcpgov::code_sentence;
using mcpgov::Error;
using mcpgov::ErrorCode;
using mcpgov::Result;

constexpr ErrorCode all_codes[] = {
#define MCPGOV_ERROR(name, number, sentence) ErrorCode::name,
#include "mcpgov/error_codes.def"
};

TEST_CASE("result: a value is held and given back") {
  Result<std::string> result = std::string("value");
  REQUIRE(result.has_value());
  CHECK(static_cast<bool>(result));
  CHECK(result.value() == "value");
  CHECK(*result == "value");
  CHECK(result->size() == 5);
  CHECK(result.error().code == ErrorCode::none);
}

TEST_CASE("result: an error is held and is no value") {
  const Result<std::string> result = Error{ErrorCode::json_syntax, "bad", "file", 3, 4};
  CHECK_FALSE(result.has_value());
  CHECK_FALSE(static_cast<bool>(result));
  CHECK(result.error().code == ErrorCode::json_syntax);
  CHECK(result.error().line == 3);
}

TEST_CASE("result: a value that cannot be copied is moved out") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  REQUIRE(taken != nullptr);
  CHECK(*taken == 7);
}

TEST_CASE("result: success without a value") {
  const Result<void> success;
  const Result<void> failure = Error{ErrorCode::internal, {}, {}, 0, 0};
  CHECK(success.has_value());
  CHECK_FALSE(failure.has_value());
  CHECK(failure.error().code == ErrorCode::internal);
}

TEST_CASE("result: an error without a code still is an error") {
  const Result<void> failure = Error{ErrorCode::none, {}, {}, 0, 0};
  CHECK_FALSE(failure.has_value());
}

TEST_CASE("result: nothing converts to bool by itself") {
  CHECK_FALSE(std::is_convertible_v<Result<int>, bool>);
  CHECK_FALSE(std::is_convertible_v<Result<void>, bool>);
  CHECK_FALSE(std::is_convertible_v<ErrorCode, bool>);
}

TEST_CASE("error: what is not named is an internal error, not success") {
  CHECK(Error{}.code == ErrorCode::internal);
}

TEST_CASE("error: the text shows what is known and leaves out what is not") {
  struct Case {
    const char* name;
    Error error;
    std::string_view text;
  };
  const Case cases[] = {
      {"file and position",
       {ErrorCode::policy_syntax, "expected `;`", "a.cedar", 2, 7},
       "a.cedar:2:7: expected `;` [policy_syntax]"},
      {"position only",
       {ErrorCode::policy_syntax, "expected `;`", "", 2, 7},
       "2:7: expected `;` [policy_syntax]"},
      {"file only",
       {ErrorCode::file_unreadable, "no such file", "a.cedar", 0, 0},
       "a.cedar: no such file [file_unreadable]"},
      {"message only", {ErrorCode::internal, "broken", "", 0, 0}, "broken [internal]"},
      {"nothing but a code",
       {ErrorCode::json_syntax, "", "", 0, 0},
       "the body is not valid JSON [json_syntax]"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(c.error.text() == c.text);
  }
}

TEST_CASE("codes: each number and each name is used once") {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  std::size_t count = 0;
  for (const ErrorCode code : all_codes) {
    numbers.insert(static_cast<std::uint16_t>(code));
    names.insert(code_name(code));
    ++count;
  }
  CHECK(count > 100);
  CHECK(numbers.size() == count);
  CHECK(names.size() == count);
}

TEST_CASE("codes: a sentence is one line, not capitalised, without a full stop") {
  for (const ErrorCode code : all_codes) {
    const std::string_view sentence = code_sentence(code);
    CAPTURE(code_name(code));
    REQUIRE_FALSE(sentence.empty());
    CHECK_FALSE(std::isupper(static_cast<unsigned char>(sentence.front())));
    CHECK(sentence.back() != '.');
    // Denials write it into JSON as it is.
    CHECK(sentence.find_first_of("\n\r\t\"\\") == std::string_view::npos);
  }
}

TEST_CASE("codes: a number that is no code is an internal error") {
  const auto unknown = static_cast<ErrorCode>(65535);
  CHECK(code_name(unknown) == "internal");
  CHECK(code_sentence(unknown) == "an internal error");
}

}  // namespace
