# SPDX-License-Identifier: Apache-2.0
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from . import Governor

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]
_Tools = str | bytes | Callable[[], str | bytes | Awaitable[str | bytes]] | None

class Middleware:
    app: _App
    governor: Governor
    def __init__(
        self,
        app: _App,
        governor: Governor,
        *,
        server: str,
        tenant: str = "",
        tools: _Tools = None,
        max_body: int = ...,
        within: float = 5.0,
    ) -> None: ...
    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None: ...
