// A program with the MCP SDK for Go: it logs in, and does what the lines of its input say.
//
// Usage: client <url> <http|sse> [login]. It prints JSON, a line for each thing: open is the URL for a browser.
// With the variable MCP_TOKEN that is sent as a header, and nobody is logged in, or with "login" where it is refused.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type line map[string]any

func say(what line) {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], slices.Contains(os.Args[3:], "login")); err != nil {
		say(line{"did": "end", "error": err.Error()})
		os.Exit(1)
	}
}

func run(ctx context.Context, url, transport string, mayLogIn bool) error {
	login, err := newLogin()
	if err != nil {
		return err
	}
	defer login.close()
	channel, err := open(ctx, url, transport, login, mayLogIn)
	if err != nil {
		return err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "go-sdk", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, channel, nil)
	if err != nil {
		return err
	}
	defer session.Close()
	say(line{
		"did":     "connect",
		"version": session.InitializeResult().ProtocolVersion,
		"method":  login.method,
		"scope":   login.scope(),
	})
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		words := strings.SplitN(input.Text(), " ", 3)
		answer, err := obey(ctx, words, session, login)
		if err != nil {
			answer = line{"error": err.Error()}
		}
		answer["did"] = words[0]
		say(answer)
	}
	return input.Err()
}

// withToken sends a token as a header, where the SDK sends none of its own.
type withToken string

func (token withToken) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") == "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+string(token))
	}
	return http.DefaultTransport.RoundTrip(request)
}

// open makes the transport. HTTP+SSE takes no OAuthHandler, but an http.Client: the handler logs in for it.
func open(ctx context.Context, url, transport string, login *login, mayLogIn bool) (mcp.Transport, error) {
	if token := os.Getenv("MCP_TOKEN"); token != "" {
		channel := &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: withToken(token)}}
		if mayLogIn {
			channel.OAuthHandler = login.handler
		}
		return channel, nil
	}
	if transport == "http" {
		return &mcp.StreamableClientTransport{Endpoint: url, OAuthHandler: login.handler}, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream")
	refused, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if err := login.handler.Authorize(ctx, request, refused); err != nil {
		return nil, err
	}
	return &mcp.SSEClientTransport{Endpoint: url, HTTPClient: login.httpClient()}, nil
}

func obey(ctx context.Context, words []string, session *mcp.ClientSession, login *login) (line, error) {
	switch {
	case words[0] == "list":
		names := []string{}
		for tool, err := range session.Tools(ctx, nil) {
			if err != nil {
				return nil, err
			}
			names = append(names, tool.Name)
		}
		return line{"tools": names}, nil
	case words[0] == "call" && len(words) == 3:
		return call(ctx, session, words[1], words[2])
	case words[0] == "refresh":
		before := login.token.AccessToken
		login.expire()
		// A call and no list, which the SDK may keep.
		if _, err := call(ctx, session, "sum", `{"a":1,"b":1}`); err != nil {
			return nil, err
		}
		return line{"renewed": login.token.AccessToken != before}, nil
	}
	return nil, errors.New("not a command: " + strings.Join(words, " "))
}

func call(ctx context.Context, session *mcp.ClientSession, name, arguments string) (line, error) {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: json.RawMessage(arguments)})
	if err != nil {
		return nil, err
	}
	return line{"isError": result.IsError, "structured": result.StructuredContent}, nil
}
