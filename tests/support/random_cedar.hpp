// Random policies, entities and contexts as text: mostly well formed and well typed, not always.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgov::policy::cedar {

// Choices from a seed, or from bytes as long as they last (then always the first choice, so that
// everything ends).
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed) {}
  explicit Choices(std::string_view bytes) : bytes_(bytes), from_bytes_(true) {}

  // 0 to count - 1.
  std::uint32_t of(std::uint32_t count) {
    if (from_bytes_) {
      if (bytes_.empty()) return 0;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      return byte % count;
    }
    // SplitMix64.
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) % count);
  }
  bool one_in(std::uint32_t count) { return of(count) == count - 1; }
  template <class T, std::size_t kCount>
  const T& from(const T (&list)[kCount]) {
    return list[of(static_cast<std::uint32_t>(kCount))];
  }

 private:
  std::uint64_t state_ = 0;
  std::string_view bytes_;
  bool from_bytes_ = false;
};

class RandomCedar {
 public:
  explicit RandomCedar(Choices choices) : choices_(choices) {}

  std::string policy();
  std::string entities_json();
  std::string context_json();
  // A JSON value as attributes and contexts have them.
  std::string value_json(int depth);
  // A uid of the vocabulary: type and id.
  struct Name {
    std::string_view type;
    std::string_view id;
  };
  Name uid();
  Name action_uid();

  Choices& choices() { return choices_; }

 private:
  enum class Type {
    truth,
    number,
    text,
    set,
    record,
    entity,
    decimal,
    ip,
    datetime,
    duration,
    count
  };
  std::string expr(Type type, int depth);
  std::string any(int depth);
  std::string typed(Type type, int depth);
  std::string truth(int depth);
  std::string relation(int depth);
  std::string number(int depth);
  std::string path(int depth);
  std::string list(int depth, Type type);
  std::string record(int depth);
  std::string extension(Type type, int depth);
  std::string scope(std::string_view variable);
  std::string action_scope();
  std::string uid_text();
  std::string uid_json();

  Choices choices_;
};

}  // namespace mcpgov::policy::cedar
