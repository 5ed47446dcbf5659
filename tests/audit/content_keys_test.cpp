// Content that is sealed with a tenant's key, and is gone with it.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/content_keys.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/open_log.hpp"
#include "audit/query.hpp"

namespace mcpgov::audit {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "mcpgov-keys-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string keys() const { return (path / "keys").string(); }
};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::unique_ptr<KeyFolder> open(const std::string& folder, bool make_missing = true) {
  auto opened = KeyFolder::open(folder, make_missing);
  if (!opened) FAIL(opened.error().text());
  return *std::move(opened);
}

TEST_CASE("content_keys: what was sealed for a tenant opens with its key, also later") {
  Folder folder;
  std::string sealed;
  REQUIRE(seal_content(*open(folder.keys()), "acme", R"({"a":1})", sealed));
  CHECK(sealed.find("\"a\"") == std::string::npos);
  const auto reader = open(folder.keys(), false);
  const auto opened = open_content(*reader, "acme", sealed);
  REQUIRE(opened.has_value());
  CHECK(*opened == R"({"a":1})");
}

TEST_CASE("content_keys: a key is a file of mode 0600 in a folder of mode 0700") {
  Folder folder;
  const auto keys = open(folder.keys());
  CHECK(keys->key("").size() == 32);
  const auto mode = [](const fs::path& path) { return fs::status(path).permissions(); };
  CHECK(mode(folder.keys()) == fs::perms::owner_all);
  CHECK(mode(folder.keys() + "/default.key") == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("content_keys: each tenant has a key of its own, whatever it is called") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "default.key"},          {"acme", "acme.key"},
      {"default", "=64efault.key"}, {"Acme", "=41cme.key"},
      {"../x", "=2e.=2fx.key"},     {"a/b", "a=2fb.key"},
      {"=41", "=3d41.key"},         {std::string("a\0b", 3), "a=00b.key"},
      {"é", "=c3=a9.key"},
  };
  for (const auto& [tenant, file] : cases) {
    const std::string shown = tenant;
    CAPTURE(shown);
    CHECK(content_key_file(tenant) == file);
  }
  const std::string longest = content_key_file(std::string(5000, 'x'));
  CHECK(longest.size() < 100);
  CHECK(longest != content_key_file(std::string(5001, 'x')));
  Folder folder;
  const auto keys = open(folder.keys());
  const std::string first(keys->key("a"));
  CHECK(first.size() == 32);
  CHECK(first != keys->key("b"));
  CHECK(first == keys->key("a"));
}

TEST_CASE("content_keys: erasing a key erases what it sealed, and a new one takes over") {
  Folder folder;
  const auto keys = open(folder.keys());
  std::string sealed;
  REQUIRE(seal_content(*keys, "acme", "x", sealed));
  const fs::path file = folder.keys() + "/acme.key";
  const std::string old = bytes_of(file);
  // Another name for the same bytes shows that they were overwritten, not only forgotten.
  fs::create_hard_link(file, folder.path / "linked");
  REQUIRE(keys->erase("acme").has_value());
  CHECK_FALSE(fs::exists(file));
  CHECK(bytes_of(folder.path / "linked") != old);
  CHECK(bytes_of(folder.path / "linked").size() == old.size());
  CHECK(keys->erase("acme").has_value());  // there is none any more
  const auto gone = open_content(*open(folder.keys(), false), "acme", sealed);
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().code == ErrorCode::audit_key);
  std::string later;
  REQUIRE(seal_content(*keys, "acme", "y", later));
  CHECK(open_content(*keys, "acme", later).has_value());
  const auto former = open_content(*keys, "acme", sealed);
  REQUIRE_FALSE(former.has_value());
  CHECK(former.error().code == ErrorCode::audit_key);
}

TEST_CASE("content_keys: a key that another process erased is not used again") {
  Folder folder;
  const auto log = open(folder.keys());
  const std::string first(log->key("acme"));
  REQUIRE(open(folder.keys())->erase("acme").has_value());
  const std::string second(log->key("acme"));
  CHECK(second.size() == 32);
  CHECK(second != first);
}

TEST_CASE("content_keys: what cannot be opened is said to be so") {
  Folder folder;
  const auto keys = open(folder.keys());
  std::string sealed;
  REQUIRE(seal_content(*keys, "acme", "content", sealed));
  (void)keys->key("other");
  CHECK(open_content(*keys, "other", sealed).error().code == ErrorCode::audit_key);
  std::string flipped = sealed;
  const std::size_t text = flipped.find("\"text\":\"") + 8;
  flipped[text] = flipped[text] == 'A' ? 'B' : 'A';
  CHECK(open_content(*keys, "acme", flipped).error().code == ErrorCode::audit_key);
  const std::string damaged[] = {"",
                                 "x",
                                 "{}",
                                 "[]",
                                 "null",
                                 R"({"key":1,"nonce":2,"text":3})",
                                 R"({"key":"a","nonce":"AAAA","text":"AAAA"})",
                                 R"({"key":"a","nonce":"!","text":"AAAA"})",
                                 sealed + "x",
                                 sealed.substr(0, 20)};
  for (const std::string& each : damaged) {
    CAPTURE(each);
    CHECK(open_content(*keys, "acme", each).error().code == ErrorCode::audit_damaged);
  }
}

TEST_CASE("content_keys: a reader makes no keys, and a folder that is none is refused") {
  Folder folder;
  const auto refused = KeyFolder::open(folder.keys(), false);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::audit_key);
  (void)open(folder.keys());
  const auto reader = open(folder.keys(), false);
  CHECK(reader->key("acme").empty());
  CHECK(fs::is_empty(folder.keys()));
  std::string sealed = "before";
  CHECK_FALSE(seal_content(*reader, "acme", "x", sealed));
  CHECK(sealed == "before");
  std::ofstream(folder.path / "file") << "x";
  CHECK_FALSE(KeyFolder::open((folder.path / "file").string(), true).has_value());
  std::ofstream(folder.keys() + "/bad.key") << "no key\n";
  CHECK(open(folder.keys())->key("bad").empty());
}

TEST_CASE("content_keys: with keys a record holds content sealed only, and none without a key") {
  Folder folder;
  const auto keys = open(folder.keys());
  CaptureSettings settings;
  settings.rules = {{"*", Level::redacted, Level::redacted}};
  auto capture = Capture::make(settings, std::string(32, 's'), keys.get(), nullptr, nullptr);
  REQUIRE(capture.has_value());
  Content content;
  content.tenant = "acme";
  content.tool = "pay";
  content.text = R"({"to":"ann","password":"hunter2"})";
  content.bytes = content.text.size();
  const std::string json((*capture)(content).json);
  CHECK(json.find("\"value\"") == std::string::npos);
  CHECK(json.find("ann") == std::string::npos);
  const std::size_t begin = json.find(R"("sealed":)") + 9;
  const std::size_t end = json.find('}', begin) + 1;
  const auto opened = open_content(*keys, "acme", json.substr(begin, end - begin));
  REQUIRE(opened.has_value());
  CHECK(opened->starts_with(R"({"to":"ann","password":{"$redacted":)"));

  const auto reader = open(folder.keys(), false);
  auto without = Capture::make(settings, std::string(32, 's'), reader.get(), nullptr, nullptr);
  REQUIRE(without.has_value());
  content.tenant = "nobody";
  const Captured captured = (*without)(content);
  CHECK((captured.flags & 16) != 0);  // kCaptureFailed
  CHECK(std::string(captured.json).find("ann") == std::string::npos);
}

// The sealed arguments of each event of a tenant, oldest first, as a reader of the log finds them.
std::vector<std::string> sealed_of(const std::string& directory, const std::string& tenant) {
  std::vector<std::string> out;
  Question question;
  question.tenant = tenant;
  const auto keep = [](void* context, const Hit& hit) {
    const auto json = nlohmann::json::parse(hit.payload);
    CHECK_FALSE(json["arguments"].contains("value"));
    static_cast<std::vector<std::string>*>(context)->push_back(
        json["arguments"].value("sealed", nlohmann::json()).dump());
    return true;
  };
  REQUIRE(query(directory, question, keep, &out));
  return out;
}

void write_order(Log& log, std::uint64_t number, std::string_view tenant) {
  Record record;
  const std::string id = test::id_of(number, 5);
  record.id = id;
  record.time_us = 1763620000000000 + number;
  record.tenant = tenant;
  record.method = "tools/call";
  record.target = "order";
  record.target_kind = "tool";
  record.tool_class = ToolClass::read_only;
  record.allowed = record.decision = true;
  record.arguments = R"({"item":"blue bicycle"})";
  record.arguments_bytes = record.arguments.size();
  Completion completion;
  completion.outcome = Outcome::completed;
  Ticket ticket;
  REQUIRE(log.begin(record, nullptr, ticket) == ErrorCode::none);
  log.end(ticket, completion);
}

TEST_CASE("content_keys: a log stores content sealed, and an erased key erases it in the log") {
  test::LogFolder world;
  world.settings.content_keys = world.folder.path("keys");
  world.settings.capture.rules = {{"*", Level::redacted, Level::redacted}};
  auto log = world.open();
  write_order(*log, 1, "acme");
  write_order(*log, 2, "other");
  REQUIRE(log->flush(10'000));
  const std::string segment =
      world.settings.directory + "/" + log->health().log + "/" + "0000000000000001.seg";
  CHECK(test::text_of(segment).find("bicycle") == std::string::npos);
  const auto keys = open(world.settings.content_keys, false);
  auto acme = sealed_of(world.settings.directory, "acme");
  REQUIRE(acme.size() == 1);
  const auto before = open_content(*keys, "acme", acme[0]);
  REQUIRE(before.has_value());
  CHECK(*before == R"({"item":"blue bicycle"})");

  // By another process, while the log is open.
  REQUIRE(open(world.settings.content_keys, false)->erase("acme"));
  CHECK(open_content(*keys, "acme", acme[0]).error().code == ErrorCode::audit_key);
  write_order(*log, 3, "acme");
  log.reset();
  acme = sealed_of(world.settings.directory, "acme");
  REQUIRE(acme.size() == 2);
  CHECK(open_content(*keys, "acme", acme[0]).error().code == ErrorCode::audit_key);
  CHECK(open_content(*keys, "acme", acme[1]).has_value());  // of the key that was made since
  const auto other = sealed_of(world.settings.directory, "other");
  REQUIRE(other.size() == 1);
  CHECK(open_content(*keys, "other", other[0]).has_value());
  test::check_intact(world.settings);
}

}  // namespace
}  // namespace mcpgov::audit
