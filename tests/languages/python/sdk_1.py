"""What the SDK 1.x does in its own way."""

from contextlib import AsyncExitStack

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

# Seconds; a busy machine is slow.
TIMEOUT = 60


def to_callback_result(params: dict[str, str]) -> tuple[str, str | None]:
    return params.get("code", ""), params.get("state")


async def connect(
    stack: AsyncExitStack,
    url: str,
    transport: str,
    provider: OAuthClientProvider | None,
    headers: dict[str, str],
) -> tuple[ClientSession, str]:
    if transport == "sse":
        streams = await stack.enter_async_context(sse_client(url, headers=headers, auth=provider, timeout=TIMEOUT))
    else:
        http = await stack.enter_async_context(httpx.AsyncClient(headers=headers, auth=provider, timeout=TIMEOUT))
        streams = await stack.enter_async_context(streamable_http_client(url, http_client=http))
    session = await stack.enter_async_context(ClientSession(streams[0], streams[1]))
    opened = await session.initialize()
    return session, str(opened.protocolVersion)


def read_result(result: object) -> dict[str, object]:
    return {"isError": result.isError, "structured": result.structuredContent}
