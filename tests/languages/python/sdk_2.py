"""What the SDK 2.x does in its own way."""

from contextlib import AsyncExitStack

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult

# Seconds; a busy machine is slow.
TIMEOUT = 60


def to_callback_result(params: dict[str, str]) -> AuthorizationCodeResult:
    return AuthorizationCodeResult(
        code=params.get("code", ""), state=params.get("state"), iss=params.get("iss")
    )


async def connect(
    stack: AsyncExitStack,
    url: str,
    transport: str,
    provider: OAuthClientProvider | None,
    headers: dict[str, str],
) -> tuple[Client, str]:
    if transport == "sse":
        streams = sse_client(url, headers=headers, auth=provider, timeout=TIMEOUT)
    else:
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, auth=provider, timeout=TIMEOUT))
        streams = streamable_http_client(url, http_client=http)
    # The cache would answer a second list by itself.
    client = await stack.enter_async_context(Client(streams, cache=None))
    return client, client.protocol_version


def read_result(result: object) -> dict[str, object]:
    return {"isError": result.is_error or False, "structured": result.structured_content}
