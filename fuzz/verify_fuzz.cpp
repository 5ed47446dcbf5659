// Logs of any bytes and of any frames: verification ends, and calls nothing proven that was not
// signed.
//
// The first byte says what the rest is: bytes of a segment, or a recipe of one with right
// checksums.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

#include "audit/checkpoint.hpp"
#include "audit/verify.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;

namespace {

constexpr std::uint32_t kSalt = 77;
const std::string kOrigin = "fuzz.example/log";

void require(bool holds) {
  if (!holds) std::abort();
}

// In memory where there is such a folder: every input writes files.
const std::string& folder() {
  static const std::string made = [] {
    const bool memory = std::filesystem::is_directory("/dev/shm");
    const std::string above = memory ? "/dev/shm" : "/tmp";
    std::string name = above + "/mcpgov-fuzz-" + std::to_string(::getpid()) + "/log";
    std::filesystem::create_directories(name);
    return name;
  }();
  return made;
}

void put(const std::string& name, std::string_view bytes) {
  std::ofstream(folder() + "/" + name, std::ios::binary | std::ios::trunc) << bytes;
}

// Takes bytes off the input, one after the other; zeros at its end.
class Recipe {
 public:
  Recipe(const std::uint8_t* bytes, std::size_t size) : at_(bytes), left_(size) {}
  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  bool empty() const { return left_ == 0; }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

// Frames whose numbers, types and payloads the recipe chooses, often the right ones.
std::string cook(Recipe& recipe, const Signer& signer, std::uint64_t first_seq) {
  SegmentHeader header;
  header.first_seq = first_seq;
  header.tree_size = first_seq - 1;
  header.salt = kSalt;
  header.origin = kOrigin;
  Tree tree;
  for (std::uint64_t seq = 1; seq < first_seq; ++seq) tree.append(leaf_hash(std::to_string(seq)));
  header.root = tree.root();
  header.edge.assign(tree.edge().begin(), tree.edge().end());
  std::string out;
  append_segment_header(out, header);
  while (!recipe.empty() && out.size() < 60'000) {
    const std::uint8_t choice = recipe.next();
    const auto type = static_cast<FrameType>(choice % 9 + 1);
    const std::uint64_t jump = (choice & 128) != 0 ? recipe.next() : 0;
    std::string payload = std::to_string(tree.size() + 1);
    if ((choice & 64) != 0) payload += static_cast<char>(recipe.next());
    if (type == FrameType::checkpoint && (choice & 32) == 0) {
      payload = signer.sign({kOrigin, tree.size() + jump, tree.root()});
    } else if (type == FrameType::trailer) {
      payload = trailer_payload({first_seq, tree.size() + jump, 1, 2, 3, tree.root()});
    } else if (type == FrameType::sync) {
      payload = R"({"v":1,"kind":"sync","durable":)" + std::to_string(tree.size() + jump) + "}";
    }
    if (is_leaf(type)) tree.append(leaf_hash(payload));
    append_frame(out, {tree.size() + jump, recipe.next(), type, 0, payload}, kSalt);
    if ((choice & 16) != 0) out[out.size() - 1 - recipe.next() % 40] ^= 1;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Signer signer = *Signer::from_seed(std::string(32, 's'));
  if (size == 0) return 0;
  Recipe recipe(bytes + 1, size - 1);
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  for (const auto& each : std::filesystem::directory_iterator(folder())) {
    std::filesystem::remove(each);
  }
  const bool is_raw = (bytes[0] & 1) != 0;
  if (is_raw) {
    put((bytes[0] & 2) != 0 ? "0000000000000001.seg.zst" : "0000000000000001.seg", rest);
    if ((bytes[0] & 4) != 0) put("retired", rest);
    if ((bytes[0] & 8) != 0) put("checkpoint", rest);
  } else {
    put("0000000000000001.seg", cook(recipe, signer, 1));
    if ((bytes[0] & 2) != 0) put("0000000000000004.seg", cook(recipe, signer, 4));
    if ((bytes[0] & 4) != 0) put("checkpoint", signer.sign({kOrigin, 3, leaf_hash("x")}));
  }
  VerifyOptions options;
  options.keys = {{"fuzz.example", signer.public_key()}};
  options.threads = 1;
  const auto out = verify_log(folder(), options);
  require(out.has_value());
  require(out->findings.size() <= kMaxFindings + 1);
  std::uint64_t last = 0;
  for (const ProvenRange& range : out->proven) {
    require(!is_raw && range.first_seq > last && range.first_seq <= range.last_seq);
    last = range.last_seq;
  }
  require(last <= out->last_seq || !out->intact());
  return 0;
}
