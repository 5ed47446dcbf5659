// The report's script: sorting and searching tables. The page says everything without it.
// Tested by tests/report/report_browser_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_page.hpp"

namespace mcpgov::cli {

std::string_view report_script() noexcept {
  return R"js(
"use strict";
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  const sort = (heading, column) => {
    const table = heading.closest("table");
    const down = heading.getAttribute("aria-sort") === null
      ? heading.classList.contains("n") : heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table:not(.map)")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      if (!heading.textContent || table.tBodies[0].rows.length < 2) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sort(heading, column));
      heading.replaceChildren(button);
    });
  }
  const search = document.getElementById("search");
  search.parentElement.hidden = false;
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("tbody tr")) {
      row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    }
  });
})();
)js";
}

}  // namespace mcpgov::cli
