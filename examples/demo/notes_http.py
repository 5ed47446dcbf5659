"""The notes server over Streamable HTTP, governed from the outside; its callers have tokens.

usage: notes_http.py CONFIGURATION PORT

SPDX-License-Identifier: Apache-2.0
"""

import sys

import uvicorn
from mcpgov import Governor
from mcpgov.asgi import Middleware
from notes_server import server

governor = Governor.open(sys.argv[1])
app = Middleware(server.streamable_http_app(), governor, server="notes")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
