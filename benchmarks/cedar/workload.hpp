// A workload folder as workloads.py writes it, read into engines and requests.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/arena.hpp"
#include "mcpgov/policy.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/request.hpp"

namespace mcpgov::bench {

// Ends the program: a benchmark of wrong answers is worthless.
[[noreturn]] void fail(const std::string& what);

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().text());
  return std::move(*result);
}

std::string file_text(const std::filesystem::path& path);
nlohmann::json file_json(const std::filesystem::path& path);
void print(const nlohmann::json& line);

struct Name {
  std::string type;
  std::string id;
  policy::Uid uid() const { return {type, id}; }
};

// A request as text, for what is measured from there.
struct TextQuestion {
  explicit TextQuestion(const nlohmann::json& from);
  Name principal;
  Name action;
  Name resource;
  std::string context;
};

// A request as a mapping hands it over: built, in an arena of its own.
struct Case {
  Case(const policy::cedar::Engine& in, const TextQuestion& text,
       const policy::cedar::Schema* schema = nullptr);
  const policy::cedar::Engine* engine;
  std::unique_ptr<Arena> arena;
  std::unique_ptr<policy::RequestSymbols> symbols;
  policy::Request request;
};

class Folder {
 public:
  explicit Folder(std::filesystem::path path);
  const nlohmann::json& facts() const noexcept { return facts_; }
  bool flag(const char* name) const { return facts_.value(name, false); }
  std::size_t sets() const { return facts_.at("sets").get<std::size_t>(); }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  std::string policies() const { return file_text(path_ / "policies.cedar"); }
  std::string entities(std::size_t set) const;
  std::vector<TextQuestion> questions(std::size_t set) const;

  // The policies over the entities of a set, links of templates included.
  // bytes: what all but the entities takes.
  policy::cedar::Engine engine(std::size_t set, double* bytes = nullptr) const;

 private:
  std::filesystem::path path_;
  nlohmann::json facts_;
};

// `allow;reasons;errors`, ids sorted: what every engine has to agree on.
std::string answer_text(const policy::cedar::Engine& engine, const policy::Decision& decision);

// FNV-1a, 64 bits, over the answers of all cases.
class Digest {
 public:
  void add(std::string_view text);
  std::string text() const;

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace mcpgov::bench
