// Joins what can come of each policy to what can come of all of them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/cedar/evaluate.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar {

// It treats policies as independent, so that `some` errs on the side of true and `certain` on the
// side of false.
class Outlook {
 public:
  explicit Outlook(ErrorRule rule) noexcept : rule_(rule) {}

  void add(bool forbid, Outcomes outcomes) noexcept {
    const bool denies_by_failing =
        rule_ == ErrorRule::any || (rule_ == ErrorRule::forbid && forbid);
    Outcomes denying = denies_by_failing ? kFailed : Outcomes{0};
    if (forbid) denying |= kSatisfied;
    if ((outcomes & denying) != 0) may_deny_ = true;
    if ((outcomes & ~denying) == 0) must_deny_ = true;
    if (forbid) return;
    if ((outcomes & kSatisfied) != 0) may_permit_ = true;
    if (outcomes == kSatisfied) must_permit_ = true;
  }

  // No further policy changes the result.
  bool settled() const noexcept { return must_deny_; }
  Possible result() const noexcept {
    return {may_permit_ && !must_deny_, must_permit_ && !may_deny_};
  }

 private:
  ErrorRule rule_;
  bool may_deny_ = false;
  bool must_deny_ = false;
  bool may_permit_ = false;
  bool must_permit_ = false;
};

}  // namespace mcpgov::policy::cedar
