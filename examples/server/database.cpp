// A toy database.
// Tested by examples/demo
//
// SPDX-License-Identifier: Apache-2.0
#include "database.hpp"

Database::Database() {
  tables_["customers"] = {{"id", "name"}, {{"1", "Ann"}, {"2", "Bo"}, {"3", "Chi"}}};
  tables_["orders"] = {{"id", "customer", "total"}, {{"10", "1", "25.00"}, {"11", "3", "9.50"}}};
}

std::vector<std::string> Database::tables() const {
  std::vector<std::string> out;
  for (const auto& [name, table] : tables_) out.push_back(name);
  return out;
}

const Table* Database::find(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : &found->second;
}

std::optional<std::string> Database::query(std::string_view sql) {
  constexpr std::string_view kSelect = "select * from ";
  constexpr std::string_view kDelete = "delete from ";
  const bool reads = sql.starts_with(kSelect);
  if (!reads && !sql.starts_with(kDelete)) return {};
  const auto found = tables_.find(sql.substr(reads ? kSelect.size() : kDelete.size()));
  if (found == tables_.end()) return {};
  Table& table = found->second;
  if (!reads) {
    const std::size_t count = table.rows.size();
    table.rows.clear();
    return std::to_string(count) + " rows deleted";
  }
  std::string out;
  for (const std::vector<std::string>& row : table.rows) {
    for (const std::string& cell : row) out += cell + " ";
    out.back() = '\n';
  }
  return out;
}
