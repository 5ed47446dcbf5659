// The request part of the C ABI: sessions, verdicts, replies.
// Tested by tests/c/abi_test.c and tests/c/cases_test.c
//
// SPDX-License-Identifier: Apache-2.0
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "handles.hpp"

using namespace mcpgov::c;
using mcpgov::ErrorCode;

static_assert(MCPGOV_FROM_CLIENT == static_cast<int>(mcpgov::Direction::from_client));
static_assert(MCPGOV_FROM_SERVER == static_cast<int>(mcpgov::Direction::from_server));
static_assert(MCPGOV_STDIO == static_cast<int>(mcpgov::Transport::stdio));
static_assert(MCPGOV_STREAMABLE_HTTP == static_cast<int>(mcpgov::Transport::streamable_http));
static_assert(MCPGOV_HTTP_SSE == static_cast<int>(mcpgov::Transport::http_sse));
static_assert(MCPGOV_REQUEST == static_cast<int>(mcpgov::wire::Kind::request));
static_assert(MCPGOV_NOTIFICATION == static_cast<int>(mcpgov::wire::Kind::notification));
static_assert(MCPGOV_RESPONSE == static_cast<int>(mcpgov::wire::Kind::response));
static_assert(MCPGOV_ERROR == static_cast<int>(mcpgov::wire::Kind::error_response));
static_assert(MCPGOV_STEP_NONE == static_cast<int>(mcpgov::StepKind::none));
static_assert(MCPGOV_STEP_APPROVAL == static_cast<int>(mcpgov::StepKind::approval));
static_assert(MCPGOV_STEP_FETCH == static_cast<int>(mcpgov::StepKind::fetch));
static_assert(MCPGOV_STEP_RECORD == static_cast<int>(mcpgov::StepKind::record));
static_assert(MCPGOV_AUTOMATIC == static_cast<int>(mcpgov::ReplyFormat::automatic));
static_assert(MCPGOV_JSON == static_cast<int>(mcpgov::ReplyFormat::json));
static_assert(MCPGOV_EVENT_STREAM == static_cast<int>(mcpgov::ReplyFormat::event_stream));

namespace {

// Out of range: false.
template <class Enum>
bool read_enum(std::int32_t value, std::int32_t last, Enum& out) noexcept {
  if (value < 0 || value > last) return false;
  out = static_cast<Enum>(value);
  return true;
}

// False: what was handed in cannot be understood, and is denied. Throws: std::bad_alloc.
bool read_incoming(const mcpgov_incoming* from, mcpgov::Incoming& out) {
  thread_local std::vector<mcpgov::Header> fields;  // these keep their memory between calls
  thread_local std::vector<std::string_view> chain;
  mcpgov_incoming host;
  if (!read_struct(from, host)) return false;
  if (!read_enum(host.direction, MCPGOV_FROM_SERVER, out.direction)) return false;
  if (host.header_count != 0 && host.headers == nullptr) return false;
  if (host.chain_count != 0 && host.chain == nullptr) return false;
  fields.clear();
  chain.clear();
  for (std::size_t at = 0; at < host.header_count; ++at) {
    fields.push_back({view(host.headers[at].name), view(host.headers[at].value)});
  }
  for (std::size_t at = 0; at < host.chain_count; ++at) chain.push_back(view(host.chain[at]));
  out.http = {view(host.http_method), view(host.url), fields};
  out.peer = view(host.peer);
  out.body = view(host.body);
  out.caller = host.caller == nullptr ? nullptr : &host.caller->caller;
  out.certificate = view(host.certificate);
  out.chain = chain;
  return true;
}

// Answers stand one after the other at the size their host gave them. What cannot be read refuses.
std::vector<mcpgov::Answer> read_answers(const mcpgov_answer* answers, std::size_t count) {
  std::vector<mcpgov::Answer> out;
  if (answers == nullptr || answers->struct_size < sizeof answers->struct_size) return out;
  const auto* at = reinterpret_cast<const unsigned char*>(answers);
  for (; count != 0; --count, at += answers->struct_size) {
    mcpgov_answer one;
    if (!read_struct(reinterpret_cast<const mcpgov_answer*>(at), one) ||
        one.struct_size != answers->struct_size) {
      return {};
    }
    out.push_back({one.number,
                   one.granted == MCPGOV_ALLOW,
                   view(one.by),
                   {0, one.http_status, view(one.body), one.max_age_s}});
  }
  return out;
}

}  // namespace

extern "C" {

mcpgov_session* mcpgov_governor_session(const mcpgov_governor* governor,
                                        const mcpgov_session_options* options) {
  return guarded(nullptr, static_cast<mcpgov_session*>(nullptr), [&]() -> mcpgov_session* {
    mcpgov_session_options host;
    mcpgov::SessionOptions read;
    if (governor == nullptr || !read_struct(options, host) ||
        !read_enum(host.transport, MCPGOV_HTTP_SSE, read.transport)) {
      return nullptr;
    }
    read.server = view(host.server);
    read.tenant = view(host.tenant);
    read.id = view(host.id);
    if (host.caller != nullptr) read.caller = host.caller->caller;
    return new mcpgov_session{governor->governor.session(read)};
  });
}

void mcpgov_session_free(mcpgov_session* session) {
  delete session;
}

mcpgov_verdicts* mcpgov_session_receive(mcpgov_session* session, const mcpgov_incoming* incoming) {
  auto* const out = new (std::nothrow) mcpgov_verdicts;
  if (out == nullptr) return without_memory();
  guarded(nullptr, 0, [&] {
    mcpgov::Incoming read;
    if (session != nullptr && read_incoming(incoming, read)) {
      out->verdicts = session->session.receive(read);
    }
    return 0;
  });
  return out;
}

mcpgov_reply* mcpgov_session_reply(mcpgov_session* session, mcpgov_verdict* verdict,
                                   int32_t format) {
  mcpgov::ReplyFormat framing = mcpgov::ReplyFormat::automatic;
  auto* const out = new (std::nothrow) mcpgov_reply;
  if (out == nullptr || session == nullptr || verdict == nullptr || is_shared(verdict) ||
      !read_enum(format, MCPGOV_EVENT_STREAM, framing)) {
    return out;
  }
  out->reply = session->session.reply(*open(verdict), framing);
  return out;
}

void mcpgov_session_await_answer(mcpgov_session* session, mcpgov_verdict* verdict) {
  if (session == nullptr || verdict == nullptr || is_shared(verdict)) return;
  session->session.await_answer(*open(verdict));
}

int32_t mcpgov_session_resume(mcpgov_session* session, mcpgov_verdict* verdict,
                              const mcpgov_answer* answers, size_t count) {
  if (session == nullptr || verdict == nullptr || is_shared(verdict)) return MCPGOV_DENY;
  mcpgov::Verdict& decision = *open(verdict);
  mcpgov::Verdict pending = std::move(decision);
  guarded(nullptr, 0, [&] {
    decision = session->session.resume(pending, read_answers(answers, count));
    return 0;
  });
  return mcpgov_verdict_allowed(verdict);
}

int32_t mcpgov_session_set_tools(mcpgov_session* session, mcpgov_str tools_json,
                                 mcpgov_error* error) {
  if (session == nullptr) return tell(error, ErrorCode::internal, "there is no session");
  return guarded(error, number(ErrorCode::out_of_memory), [&] {
    const auto set = session->session.set_tools(view(tools_json));
    return set ? number(ErrorCode::none) : tell(error, set.error());
  });
}

int mcpgov_session_wants_tools(const mcpgov_session* session) {
  return session != nullptr && session->session.wants_tools() ? 1 : 0;
}

size_t mcpgov_verdicts_count(const mcpgov_verdicts* verdicts) {
  return verdicts == nullptr ? 1 : verdicts->verdicts.size();
}

mcpgov_verdict* mcpgov_verdicts_at(mcpgov_verdicts* verdicts, size_t index) {
  if (verdicts == nullptr || index >= verdicts->verdicts.size()) return nullptr;
  return reinterpret_cast<mcpgov_verdict*>(&verdicts->verdicts[index]);
}

int mcpgov_verdicts_batch(const mcpgov_verdicts* verdicts) {
  return verdicts != nullptr && verdicts->verdicts.batch() ? 1 : 0;
}

void mcpgov_verdicts_free(mcpgov_verdicts* verdicts) {
  if (verdicts != without_memory()) delete verdicts;
}

int32_t mcpgov_verdict_allowed(const mcpgov_verdict* verdict) {
  return shown(verdict).allowed() ? MCPGOV_ALLOW : MCPGOV_DENY;
}

int32_t mcpgov_verdict_reason(const mcpgov_verdict* verdict) {
  return number(is_shared(verdict) ? ErrorCode::out_of_memory : shown(verdict).reason());
}

void mcpgov_verdict_denial(const mcpgov_verdict* verdict, mcpgov_denial* out) {
  const mcpgov::Denial denial = shown(verdict).denial();
  fill_struct(out, {0, denial.http_status, denial.headers.size(), str(denial.body)});
}

mcpgov_header mcpgov_verdict_denial_header(const mcpgov_verdict* verdict, size_t index) {
  const mcpgov::Denial denial = shown(verdict).denial();
  if (index >= denial.headers.size()) return {};
  return {str(denial.headers[index].name), str(denial.headers[index].value)};
}

void mcpgov_verdict_message(const mcpgov_verdict* verdict, mcpgov_message* out) {
  const mcpgov::MessageView message = shown(verdict).message();
  fill_struct(out,
              {0, static_cast<int32_t>(message.kind), str(message.method_text), str(message.target),
               str(message.id), str(message.arguments), str(message.bytes)});
}

size_t mcpgov_verdict_policy_count(const mcpgov_verdict* verdict) {
  return shown(verdict).policies().size();
}

mcpgov_str mcpgov_verdict_policy(const mcpgov_verdict* verdict, size_t index) {
  const auto policies = shown(verdict).policies();
  return index < policies.size() ? str(policies[index]) : mcpgov_str{};
}

size_t mcpgov_verdict_step_count(const mcpgov_verdict* verdict) {
  return shown(verdict).pending().size();
}

void mcpgov_verdict_step(const mcpgov_verdict* verdict, size_t index, mcpgov_step* out) {
  const auto steps = shown(verdict).pending();
  const mcpgov::Step step = index < steps.size() ? steps[index] : mcpgov::Step{};
  fill_struct(
      out, {0, static_cast<int32_t>(step.kind), step.number, str(step.prompt), handle(step.fetch)});
}

mcpgov_str mcpgov_verdict_record_id(const mcpgov_verdict* verdict) {
  return str(shown(verdict).record_id());
}

mcpgov_str mcpgov_reply_feed(mcpgov_reply* reply, mcpgov_str bytes) {
  return reply == nullptr ? mcpgov_str{} : str(reply->reply.feed(view(bytes)));
}

mcpgov_str mcpgov_reply_end(mcpgov_reply* reply) {
  return reply == nullptr ? mcpgov_str{} : str(reply->reply.end());
}

mcpgov_str mcpgov_reply_to_server(mcpgov_reply* reply) {
  return reply == nullptr ? mcpgov_str{} : str(reply->reply.to_server());
}

int32_t mcpgov_reply_http_status(const mcpgov_reply* reply) {
  // 502 is what a withheld answer is (docs/flow.md); nothing can pass without a reply.
  return reply == nullptr ? 502 : reply->reply.http_status();
}

int32_t mcpgov_reply_reason(const mcpgov_reply* reply) {
  return number(reply == nullptr ? ErrorCode::verdict_spent : reply->reply.reason());
}

void mcpgov_reply_free(mcpgov_reply* reply) {
  delete reply;
}

}  // extern "C"
