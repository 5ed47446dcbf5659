// Tests of mcpgov/net.hpp: errands, and the thread that runs them.
//
// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/net.hpp"
#include "support/web_server.hpp"

namespace {

using namespace mcpgov;
using identity::Fetch;
using test::http_reply;
using test::WebServer;

constexpr std::uint32_t kLong = 20'000;  // ms

// Gives out rounds of fetches, keeps the answers, and lets a test wait for what happens.
class Board {
 public:
  std::deque<std::vector<Fetch>> rounds;
  bool without_end = false;
  bool throws = false;

  net::Errands errands() {
    return {this, [](void* self, std::uint64_t) { return static_cast<Board*>(self)->due(); },
            [](void* self, const Fetch& fetch, const net::Answer& answer, std::uint64_t now_us) {
              static_cast<Board*>(self)->accept(fetch, answer, now_us);
            }};
  }

  void wait_for(int asked, std::size_t answers) {
    std::unique_lock hold(lock_);
    changed_.wait(hold, [&] { return asked_ >= asked && answers_.size() >= answers; });
  }
  void add(std::vector<Fetch> round) {
    const std::lock_guard hold(lock_);
    rounds.push_back(std::move(round));
  }
  int asked() {
    const std::lock_guard hold(lock_);
    return asked_;
  }
  std::vector<net::Answer> answers() {
    const std::lock_guard hold(lock_);
    return answers_;
  }

 private:
  std::vector<Fetch> due() {
    const std::lock_guard hold(lock_);
    ++asked_;
    changed_.notify_all();
    if (throws) throw std::bad_alloc();
    if (rounds.empty()) return {};
    std::vector<Fetch> round = rounds.front();
    if (!without_end) rounds.pop_front();
    return round;
  }
  void accept(const Fetch& fetch, const net::Answer& answer, std::uint64_t now_us) {
    CHECK(now_us > 1'700'000'000'000'000);
    const std::lock_guard hold(lock_);
    answers_.push_back(answer);
    answers_.back().detail = fetch.url;
    changed_.notify_all();
  }

  std::mutex lock_;
  std::condition_variable changed_;
  int asked_ = 0;
  std::vector<net::Answer> answers_;
};

Fetch fetch_of(const WebServer& server, const std::string& path) {
  Fetch fetch;
  fetch.url = server.url(path);
  fetch.private_addresses = true;
  return fetch;
}

std::string said(const std::string&) {
  return http_reply("said");
}

TEST_CASE("errands: round after round until nothing is due") {
  const WebServer server(nullptr, said);
  Board board;
  board.add({fetch_of(server, "/a"), fetch_of(server, "/b")});
  board.add({fetch_of(server, "/c")});
  CHECK(net::run_errands(board.errands(), kLong));
  CHECK(board.asked() == 3);
  const std::vector<net::Answer> answers = board.answers();
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].detail == server.url("/a"));
  CHECK(answers[1].detail == server.url("/b"));
  CHECK(answers[2].detail == server.url("/c"));
  for (const net::Answer& each : answers) CHECK(each.body == "said");
}

TEST_CASE("errands: failures are answers") {
  Board board;
  Fetch fetch;
  fetch.url = "https://127.0.0.1:1/";
  board.add({fetch});
  CHECK(net::run_errands(board.errands(), kLong));
  CHECK(board.answers().at(0).code == ErrorCode::fetch_address);
  CHECK(board.answers().at(0).of(fetch).status == 0);
}

TEST_CASE("errands: they end, also when they never come to an end") {
  const WebServer server(nullptr, said);
  Board board;
  board.without_end = true;
  board.add({fetch_of(server, "/")});
  CHECK(!net::run_errands(board.errands(), kLong));
  CHECK(board.answers().size() == 8);
}

TEST_CASE("errands: they end when the time is over") {
  const WebServer server(nullptr, [](const std::string&) { return WebServer::kStall; });
  Board board;
  board.without_end = true;
  board.add({fetch_of(server, "/")});
  CHECK(!net::run_errands(board.errands(), 200));
  CHECK(board.answers().at(0).code == ErrorCode::fetch_failed);
}

TEST_CASE("errands: what they throw reaches the caller") {
  Board board;
  board.throws = true;
  CHECK_THROWS_AS(net::run_errands(board.errands(), kLong), std::bad_alloc);
}

TEST_CASE("upkeep: runs what is due at once, in periods, and when it is woken") {
  const WebServer server(nullptr, said);
  Board board;
  board.add({fetch_of(server, "/a")});
  {
    Result<net::Upkeep> upkeep = net::Upkeep::start(board.errands(), 3'600'000);
    REQUIRE(upkeep);
    CHECK(upkeep->running());
    board.wait_for(2, 1);  // it asks again after an answer
    board.add({fetch_of(server, "/b")});
    upkeep->wake();
    board.wait_for(4, 2);
  }
  {
    Result<net::Upkeep> upkeep = net::Upkeep::start(board.errands(), 0);  // at least 10 ms
    REQUIRE(upkeep);
    board.wait_for(8, 2);
  }
  const int asked = board.asked();
  CHECK(board.asked() == asked);  // nobody is there to ask
}

TEST_CASE("upkeep: goes on after an exception of its errands") {
  Board board;
  board.throws = true;
  Result<net::Upkeep> upkeep = net::Upkeep::start(board.errands(), 10);
  REQUIRE(upkeep);
  board.wait_for(3, 0);
}

TEST_CASE("upkeep: its end breaks off what is under way") {
  const WebServer server(nullptr, [](const std::string&) { return WebServer::kStall; });
  Board board;
  Fetch fetch = fetch_of(server, "/");
  fetch.timeout_ms = 600'000;  // longer than any test may last
  board.add({fetch});
  {
    Result<net::Upkeep> upkeep = net::Upkeep::start(board.errands());
    REQUIRE(upkeep);
    board.wait_for(1, 0);
  }
  CHECK(board.answers().size() <= 1);
}

TEST_CASE("upkeep: moves with its thread") {
  Board first_board;
  Board second_board;
  Result<net::Upkeep> first = net::Upkeep::start(first_board.errands(), 10);
  Result<net::Upkeep> second = net::Upkeep::start(second_board.errands(), 10);
  REQUIRE(first);
  REQUIRE(second);
  *second = std::move(*first);
  CHECK(!first->running());
  CHECK(second->running());
  first->wake();  // moved from: nothing happens
  const int asked = first_board.asked();
  first_board.wait_for(asked + 2, 0);
  const net::Upkeep third = std::move(*second);
  CHECK(third.running());
}

TEST_CASE("upkeep: a forked child has none, and ends without it") {
  Board board;
  Result<net::Upkeep> upkeep = net::Upkeep::start(board.errands(), 10);
  REQUIRE(upkeep);
  std::optional<net::Upkeep> mine(std::move(*upkeep));
  board.wait_for(1, 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool runs = mine->running();
    mine->wake();
    mine.reset();
    _exit(runs ? 1 : 0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(mine->running());
}

}  // namespace
