// `mcpgov schema`.
// Tested by tests/cli/schema_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/schema.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/arena.hpp"
#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "cli/setting.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::cli {

namespace {

// As it is, not resolved: what a part of a schema names may be declared elsewhere.
Result<std::string> translated(const std::string& file) {
  const Result<std::string> text = read_input(file, kDocumentBytes);
  if (!text) return text.error();
  Arena arena;
  const bool json = policy::cedar::is_schema_json(*text);
  auto declared = json ? policy::cedar::parse_schema_json(*text, arena)
                       : policy::cedar::parse_schema(*text, arena);
  if (!declared) {
    Error error = std::move(declared).error();
    error.file = file;
    return error;
  }
  if (!json) return policy::cedar::schema_json(*declared);
  return policy::cedar::schema_text(*declared);
}

Result<std::string> generated(const SchemaCommand& command) {
  Result<policy::Source> stub = policy::Source{command.stub, {}};
  if (command.stub.empty()) {
    stub = request::default_stub(command.space);
    if (!stub) return stub.error();
  } else {
    Result<std::string> text = read_input(command.stub, kDocumentBytes);
    if (!text) return text.error();
    stub->text = *std::move(text);
  }
  Result<std::string> tools = read_input(command.tools, kToolsBytes);
  if (!tools) return tools;
  request::SchemaOptions options = command.options;
  if (command.agent) {
    options = request::SchemaOptions::agent();
    options.include_outputs = command.options.include_outputs;
  }
  options.erase_annotations = !command.keep_annotations;
  return request::tool_schema(
      *stub, {command.tools, *std::move(tools)}, options,
      command.json ? request::SchemaForm::json : request::SchemaForm::cedar);
}

Result<void> write_out(const std::string& path, const std::string& text) {
  std::error_code cause;
  if (std::filesystem::exists(path, cause)) return replace_file(path, text);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.flush();
  if (out) return {};
  return Error{ErrorCode::file_unreadable, "cannot write `" + path + "`", path, 0, 0};
}

}  // namespace

int schema(const SchemaCommand& command) {
  Result<std::string> text =
      command.translate.empty() ? generated(command) : translated(command.translate);
  if (!text) return fail(text.error());
  if (text->empty() || text->back() != '\n') *text += '\n';
  if (!command.out.empty()) {
    const Result<void> written = write_out(command.out, *text);
    return written ? kAllowed : fail(written.error());
  }
  if (std::fwrite(text->data(), 1, text->size(), stdout) == text->size()) return kAllowed;
  tell("standard output cannot be written");
  return kFailed;
}

}  // namespace mcpgov::cli
