// JSON numbers as scaled integers, exactly: no floating point between a request and a policy.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mcpgov {

enum class Exactness : std::uint8_t {
  exact,
  malformed,     // no JSON number
  fractional,    // has digits below the last one that counts
  out_of_range,  // does not fit 64 bits
};

struct ScaledNumber {
  Exactness exactness = Exactness::malformed;
  std::int64_t value = 0;
};

// text times 10^digits, where that is a whole number of 64 bits. digits: 0 to 18.
// text: a JSON number (RFC 8259 section 6), `-1.50e2`; of any length, in time linear in it.
// `fractional` wins over `out_of_range`: 1e-400 and 0.00001 are both fractional.
ScaledNumber scaled_number(std::string_view text, int digits) noexcept;

}  // namespace mcpgov
