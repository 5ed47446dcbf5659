# What the module offers. Sessions, verdicts and replies are used by one thread at a time; a second
# one waits. Values that are returned are copies and live as long as they are held.
#
# SPDX-License-Identifier: Apache-2.0
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, NoReturn, TypedDict, final

from typing_extensions import Unpack

__version__: Final[str]
__all__: list[str]

_Kind = Literal["anonymous", "user", "agent", "workload"]
_Transport = Literal["stdio", "streamable_http", "http_sse"]
_Direction = Literal["from_client", "from_server"]
_Format = Literal["automatic", "json", "event_stream"]
_Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
# Takes one record, a line of JSON. An exception, or returning False, refuses it, which denies the
# message where the configuration requires the record. Must not call the module.
_Sink = Callable[[bytes], object]

class _Actor(TypedDict):
    kind: _Kind
    issuer: str
    subject: str

class _CallerMembers(TypedDict, total=False):
    kind: _Kind
    issuer: str
    subject: str
    tenant: str
    client: str
    groups: Sequence[str]
    roles: Sequence[str]
    scopes: Sequence[str]
    groups_complete: bool
    actors: Sequence[_Actor]
    claims: Mapping[str, Any]
    agent_session: str
    agent_session_source: str

def code_sentence(name: str) -> str:
    """What a reason means, safe to show to a caller. KeyError for a name that is none."""

class Error(Exception):
    """Why set-up failed. line and column count from 1; 0 and "" where there is no text."""

    code: int
    name: str
    message: str
    file: str
    line: int
    column: int

@final
class Caller:
    """A verified identity. Prepare it once: a mapping in its place is read on each call."""

    def __init__(self, **members: Unpack[_CallerMembers]) -> None: ...
    @property
    def kind(self) -> _Kind: ...
    @property
    def issuer(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def groups(self) -> list[str]: ...
    @property
    def roles(self) -> list[str]: ...
    @property
    def scopes(self) -> list[str]: ...

_AnyCaller = Caller | _CallerMembers | None

@final
class Generation:
    @property
    def number(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def warnings(self) -> list[str]: ...

@final
class Governor:
    """Configuration, policies and records, shared by all sessions. Thread-safe."""

    @staticmethod
    def open(path: str | PathLike[str], *, sink: _Sink | None = None) -> Governor: ...
    @staticmethod
    def parse(text: str, *, directory: str = "", sink: _Sink | None = None) -> Governor: ...
    def session(
        self,
        *,
        server: str,
        tenant: str = "",
        transport: _Transport = "stdio",
        id: str = "",
        caller: _AnyCaller = None,
    ) -> Session: ...
    def replace(self, text: str, *, directory: str = "") -> Generation: ...
    def reload(self) -> Generation: ...
    @property
    def generation(self) -> Generation: ...
    def verifier(self) -> Verifier: ...
    @property
    def audit_health(self) -> dict[str, int | str]:
        """Counts of the log, and whether it works. ValueError without `audit.directory`."""
    @property
    def metrics(self) -> str:
        """In Prometheus' text format. ValueError without `audit.directory`."""
    def flush(self, *, within: float = 5.0) -> bool:
        """Blocks until what was recorded before is on the disk; False: time is over. ValueError
        without `audit.directory`."""

@final
class Sinks:
    """Threads that take records to what `audit.sinks` of the configuration names (docs/audit.md).
    As a context manager it stops at the end, after what is there has been sent, or 5 seconds."""

    @staticmethod
    def start(governor: Governor) -> Sinks: ...
    def stop(self, *, within: float = 5.0) -> bool:
        """True: the sinks that this process served have taken everything."""
    @property
    def status(self) -> list[dict[str, int | bool | str]]: ...
    def __enter__(self) -> Sinks: ...
    def __exit__(self, *args: object) -> None: ...

@final
class Verifier:
    """Makes callers of credentials (docs/identity.md). Thread-safe. now: seconds since 1970, as
    time.time() gives them."""

    @staticmethod
    def from_json(settings: str) -> Verifier:
        """settings: the section `identity` of a configuration, as JSON."""

    def identify(
        self,
        headers: _Headers,
        *,
        method: str = "POST",
        url: str = "",
        peer: str = "",
        certificate: bytes = b"",
        chain: Iterable[bytes] = (),
        now: float | None = None,
    ) -> Identification: ...
    def explain(
        self,
        headers: _Headers,
        *,
        method: str = "POST",
        url: str = "",
        peer: str = "",
        certificate: bytes = b"",
        chain: Iterable[bytes] = (),
        now: float | None = None,
    ) -> tuple[Identification, list[Check]]:
        """The same beside the cache, with each step told."""

    def due(self, *, now: float | None = None) -> list[Fetch]:
        """What should be fetched now, so that no request has to wait for it."""

    def accept(
        self,
        fetch: Fetch,
        *,
        status: int,
        body: bytes = b"",
        max_age: int = 0,
        now: float | None = None,
    ) -> None:
        """Takes the answer to a fetch. status 0: none came. Error: it is of no use, and what was
        known stays."""

    def challenge(self, error: str = "", *, scopes: Sequence[str] = ()) -> str:
        """The value of WWW-Authenticate for a refusal of the host's own."""

    @property
    def scopes(self) -> list[str]: ...
    @property
    def resource_metadata(self) -> bytes: ...
    @property
    def resource_metadata_path(self) -> str: ...

@final
class Identification:
    """What came of credentials; no truth value: ask `caller`."""

    @property
    def caller(self) -> Caller | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def http_status(self) -> int: ...
    @property
    def retry_after(self) -> int: ...
    @property
    def expires(self) -> int: ...
    @property
    def challenge(self) -> str: ...
    @property
    def dpop_nonce(self) -> str: ...
    @property
    def pending(self) -> list[Fetch]: ...
    def __bool__(self) -> NoReturn: ...

@final
class Check:
    """One step of `Verifier.explain`, without secrets."""

    @property
    def what(self) -> str: ...
    @property
    def passed(self) -> bool: ...
    @property
    def detail(self) -> str: ...

@final
class Fetch:
    """One HTTP exchange that a verifier needs; mcpgov.fetch.run does it. timeout: seconds."""

    @property
    def kind(self) -> Literal["metadata", "keys", "introspection", "groups", "trust_bundle"]: ...
    @property
    def issuer(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def max_bytes(self) -> int: ...
    @property
    def timeout(self) -> float: ...
    @property
    def private_addresses(self) -> bool: ...
    @property
    def secret(self) -> bool: ...
    @property
    def ca_pem(self) -> str: ...
    @property
    def pin_sha256(self) -> str: ...

async def complete(session: Session, verdict: Verdict, *, within: float = 5.0) -> Verdict:
    """Runs the fetches that a verdict waits for and has it decided again."""

@final
class Session:
    """One connection, or one request in stateless HTTP."""

    def receive(
        self,
        body: bytes = b"",
        *,
        direction: _Direction = "from_client",
        method: str = "",
        url: str = "",
        headers: _Headers = (),
        peer: str = "",
        caller: _AnyCaller = None,
        certificate: bytes = b"",
        chain: Iterable[bytes] = (),
    ) -> Verdicts: ...
    def reply(self, verdict: Verdict, *, format: _Format = "automatic") -> Reply: ...
    def await_answer(self, verdict: Verdict) -> None: ...
    def resume(self, verdict: Verdict, answers: Iterable[Answer]) -> Verdict: ...
    def wait_recorded(self, verdict: Verdict, *, within: float = 5.0) -> bool:
        """Blocks until resume() would find the record of a pending verdict safe."""
    def set_tools(self, tools_json: str | bytes) -> None: ...
    @property
    def wants_tools(self) -> bool: ...

@final
class Verdicts:
    """One verdict per message, never empty."""

    @property
    def batch(self) -> bool: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Verdict: ...
    def __iter__(self) -> Iterator[Verdict]: ...
    def __bool__(self) -> NoReturn: ...

@final
class Verdict:
    """A decision, and no truth value: ask `allowed`."""

    @property
    def allowed(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def denial(self) -> Denial: ...
    @property
    def message(self) -> Message: ...
    @property
    def policies(self) -> list[str]: ...
    @property
    def pending(self) -> list[Step]: ...
    @property
    def record_id(self) -> str: ...
    def __bool__(self) -> NoReturn: ...

@final
class Denial:
    @property
    def http_status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...

@final
class Message:
    @property
    def kind(self) -> Literal["request", "notification", "response", "error_response"]: ...
    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def id(self) -> builtins.bytes: ...
    @property
    def arguments(self) -> builtins.bytes: ...
    @property
    def bytes(self) -> builtins.bytes: ...

@final
class Step:
    @property
    def kind(self) -> Literal["none", "approval", "fetch", "record"]: ...
    @property
    def number(self) -> int: ...
    @property
    def prompt(self) -> str: ...
    @property
    def fetch(self) -> Fetch | None: ...

@final
class Answer:
    """The outcome of a step. Without `granted` and `by` it refuses. Of a fetch: status (0: no
    answer came), body and max_age, in seconds, of Cache-Control."""

    def __init__(
        self,
        *,
        number: int,
        granted: bool = False,
        by: str = "",
        status: int = 0,
        body: bytes = b"",
        max_age: int = 0,
    ) -> None: ...

@final
class Reply:
    """The filter of one answer: feed it the server's bytes, send what it returns."""

    def feed(self, data: bytes) -> bytes: ...
    def end(self) -> bytes: ...
    def to_server(self) -> bytes: ...
    @property
    def http_status(self) -> int: ...
    @property
    def reason(self) -> str: ...
