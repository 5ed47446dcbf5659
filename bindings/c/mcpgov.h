/* mcpgov for C99: who is calling an MCP server, may they, and what happened.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Ownership. A function that returns a pointer without `const` gives the caller an object to free
 * with the function named after it; free functions accept NULL. A `const` pointer and a mcpgov_str
 * are borrowed from the object they came from. What is passed in is borrowed for the call.
 * Errors. Set-up takes a mcpgov_error (may be NULL) and returns NULL or a code. A request cannot
 * fail: it gets verdicts, and whatever goes wrong inside is a denial. A NULL handle denies, gives
 * nothing, or does nothing. Nothing throws.
 * Structs with `struct_size` are set with MCPGOV_INIT and may grow at the end: an older,
 * shorter one is accepted, and zero is always the strictest value. A longer one is accepted if what
 * the library does not know is zero.
 * Threads. A governor and a caller are thread-safe. Sessions, verdicts and replies are used by one
 * thread at a time, each for itself: a verdict may be finished while its session receives.
 * Values are pinned and never reused. Everything is since ABI 0, which is free to change until 1.
 */
#ifndef MCPGOV_H
#define MCPGOV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MCPGOV_ABI 0

/* The size of a struct, and zero for the rest: mcpgov_error error = MCPGOV_INIT(mcpgov_error); */
#define MCPGOV_INIT(type) \
  { .struct_size = (uint32_t)sizeof(type) }

/* Codes of errors and reasons: 0 is none, mcpgov_code_name() tells the others. */
enum { MCPGOV_OK = 0 };
enum { MCPGOV_DENY = 0, MCPGOV_ALLOW = 1 };
/* Who sent the bytes, and how they travel (MCPGOV_HTTP_SSE: the transport of MCP 2024-11-05). */
enum { MCPGOV_FROM_CLIENT = 0, MCPGOV_FROM_SERVER = 1 };
enum { MCPGOV_STDIO = 0, MCPGOV_STREAMABLE_HTTP = 1, MCPGOV_HTTP_SSE = 2 };
/* Kinds of messages, and of steps outside. */
enum { MCPGOV_REQUEST = 0, MCPGOV_NOTIFICATION = 1, MCPGOV_RESPONSE = 2, MCPGOV_ERROR = 3 };
enum { MCPGOV_STEP_NONE, MCPGOV_STEP_APPROVAL, MCPGOV_STEP_FETCH, MCPGOV_STEP_RECORD };
/* Framing of an answer. Automatic: an object or array is JSON, anything else an event stream. */
enum { MCPGOV_AUTOMATIC = 0, MCPGOV_JSON = 1, MCPGOV_EVENT_STREAM = 2 };

typedef struct mcpgov_governor mcpgov_governor; /* configuration, policies, records; shared */
typedef struct mcpgov_session mcpgov_session;   /* one connection, or one stateless request */
typedef struct mcpgov_caller mcpgov_caller;     /* a verified identity, prepared for many calls */
typedef struct mcpgov_verdicts mcpgov_verdicts; /* the decisions about one body; owns them */
typedef struct mcpgov_verdict mcpgov_verdict;   /* one of them, about one message */
typedef struct mcpgov_reply mcpgov_reply;       /* the filter of one answer */
typedef struct mcpgov_fetch mcpgov_fetch;       /* an HTTP exchange; mcpgov_identity.h */

/* Borrowed bytes, UTF-8 where they are text, without a closing NUL. {NULL, 0} is empty. */
typedef struct mcpgov_str {
  const char* data;
  size_t size;
} mcpgov_str;

/* One HTTP header field. The name compares without case. */
typedef struct mcpgov_header {
  mcpgov_str name;
  mcpgov_str value;
} mcpgov_header;

/* Why set-up failed, on the caller's stack. message and file are UTF-8 with a closing NUL, cut to
 * fit; line and column count from 1, column in bytes; 0: there is no text to point at. */
typedef struct mcpgov_error {
  uint32_t struct_size;
  int32_t code;
  uint32_t line;
  uint32_t column;
  char message[256];
  char file[256];
} mcpgov_error;

/* Takes one record, a line of JSON without its end. Returns nonzero when it has been taken; zero
 * denies the message where the configuration says `audit: {required: true}`, the default. Called
 * from any thread that uses a session; must not call the library. */
typedef int (*mcpgov_write_line)(void* context, mcpgov_str line);

/* write: takes the records instead of the configured file; NULL: the file does.
 * release: called once with context after the last call of write, also when opening fails. Sessions
 * keep what they record to, so this may be after mcpgov_governor_free(). May be NULL. */
typedef struct mcpgov_options {
  uint32_t struct_size;
  mcpgov_write_line write;
  void* context;
  void (*release)(void* context);
} mcpgov_options;

/* number: counts from 1 with each attempt to replace. digest: SHA-256 over configuration, policies,
 * entities and tools, in hexadecimal digits. warnings: how many mcpgov_governor_warning() tells. */
typedef struct mcpgov_generation {
  uint32_t struct_size;
  uint32_t warnings;
  uint64_t number;
  char digest[65];
} mcpgov_generation;

/* server: a name under `servers` of the configuration. tenant: a name under `tenants`, or empty.
 * Unknown ones deny every message. id: the host's id of the session, for the record.
 * caller: who calls in this session. NULL: the configuration's (stdio), or each incoming's. */
typedef struct mcpgov_session_options {
  uint32_t struct_size;
  int32_t transport;
  mcpgov_str server;
  mcpgov_str tenant;
  mcpgov_str id;
  const mcpgov_caller* caller;
} mcpgov_session_options;

/* What the host received. http_method, url and headers stay empty on stdio. peer: "192.0.2.7";
 * empty: not known. caller: instead of the session's; NULL: the session's, else who the credentials
 * say. certificate, chain: DER of the client's certificate of TLS, and of those sent with it. */
typedef struct mcpgov_incoming {
  uint32_t struct_size;
  int32_t direction;
  mcpgov_str http_method;
  mcpgov_str url;
  const mcpgov_header* headers;
  size_t header_count;
  mcpgov_str peer;
  mcpgov_str body;
  const mcpgov_caller* caller;
  mcpgov_str certificate;
  const mcpgov_str* chain;
  size_t chain_count;
} mcpgov_incoming;

/* The answer to give instead of passing a message on. body: the exact bytes of a JSON-RPC answer;
 * empty when none is due. Header fields: mcpgov_verdict_denial_header(). */
typedef struct mcpgov_denial {
  uint32_t struct_size;
  int32_t http_status;
  size_t header_count;
  mcpgov_str body;
} mcpgov_denial;

/* What a verdict is about. target: tool or prompt name, URI or task id. id, arguments: JSON text as
 * sent. bytes: what to pass on when the verdict allows it. */
typedef struct mcpgov_message {
  uint32_t struct_size;
  int32_t kind;
  mcpgov_str method;
  mcpgov_str target;
  mcpgov_str id;
  mcpgov_str arguments;
  mcpgov_str bytes;
} mcpgov_message;

/* Something outside that must happen before a denied message is decided again. prompt: of an
 * approval, one line that names caller, tool and server. fetch: of a fetch, else NULL. */
typedef struct mcpgov_step {
  uint32_t struct_size;
  int32_t kind;
  uint32_t number;
  mcpgov_str prompt;
  const mcpgov_fetch* fetch;
} mcpgov_step;

/* The outcome of a step. granted: MCPGOV_ALLOW, anything else refuses. by: who approved, recorded;
 * required to grant. Of a fetch: http_status, 0: none; max_age_s, of Cache-Control or 0; body. */
typedef struct mcpgov_answer {
  uint32_t struct_size;
  uint32_t number;
  int32_t granted;
  mcpgov_str by;
  int32_t http_status;
  uint32_t max_age_s;
  mcpgov_str body;
} mcpgov_answer;

/* ---- The library. Any thread; static storage. ---- */

/* The ABI of the library that is loaded; compare with MCPGOV_ABI. */
uint32_t mcpgov_abi(void);
/* Its version, "0.1.0", with a closing NUL. */
const char* mcpgov_version(void);
/* The name of a code, `policy_denied`; `internal` for a number that is none. */
mcpgov_str mcpgov_code_name(int32_t code);
/* Its sentence, which is safe to show to a caller. */
mcpgov_str mcpgov_code_sentence(int32_t code);

/* ---- The governor. Thread-safe. ---- */

/* Reads a YAML or JSON configuration; relative paths in it start at its folder. options: or NULL.
 * Returns NULL and says why: file_unreadable, config_*, policy_*, entities_*, tool_*, audit_open,
 * with file, line and column. */
mcpgov_governor* mcpgov_governor_open(mcpgov_str path, const mcpgov_options* options,
                                      mcpgov_error* error);
/* The same from the text itself; directory: where relative paths start. */
mcpgov_governor* mcpgov_governor_parse(mcpgov_str text, mcpgov_str directory,
                                       const mcpgov_options* options, mcpgov_error* error);
/* Reads the configuration of mcpgov_governor_open() again. Sessions use the new one from their next
 * message on. Returns MCPGOV_OK, or the code of the error that keeps the old one. */
int32_t mcpgov_governor_reload(mcpgov_governor* governor, mcpgov_error* error);
/* The same from text. */
int32_t mcpgov_governor_replace(mcpgov_governor* governor, mcpgov_str text, mcpgov_str directory,
                                mcpgov_error* error);
/* What decides now. Returns its number; 0 without a governor or memory. out: may be NULL. */
uint64_t mcpgov_governor_generation(const mcpgov_governor* governor, mcpgov_generation* out);
/* Copies a warning of the present generation, cut to fit and closed with NUL. Returns its whole
 * size without the NUL; 0: there is none at this index. */
size_t mcpgov_governor_warning(const mcpgov_governor* governor, size_t index, char* buffer,
                               size_t size);
/* Lets go. Sessions live on. */
void mcpgov_governor_free(mcpgov_governor* governor);

/* ---- Callers. Immutable, share freely. ---- */

/* Reads {"kind":"user","issuer":"…","subject":"…", …}, at most 64 KiB (docs/bindings.md).
 * Never NULL: text that is no caller, or no memory, gives a caller that is always refused, so that
 * a forgotten check cannot fall back to another identity. error: caller_missing (no
 * kind), caller_invalid. */
mcpgov_caller* mcpgov_caller_parse(mcpgov_str json, mcpgov_error* error);
/* Sessions and calls do not need it any more. */
void mcpgov_caller_free(mcpgov_caller* caller);

/* ---- Sessions. One thread at a time. ---- */

/* Never fails but for memory or options that are none: NULL, which denies everything. The options
 * are copied, the caller too. */
mcpgov_session* mcpgov_governor_session(const mcpgov_governor* governor,
                                        const mcpgov_session_options* options);
/* Closes what awaits an answer as `abandoned`. Verdicts and replies live on. */
void mcpgov_session_free(mcpgov_session* session);
/* Decides what was received. Never NULL, never waits. */
mcpgov_verdicts* mcpgov_session_receive(mcpgov_session* session, const mcpgov_incoming* incoming);
/* Hands over the answer to an allowed message, and spends the verdict. A denying, spent or foreign
 * verdict gives a reply that passes nothing; NULL, for want of memory, does too. */
mcpgov_reply* mcpgov_session_reply(mcpgov_session* session, mcpgov_verdict* verdict,
                                   int32_t format);
/* For stdio: the answer comes through mcpgov_session_receive(), which closes the record. Spends the
 * verdict. */
void mcpgov_session_await_answer(mcpgov_session* session, mcpgov_verdict* verdict);
/* Decides a pending message again, with one answer per step. The verdict shows the new decision;
 * what it showed before is gone. Returns the new decision. */
int32_t mcpgov_session_resume(mcpgov_session* session, mcpgov_verdict* verdict,
                              const mcpgov_answer* answers, size_t count);
/* The complete list of the server's tools, a tools/list result or an array. Returns MCPGOV_OK, or
 * tool_list_invalid, tool_duplicate, …; the former list stays then. */
int32_t mcpgov_session_set_tools(mcpgov_session* session, mcpgov_str tools_json,
                                 mcpgov_error* error);
/* Nonzero when tool calls need mcpgov_session_set_tools() first. */
int mcpgov_session_wants_tools(const mcpgov_session* session);

/* ---- Verdicts. What they show lives until they are spent or freed. ---- */

/* At least 1; more only for a batch of MCP 2025-03-26. */
size_t mcpgov_verdicts_count(const mcpgov_verdicts* verdicts);
/* In the order of the body. NULL, which denies, beyond the last. */
mcpgov_verdict* mcpgov_verdicts_at(mcpgov_verdicts* verdicts, size_t index);
/* Nonzero when the body was an array, so that the answers belong in one too. */
int mcpgov_verdicts_batch(const mcpgov_verdicts* verdicts);
/* What was allowed and not replied to is recorded as `abandoned`. */
void mcpgov_verdicts_free(mcpgov_verdicts* verdicts);

/* MCPGOV_ALLOW: pass the message's bytes on. MCPGOV_DENY: answer with the denial. */
int32_t mcpgov_verdict_allowed(const mcpgov_verdict* verdict);
/* The code of why not, for the host's eyes; a spent verdict says verdict_spent. */
int32_t mcpgov_verdict_reason(const mcpgov_verdict* verdict);
/* Fills out. */
void mcpgov_verdict_denial(const mcpgov_verdict* verdict, mcpgov_denial* out);
/* A header field of the denial, empty beyond the last. */
mcpgov_header mcpgov_verdict_denial_header(const mcpgov_verdict* verdict, size_t index);
/* Fills out. */
void mcpgov_verdict_message(const mcpgov_verdict* verdict, mcpgov_message* out);
/* How many policies determined the decision. */
size_t mcpgov_verdict_policy_count(const mcpgov_verdict* verdict);
/* The id of one, in the order of their source; empty beyond the last. */
mcpgov_str mcpgov_verdict_policy(const mcpgov_verdict* verdict, size_t index);
/* How many steps outside would let it be decided again. */
size_t mcpgov_verdict_step_count(const mcpgov_verdict* verdict);
/* Fills out with one; MCPGOV_STEP_NONE beyond the last. */
void mcpgov_verdict_step(const mcpgov_verdict* verdict, size_t index, mcpgov_step* out);
/* The id of its record, 32 hexadecimal digits; empty when nothing was recorded. */
mcpgov_str mcpgov_verdict_record_id(const mcpgov_verdict* verdict);

/* ---- Replies. What they return lives until the next call. ---- */

/* Takes bytes of the server's answer, returns those to send now; empty while a message is
 * incomplete. */
mcpgov_str mcpgov_reply_feed(mcpgov_reply* reply, mcpgov_str bytes);
/* The rest; closes the record. Further calls return nothing. */
mcpgov_str mcpgov_reply_end(mcpgov_reply* reply);
/* JSON-RPC errors, one a line, for requests of the server that were denied. */
mcpgov_str mcpgov_reply_to_server(mcpgov_reply* reply);
/* 200, or 502 when the whole answer was withheld. Meaningful after the end. */
int32_t mcpgov_reply_http_status(const mcpgov_reply* reply);
/* MCPGOV_OK, or why something was withheld. */
int32_t mcpgov_reply_reason(const mcpgov_reply* reply);
/* A reply without its end is recorded as `abandoned`. */
void mcpgov_reply_free(mcpgov_reply* reply);

#ifdef __cplusplus
}
#endif

#endif
