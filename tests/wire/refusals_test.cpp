// How refusals are answered, in both eras.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/refusals.hpp"

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

TEST_CASE("refusals: status and code of each, legacy and modern") {
  struct Row {
    ErrorCode code;
    int legacy_status;
    int legacy_rpc;
    int modern_status;
    int modern_rpc;
  };
  const Row rows[] = {
      {ErrorCode::json_syntax, 400, -32700, 400, -32700},
      {ErrorCode::utf8_invalid, 400, -32700, 400, -32700},
      {ErrorCode::message_too_large, 413, -32600, 413, -32600},
      {ErrorCode::message_too_deep, 400, -32600, 400, -32600},
      {ErrorCode::duplicate_member, 400, -32600, 400, -32600},
      {ErrorCode::content_type_unsupported, 415, -32600, 415, -32600},
      {ErrorCode::http_method_not_allowed, 405, -32600, 405, -32600},
      {ErrorCode::params_invalid, 200, -32602, 400, -32602},
      {ErrorCode::meta_missing, 400, -32602, 400, -32602},
      {ErrorCode::method_unknown, 200, -32601, 404, -32601},
      {ErrorCode::method_not_in_revision, 200, -32601, 404, -32601},
      {ErrorCode::method_wrong_direction, 200, -32601, 404, -32601},
      {ErrorCode::header_mismatch, 400, -32600, 400, -32020},
      {ErrorCode::header_missing, 400, -32600, 400, -32020},
      {ErrorCode::header_duplicated, 400, -32600, 400, -32020},
      {ErrorCode::header_encoding, 400, -32600, 400, -32020},
      {ErrorCode::revision_unsupported, 400, -32600, 400, -32022},
      {ErrorCode::out_of_memory, 500, -32603, 500, -32603},
      {ErrorCode::internal, 500, -32603, 500, -32603},
  };
  for (const Row& row : rows) {
    CAPTURE(row.code);
    const Refusal legacy = refuse(row.code, 7, Revision::v2025_06_18);
    CHECK(legacy.refused());
    CHECK(legacy.offset == 7);
    CHECK(legacy.http_status == row.legacy_status);
    CHECK(legacy.rpc_code == row.legacy_rpc);
    const Refusal modern = refuse(row.code, 7, Revision::v2026_07_28);
    CHECK(modern.http_status == row.modern_status);
    CHECK(modern.rpc_code == row.modern_rpc);
  }
  CHECK(!Refusal{}.refused());
}

}  // namespace
}  // namespace mcpgov::wire::test
