// Any bytes, in any context: the parser never crashes, and never gives views outside the body.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/wire.hpp"
#include "wire/document.hpp"
#include "wire/spans.hpp"
#include "wire/splice.hpp"

namespace {

using namespace mcpgov::wire;

void must(bool holds) {
  if (!holds) std::abort();
}

// `part` is empty or lies within `whole`.
void inside(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  must(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// The scanner must find the very bytes the parser found.
void check_spans(const Message& message) {
  std::string_view found;
  if (!message.params.empty()) {
    must(find_member(message.raw, "params", found) && found.data() == message.params.data() &&
         found.size() == message.params.size());
  }
  if (!message.arguments.empty()) {
    must(find_value(message.raw, "/params/arguments", found) &&
         found.data() == message.arguments.data() && found.size() == message.arguments.size());
  }
}

// A message without its listened entries, made private, is read again as a message.
void check_splice(const Message& message, const ParseContext& context) {
  if (message.result.empty() || context.transport == mcpgov::Transport::stdio) return;
  static Parser again;
  Splice splice(message.raw);
  const Splice::Member members[] = {{"cacheScope", "\"private\""}, {"ttlMs", "0"}};
  splice.set_members(message.result, members);
  std::string_view tools;
  const std::vector<unsigned char> marks = {1, 0, 1, 1};
  if (find_member(message.result, "tools", tools)) splice.remove_elements(tools, marks);
  std::string out;
  must(splice.apply(out));
  ParseContext wide = context;
  wide.limits = {};
  wide.limits.members_from_server += 2;
  wide.limits.members += 2;
  const Batch batch = again.parse(out, wide);
  must(!batch.refusal.refused() && batch.messages.size() == 1);
  must(!batch.messages[0].refusal.refused());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  static Parser parser;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const unsigned choice = bytes[0];
  ParseContext context;
  context.direction = static_cast<mcpgov::Direction>(choice & 1U);
  context.transport = static_cast<mcpgov::Transport>((choice >> 1U & 3U) % 3U);
  context.negotiated = static_cast<Revision>((choice >> 3U & 7U) % 6U);
  if ((choice & 0x40U) != 0) context.limits = {256, 8, 16, 16, 4};
  // The fields agree with a modern tools/call of the seeds, so that the code behind is reached.
  const Header fields[] = {{"Content-Type", "application/json"},
                           {"MCP-Protocol-Version", "2026-07-28"},
                           {"Mcp-Method", "tools/call"},
                           {"Mcp-Name", "=?base64?dA==?="},
                           {"Mcp-Param-A", "1"}};
  context.http.method = "POST";
  context.http.headers = std::span(fields).first((choice & 0x80U) != 0 ? 5 : 1);

  const Batch batch = parser.parse(input.substr(1), context);
  must(!batch.refusal.refused() || batch.messages.empty());
  for (const Message& message : batch.messages) {
    must(!message.raw.empty());
    for (const std::string_view part :
         {message.params, message.arguments, message.result, message.error, message.id.raw}) {
      inside(part, message.raw);
    }
    for (const ListenEntry& entry : message.listen) inside(entry.raw, message.raw);
    if (message.refusal.refused()) continue;
    must(tree(parser, message).error() == simdjson::SUCCESS);
    check_spans(message);
    if (!batch.array) check_splice(message, context);
    const ParamHeader wanted = {"A", "/a", ParamHeader::Type::integer};
    (void)parser.check_param_headers(message, context.http, std::span(&wanted, 1));
  }
  (void)classify_bodyless(context);
  return 0;
}
