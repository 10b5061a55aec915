//! A program with rmcp, the MCP SDK for Rust: it logs in, and does what the lines of its input say.
//!
//! Usage: client <url> http. It prints JSON, a line for each thing: `open` is the URL for a browser.
//! With the variable MCP_TOKEN that is sent as a header, and nobody is logged in.

mod callback;

use std::error::Error;

use callback::Callback;
use rmcp::{
    RoleClient, ServiceExt,
    model::CallToolRequestParams,
    service::{RunningService, ServiceError},
    transport::{
        StreamableHttpClientTransport,
        auth::{
            AuthClient, AuthorizationCallback, AuthorizationRequest, OAuthState,
            WWWAuthenticateParams,
        },
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

type Failure = Box<dyn Error>;
type Session = RunningService<RoleClient, ()>;
type Http = AuthClient<reqwest::Client>;

fn say(line: Value) {
    println!("{line}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).unwrap_or_default();
    let done = match std::env::var("MCP_TOKEN") {
        Ok(token) => run_with(&url, &token).await,
        Err(_) => run(&url).await,
    };
    if let Err(error) = done {
        say(json!({ "did": "end", "error": error.to_string() }));
        std::process::exit(1);
    }
}

/// With a token alone: what a challenge asks for is the host's to answer, and this one has nobody to ask.
async fn run_with(url: &str, token: &str) -> Result<(), Failure> {
    let config = StreamableHttpClientTransportConfig::with_uri(url).auth_header(token);
    let http = StreamableHttpClientTransport::with_client(reqwest::Client::new(), config);
    let session = ().serve(http).await?;
    say(json!({ "did": "connect" }));
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = input.next_line().await? {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let mut answer = match words[..] {
            ["call", name, arguments] => call(&session, name, arguments).await?,
            _ => return Err(format!("not a command: {words:?}").into()),
        };
        answer["did"] = json!(words[0]);
        say(answer);
    }
    session.cancel().await?;
    Ok(())
}

async fn run(url: &str) -> Result<(), Failure> {
    let callback = Callback::listen().await?;
    let (http, scope) = log_in(url, &callback).await?;
    let session = ().serve(transport(url, http.clone())).await?;
    let version = session
        .peer_info()
        .ok_or("no peer")?
        .protocol_version
        .to_string();
    say(json!({ "did": "connect", "version": version, "method": "none", "scope": scope }));
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = input.next_line().await? {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let mut answer = match obey(&words, url, &session, &http, &callback).await {
            Ok(answer) => answer,
            Err(error) => json!({ "error": error.to_string() }),
        };
        answer["did"] = json!(words[0]);
        say(answer);
    }
    session.cancel().await?;
    Ok(())
}

fn transport(url: &str, http: Http) -> StreamableHttpClientTransport<Http> {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    StreamableHttpClientTransport::with_client(http, config)
}

/// Asks without a token, as a client that knows nothing yet, and follows the challenge.
async fn log_in(url: &str, callback: &Callback) -> Result<(Http, String), Failure> {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let stranger = StreamableHttpClientTransport::with_client(reqwest::Client::new(), config);
    let refused = match ().serve(stranger).await {
        Ok(_) => return Err("the server asks for no login".into()),
        Err(error) => error,
    };
    let challenge = refused
        .auth_challenge()
        .ok_or_else(|| refused.to_string())?
        .to_owned();
    let mut state = OAuthState::new(url, None).await?;
    let request = AuthorizationRequest::new(callback.redirect_uri())
        .with_client_name("Rust SDK")
        .with_challenge(challenge);
    state.start_authorization(request).await?;
    say(json!({ "open": state.get_authorization_url().await? }));
    state.handle_callback_url(&callback.wait().await?).await?;
    let manager = state.into_authorization_manager().ok_or("no manager")?;
    let scope = manager.get_current_scopes().await.join(" ");
    Ok((AuthClient::new(reqwest::Client::new(), manager), scope))
}

async fn obey(
    words: &[&str],
    url: &str,
    session: &Session,
    http: &Http,
    callback: &Callback,
) -> Result<Value, Failure> {
    match words {
        ["list"] => {
            let tools = session.list_all_tools().await?;
            Ok(json!({ "tools": tools.iter().map(|tool| &tool.name).collect::<Vec<_>>() }))
        }
        ["call", name, arguments] => match call(session, name, arguments).await {
            // rmcp hands out the challenge and makes the URL; the call is its host's to repeat.
            Err(error) => {
                let Some(challenge) = find_challenge(error.as_ref()) else {
                    return Err(error);
                };
                authorize_again(&challenge, url, http, callback).await?;
                call(session, name, arguments).await
            }
            done => done,
        },
        ["refresh"] => {
            let before = http.get_access_token().await?;
            http.auth_manager.lock().await.refresh_token().await?;
            call(session, "sum", r#"{"a":1,"b":1}"#).await?;
            Ok(json!({ "renewed": http.get_access_token().await? != before }))
        }
        _ => Err(format!("not a command: {words:?}").into()),
    }
}

async fn call(session: &Session, name: &str, arguments: &str) -> Result<Value, Failure> {
    let request = CallToolRequestParams::new(name.to_owned())
        .with_arguments(serde_json::from_str(arguments)?);
    let result = session.call_tool(request).await?;
    Ok(json!({
        "isError": result.is_error.unwrap_or(false),
        "structured": result.structured_content,
    }))
}

fn find_challenge(error: &(dyn Error + 'static)) -> Option<String> {
    Some(
        error
            .downcast_ref::<ServiceError>()?
            .auth_challenge()?
            .to_owned(),
    )
}

/// Sends the person to the login once more, with what the challenge asks for beside what there was.
async fn authorize_again(
    challenge: &str,
    url: &str,
    http: &Http,
    callback: &Callback,
) -> Result<(), Failure> {
    let params = WWWAuthenticateParams::parse(challenge, &url.parse()?);
    let scope = params.scope.clone().unwrap_or_default();
    let manager = http.auth_manager.lock().await;
    let page = if params.is_insufficient_scope() {
        manager.request_scope_upgrade(&scope).await?
    } else {
        manager
            .get_authorization_url(&scope.split(' ').collect::<Vec<_>>())
            .await?
    };
    say(json!({ "open": page }));
    let back = AuthorizationCallback::from_redirect_url(&callback.wait().await?)?;
    manager
        .exchange_code_for_token_with_issuer(&back.code, &back.csrf_token, back.issuer.as_deref())
        .await?;
    Ok(())
}
