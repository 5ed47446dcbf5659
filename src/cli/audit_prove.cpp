// `mcpgov audit prove` and `mcpgov audit check-proof`: one event, proven without the others.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <optional>

#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/proof.hpp"
#include "audit/query.hpp"
#include "base/os_file.hpp"
#include "base/os_log_file.hpp"
#include "cli/audit_verify.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

struct Found {
  std::string log, payload;
  std::uint64_t seq = 0;
};

bool keep_hit(void* context, const audit::Hit& hit) {
  *static_cast<std::optional<Found>*>(context) =
      Found{std::string(hit.log), std::string(hit.payload), hit.seq};
  return false;
}

struct Signed {
  std::string note;
  std::uint64_t size = 0;
};

// The first checkpoint of at least `seq` records: of the log, else its newest.
Result<Signed> checkpoint_over(const std::string& folder, std::uint64_t seq) {
  auto reader = audit::LogReader::open(folder, {seq});
  if (!reader) return reader.error();
  audit::Frame frame;
  while (reader->next(frame) == audit::ReadState::frame) {
    if (frame.type != audit::FrameType::checkpoint) continue;
    const auto checkpoint = audit::parse_checkpoint(frame.payload);
    if (checkpoint && checkpoint->size >= seq) {
      return Signed{std::string(frame.payload), checkpoint->size};
    }
  }
  std::string newest = audit::newest_note(audit::find_folders(folder));
  const auto checkpoint = audit::parse_checkpoint(newest);
  if (checkpoint && checkpoint->size >= seq) return Signed{std::move(newest), checkpoint->size};
  return Error{ErrorCode::audit_checkpoint, "no checkpoint is signed yet that covers the event",
               folder, 0, 0};
}

Result<audit::InclusionProof> prove(const std::string& folder, const Found& found) {
  auto over = checkpoint_over(folder, found.seq);
  if (!over) return over.error();
  auto reader = audit::LogReader::open(folder);
  if (!reader) return reader.error();
  auto maker = audit::ProofMaker::inclusion(found.seq - 1, over->size);
  std::uint64_t passed = 0;
  audit::Frame frame;
  audit::ReadState state = audit::ReadState::frame;
  while (passed < over->size && (state = reader->next(frame)) == audit::ReadState::frame) {
    if (!audit::is_leaf(frame.type)) continue;
    if (frame.seq != ++passed) break;
    maker.append(audit::leaf_hash(frame.payload));
  }
  if (state == audit::ReadState::damaged) return reader->error();
  if (passed != over->size || frame.seq < passed) {
    return Error{ErrorCode::audit_proof,
                 "the records before the event are needed, and not all of them are there", folder,
                 0, 0};
  }
  audit::InclusionProof out;
  out.index = found.seq - 1;
  out.hashes = maker.proof();
  out.checkpoint = std::move(over->note);
  return out;
}

// A key vouches for the logs below its name, as `verify` has it.
audit::VerifierKey key_of_log(const audit::VerifierKey& key, const std::string& origin) {
  const bool below = origin.starts_with(key.name + "/");
  return {below ? origin : key.name, key.public_key};
}

int write_proof(const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? kAllowed : kFailed;
  }
  const int error = replace_durably(local_files(), path, text);
  if (error == 0) return kAllowed;
  return fail({ErrorCode::file_unreadable, io_error_text(error), path, 0, 0});
}

}  // namespace

int audit_prove(const AuditProveOptions& options) {
  audit::Question question;
  question.id = options.id;
  std::optional<Found> found;
  const auto answer = audit::query(options.directory, question, keep_hit, &found);
  if (!answer) return fail(answer.error());
  if (!found) {
    tell("there is no event with this id");
    return kFailed;
  }
  auto proof = prove(audit::path_in(options.directory, found->log), *found);
  if (!proof) return fail(proof.error());
  if (!options.without_event) proof->extra = found->payload;
  return write_proof(options.out, audit::proof_text(*proof));
}

int audit_check_proof(const AuditCheckProofOptions& options) {
  const auto text = read_file(options.proof, audit::kMaxProof);
  if (!text) return fail(text.error());
  const auto proof = audit::read_proof(*text);
  if (!proof) return fail(proof.error());
  const auto keys = read_keys(options.key, {});
  if (!keys) return fail(keys.error());
  std::string event = proof->extra;
  if (!options.event.empty()) {
    auto read = read_file(options.event, audit::kMaxPayload + 2);
    if (!read) return fail(read.error());
    event = *std::move(read);
    if (event.ends_with('\n')) event.pop_back();
  }
  if (event.empty()) {
    tell("the proof does not hold its event: --event names it");
    return kAuditMisuse;
  }
  const auto claimed = audit::parse_checkpoint(proof->checkpoint);
  if (!claimed) return fail(claimed.error());
  Error why{ErrorCode::audit_key, "there is no key", {}, 0, 0};
  for (const audit::VerifierKey& key : keys->keys) {
    const auto checkpoint = audit::verify_proof(*proof, event, key_of_log(key, claimed->origin));
    if (checkpoint) {
      std::printf("proven: record %llu of %llu in %s, signed by %s\n",
                  static_cast<unsigned long long>(proof->index + 1),
                  static_cast<unsigned long long>(checkpoint->size), checkpoint->origin.c_str(),
                  key.name.c_str());
      return kAllowed;
    }
    why = checkpoint.error();
  }
  return fail(why);
}

}  // namespace mcpgov::cli
