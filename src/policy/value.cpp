// Comparing, ordering and copying values.
// Tested by tests/policy/value_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/value.hpp"

#include <algorithm>
#include <cstring>

namespace mcpgov::policy {
namespace {

template <class T>
int compare(T a, T b) noexcept {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int order_of_text(std::string_view a, std::string_view b) noexcept {
  // By length first: most different strings differ there, and this order need not be alphabetic.
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.empty() ? 0 : std::memcmp(a.data(), b.data(), a.size());
}

int order_of_ip(const Ip& a, const Ip& b) noexcept {
  if (a.v6 != b.v6) return a.v6 ? 1 : -1;
  if (a.prefix != b.prefix) return compare(a.prefix, b.prefix);
  return std::memcmp(a.bytes, b.bytes, sizeof(a.bytes));
}

int order_of_items(std::span<const Value> a, std::span<const Value> b) noexcept {
  if (a.size() != b.size()) return compare(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const int found = order(a[i], b[i]); found != 0) return found;
  }
  return 0;
}

int order_of_fields(std::span<const Field> a, std::span<const Field> b) noexcept {
  if (a.size() != b.size()) return compare(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name) return compare(a[i].name, b[i].name);
    if (const int found = order(a[i].value, b[i].value); found != 0) return found;
  }
  return 0;
}

// Up to here a scan of neighbouring cache lines beats the branches of a binary search.
constexpr std::size_t kScan = 8;

}  // namespace

int order(const Value& a, const Value& b) noexcept {
  if (a.kind != b.kind) return compare(a.kind, b.kind);
  switch (a.kind) {
    case Kind::unknown: return 0;
    case Kind::boolean:
    case Kind::integer:
    case Kind::decimal:
    case Kind::datetime:
    case Kind::duration: return compare(a.integer, b.integer);
    case Kind::string: return order_of_text(a.string(), b.string());
    case Kind::entity: return compare(a.size, b.size);
    case Kind::ip: return order_of_ip(*a.ip, *b.ip);
    case Kind::set: return order_of_items(a.set(), b.set());
    case Kind::record: return order_of_fields(a.record(), b.record());
  }
  return 0;
}

bool equal(const Value& a, const Value& b) noexcept {
  // An unknown equals nothing, so that a forgotten check cannot turn it into a permit.
  return a.kind == b.kind && a.kind != Kind::unknown && order(a, b) == 0;
}

bool contains(std::span<const Value> set, const Value& item) noexcept {
  const auto less = [](const Value& a, const Value& b) { return order(a, b) < 0; };
  return std::binary_search(set.begin(), set.end(), item, less);
}

Value Value::of_set(std::span<Value> borrowed) {
  std::sort(borrowed.begin(), borrowed.end(),
            [](const Value& a, const Value& b) { return order(a, b) < 0; });
  const auto end = std::unique(borrowed.begin(), borrowed.end(),
                               [](const Value& a, const Value& b) { return order(a, b) == 0; });
  Value out;
  out.kind = Kind::set;
  out.size = static_cast<std::uint32_t>(end - borrowed.begin());
  out.items = borrowed.data();
  return out;
}

Value Value::of_record(std::span<Field> borrowed) {
  std::sort(borrowed.begin(), borrowed.end(),
            [](const Field& a, const Field& b) { return a.name < b.name; });
  Value out;
  out.kind = Kind::record;
  out.size = static_cast<std::uint32_t>(borrowed.size());
  out.fields = borrowed.data();
  return out;
}

const Value* Value::field(NameId name) const noexcept {
  if (size <= kScan) {
    for (const Field* at = fields; at != fields + size; ++at) {
      if (at->name == name) return &at->value;
    }
    return nullptr;
  }
  const Field* at = std::lower_bound(fields, fields + size, name,
                                     [](const Field& f, NameId n) { return f.name < n; });
  return at != fields + size && at->name == name ? &at->value : nullptr;
}

bool duplicate_name(std::span<const Field> sorted) noexcept {
  return std::adjacent_find(sorted.begin(), sorted.end(), [](const Field& a, const Field& b) {
           return a.name == b.name;
         }) != sorted.end();
}

Value copy(const Value& value, Arena& arena) {
  Value out = value;
  switch (value.kind) {
    case Kind::string: out.text = arena.copy(value.string()).data(); break;
    case Kind::ip: out.ip = arena.create<Ip>(*value.ip); break;
    case Kind::set: {
      Value* items = arena.array<Value>(value.size);
      for (std::uint32_t i = 0; i < value.size; ++i) items[i] = copy(value.items[i], arena);
      out.items = items;
      break;
    }
    case Kind::record: {
      Field* fields = arena.array<Field>(value.size);
      for (std::uint32_t i = 0; i < value.size; ++i) {
        fields[i] = {value.fields[i].name, copy(value.fields[i].value, arena)};
      }
      out.fields = fields;
      break;
    }
    default: break;  // the others hold no pointer
  }
  return out;
}

}  // namespace mcpgov::policy
