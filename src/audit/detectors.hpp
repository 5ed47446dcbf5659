// What secrets and personal data look like, and finding them in text.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/detectors_checks.hpp"
#include "audit/detectors_scan.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// A detector of our own. pattern: RE2; its first group that took part is taken out, or all of it.
// It begins with the keyword; before: that many bytes before it at most. after: where it may begin
// and end behind the keyword at most, in bytes; 0: it begins at the keyword and has no limit.
struct DetectorRow {
  const char* name;
  const char* pattern;
  std::array<const char*, 10> keywords = {};  // as many as are not null
  bool any_case = false;
  Likely likely = nullptr;
  double entropy = 0;
  bool (*check)(std::string_view) noexcept = nullptr;
  std::size_t before = 0;
  std::size_t after = 0;
};
std::span<const DetectorRow> detector_rows() noexcept;

// A part of a text that is to be taken out, and the detector's number.
struct Detection {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint16_t detector = 0;
};

// Bytes of text that patterns were tried on, roughly; the clock of what one event may cost.
struct Work {
  std::uint64_t done = 0;
  std::uint64_t most = 0;
  bool over() const noexcept { return done > most; }
};

// The detectors of the settings, prepared. Threads: thread-compatible.
class Detectors {
 public:
  // Errors: audit_capture (names the detector).
  static Result<Detectors> make(const CaptureSettings& settings);
  // Finds nothing. Throws: std::bad_alloc.
  static Detectors none();
  Detectors(Detectors&&) noexcept;
  Detectors& operator=(Detectors&&) noexcept;
  ~Detectors();

  const Scanner& scanner() const noexcept;
  // Some detector has no keyword: every string has to be searched.
  bool always() const noexcept;
  // What has no keyword is looked for, too: addresses, numbers of cards, accounts, telephones.
  bool shapes() const noexcept;

  // Whether the string or number around this place of JSON text has to be searched: a look at the
  // bytes near a candidate, before any pattern is tried.
  bool suspect(std::string_view json, std::size_t at) const noexcept;

  // Parts of decoded text, in order, apart from each other. False: too much work.
  bool find(std::string_view text, Work& work, std::vector<Detection>& out);

  std::string_view name(std::uint16_t detector) const noexcept;
  std::size_t count() const noexcept;

  struct Parts;

 private:
  explicit Detectors(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mcpgov::audit
