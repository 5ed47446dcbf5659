// The report as one HTML file that needs nothing else: no network, no script for reading it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report_access.hpp"
#include "cli/report_evidence.hpp"
#include "cli/report_facts.hpp"
#include "cli/report_html.hpp"
#include "cli/report_proof.hpp"

namespace mcpgov::cli {

// access: what the configuration grants, or null. Every row is bounded, so that a page stays below
// 2 MB whatever the facts hold. Throws: std::bad_alloc.
std::string report_page(const Facts& facts, Evidence evidence, const Access* access,
                        const Proofs& proofs = {});

// The same as JSON, rows bounded likewise.
std::string facts_json(const Facts& facts, const Evidence& evidence, const Proofs& proofs = {});

// Parts of the page.
void write_evidence(Html& html, const Facts& facts, const Evidence& evidence);
void write_glance(Html& html, const Facts& facts);
void write_running(Html& html, const Facts& facts, const Access* access);
void write_access(Html& html, const Facts& facts, const Access* access);
void write_activity(Html& html, const Facts& facts);
void write_blast_radius(Html& html, const Facts& facts, const Access* access);
void write_unusual(Html& html, const Facts& facts, const std::string& source, const Proofs& proofs);
void write_traces(Html& html, const Proofs& proofs);
// Of one event, where it is known: its record, leaf, checkpoint, and the command that proves it.
void write_place(Html& html, const Proofs& proofs, const std::string& source,
                 const std::string& event_id);

// What the page's head holds; their digests stand in its Content-Security-Policy.
std::string_view report_style() noexcept;
std::string_view report_script() noexcept;

// Numbers of a table's rows by falling use; [0], all others, comes last if it has any.
template <typename Row>
std::vector<std::uint32_t> by_use(const std::vector<Row>& rows, std::size_t most) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 1; i < rows.size(); ++i) out.push_back(i);
  const std::size_t shown = std::min(most, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(shown), out.end(),
                    [&rows](std::uint32_t a, std::uint32_t b) {
                      const Use &left = rows[a].use, &right = rows[b].use;
                      return left.calls != right.calls ? left.calls > right.calls : a < b;
                    });
  out.resize(shown);
  return out;
}

}  // namespace mcpgov::cli
