package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"
)

// login is the SDK's OAuth handler with the loopback address it comes back to, and what it brought.
type login struct {
	handler auth.OAuthHandler
	// How the registration asked to authenticate at the token endpoint.
	method string

	server *http.Server
	mu     sync.Mutex
	config *oauth2.Config
	token  *oauth2.Token
	source oauth2.TokenSource
	// The context that refreshes run in.
	context context.Context
}

func newLogin() (*login, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	arrived := make(chan *auth.AuthorizationResult, 1)
	pages := http.NewServeMux()
	pages.HandleFunc("/callback", func(answer http.ResponseWriter, request *http.Request) {
		query := request.URL.Query()
		arrived <- &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state"), Iss: query.Get("iss")}
		_, _ = answer.Write([]byte("You can close this window."))
	})
	l := &login{method: "none", server: &http.Server{Handler: pages}}
	go func() { _ = l.server.Serve(listener) }()
	l.handler, err = auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:              "Go SDK",
				RedirectURIs:            []string{"http://" + listener.Addr().String() + "/callback"},
				TokenEndpointAuthMethod: l.method,
				GrantTypes:              []string{"authorization_code", "refresh_token"},
			},
		},
		RequestRefreshToken: true,
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			say(line{"open": args.URL})
			select {
			case result := <-arrived:
				return result, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
		NewTokenSource: func(ctx context.Context, config *oauth2.Config, token *oauth2.Token) (oauth2.TokenSource, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.context, l.config, l.token = ctx, config, token
			l.source = config.TokenSource(ctx, token)
			return l, nil
		},
	})
	return l, err
}

// Token gives the token of now: oauth2 refreshes one that has expired.
func (l *login) Token() (*oauth2.Token, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	token, err := l.source.Token()
	if err == nil {
		l.token = token
	}
	return token, err
}

// expire makes it as when the token's hour is over.
func (l *login) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := *l.token
	old.Expiry = time.Now().Add(-time.Minute)
	l.source = l.config.TokenSource(l.context, &old)
}

func (l *login) scope() any {
	if l.token == nil {
		return nil
	}
	return l.token.Extra("scope")
}

func (l *login) httpClient() *http.Client {
	// oauth2.NewClient would keep the first token until its own time is over.
	return &http.Client{Transport: &oauth2.Transport{Source: l}}
}

func (l *login) close() {
	_ = l.server.Close()
}
