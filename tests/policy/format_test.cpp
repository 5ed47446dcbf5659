// The layout of policies: each expected text is what the reference formatter (4.12) writes.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/format_document.hpp"
#include "policy/cedar/format_tokens.hpp"
#include "support/random_cedar.hpp"

namespace mcpgov::policy {
namespace {

struct Case {
  const char* sentence;
  std::uint32_t width;
  std::uint32_t indent;
  const char* text;
  const char* expected;
};

constexpr Case kCases[] = {
    {"an empty text is an empty line", 80, 2, R"()",
     R"(
)"},
    {"comments alone stay, behind an empty line", 80, 2, R"(// one

   // two   )",
     R"(
// one
// two
)"},
    {"a policy without constraints stands in one line", 80, 2,
     R"(permit(principal,action,resource);)",
     R"(permit (principal, action, resource);
)"},
    {"constraints stand in lines of their own", 80, 2,
     R"(permit(principal==User::"ann",action in[Action::"read",Action::"write"],
resource is Doc in Folder::"x");)",
     R"(permit (
  principal == User::"ann",
  action in [Action::"read", Action::"write"],
  resource is Doc in Folder::"x"
);
)"},
    {"annotations come first, one in a line", 80, 2,
     R"(@id("a")@note @if("x") forbid(principal,action,resource)
when{true};)",
     R"(@id("a")
@note
@if("x")
forbid (principal, action, resource)
when { true };
)"},
    {"policies are one empty line apart", 80, 2,
     R"(permit(principal,action,resource);permit(principal,action,resource);)",
     R"(permit (principal, action, resource);

permit (principal, action, resource);
)"},
    {"a condition that fits stays in its line", 80, 2, R"(permit(principal,action,resource)
when{context.a&&!context.b}unless{principal has "x y"};)",
     R"(permit (principal, action, resource)
when { context.a && !context.b }
unless { principal has "x y" };
)"},
    {"a condition that does not fit is broken at every && of its level", 80, 2,
     R"(permit(principal,action,resource)
when{context.alpha == "some text" && context.beta == "more text" && context.gamma has d};)",
     R"(permit (principal, action, resource)
when
{
  context.alpha == "some text" &&
  context.beta == "more text" &&
  context.gamma has d
};
)"},
    {"what is in parentheses goes on below its first character", 60, 2,
     R"(permit(principal,action,resource)
when{(context.alpha == "some text" || context.beta == "more text") && context.gamma has d.e};)",
     R"(permit (principal, action, resource)
when
{
  (context.alpha == "some text" ||
   context.beta == "more text") &&
  context.gamma has d.e
};
)"},
    {"the width is that of the options", 20, 2, R"(permit(principal,action,resource)
when{context.a&&!context.b};)",
     R"(permit
(principal, action, resource)
when
{
  context.a &&
  !context.b
};
)"},
    {"the indentation is that of the options", 20, 6,
     R"(permit(principal==User::"ann",action,resource)
when{context.alpha && context.beta};)",
     R"(permit (
      principal ==
            User::"ann",
      action,
      resource
)
when
{
      context.alpha &&
      context.beta
};
)"},
    {"records break by field, sets by item", 30, 2, R"(permit(principal,action,resource)
when{{a:[1,2,3333333333],"b c":{},d:{e:[]}} == context.record};)",
     R"(permit
(principal, action, resource)
when
{
  {
    a: [1, 2, 3333333333],
    "b c": {},
    d: { e: [] }
  } == context.record
};
)"},
    {"calls and members break together", 40, 2, R"(permit(principal,action,resource)
when{ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) && context.some.long.path.contains(1)};)",
     R"(permit (principal, action, resource)
when
{
  ip(
      "10.0.0.1"
    )
    .isInRange
    (
      ip("10.0.0.0/8")
    ) &&
  context.some.long.path.contains(1)
};
)"},
    {"an if breaks into three", 30, 2, R"(permit(principal,action,resource)
when{if context.a then context.bbbbbbbb == 1 else context.cccccccc == 2};)",
     R"(permit
(principal, action, resource)
when
{
  if
    context.a
  then
    context.bbbbbbbb == 1
  else
    context.cccccccc == 2
};
)"},
    {"arithmetic breaks behind its signs", 30, 2, R"(permit(principal,action,resource)
when{context.aaaaaaa+context.bbbbbbb*context.ccccccc - -1 > 007};)",
     R"(permit
(principal, action, resource)
when
{
  context.aaaaaaa +
  context.bbbbbbb *
  context.ccccccc -
  -1 > 7
};
)"},
    {"has, like and is break around themselves", 30, 2, R"(permit(principal,action,resource)
when{context.aaaaaaaaaaaaaaaa has bbbbbbbbbbbbbbbbb &&
"aaaaaaaaaaaaaaaa" like "bbbbbb*bbbbbb" && principal is Aaaaaaaaaaaaa in Bbbbbbb::"c"};)",
     R"(permit
(principal, action, resource)
when
{
  context.aaaaaaaaaaaaaaaa
  has
  bbbbbbbbbbbbbbbbb &&
  "aaaaaaaaaaaaaaaa"
  like
  "bbbbbb*bbbbbb" &&
  principal is Aaaaaaaaaaaaa
  in Bbbbbbb::"c"
};
)"},
    {"comparisons never break", 30, 2, R"(permit(principal,action,resource)
when{context.aaaaaaaaaaaaaaaaaaaaaa == context.bbbbbbbbbbbbbbbbbbbbb};)",
     R"(permit
(principal, action, resource)
when
{
  context.aaaaaaaaaaaaaaaaaaaaaa == context.bbbbbbbbbbbbbbbbbbbbb
};
)"},
    {"comments keep their places", 80, 2, R"(// first
@id("a") // of the id
// before permit
permit( // of the parenthesis
 principal, // of the comma
 action, resource)
// before when
when { // of the brace
 // before a
 context.a // of a
 && // of and
 context.b } // of the end
; // of the policy
// last)",
     R"(// first
@id("a") // of the id
// before permit
permit
( // of the parenthesis
principal, // of the comma
  action, resource)
// before when
when
{ // of the brace
  // before a
  context.a // of a
   && // of and
  context.b
} // of the end
; // of the policy
// last
)"},
    {"a comment at the end of a line ends the line", 80, 2, R"(permit(principal == // c
User:: // d
"ann",action,resource);)",
     R"(permit (
  principal
  == // c
    User:: // d
    "ann",
  action,
  resource
);
)"},
    {"strings keep their lines and their blank lines", 80, 2, R"(permit(principal,action,resource)
when{context.a == "one

  two" && // "no string
 context.b};)",
     R"(permit (principal, action, resource)
when
{
  context.a == "one

  two" && // "no string
  context.b
};
)"},
    {"blank lines between anything else go", 80, 2, R"(permit(

principal,

// a

// b

action,resource)


when

{

true};


)",
     R"(permit (principal, 
  // a
  // b
  action, resource)
when { true };
)"},
    {"templates are laid out too", 80, 2,
     R"(permit(principal in ?principal,action,resource is Doc in ?resource);)",
     R"(permit (
  principal in ?principal,
  action,
  resource is Doc in ?resource
);
)"},
    {"a carriage return ends a comment as well", 80, 2,
     "permit(principal, // a\r action, resource);",
     R"(permit (principal, // a
  action, resource);
)"},
    {"four exclamation marks are no word", 80, 2, R"(permit(principal,action,resource)
when{!!!!(true)&&----1==1};)",
     R"(permit (principal, action, resource)
when { !!!!(true) && ----1 == 1 };
)"},
    {"a trailing comma goes", 80, 2, R"(permit(principal,action,resource,)
when{[1,2,] == [{a:1,},]&&ip("::1",)==context.b};)",
     R"(permit (principal, action, resource)
when { [1, 2] == [{ a: 1 }] && ip("::1") == context.b };
)"},
};

constexpr auto kAsReference = FormatOptions::Comments::as_reference;

std::string formatted(std::string_view text, const FormatOptions& options = {}) {
  const Result<std::string> out = format({"f.cedar", std::string(text)}, options);
  return out ? *out : out.error().text();
}

std::string condition(std::string_view body) {
  return "permit (principal, action, resource)\nwhen { " + std::string(body) + " };\n";
}

std::vector<std::string> comments_of(std::string_view text) {
  const cedar::Words words = cedar::words_of(text);
  std::vector<std::string> out(words.comments.begin(), words.comments.end());
  for (const cedar::Word& word : words.words) {
    if (!word.trailing.empty()) out.emplace_back(word.trailing);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The text with a numbered comment behind some words, of which some end the line before them.
std::string commented(std::string_view text, cedar::Choices& choices) {
  std::string out;
  int number = 0;
  std::size_t end = 0;
  cedar::Lexer lexer(text);
  for (cedar::Lexeme at = lexer.next(); at.token != cedar::Token::end; at = lexer.next()) {
    if (at.token == cedar::Token::failed) return {};
    out += text.substr(end, at.offset - end);
    end = at.offset;
    if (!choices.one_in(6)) continue;
    out += choices.one_in(2) ? "\n// c" : " // c";
    out += std::to_string(++number) + "\n";
  }
  return out += text.substr(end);
}

}  // namespace

TEST_CASE("format: policies are laid out as the reference formatter does") {
  for (const Case& each : kCases) {
    CAPTURE(each.sentence);
    const FormatOptions options{each.width, each.indent, kAsReference};
    CHECK(formatted(each.text, options) == each.expected);
    // What is laid out stays as it is.
    CHECK(formatted(each.expected, options) == each.expected);
  }
}

TEST_CASE("format: a comment beside a trailing comma stays, unless the reference is asked for") {
  struct Kept {
    const char* text;
    const char* kept;
    const char* as_reference;
  };
  const Kept cases[] = {
      {"permit(principal, action, resource) when { context.a.containsAll([1, // one\n2, // two\n]) "
       "};",
       R"(permit (principal, action, resource)
when
{
  context.a
    .containsAll
    (
      [1, // one
       2 // two
      ]
    )
};
)",
       R"(permit (principal, action, resource)
when
{
  context.a
    .containsAll
    (
      [1, // one
       2]
    )
};
)"},
      {"permit(principal, action, resource // r\n, // comma\n) // end\n;",
       R"(permit (principal, action, resource // r
// comma
) // end
;
)",
       R"(permit (principal, action, resource // r
) // comma
;
)"},
  };
  for (const Kept& each : cases) {
    CAPTURE(each.text);
    CHECK(formatted(each.text) == each.kept);
    CHECK(formatted(each.text, {80, 2, kAsReference}) == each.as_reference);
  }
}

TEST_CASE("format: what cannot be read is told with its place, and odd options are refused") {
  struct Refusal {
    const char* text;
    ErrorCode code;
    std::uint32_t line;
  };
  const Refusal cases[] = {
      {"permit(principal, action, resource)", ErrorCode::policy_syntax, 1},
      {"permit(principal, action, resource) when { 1 + };", ErrorCode::policy_syntax, 1},
      {"\n\npermit(principal, action);", ErrorCode::policy_syntax, 3},
      {"permit(principal, action, resource) /* no comment */;", ErrorCode::policy_syntax, 1},
      {"permit(principal, action, resource) when { \"open };", ErrorCode::policy_token, 1},
      {"permit(principal, action, resource) when { 18446744073709551616 == 1 };",
       ErrorCode::policy_integer_range, 1},
      {"// \xff\n", ErrorCode::policy_token, 1},
  };
  for (const Refusal& each : cases) {
    CAPTURE(each.text);
    const Result<std::string> out = format({"f.cedar", each.text});
    REQUIRE_FALSE(out.has_value());
    CHECK(code_name(out.error().code) == code_name(each.code));
    CHECK(out.error().line == each.line);
    CHECK(out.error().file == "f.cedar");
  }
  CHECK(format({"f", ""}, {65536, 2, kAsReference}).error().code == ErrorCode::config_value);
  CHECK(format({"f", ""}, {80, 256, kAsReference}).error().code == ErrorCode::config_value);
}

TEST_CASE("format: random policies with random comments keep all of them, and are stable") {
  std::size_t with_comments = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    cedar::RandomCedar random{cedar::Choices(seed)};
    cedar::Choices choices(seed);
    const std::string text = commented(random.policy() + random.policy(), choices);
    CAPTURE(text);
    const FormatOptions options{20 + choices.of(80), choices.of(5)};
    const Result<std::string> out = format({"f", text}, options);
    if (!out) {
      // The generator writes some that are no policies; the layout is never at fault.
      CHECK(out.error().code != ErrorCode::internal);
      continue;
    }
    CHECK(comments_of(*out) == comments_of(text));
    // Laid out again, it is the same.
    const Result<std::string> again = format({"f", *out}, options);
    REQUIRE(again.has_value());
    CHECK(*again == *out);
    with_comments += comments_of(text).empty() ? 0 : 1;
  }
  CHECK(with_comments > 300);
}

TEST_CASE("format: a long chain is measured line by line, not again and again") {
  std::string body = "true";
  for (int i = 0; i < 20'000; ++i) body += " && context.attribute_of_a_name has some_thing";
  const std::string out = formatted(condition(body), {65535, 2});
  CHECK(std::count(out.begin(), out.end(), '\n') == 20'005);
}

TEST_CASE("format: nesting up to the reader's limit is laid out, beyond it refused") {
  const auto nested = [](std::size_t depth) {
    return condition(std::string(depth, '(') + "true" + std::string(depth, ')'));
  };
  CHECK(format({"f", nested(200)}).has_value());
  CHECK(format({"f", nested(2000)}).error().code == ErrorCode::policy_too_deep);
}

}  // namespace mcpgov::policy
