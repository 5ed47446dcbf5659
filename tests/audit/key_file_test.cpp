// Tests of src/audit/key_file.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/key_file.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "base/base64.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using mcpgov::test::TemporaryFolder;
using mcpgov::test::text_of;

unsigned mode_of(const std::string& path) {
  struct stat about = {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

// As its owner would have it.
std::string write_key(const TemporaryFolder& folder, const std::string& name,
                      const std::string& text, unsigned mode = 0600) {
  const std::string path = folder.write(name, text);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

LogSettings settings_in(const TemporaryFolder& folder) {
  LogSettings settings;
  settings.directory = folder.path(".");
  settings.origin = "acme.example/mcpgov";
  return settings;
}

TEST_CASE("key file: a missing secret is made for its owner alone, and stays the same") {
  const TemporaryFolder folder;
  const std::string path = folder.path("digest.key");
  const auto made = load_or_make_secret(path, "what it is for");
  REQUIRE_MESSAGE(made.has_value(), made.error().text());
  CHECK(made->size() == 32);
  CHECK(*made != std::string(32, '\0'));
  CHECK(mode_of(path) == 0600);
  CHECK(text_of(path) == "# what it is for\n" + encode_base64(*made) + "\n");
  CHECK(*load_or_make_secret(path, "another note") == *made);
  CHECK(*load_or_make_secret(folder.path("other.key"), "") != *made);
}

TEST_CASE("key file: several threads that find it missing use one secret") {
  const TemporaryFolder folder;
  std::vector<std::string> secrets(8);
  std::vector<std::thread> threads;
  for (std::string& secret : secrets) {
    threads.emplace_back([&] { secret = *load_or_make_secret(folder.path("key"), "n"); });
  }
  for (std::thread& each : threads) each.join();
  for (const std::string& secret : secrets) CHECK(secret == secrets[0]);
}

TEST_CASE("key file: texts that are keys, and texts that are none") {
  const std::string good = encode_base64(std::string(32, 'k'));
  struct Case {
    const char* name;
    std::string text;
    const char* because;  // empty: it is one
  };
  const Case cases[] = {
      {"the key alone", good, ""},
      {"with a line end", good + "\n", ""},
      {"with the line end of Windows", "# note\r\n" + good + "\r\n", ""},
      {"with notes and empty lines around it", "# a\n\n# b\n" + good + "\n# c\n\n", ""},
      {"an empty file", "", "is missing"},
      {"only notes", "# a\n# b\n", "is missing"},
      {"two keys", good + "\n" + good + "\n", "more than one line"},
      {"31 bytes", encode_base64(std::string(31, 'k')), "does not have 32 bytes"},
      {"33 bytes", encode_base64(std::string(33, 'k')), "does not have 32 bytes"},
      {"hexadecimal digits", std::string(64, 'a'), "does not have 32 bytes"},
      {"raw bytes", std::string(32, '\xfe'), "is not base64"},
      {"a space before it", " " + good, "is not base64"},
      {"base64url", std::string(42, '_') + "8=", "is not base64"},
      {"no padding", good.substr(0, 43), "is not base64"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const TemporaryFolder folder;
    const std::string path = write_key(folder, "key", c.text);
    const auto secret = load_or_make_secret(path, "note");
    const std::string_view because = c.because;
    CHECK(secret.has_value() == because.empty());
    if (secret) CHECK(*secret == std::string(32, 'k'));
    if (secret || because.empty()) continue;
    CHECK(secret.error().code == ErrorCode::audit_key);
    CHECK(secret.error().file == path);
    CHECK(secret.error().message.find(because) != std::string::npos);
    CHECK(secret.error().message.find(good) == std::string::npos);
    CHECK(text_of(path) == c.text);
  }
}

TEST_CASE("key file: a file that is too large, or nowhere, names its path") {
  const TemporaryFolder folder;
  const std::string large = write_key(folder, "large", std::string(5000, '#'));
  for (const std::string& path : {large, folder.path("missing/key"), folder.path(".")}) {
    CAPTURE(path);
    const auto secret = load_or_make_secret(path, "note");
    REQUIRE_FALSE(secret.has_value());
    CHECK(secret.error().code == ErrorCode::file_unreadable);
    CHECK(secret.error().message.find(path) != std::string::npos);
  }
}

TEST_CASE("key file: one that others may have is not used, or at least not kept so") {
  struct Case {
    unsigned mode;
    bool usable, tightened;
  };
  const std::string good = encode_base64(std::string(32, 'k'));
  const bool root = ::geteuid() == 0;  // whose files a group may read
  for (const Case& c :
       {Case{0600, true, false}, Case{0400, true, false}, Case{0640, true, !root},
        Case{0660, true, true}, Case{0620, true, true}, Case{0644, false, false},
        Case{0604, false, false}, Case{0602, false, false}, Case{0666, false, false}}) {
    CAPTURE(c.mode);
    const TemporaryFolder folder;
    const std::string path = write_key(folder, "key", good, c.mode);
    KeyReport report;
    const auto secret = load_or_make_secret(path, "note", Links::refuse, &report);
    CHECK(secret.has_value() == c.usable);
    CHECK(report.tightened == c.tightened);
    CHECK_FALSE(report.made);
    CHECK(mode_of(path) == (c.tightened ? 0600 : c.mode));
    CHECK(text_of(path) == good);
    if (secret) continue;
    CHECK(secret.error().code == ErrorCode::file_unreadable);
    CHECK(secret.error().message.find("every user") != std::string::npos);
  }
}

TEST_CASE("key file: another user's is refused, and a link is followed only where it was named") {
  const TemporaryFolder folder;
  const std::string path = write_key(folder, "key", encode_base64(std::string(32, 'k')));
  REQUIRE(::symlink(path.c_str(), folder.path("signing.key").c_str()) == 0);
  CHECK_FALSE(load_or_make_signer(settings_in(folder)));
  LogSettings settings = settings_in(folder);
  settings.signing_key_file = folder.path("signing.key");
  CHECK(load_or_make_signer(settings).has_value());
  if (::geteuid() != 0) {
    MESSAGE("SKIPPED: another user's key (only root can make one)");
    return;
  }
  REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  const auto secret = load_or_make_secret(path, "note");
  REQUIRE_FALSE(secret.has_value());
  CHECK(secret.error().message.find("another user") != std::string::npos);
}

TEST_CASE("signer of a directory: made once, published, and the same for every process") {
  const TemporaryFolder folder;
  const auto signer = load_or_make_signer(settings_in(folder));
  REQUIRE_MESSAGE(signer.has_value(), signer.error().text());
  CHECK(mode_of(folder.path("signing.key")) == 0600);
  CHECK(mode_of(folder.path("signing.vkey")) == 0644);
  CHECK(text_of(folder.path("signing.vkey")) ==
        verifier_key("acme.example/mcpgov", signer->public_key()) + "\n");
  const auto again = load_or_make_signer(settings_in(folder));
  REQUIRE(again.has_value());
  CHECK(again->public_key() == signer->public_key());
  const auto keys = read_verifier_keys(folder.path("signing.vkey"));
  REQUIRE(keys.has_value());
  REQUIRE(keys->size() == 1);
  CHECK(keys->front().name == "acme.example/mcpgov");
  CHECK(keys->front().public_key == signer->public_key());
  const std::string note = signer->sign({"acme.example/mcpgov", 0, Tree().root()});
  CHECK(open_checkpoint(note, keys->front()).has_value());
}

TEST_CASE("signer of a directory: a new key is published beside the former one") {
  const TemporaryFolder folder;
  const auto first = load_or_make_signer(settings_in(folder));
  LogSettings settings = settings_in(folder);
  settings.signing_key_file = write_key(folder, "second", encode_base64(std::string(32, 's')));
  const auto second = load_or_make_signer(settings);
  REQUIRE(second.has_value());
  CHECK(second->public_key() == Signer::from_seed(std::string(32, 's'))->public_key());
  settings.origin = "acme.example/other";
  REQUIRE(load_or_make_signer(settings).has_value());
  REQUIRE(load_or_make_signer(settings).has_value());
  const auto keys = read_verifier_keys(folder.path("signing.vkey"));
  REQUIRE(keys.has_value());
  REQUIRE(keys->size() == 3);
  CHECK(keys->at(0).public_key == first->public_key());
  CHECK(keys->at(1).public_key == second->public_key());
  CHECK(keys->at(2).name == "acme.example/other");
}

bool sign_nothing(void*, std::string_view, std::array<std::uint8_t, 64>&) noexcept {
  return false;
}

TEST_CASE("signer of a directory: a host's key is published, and none is made") {
  const TemporaryFolder folder;
  LogSettings settings = settings_in(folder);
  settings.sign = &sign_nothing;
  const auto weak = load_or_make_signer(settings);
  REQUIRE_FALSE(weak.has_value());
  CHECK(weak.error().code == ErrorCode::audit_key);
  settings.sign_public_key = Signer::from_seed(std::string(32, 's'))->public_key();
  const auto signer = load_or_make_signer(settings);
  REQUIRE_MESSAGE(signer.has_value(), signer.error().text());
  CHECK(signer->public_key() == settings.sign_public_key);
  CHECK(text_of(folder.path("signing.key")).empty());
  CHECK(read_verifier_keys(folder.path("signing.vkey"))->size() == 1);
}

TEST_CASE("signer of a directory: origins that name no key are refused") {
  const TemporaryFolder folder;
  for (const std::string origin : {"", "a b", "a+b", "a\nb", "a\xff"}) {
    CAPTURE(origin);
    LogSettings settings = settings_in(folder);
    settings.origin = origin;
    const auto signer = load_or_make_signer(settings);
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error().code == ErrorCode::audit_key);
    CHECK(text_of(folder.path("signing.key")).empty());
  }
}

TEST_CASE("verifier keys of a file: a line that is none names the line") {
  const TemporaryFolder folder;
  const std::string good = verifier_key("a", Signer::from_seed(std::string(32, 's'))->public_key());
  const std::string path = folder.write("keys", "# ours\n\n" + good + "\r\n" + good + "x\n");
  const auto keys = read_verifier_keys(path);
  REQUIRE_FALSE(keys.has_value());
  CHECK(keys.error().code == ErrorCode::audit_key);
  CHECK(keys.error().file == path);
  CHECK(keys.error().line == 4);
  CHECK(read_verifier_keys(folder.write("none", "# none\n"))->empty());
  CHECK(read_verifier_keys(folder.path("missing")).error().code == ErrorCode::file_unreadable);
}

}  // namespace
