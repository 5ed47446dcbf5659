-- Views over exported events (`mcpgov audit export DIRECTORY --format jsonl --with-control > audit.jsonl`), for
-- DuckDB 1.1 or later: duckdb -init observability/duckdb.sql
-- Other files: SET VARIABLE mcpgov_files = 'logs/*.jsonl.zst'; before this file is read.

CREATE OR REPLACE MACRO mcpgov_events(files) AS TABLE
SELECT * FROM read_json(files, format = 'newline_delimited', maximum_object_size = 1048576, columns = {
  log: 'VARCHAR', seq: 'UBIGINT', v: 'INTEGER', kind: 'VARCHAR', id: 'VARCHAR', "time": 'TIMESTAMPTZ',
  tenant: 'VARCHAR', server: 'VARCHAR', transport: 'VARCHAR', direction: 'VARCHAR',
  protocol: 'VARCHAR', method: 'VARCHAR', target: 'VARCHAR', target_kind: 'VARCHAR',
  tool: 'STRUCT("class" VARCHAR, open_world BOOLEAN)', request_id: 'JSON',
  caller: 'STRUCT(kind VARCHAR, issuer VARCHAR, subject VARCHAR, client VARCHAR, claimed VARCHAR, actors STRUCT(kind VARCHAR, issuer VARCHAR, subject VARCHAR)[], workload STRUCT(kind VARCHAR, issuer VARCHAR, subject VARCHAR), acr VARCHAR, auth_time BIGINT, evidence STRUCT(kind VARCHAR, token_id VARCHAR, key_id VARCHAR, algorithm VARCHAR, bound_to VARCHAR))',
  session: 'STRUCT(id VARCHAR, source VARCHAR)', connection: 'VARCHAR', peer: 'VARCHAR',
  trace: 'STRUCT(trace_id VARCHAR, span_id VARCHAR, parent_id VARCHAR, state VARCHAR, flags INTEGER)',
  decision: 'STRUCT(effect VARCHAR, allowed BOOLEAN, enforced BOOLEAN, reason VARCHAR, policies VARCHAR[], policy_errors VARCHAR[], approver VARCHAR, snapshot VARCHAR, policy_digest VARCHAR, latency_ns UBIGINT)',
  limits: 'JSON', credential: 'JSON',
  arguments: 'STRUCT(bytes UBIGINT, tokens UBIGINT, tokens_by VARCHAR, digest VARCHAR, digest_bytes UBIGINT, keys VARCHAR[], "value" JSON, sealed JSON, cut BOOLEAN, found JSON)',
  result: 'STRUCT(bytes UBIGINT, tokens UBIGINT, tokens_by VARCHAR, digest VARCHAR, digest_bytes UBIGINT, "value" JSON, sealed JSON, cut BOOLEAN, found JSON)',
  outcome: 'VARCHAR', outcome_reason: 'VARCHAR', rpc_code: 'BIGINT', tool_error: 'BOOLEAN',
  latency_ns: 'UBIGINT', reply_bytes: 'UBIGINT', items: 'UBIGINT', items_removed: 'UBIGINT',
  waited: 'BOOLEAN', reconstructed: 'BOOLEAN', cut: 'VARCHAR[]'
});

-- Everything, of all frames.
CREATE OR REPLACE VIEW events AS
SELECT * FROM mcpgov_events(coalesce(getvariable('mcpgov_files'), 'audit.jsonl'));

-- Messages that are done, and intents whose call never came.
CREATE OR REPLACE VIEW calls AS SELECT * FROM events WHERE kind = 'call';
CREATE OR REPLACE VIEW open_intents AS
SELECT * FROM events WHERE kind = 'intent' AND id NOT IN (SELECT id FROM calls);

-- Who called what, how often, how slow, how much of it was denied.
CREATE OR REPLACE VIEW use AS
SELECT caller.issuer AS issuer, caller.subject AS subject, server, target AS tool,
       count(*) AS calls, count(*) FILTER (decision.effect = 'deny') AS denied,
       count(DISTINCT session.id) AS sessions,
       quantile_cont(latency_ns, 0.99) / 1e6 AS p99_ms,
       sum(arguments.tokens) AS argument_tokens, sum(result.tokens) AS result_tokens,
       max("time") AS last_seen
FROM calls WHERE target_kind = 'tool' GROUP BY ALL ORDER BY calls DESC;

-- Which policy denied what.
CREATE OR REPLACE VIEW denials AS
SELECT "time", caller.issuer AS issuer, caller.subject AS subject, session.id AS session, method,
       target, decision.reason AS reason, decision.policies AS policies, decision.enforced AS enforced
FROM calls WHERE decision.effect = 'deny' ORDER BY "time";

-- Numbers that no line has: none of a log that was exported --with-control, or that a sink without
-- `denials_only` has sent. Without it, each of the log's own frames (config, heartbeat, …) is a number
-- here. `mcpgov audit verify` proves what this only hints at.
CREATE OR REPLACE VIEW gaps AS
SELECT log, seq + 1 AS first_missing, next - 1 AS last_missing FROM (
  SELECT log, seq, lead(seq) OVER (PARTITION BY log ORDER BY seq) AS next FROM events)
WHERE next > seq + 1 ORDER BY log, seq;

-- What logs say they have lost, and when a dead process was recovered (only --with-control or by sinks).
CREATE OR REPLACE VIEW losses AS
SELECT log, seq, "time", kind FROM events WHERE kind IN ('loss', 'recovery', 'unreadable') ORDER BY log, seq;

-- A sensitive reading followed by a call that reaches beyond its server, in one session.
CREATE OR REPLACE VIEW reads_then_sends AS
SELECT r.session.id AS session, r."time" AS read_at, r.target AS read, s."time" AS sent_at,
       s.target AS sent
FROM calls r JOIN calls s
  ON r.session.id = s.session.id AND s."time" > r."time" AND s."time" < r."time" + INTERVAL 10 MINUTE
WHERE r.tool."class" = 'read_only' AND r.result.found IS NOT NULL AND s.tool.open_world
  AND s.decision.allowed AND r.decision.allowed;
