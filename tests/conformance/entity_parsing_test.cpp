// Published entity documents with the verdict of the reference engine, read by our reader. The data
// stays outside of the project: $MCPGOV_CONFORMANCE, or ../shared/conformance.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "policy/cedar/entities_json.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;
namespace fs = std::filesystem;

namespace {

fs::path suite_folder() {
  const char* folder = std::getenv("MCPGOV_CONFORMANCE");
  const fs::path root = folder != nullptr && *folder != '\0'
                            ? fs::path(folder)
                            : fs::path(MCPGOV_SOURCE_DIR) / "../shared/conformance";
  return root / "cedar/entity-parsing";
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("conformance: published entity documents are accepted and refused as expected") {
  const fs::path folder = suite_folder();
  if (!fs::is_directory(folder)) {
    MESSAGE("SKIPPED: no suite in " << folder.string() << "; set MCPGOV_CONFORMANCE");
    return;
  }
  int count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    constexpr std::string_view suffix = ".parsing.json";
    if (!name.ends_with(suffix)) continue;
    CAPTURE(name);
    const std::string stem = name.substr(0, name.size() - suffix.size());
    const auto test = nlohmann::json::parse(text_of(folder / (stem + ".json")));
    const auto expected = nlohmann::json::parse(text_of(entry.path()));
    Symbols symbols;
    const std::string schema_text = text_of(folder / test.at("schema").get<std::string>());
    const Result<Schema> schema = read_schema(schema_text, "schema", symbols);
    REQUIRE(schema.has_value());
    const std::string text = text_of(folder / test.at("entities").get<std::string>());
    const Result<Entities> entities = read_entities({text, "entities", &*schema}, symbols);
    CAPTURE(entities.error().text());
    CHECK(entities.has_value() == expected.at("allEntities").at("success").get<bool>());
    ++count;
  }
  CHECK(count >= 22);
}
