// The command `mcpgov`: governs stdio servers, explains decisions, checks configurations.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/audit.hpp"
#include "cli/authorize.hpp"
#include "cli/can.hpp"
#include "cli/check.hpp"
#include "cli/fmt.hpp"
#include "cli/policy_tests.hpp"
#include "cli/run.hpp"
#include "cli/schema.hpp"
#include "cli/setting.hpp"
#include "cli/who_can.hpp"
#include "cli/whoami.hpp"
#include "mcpgov/mcpgov.hpp"

namespace {

using namespace mcpgov::cli;
namespace request = mcpgov::request;

void add_place(CLI::App& command, Place& place) {
  command.add_option("-c,--config", place.config, "configuration, YAML or JSON")
      ->capture_default_str();
  command.add_option("-s,--server", place.server,
                     "its name in the configuration; needed when there are several");
  command.add_option("-t,--tenant", place.tenant, "decide with this tenant's servers");
  command.add_option("--caller", place.caller,
                     "who calls: JSON, or @FILE; instead of `identity.stdio`");
}

CLI::App* add_run(CLI::App& app, RunOptions& options) {
  CLI::App* command =
      app.add_subcommand("run",
                         "Starts an MCP server and governs what it and its client say over stdio:\n"
                         "mcpgov run [OPTIONS] -- SERVER [ARGUMENTS...]");
  command->footer(
      "Signals: TERM and INT are passed on to the server; HUP reads the configuration again.\n"
      "Exit code: the server's own; 128 and the number for a signal; 1 when the configuration\n"
      "or the command line cannot be used, 127 when the server cannot be started.");
  add_place(*command, options.place);
  command
      ->add_option("--tools-timeout", options.tools_timeout_s,
                   "seconds that calls wait for the list of the server's tools")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  command
      ->add_option("--exit-timeout", options.exit_timeout_s,
                   "seconds for each step of the shutdown: end of input, TERM, KILL")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  command->add_option("command", options.command, "the server and its arguments")->required();
  return command;
}

CLI::App* add_authorize(CLI::App& app, AuthorizeOptions& options) {
  CLI::App* command =
      app.add_subcommand("authorize", "Decides one message, without a server, and says why");
  command->footer(
      "Exit code: 0 allowed, 2 denied, 1 when there is nothing to decide.\n"
      "Nothing is written to the records.");
  add_place(*command, options.place);
  command->add_option("--tools", options.tools, "the server's tools/list result, a file");
  command->add_flag("--from-server", options.from_server, "the server sent the message");
  command->add_option("--http-header", options.headers,
                      "`Name: value`; the message came over streamable HTTP");
  command->add_option("--peer", options.peer, "address of the peer");
  command->add_option("--time", options.time, "decide as if it were then: 2026-11-20T10:00:00Z");
  command->add_flag("--json", options.json, "for programs: one JSON object");
  command->add_option("message", options.message, "file with the message, - for standard input")
      ->required();
  return command;
}

CLI::App* add_check(CLI::App& app, CheckOptions& options) {
  CLI::App* command =
      app.add_subcommand("check", "Checks a configuration and everything it names, or policies");
  command->footer("Exit code: 0 when it can be used (warnings are printed), 1 when not.");
  CLI::Option* config =
      command->add_option("-c,--config", options.config, "configuration, YAML or JSON")
          ->capture_default_str();
  CLI::Option* tools =
      command->add_option("--tools", options.tools,
                          "also check this tools/list result, a file: the policies have to fit it");
  CLI::Option* stub =
      command->add_option("--stub", options.stub,
                          "schema stub to check the policies with, instead of the built-in one");
  CLI::Option* policies =
      command->add_option("--policies", options.policies, "check only these policy files")
          ->excludes(config)
          ->excludes(stub)
          ->excludes(tools);
  CLI::Option* schema = command
                            ->add_option("--schema", options.schema,
                                         "Cedar schema, either syntax: the policies have to fit it")
                            ->needs(policies);
  command->add_flag("--permissive", options.validation.permissive, "allow subtypes and unions")
      ->needs(schema);
  command
      ->add_option("--level", options.validation.level,
                   "how many entities a policy may look through, one behind the other")
      ->needs(schema);
  command
      ->add_option_function<std::string>(
          "--compat",
          [&options](const std::string& version) {
            options.validation.compat =
                version == "4.13" ? mcpgov::policy::Compat::v4_13 : mcpgov::policy::Compat::v4_12;
          },
          "release of the official engine to agree with (4.12)")
      ->check(CLI::IsMember({"4.12", "4.13"}))
      ->needs(schema);
  return command;
}

CLI::App* add_fmt(CLI::App& app, FmtOptions& options) {
  CLI::App* command = app.add_subcommand("fmt", "Lays policies out as Cedar's own formatter does");
  command->footer(
      "Exit code: 0, or 1 when a file cannot be read, parsed or written, or when --check found\n"
      "one that would change.");
  CLI::Option* check =
      command->add_flag("--check", options.check, "change nothing, name what would change");
  command->add_flag("--write", options.write, "write into the files; their names are printed")
      ->excludes(check);
  command->add_option("--width", options.width, "columns of a line")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command->add_option("--indent", options.indent, "spaces of a level")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  command->add_flag("--as-reference", options.as_reference,
                    "drop the comments that Cedar's formatter drops, beside a trailing comma");
  command->add_option("files", options.files, "policy files, - for standard input")->required();
  return command;
}

CLI::App* add_test(CLI::App& app, PolicyTestsOptions& options) {
  CLI::App* command = app.add_subcommand(
      "test", "Decides the cases of *.test.yaml files and compares with what they expect");
  command->footer(
      "Exit code: 0 when every case comes out as written, 2 when not or when the coverage is too\n"
      "low, 1 when a file cannot be used or no case was run.");
  command->add_option("--filter", options.filter, "only cases whose `file: name` contains this");
  command->add_option("--junit", options.junit, "also write a report for CI servers, a file");
  command->add_flag("--coverage", options.coverage, "name the policies that decided no case");
  command->add_option("--min-coverage", options.min_coverage, "percent of policies that must")
      ->check(CLI::Range(0.0, 100.0));
  command->add_flag("-q,--quiet", options.quiet, "print only what failed");
  command->add_option("paths", options.paths, "files, or folders with *.test.yaml or *.test.json")
      ->required();
  return command;
}

// All options that the command has already are about a server, but those of the form.
void add_plain(CLI::App& command, PlainQuestion& plain) {
  const std::vector<CLI::Option*> of_server = command.get_options([](const CLI::Option* option) {
    return option->get_name() != "--help" && option->get_name() != "--json";
  });
  CLI::Option* policies = command.add_option(
      "--policies", plain.policies, "ask these Cedar files instead of a server's configuration");
  const auto add = [&](const char* name, std::string& value, const char* what) {
    command.add_option(name, value, what)->needs(policies);
  };
  add("--entities", plain.entities, "of these policies, a JSON file");
  add("--schema", plain.schema, "of these policies, a file, JSON or not");
  add("--principal", plain.principal, "`Type::\"id\"`, or `Type` for any of it; default: any");
  add("--action", plain.action, "`Action::\"id\"`; default: any");
  add("--resource", plain.resource, "as --principal");
  add("--context", plain.context, "JSON; default: nothing is known of it");
  for (CLI::Option* option : of_server) policies->excludes(option);
}

CLI::App* add_whoami(CLI::App& app, WhoamiOptions& options) {
  CLI::App* command = app.add_subcommand(
      "whoami", "Tells who a token (on standard input) says it is, and why it is believed or not");
  command->footer(
      "Exit code: 0 when the caller is known, 2 when not, 1 when nothing could be asked.");
  command->add_option("-c,--config", options.config, "configuration, YAML or JSON")
      ->capture_default_str();
  command->add_option("--scheme", options.scheme, "how the request shows the token")
      ->check(CLI::IsMember({"bearer", "dpop", "api-key", "none"}))
      ->capture_default_str();
  command->add_option("--header", options.headers,
                      "a further field of the request, `Name: value`; may be repeated");
  command->add_option("--method", options.method, "of the request")->capture_default_str();
  command->add_option("--url", options.url,
                      "of the request, absolute; proofs of possession name it");
  command->add_option("--peer", options.peer, "address of the client or proxy");
  command->add_option("--at", options.at_s,
                      "the time that counts, seconds since 1970; default: now");
  command->add_flag("--offline", options.offline, "fetch nothing");
  command->add_flag("--json", options.json, "for programs: one JSON object");
  return command;
}

CLI::App* add_api_key(CLI::App& app, ApiKeyOptions& options) {
  CLI::App* command = app.add_subcommand(
      "api-key", "Makes an API key: prints it, and on standard error what the configuration needs");
  command->add_option("--prefix", options.prefix, "by which people and scanners know the key")
      ->capture_default_str();
  return command;
}

CLI::App* add_who_can(CLI::App& app, WhoCanOptions& options) {
  CLI::App* command =
      app.add_subcommand("who-can", "Tells which callers may call a tool, and on what it depends");
  command->footer("Exit code: 0 when there is an answer, whatever it is; 1 when there is none.");
  command->add_option("-c,--config", options.place.config, "configuration, YAML or JSON")
      ->capture_default_str();
  command->add_option("-s,--server", options.place.server,
                      "its name in the configuration; needed when there are several");
  command->add_option("-t,--tenant", options.place.tenant, "ask this tenant's servers");
  command->add_option("--tools", options.tools, "the server's tools/list result, a file");
  command->add_option("--arguments", options.arguments, "of the call, JSON; default: any");
  command->add_flag("--json", options.json, "for programs: one JSON object");
  command->add_option("tool", options.tool, "the tool's name");
  add_plain(*command, options.plain);
  return command;
}

CLI::App* add_can(CLI::App& app, CanOptions& options) {
  CLI::App* command =
      app.add_subcommand("can", "Tells what a caller may use of a server, and on what it depends");
  command->footer("Exit code: 0 when there is an answer, whatever it is; 1 when there is none.");
  add_place(*command, options.place);
  command->add_option("--tools", options.tools, "the server's tools/list result, a file");
  command->add_option("--kind", options.kind,
                      "of the caller: user (if it is not given), agent, workload, anonymous");
  command->add_option("--issuer", options.issuer, "of the caller's identity");
  command->add_option("--subject", options.subject, "of the caller");
  command->add_option("--group", options.groups, "of the caller; may be repeated");
  command->add_option("--role", options.roles, "of the caller; may be repeated");
  command->add_option("--claim", options.claims,
                      "`name=value`, JSON or else a string; may be repeated");
  command->add_flag("--json", options.json, "for programs: one JSON object");
  CLI::Option* caller = command->get_option("--caller");
  for (const char* name : {"--kind", "--issuer", "--subject", "--group", "--role", "--claim"}) {
    caller->excludes(command->get_option(name));
  }
  add_plain(*command, options.plain);
  return command;
}

// What the verb needs, and what does not go together by place.
void check_schema_command(const SchemaCommand& command) {
  if (command.translate.empty() && command.tools.empty()) {
    throw CLI::ValidationError("schema", "a tool list or --translate is needed");
  }
  if (command.translate.empty() && command.stub.empty() && command.space.empty()) {
    throw CLI::ValidationError("schema", "a stub or --namespace is needed");
  }
  if (!command.stub.empty() && !command.space.empty()) {
    throw CLI::ValidationError("schema",
                               "the stub has its own namespace: --namespace is not for it");
  }
}

CLI::App* add_schema(CLI::App& app, SchemaCommand& command) {
  CLI::App* sub =
      app.add_subcommand("schema",
                         "Makes the Cedar schema of a server's tools, or translates a schema:\n"
                         "mcpgov schema [OPTIONS] STUB TOOLS.json\n"
                         "mcpgov schema --agent --namespace NAME TOOLS.json\n"
                         "mcpgov schema --translate FILE");
  sub->footer("Exit code: 0, or 1 when a file cannot be read or made a schema of.");
  CLI::Option* translate = sub->add_option(
      "--translate", command.translate, "print this schema in the other syntax, Cedar's or JSON");
  sub->add_option("--out", command.out, "write into this file instead of standard output");
  sub->add_option_function<std::string>(
         "--format", [&command](const std::string& form) { command.json = form == "json"; },
         "cedar or json")
      ->check(CLI::IsMember({"cedar", "json"}))
      ->excludes(translate);
  CLI::Option* agent =
      sub->add_flag(
             "--agent", command.agent,
             "fit the requests made here: --objects-as-records --encode-numbers-as-decimal,\n"
             "and names that Cedar does not allow are changed as requests do")
          ->excludes(translate);
  sub->add_option("--namespace", command.space, "of the stub that is built in, if none is given")
      ->excludes(translate);
  request::SchemaOptions& options = command.options;
  sub->add_flag("--include-outputs", options.include_outputs, "the context has `output?` too")
      ->excludes(translate);
  sub->add_flag("--objects-as-records", options.objects_as_records, "else they are entities")
      ->excludes(translate);
  sub->add_flag("--keep-annotations", command.keep_annotations, "of the stub: `@mcp_...`")
      ->excludes(translate);
  sub->add_flag("--flatten-namespaces", options.flatten_namespaces,
                "one namespace: `t_Input_mode` instead of `t::Input::mode`")
      ->excludes(translate)
      ->excludes(agent);
  sub->add_flag("--encode-numbers-as-decimal", options.encode_numbers_as_decimal,
                "else they are entities that can be equal or not")
      ->excludes(translate);
  sub->add_flag("--deduplicate-entity-types", options.deduplicate_entity_types,
                "one type instead of several that say the same")
      ->excludes(translate)
      ->excludes(agent);
  sub->add_option_function<std::vector<std::string>>(
         "files",
         [&command](const std::vector<std::string>& files) {
           command.tools = files.back();
           if (files.size() == 2) command.stub = files.front();
         },
         "the stub, and the server's tools/list result; - for standard input")
      ->expected(1, 2)
      ->excludes(translate);
  sub->callback([&command] { check_schema_command(command); });
  return sub;
}

int command_line(int argc, char** argv) {
  CLI::App app("Who is calling, may they, and what happened: policy and audit for MCP servers.");
  app.name("mcpgov");
  app.set_version_flag("--version", "mcpgov " MCPGOV_VERSION);
  app.require_subcommand(1);
  RunOptions run_options;
  AuthorizeOptions authorize_options;
  CheckOptions check_options;
  const CLI::App* run_command = add_run(app, run_options);
  const CLI::App* authorize_command = add_authorize(app, authorize_options);
  FmtOptions fmt_options;
  const CLI::App* fmt_command = add_fmt(app, fmt_options);
  PolicyTestsOptions test_options;
  const CLI::App* test_command = add_test(app, test_options);
  WhoCanOptions who_can_options;
  const CLI::App* who_can_command = add_who_can(app, who_can_options);
  CanOptions can_options;
  const CLI::App* can_command = add_can(app, can_options);
  WhoamiOptions whoami_options;
  const CLI::App* whoami_command = add_whoami(app, whoami_options);
  ApiKeyOptions api_key_options;
  const CLI::App* api_key_command = add_api_key(app, api_key_options);
  SchemaCommand schema_options;
  const CLI::App* schema_command = add_schema(app, schema_options);
  add_check(app, check_options);
  const AuditCommand audit_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    // Help and version are asked for; everything else is an error of one line.
    if (problem.get_exit_code() == 0) return app.exit(problem);
    tell(std::string(problem.what()) + " (--help says more)");
    return audit_command.parsed() ? kAuditMisuse : kFailed;
  }
  if (audit_command.parsed()) return audit_command.run();
  if (run_command->parsed()) return run(run_options);
  if (authorize_command->parsed()) return authorize(authorize_options);
  if (fmt_command->parsed()) return fmt(fmt_options);
  if (test_command->parsed()) return policy_tests(test_options);
  if (who_can_command->parsed()) return who_can(who_can_options);
  if (can_command->parsed()) return can(can_options);
  if (whoami_command->parsed()) return whoami(whoami_options);
  if (api_key_command->parsed()) return api_key(api_key_options);
  if (schema_command->parsed()) return schema(schema_options);
  return check(check_options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return command_line(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "mcpgov: %s\n", problem.what());
    return kFailed;
  }
}
