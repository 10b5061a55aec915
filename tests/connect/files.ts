/** A client's configuration file as people have it: the text before our entry is written, and after. */
export interface KnownFile {
  readonly before: string;
  readonly after: string;
}

const url = "http://localhost:8787/mcp";

/** `§` stands for where the entry goes. */
function around(text: string, entry: string, comma = ""): KnownFile {
  const [head = "", tail = ""] = text.split("§");
  return { before: `${head}${tail}`, after: `${head}${comma}${entry}${tail}` };
}

function withWindowsLines({ before, after }: KnownFile): KnownFile {
  const change = (text: string) => text.replaceAll("\n", "\r\n");
  return { before: change(before), after: change(after) };
}

function withMark({ before, after }: KnownFile): KnownFile {
  return { before: `\ufeff${before}`, after: `\ufeff${after}` };
}

/** One for each client that has a file: each has other servers, and habits of its own. */
export const knownFiles: Readonly<Record<string, KnownFile>> = {
  "claude-desktop": around(
    `{
  "globalShortcut": "Ctrl+Space",
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home/ada/notes"]
    },
    "github": {
      "command": "docker",
      "args": ["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "ghcr.io/github/github-mcp-server"],
      "env": { "GITHUB_TOKEN": "ghp_0123456789" }
    }§
  },
  "preferences": { "menuBarEnabled": false }
}
`,
    `
    "example": {
      "command": "npx",
      "args": [
        "mcp-remote",
        "http://localhost:8787/sse"
      ]
    }`,
    ",",
  ),

  // Made by `claude mcp add --scope project`.
  "claude-code": around(
    `{
  "mcpServers": {
    "sentry": {
      "type": "http",
      "url": "https://mcp.sentry.dev/mcp"
    }§
  }
}
`,
    `
    "example": {
      "type": "http",
      "url": "${url}"
    }`,
    ",",
  ),

  // Four spaces, no line end at the end of the file.
  windsurf: around(
    `{
    "mcpServers": {
        "figma": {
            "serverUrl": "http://127.0.0.1:3845/mcp",
            "disabled": true
        }§
    }
}`,
    `
        "example": {
            "serverUrl": "${url}"
        }`,
    ",",
  ),

  // Saved by an editor on Windows.
  cursor: withMark(
    withWindowsLines({
      before: `{
  // servers of the team: ask Grace before you change one
  "mcpServers": {
    "postgres": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-postgres", "postgresql://localhost/shop"]
    }, // read only
    "linear": { "url": "https://mcp.linear.app/mcp" } // tickets
    /* "notion": { "url": "https://mcp.notion.com/mcp" } */
  }
}
`,
      after: `{
  // servers of the team: ask Grace before you change one
  "mcpServers": {
    "postgres": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-postgres", "postgresql://localhost/shop"]
    }, // read only
    "linear": { "url": "https://mcp.linear.app/mcp" }, // tickets
    /* "notion": { "url": "https://mcp.notion.com/mcp" } */
    "example": {
      "url": "${url}"
    }
  }
}
`,
    }),
  ),

  // Tabs, a trailing comma, and inputs.
  vscode: around(
    `{
	"inputs": [
		{ "type": "promptString", "id": "key", "description": "Key of Perplexity", "password": true },
	],
	"servers": {
		"perplexity": {
			"type": "stdio",
			"command": "npx",
			"args": ["-y", "server-perplexity-ask"],
			"env": { "PERPLEXITY_API_KEY": "\${input:key}" }, // asked for once
		}, // slow§
	},
}
`,
    `
		"example": {
			"type": "http",
			"url": "${url}"
		},`,
  ),

  codex: around(
    `# Codex
model = "gpt-5.1-codex" # the default is older
approval_policy = "on-request"

[mcp_servers.context7]
command = "npx"
args = ["-y", "@upstash/context7-mcp"] # documentation

[mcp_servers.context7.env]
CONTEXT7_API_KEY = "ctx7sk-0123"

# what I use on trains
[profiles.offline]
model = "gpt-oss"
started = 2026-05-27T07:32:00Z
§`,
    `
[mcp_servers.example]
url = "${url}"
`,
  ),

  // No servers yet.
  zed: around(
    `// Zed settings
//
// For information on how to configure Zed, see the Zed
// documentation: https://zed.dev/docs/configuring-zed
{
  "ui_font_size": 16,
  "theme": {
    "mode": "system",
    "dark": "One Dark",
  },
  "vim_mode": true,§
}
`,
    `
  "context_servers": {
    "example": {
      "url": "${url}"
    }
  },`,
  ),

  // All on one line, as a program writes it.
  gemini: around(
    `{"security":{"auth":{"selectedType":"gemini-api-key"}},"mcpServers":{"docs":{"httpUrl":"https://docs.example.com/mcp","trust":true}§}}`,
    `"example":{"httpUrl":"${url}"}`,
    ",",
  ),

  inspector: around(
    `{
  "mcpServers": {
    "everything": {
      "type": "stdio",
      "command": "npx",
      "args": ["@modelcontextprotocol/server-everything"]
    }§
  }
}
`,
    `
    "example": {
      "type": "streamable-http",
      "url": "${url}"
    }`,
    ",",
  ),
};
