// `mcpgov audit verify`, `prove` and `check-proof`: what the signed tree says of the logs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/verify.hpp"
#include "cli/report_evidence.hpp"

namespace mcpgov::cli {

struct AuditVerifyOptions {
  std::string directory;
  std::string key;                   // a verifier key, or a file with some; empty: the directory's
  std::vector<std::string> against;  // files with checkpoints that were kept elsewhere
  std::string spare = {};  // where logs went on when their disk failed; empty: where they say
  bool json = false;
};

struct AuditProveOptions {
  std::string directory;
  std::string id;
  std::string out;  // empty: standard output
  bool without_event = false;
};

struct AuditCheckProofOptions {
  std::string proof;  // a file
  std::string event;  // a file; empty: the event in the proof
  std::string key;
};

// All return 0, 1 (a break, nothing proven, or nothing found) or 2 (misuse).
int audit_verify(const AuditVerifyOptions& options);
int audit_prove(const AuditProveOptions& options);
int audit_check_proof(const AuditCheckProofOptions& options);

// The keys meant by `--key`. own: they are the directory's, which vouches for itself.
struct MeantKeys {
  std::vector<audit::VerifierKey> keys;
  bool own = false;
};
// Errors: audit_key, file_unreadable.
Result<MeantKeys> read_keys(const std::string& key, const std::string& directory);

// What verification says, into the evidence of each log and the findings. True: with the
// directory's own key. Errors: audit_key, file_unreadable.
Result<bool> verify_into(const std::string& directory, const std::string& key,
                         const std::string& against, std::vector<LogEvidence>& logs, Facts& facts);

}  // namespace mcpgov::cli
