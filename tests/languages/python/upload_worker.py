"""Uploads a Worker with Cloudflare's SDK, as its documentation shows, and prints what came of it.

Usage: upload_worker.py <base URL> <token> <account>
"""

import json
import sys

from cloudflare import Cloudflare

base_url, token, account = sys.argv[1:]
client = Cloudflare(api_token=token, base_url=base_url, max_retries=0)
scripts = client.workers.scripts
name = "from-python"


def parts(word: str):
    """The main module and one that it imports."""
    code = 'import word from "./lib/word.txt"; export default { fetch: () => new Response(word) };'
    return [
        ("lib/word.txt", word.encode(), "text/plain"),
        ("worker.js", code.encode(), "application/javascript+module"),
    ]


metadata = {"main_module": "worker.js", "compatibility_date": "2026-07-01"}
uploaded = scripts.update(name, account_id=account, metadata=metadata, files=parts("one"))
# Raw: its model of a version does not load beside today's pydantic.
version = scripts.versions.with_raw_response.create(
    name, account_id=account, metadata=metadata, files=parts("two")
)
print(json.dumps({"id": uploaded.id, "version": json.loads(version.text())["result"]["id"]}))
