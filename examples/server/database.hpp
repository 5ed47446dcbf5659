// A toy database: two tables in memory, and as much SQL as a demonstration needs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

class Database {
 public:
  Database();
  std::vector<std::string> tables() const;
  const Table* find(std::string_view name) const;

  // `select * from NAME` gives rows, `delete from NAME` empties the table; anything else is an
  // error. Returns text for people, or nothing for what it does not understand.
  std::optional<std::string> query(std::string_view sql);

 private:
  std::map<std::string, Table, std::less<>> tables_;
};
