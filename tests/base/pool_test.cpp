// Blocks: distinct, aligned, used again by their thread, and safe to give back on any other.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace mcpgov {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 1023, 1024, 1025, 4096, 4097, 16384, 16385, 65536, 1 << 20};

// Every byte, so that a sanitizer sees blocks that overlap, are too small or are still in use.
void fill(const Block& block, unsigned char value) {
  std::memset(block.bytes, value, block.size);
}
bool filled(const Block& block, unsigned char value) {
  const auto* const bytes = static_cast<const unsigned char*>(block.bytes);
  return std::all_of(bytes, bytes + block.size, [&](unsigned char b) { return b == value; });
}

TEST_CASE("pool: a block is as large as asked, aligned, and nobody else's") {
  std::vector<Block> blocks;
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : kSizes) {
      blocks.push_back(take_block(size));
      CHECK(blocks.back().size >= size);
      CHECK(reinterpret_cast<std::uintptr_t>(blocks.back().bytes) % alignof(std::max_align_t) == 0);
      fill(blocks.back(), static_cast<unsigned char>(blocks.size()));
    }
  }
  for (std::size_t at = 0; at < blocks.size(); ++at) {
    CHECK(filled(blocks[at], static_cast<unsigned char>(at + 1)));
    give_block(blocks[at].bytes);
  }
  give_block(nullptr);
}

TEST_CASE("pool: a thread gets its blocks back, each size its own") {
  std::thread([] {
    for (const std::size_t size : {1000U, 4000U, 16000U}) {
      std::set<void*> first;
      std::vector<Block> blocks;
      for (int at = 0; at < 100; ++at) {
        blocks.push_back(take_block(size));
        first.insert(blocks.back().bytes);
      }
      for (const Block& block : blocks) give_block(block.bytes);
      blocks.clear();
      for (int at = 0; at < 100; ++at) {
        blocks.push_back(take_block(size));
        CHECK(first.count(blocks.back().bytes) == 1);
      }
      for (const Block& block : blocks) give_block(block.bytes);
    }
  }).join();
}

TEST_CASE("pool: blocks that another thread gives back come home and are used again") {
  std::thread([] {
    std::set<void*> first;
    for (int round = 0; round < 20; ++round) {
      std::vector<Block> blocks;
      for (int at = 0; at < 50; ++at) {
        blocks.push_back(take_block(1000));
        fill(blocks.back(), 1);
        if (round == 0) first.insert(blocks.back().bytes);
        CHECK(first.count(blocks.back().bytes) == 1);
      }
      std::thread([&blocks] {
        for (const Block& block : blocks) {
          fill(block, 2);
          give_block(block.bytes);
        }
      }).join();
    }
  }).join();
}

TEST_CASE("pool: a thread may end before its blocks do") {
  std::vector<Block> out;
  std::thread([&out] {
    std::vector<Block> kept;
    for (int at = 0; at < 20; ++at) {
      kept.push_back(take_block(1000));
      out.push_back(take_block(1000));
      fill(out.back(), 3);
    }
    for (const Block& block : kept) give_block(block.bytes);
  }).join();
  for (const Block& block : out) CHECK(filled(block, 3));
  for (const Block& block : out) give_block(block.bytes);
}

TEST_CASE("pool: takers, givers and ends of threads at the same time") {
  // Each block goes through a slot from a thread that takes it to one that gives it back; takers
  // end while their blocks are under way.
  constexpr int kPairs = 2;
  constexpr int kRounds = 20;
  constexpr int kBlocks = 200;
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> seen{0};
  std::vector<std::thread> pairs;
  for (int pair = 0; pair < kPairs; ++pair) {
    pairs.emplace_back([&wrong, &seen] {
      std::atomic<Block*> slot{nullptr};
      std::thread giver([&] {
        for (int at = 0; at < kRounds * kBlocks; ++at) {
          Block* block = nullptr;
          while ((block = slot.exchange(nullptr, std::memory_order_acquire)) == nullptr) {
            std::this_thread::yield();
          }
          if (!filled(*block, static_cast<unsigned char>(at))) ++wrong;
          give_block(block->bytes);
          delete block;
          ++seen;
        }
      });
      for (int round = 0; round < kRounds; ++round) {
        std::thread([&] {
          for (int at = 0; at < kBlocks; ++at) {
            auto* const block = new Block(take_block(at % 10 == 0 ? 5000 : 100));
            fill(*block, static_cast<unsigned char>(round * kBlocks + at));
            Block* empty = nullptr;
            while (!slot.compare_exchange_weak(empty, block, std::memory_order_release)) {
              empty = nullptr;
              std::this_thread::yield();
            }
          }
        }).join();
      }
      giver.join();
    });
  }
  for (std::thread& pair : pairs) pair.join();
  CHECK(wrong == 0);
  CHECK(seen == std::uint64_t{kPairs} * kRounds * kBlocks);
}

TEST_CASE("pool: at the end of its thread a block may still be given back") {
  // A verdict kept in a thread-local variable is destroyed after the pool of its thread was.
  struct Last {
    std::vector<Block> blocks;
    ~Last() {
      for (const Block& block : blocks) give_block(block.bytes);
      const Block late = take_block(100);
      fill(late, 4);
      give_block(late.bytes);
    }
  };
  std::thread([] {
    thread_local Last last;  // made before the pool, so destroyed after it
    last.blocks.reserve(10);
    for (int at = 0; at < 10; ++at) last.blocks.push_back(take_block(1000));
  }).join();
}

}  // namespace
}  // namespace mcpgov
