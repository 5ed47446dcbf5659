// Checkpoints and proofs in a folder, made by us for others and made by others for us:
// audit_interop make FOLDER | audit_interop check FOLDER. peer/main.go does the same in Go.
//
// A folder holds `vkey`, and for some sizes n of one log: `n.checkpoint`, `n-i.tlog-proof` for each
// of its leaves, `m-n.consistency` (a hash in base64 on each line) for each size m up to n.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/proof.hpp"
#include "base/base64.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;

namespace {

constexpr std::size_t kSizes[] = {1, 2, 3, 5, 8, 13, 21, 33};

int passed = 0;
int failed = 0;

void check(bool holds, const std::string& what) {
  ++(holds ? passed : failed);
  if (!holds) std::cout << "FAILED: " << what << '\n';
}

std::string record(std::size_t at) {
  return "record " + std::to_string(at);
}

std::vector<Digest> leaves_of(std::size_t size) {
  std::vector<Digest> out;
  for (std::size_t at = 0; at < size; ++at) out.push_back(leaf_hash(record(at)));
  return out;
}

Digest root_of(const std::vector<Digest>& leaves) {
  Tree tree;
  for (const Digest& leaf : leaves) tree.append(leaf);
  return tree.root();
}

std::string pair_name(std::size_t a, std::size_t b) {
  return std::to_string(a) + "-" + std::to_string(b);
}

void make(const std::string& folder) {
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  };
  const std::string origin = "mcpgov.example/log-7";
  const Signer signer = *Signer::from_seed(std::string(32, 's'));
  put("vkey", verifier_key(origin, signer.public_key()) + "\n");
  for (const std::size_t size : kSizes) {
    const std::vector<Digest> leaves = leaves_of(size);
    const std::string note = signer.sign({origin, size, root_of(leaves)});
    put(std::to_string(size) + ".checkpoint", note);
    for (std::size_t at = 0; at < size; ++at) {
      const std::string extra = at % 2 == 1 ? record(at) : std::string();
      put(pair_name(size, at) + ".tlog-proof",
          proof_text({at, inclusion_proof(leaves, at), extra, note}));
    }
    for (std::size_t old = 1; old <= size; ++old) {
      std::string lines;
      for (const Digest& hash : consistency_proof(leaves, old)) {
        lines += encode_base64({reinterpret_cast<const char*>(hash.data()), hash.size()}) + "\n";
      }
      put(pair_name(old, size) + ".consistency", lines);
    }
  }
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Digest> hashes_of(const std::string& path) {
  std::vector<Digest> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::string bytes;
    check(decode_base64(line, bytes) && bytes.size() == 32, path + ": " + line);
    bytes.resize(32);
    std::copy(bytes.begin(), bytes.end(), out.emplace_back().begin());
  }
  return out;
}

void check_proof(const std::string& path, std::size_t at, const VerifierKey& key) {
  const auto proof = read_proof(text_of(path));
  check(proof.has_value(), path + " is read");
  if (!proof) return;
  check(proof->extra == (at % 2 == 1 ? record(at) : std::string()), path + " has its extra data");
  check(verify_proof(*proof, record(at), key).has_value(), path + " proves its record");
  check(!verify_proof(*proof, record(at + 1), key), path + " proves no other");
}

void check_all(const std::string& folder) {
  std::string line = text_of(folder + "/vkey");
  if (line.ends_with('\n')) line.pop_back();
  const auto key = parse_verifier_key(line);
  check(key.has_value(), "the verifier key `" + line + "` is read");
  if (!key) return;
  for (const std::size_t size : kSizes) {
    const std::vector<Digest> leaves = leaves_of(size);
    const std::string path = folder + "/" + std::to_string(size) + ".checkpoint";
    std::string note = text_of(path);
    const auto opened = open_checkpoint(note, *key);
    check(opened && opened->size == size && opened->root == root_of(leaves), path + " opens");
    note.insert(note.find('\n') + 1, "1");  // another size
    check(!open_checkpoint(note, *key), path + " does not open when it was changed");
    for (std::size_t at = 0; at < size; ++at) {
      check_proof(folder + "/" + pair_name(size, at) + ".tlog-proof", at, *key);
    }
    for (std::size_t old = 1; old <= size; ++old) {
      const std::string name = folder + "/" + pair_name(old, size) + ".consistency";
      check(
          verify_consistency(old, root_of(leaves_of(old)), size, root_of(leaves), hashes_of(name)),
          name + " holds");
    }
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return 2;
  if (std::string_view(words[1]) == "make") {
    make(words[2]);
    return 0;
  }
  check_all(words[2]);
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
