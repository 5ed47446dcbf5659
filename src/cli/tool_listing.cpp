// Asking a server for all pages of its tool list.
// Tested by tests/cli/tool_listing_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/tool_listing.hpp"

#include "mcpgov/mcpgov.hpp"
#include "wire/spans.hpp"

namespace mcpgov::cli {

namespace {

// JSON-RPC 2.0 section 5.1: the server has no such method, so it has no tools.
constexpr std::string_view kMethodNotFound = "-32601";

// What stands between the brackets of an array, empty for an empty one.
std::string_view elements(std::string_view array) {
  array.remove_prefix(1);
  array.remove_suffix(1);
  return array.find_first_not_of(" \t\r\n") == std::string_view::npos ? std::string_view{} : array;
}

}  // namespace

std::string ToolListing::request(std::string_view cursor) {
  id_ = id_prefix_ + std::to_string(++number_);
  std::string params;
  if (wire::is_modern(revision_)) {
    // MCP 2026-07-28 basic, "_meta": every request says these.
    params = R"("_meta":{"io.modelcontextprotocol/protocolVersion":")";
    params += wire::revision_text(revision_);
    params += R"(","io.modelcontextprotocol/clientCapabilities":{},)"
              R"("io.modelcontextprotocol/clientInfo":{"name":"mcpgov","version":")";
    params += MCPGOV_VERSION;
    params += R"("}})";
  }
  if (!cursor.empty()) {
    if (!params.empty()) params += ',';
    params.append(R"("cursor":)").append(cursor);
  }
  return R"({"jsonrpc":"2.0","id":")" + id_ + R"(","method":"tools/list","params":{)" + params +
         "}}";
}

std::string ToolListing::begin(wire::Revision revision) {
  revision_ = revision;
  pages_ = 0;
  active_ = true;
  tools_ = "[";
  failure_.clear();
  return request({});
}

ToolListing::Step ToolListing::fail(std::string why) {
  active_ = false;
  failure_ = std::move(why);
  return Step::failed;
}

ToolListing::Step ToolListing::take_error(const wire::Message& message) {
  std::string_view code;
  if (!wire::find_member(message.error, "code", code) || code != kMethodNotFound) {
    return fail("the server answered with an error");
  }
  active_ = false;
  tools_ = "[]";
  return Step::complete;
}

ToolListing::Step ToolListing::take(const wire::Message& message, std::string& next) {
  if (!active_ || message.id.type != wire::Id::Type::string || message.id.text != id_) {
    return Step::not_ours;
  }
  if (message.refusal.refused()) {
    return fail("the answer is refused: " + std::string(code_sentence(message.refusal.code)));
  }
  if (message.kind != wire::Kind::response && message.kind != wire::Kind::error_response) {
    return Step::not_ours;
  }
  if (message.kind == wire::Kind::error_response) return take_error(message);
  std::string_view tools;
  if (!wire::find_member(message.result, "tools", tools) || !tools.starts_with('[')) {
    return fail("the answer has no list of tools");
  }
  const std::string_view items = elements(tools);
  if (tools_.size() + items.size() > kBytes) return fail("the list is too large");
  if (tools_.size() > 1 && !items.empty()) tools_ += ',';
  tools_ += items;
  std::string_view cursor;
  if (!wire::find_member(message.result, "nextCursor", cursor) || cursor == "null") {
    active_ = false;
    tools_ += ']';
    return Step::complete;
  }
  if (!cursor.starts_with('"')) return fail("the cursor is no string");
  if (++pages_ == kPages) return fail("the list has too many pages");
  next = request(cursor);
  return Step::next;
}

}  // namespace mcpgov::cli
