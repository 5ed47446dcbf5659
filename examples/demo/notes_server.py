"""A server of the official Python SDK, for the revision without a handshake.

SPDX-License-Identifier: Apache-2.0
"""

from mcp.server.mcpserver import MCPServer

server = MCPServer("notes")


@server.tool()
def search(text: str) -> str:
    """Finds notes"""
    return f"nothing about {text}"


@server.tool()
def delete(text: str) -> str:
    """Deletes notes"""
    return f"deleted {text}"


if __name__ == "__main__":
    server.run("stdio")
