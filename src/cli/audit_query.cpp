// `mcpgov audit query`.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_query.hpp"

#include <cstdio>

#include "base/os_time.hpp"
#include "cli/audit_line.hpp"
#include "cli/audit_time.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

struct Printing {
  EventPrinter printer;
  bool count;
};

bool print_hit(void* context, const audit::Hit& hit) {
  auto* printing = static_cast<Printing*>(context);
  return printing->count || printing->printer.print(hit.payload);
}

}  // namespace

int audit_query(AuditQueryOptions options) {
  const std::uint64_t now_us = wall_clock_us();
  const auto since = read_moment(options.since, now_us);
  const auto until = read_moment(options.until, now_us);
  if (!since || !until) {
    fail(since ? until.error() : since.error());
    return kAuditMisuse;
  }
  audit::Question& question = options.question;
  if (!options.trace.empty()) {
    if (!question.id.empty() && question.id != options.trace) {
      tell("--id and --trace name two different things");
      return kAuditMisuse;
    }
    question.id = options.trace;
  }
  question.from_ns = *since * 1000;
  if (*until != 0) question.until_ns = *until * 1000;
  Printing printing{EventPrinter(options.json), options.count};
  const auto answer = audit::query(options.directory, question, print_hit, &printing);
  if (!answer) {
    fail(answer.error());
    return answer.error().code == ErrorCode::audit_query ? kAuditMisuse : kFailed;
  }
  if (options.count) std::printf("%llu\n", static_cast<unsigned long long>(answer->hits));
  for (const Error& damage : answer->damage) fail(damage);
  return answer->hits != 0 && answer->damage.empty() ? kAllowed : kFailed;
}

}  // namespace mcpgov::cli
