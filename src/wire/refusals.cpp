// How refusals are answered.
// Tested by tests/wire/refusals_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/refusals.hpp"

namespace mcpgov::wire {

Refusal refuse(ErrorCode code, std::size_t offset, Revision revision) noexcept {
  const bool modern = is_modern(revision);
  const auto with = [&](int status, std::int32_t rpc) {
    return Refusal{code, static_cast<std::uint32_t>(offset), static_cast<std::int16_t>(status),
                   rpc};
  };
  switch (code) {
    case ErrorCode::json_syntax:
    case ErrorCode::utf8_invalid:
    case ErrorCode::trailing_bytes:
    case ErrorCode::unpaired_surrogate:
    case ErrorCode::number_out_of_range:
    case ErrorCode::line_break_in_message: return with(400, kParseError);
    case ErrorCode::message_too_large: return with(413, kInvalidRequest);
    case ErrorCode::content_type_unsupported: return with(415, kInvalidRequest);
    case ErrorCode::http_method_not_allowed: return with(405, kInvalidRequest);
    // An error of the call, not of the transport: legacy clients read the body only of a 200.
    case ErrorCode::params_invalid:
    case ErrorCode::name_invalid:
    case ErrorCode::uri_not_normal: return with(modern ? 400 : 200, kInvalidParams);
    case ErrorCode::meta_missing: return with(400, kInvalidParams);
    case ErrorCode::method_unknown:
    case ErrorCode::method_not_in_revision:
    case ErrorCode::method_wrong_direction: return with(modern ? 404 : 200, kMethodNotFound);
    case ErrorCode::header_missing:
    case ErrorCode::header_mismatch:
    case ErrorCode::header_duplicated:
    case ErrorCode::header_encoding: return with(400, modern ? kHeaderMismatch : kInvalidRequest);
    case ErrorCode::revision_unsupported:
      return with(400, modern ? kUnsupportedRevision : kInvalidRequest);
    case ErrorCode::out_of_memory:
    case ErrorCode::internal: return with(500, kInternalError);
    default: return with(400, kInvalidRequest);
  }
}

}  // namespace mcpgov::wire
