// The digits of a document's numbers, by their position among its numbers.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "request/number_texts.hpp"

namespace {

using mcpgov::request::NumberTexts;

TEST_CASE("numbers: digits inside strings and names are no numbers") {
  NumberTexts texts(R"({"1":"2","a\"3":-4.50e+1,"b":["5\\",6,"\\\"7",8E-2],"c":{"9":10}} )");
  CHECK(texts.at(0) == "-4.50e+1");
  CHECK(texts.at(1) == "6");
  CHECK(texts.at(2) == "8E-2");
  CHECK(texts.at(3) == "10");
  CHECK(texts.at(4).empty());
}

TEST_CASE("numbers: the words of JSON hold letters of numbers, and are none") {
  NumberTexts texts("[true,false,null,1e2,true,-0]");
  CHECK(texts.at(0) == "1e2");
  CHECK(texts.at(1) == "-0");
  CHECK(texts.at(2).empty());
}

TEST_CASE("numbers: going back starts over, and leaving some out skips them") {
  NumberTexts texts("[1,22,333,4444]");
  CHECK(texts.at(2) == "333");
  CHECK(texts.at(0) == "1");
  CHECK(texts.at(3) == "4444");
  CHECK(texts.at(3) == "4444");
  CHECK(texts.at(1) == "22");
  CHECK(texts.at(99).empty());
  CHECK(texts.at(0) == "1");
}

TEST_CASE("numbers: texts without numbers have none") {
  CHECK(NumberTexts("").at(0).empty());
  CHECK(NumberTexts("\"12").at(0).empty());
  CHECK(NumberTexts("\"\\").at(0).empty());
  CHECK(NumberTexts("{}").at(0).empty());
}

}  // namespace
