// The names of operators in JSON policies.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/est_names.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {

const char* binary_operator(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::equal: return "==";
    case NodeKind::less: return "<";
    case NodeKind::less_equal: return "<=";
    case NodeKind::in: return "in";
    case NodeKind::contains: return "contains";
    case NodeKind::contains_all: return "containsAll";
    case NodeKind::contains_any: return "containsAny";
    case NodeKind::has_tag: return "hasTag";
    case NodeKind::get_tag: return "getTag";
    default: return nullptr;
  }
}

const char* spine_operator(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::get: return ".";
    case NodeKind::add: return "+";
    case NodeKind::subtract: return "-";
    case NodeKind::multiply: return "*";
    default: return nullptr;
  }
}

bool is_method(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::contains:
    case NodeKind::contains_all:
    case NodeKind::contains_any:
    case NodeKind::has_tag:
    case NodeKind::get_tag: return true;
    default: return false;
  }
}

std::string_view variable_name(std::uint32_t variable) noexcept {
  constexpr std::string_view kNames[] = {"principal", "action", "resource", "context"};
  return kNames[variable];
}

std::vector<AnnotationText> sorted_annotations(const ParsedPolicy& policy) {
  std::vector<AnnotationText> out = policy.annotations;
  std::sort(out.begin(), out.end(),
            [](const AnnotationText& a, const AnnotationText& b) { return a.name < b.name; });
  return out;
}

std::vector<std::pair<std::string_view, NodeId>> fields_of(const Ast& ast, const Node& record,
                                                           const Symbols& symbols) {
  std::vector<std::pair<std::string_view, NodeId>> out;
  out.reserve(record.b);
  for (std::uint32_t i = 0; i < record.b; ++i) {
    const std::uint32_t name = ast.lists[record.a + 2 * i];
    out.emplace_back(symbols.text(NameId{name}), ast.lists[record.a + 2 * i + 1]);
  }
  return out;
}

std::size_t scalar_size(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

}  // namespace mcpgov::policy::cedar
