"""A program with the MCP SDK for Python, 1.x or 2.x: it logs in, and does what the lines of its input say.

Usage: client.py <url> <http|sse> [login]. It prints JSON, a line for each thing: `open` is the URL for a browser.
With the variable MCP_TOKEN that is sent as a header, and nobody is logged in, or with `login` where it is refused.
"""

import importlib.metadata
import json
import os
import sys
import time
from contextlib import AsyncExitStack

import anyio
from callback import Callback
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

if importlib.metadata.version("mcp").startswith("1."):
    import sdk_1 as sdk
else:
    import sdk_2 as sdk


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def explain(error: BaseException) -> str:
    """The innermost errors: task groups wrap them."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(explain(inner) for inner in error.exceptions)
    return f"{type(error).__name__}: {error}"


class Memory(TokenStorage):
    """Keeps what a login brings for as long as the program runs."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def open_browser(url: str) -> None:
    say(open=url)


async def run(url: str, transport: str, *more: str) -> None:
    memory = Memory()
    token = os.environ.get("MCP_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with Callback() as callback:

        async def wait_for_callback() -> object:
            params = await anyio.to_thread.run_sync(callback.wait, abandon_on_cancel=True)
            return sdk.to_callback_result(params)

        provider = OAuthClientProvider(
            server_url=url,
            # Without a method, as in the SDK's own example.
            client_metadata=OAuthClientMetadata(
                client_name="Python SDK", redirect_uris=[callback.redirect_uri]
            ),
            storage=memory,
            redirect_handler=open_browser,
            callback_handler=wait_for_callback,
        )
        async with AsyncExitStack() as stack:
            auth = provider if not token or "login" in more else None
            session, version = await sdk.connect(stack, url, transport, auth, headers)
            say(
                did="connect",
                version=version,
                method=memory.client and memory.client.token_endpoint_auth_method,
                scope=memory.tokens and memory.tokens.scope,
            )
            while line := await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
                try:
                    say(**await obey(line.split(maxsplit=2), session, provider, memory))
                except Exception as error:
                    say(did=line.split()[0], error=explain(error))


async def obey(
    words: list[str], session: object, provider: OAuthClientProvider, memory: Memory
) -> dict[str, object]:
    match words:
        case ["list"]:
            return {"did": "list", "tools": [tool.name for tool in (await session.list_tools()).tools]}
        case ["call", name, arguments]:
            result = await session.call_tool(name, json.loads(arguments))
            return {"did": "call", **sdk.read_result(result)}
        case ["refresh"]:
            before = memory.tokens.access_token
            # As when the token's hour is over: the SDK refreshes before the next request.
            provider.context.token_expiry_time = time.time() - 1
            await session.call_tool("sum", {"a": 1, "b": 1})
            return {"did": "refresh", "renewed": memory.tokens.access_token != before}
    raise ValueError(f"Not a command: {words}")


if __name__ == "__main__":
    try:
        anyio.run(run, *sys.argv[1:])
    except Exception as error:
        say(did="end", error=explain(error))
        sys.exit(1)
