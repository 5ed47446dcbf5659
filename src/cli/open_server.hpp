// Questions about a server's policies that are partly open, by the governor's own mapping.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/open_answer.hpp"
#include "cli/setting.hpp"
#include "governor/snapshot.hpp"
#include "request/words.hpp"

namespace mcpgov::cli {

// Of whom a question is about.
// entity: one that policies or entities name: a caller, or a group or role of one of whom nothing
// else is known. Without it, anyone of the type.
struct OpenCaller {
  request::TypeWord type = request::TypeWord::user;
  policy::EntityId entity = policy::kNoEntity;
};

// What it is about: a tool with its arguments (JSON; empty: open), or any prompt or resource.
struct OpenUse {
  request::ActionWord action = request::ActionWord::call_tool;
  std::string_view tool = {};
  std::string_view arguments = {};
};

// A server's configuration, with the list of its tools. What the session adds to the context
// (time, address, transport) is open. Threads: one thread.
class OpenServer {
 public:
  // tools: a file with the server's own list, or empty.
  static Result<std::unique_ptr<OpenServer>> open(const Place& place, const std::string& tools);

  const std::string& name() const noexcept { return name_; }
  const Config& config() const noexcept { return config_; }
  std::vector<std::string_view> tool_names() const;

  // Users, agents, workloads, groups and roles that policies or entities name, by type and id.
  std::vector<OpenCaller> named_callers() const;
  std::string text_of(const OpenCaller& caller) const;

  // Errors: policy_too_large, message_shape (the arguments are no JSON object).
  Result<OpenAnswer> ask(const OpenCaller& caller, const OpenUse& use);
  Result<OpenAnswer> ask(const Caller& caller, const OpenUse& use);

 private:
  // kind: of a member of a group or role, who may be of any.
  struct OpenPrincipal {
    const OpenCaller* caller = nullptr;
    request::TypeWord kind = request::TypeWord::user;
  };
  Result<OpenAnswer> ask(const Caller& caller, const OpenPrincipal& principal, const OpenUse& use);
  std::string type_text(request::TypeWord type) const;

  std::string name_;
  Config config_;
  std::shared_ptr<const detail::Snapshot> snapshot_;
  const detail::ServerSnapshot* server_ = nullptr;
  std::optional<catalog::Catalog> claimed_;
  request::Scratch scratch_;
};

}  // namespace mcpgov::cli
