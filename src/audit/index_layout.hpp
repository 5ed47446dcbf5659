// The places of things in an index file. docs/audit-format.md describes them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcpgov::audit::index_layout {

inline constexpr std::string_view kMagic = "MCPGVIDX";
inline constexpr std::uint32_t kVersion = 2;
inline constexpr std::size_t kHeader = 128;
inline constexpr std::size_t kPlace = 16;
inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kPageHeader = 8;
inline constexpr std::size_t kKeyBytes = 6, kEntry = kKeyBytes + 4;
inline constexpr std::size_t kPageEntries = (kPage - kPageHeader) / kEntry;
inline constexpr std::size_t kListHeader = 8;
// A key of one leaf, which most are, names it; otherwise this bit is set and a list's place.
inline constexpr std::uint32_t kListBit = 0x8000'0000U;
// Of what is read: of a list, which becomes up to eight times as much in memory. One run of leaves
// takes 2 to 3 bytes, and a segment of 1 GiB has some 850,000 leaves.
inline constexpr std::uint32_t kMaxListBytes = 16 * 1024 * 1024;
// Of what is read. A segment of 128 GiB has as many chunks.
inline constexpr std::uint32_t kMaxIndexChunks = 1024 * 1024;

// Places in the header.
inline constexpr std::size_t kVersionAt = 8, kSumAt = 12, kUuidAt = 16, kFirstSeqAt = 32,
                             kLastSeqAt = 40, kMinTimeAt = 48, kMaxTimeAt = 56, kSaltAt = 64,
                             kChunksAt = 68, kPagesAt = 72, kListBytesAt = 76, kPlacesSumAt = 80,
                             kClosedAt = 84;

}  // namespace mcpgov::audit::index_layout
