import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.client.ClientMetadata;
import com.nimbusds.oauth2.sdk.client.ClientRegistrationRequest;
import com.nimbusds.oauth2.sdk.client.ClientRegistrationResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.BearerTokenError;
import com.nimbusds.oauth2.sdk.token.Tokens;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A login with Nimbus's OAuth library: the MCP SDK for Java has none. */
final class Login implements AutoCloseable {
  private final URI resource;
  private final Callback callback = new Callback();
  private AuthorizationServerMetadata server;
  private ClientID client;
  private Tokens tokens;

  Login(URI resource) throws Exception {
    this.resource = resource;
  }

  /** Asks without a token, as a client that knows nothing yet, and follows the challenge. */
  void logIn() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    var refused = http.send(HttpRequest.newBuilder(resource).build(), BodyHandlers.discarding());
    String challenge = refused.headers().firstValue("WWW-Authenticate").orElseThrow();
    URI described = resource.resolve("/.well-known/oauth-protected-resource" + resource.getPath());
    String metadata = http.send(HttpRequest.newBuilder(described).build(), BodyHandlers.ofString()).body();
    var servers = (List<?>) McpJsonDefaults.getMapper()
        .readValue(metadata, new TypeRef<Map<String, Object>>() {})
        .get("authorization_servers");
    server = AuthorizationServerMetadata.resolve(new Issuer(servers.get(0).toString()));
    register();
    authorize(BearerTokenError.parse(challenge).getScope());
  }

  /** Answers a 401 or a 403 by asking the person again. @return whether a repetition may go well. */
  boolean answer(String challenge) {
    try {
      Scope wanted = BearerTokenError.parse(challenge).getScope();
      if (wanted == null) return false;
      authorize(wanted);
      return true;
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  void refresh() throws Exception {
    redeem(new RefreshTokenGrant(tokens.getRefreshToken()));
  }

  String header() {
    return tokens.getAccessToken().toAuthorizationHeader();
  }

  String scope() {
    return tokens.getAccessToken().getScope().toString();
  }

  private void register() throws Exception {
    ClientMetadata metadata = new ClientMetadata();
    metadata.setName("Java SDK");
    metadata.setRedirectionURI(callback.uri());
    metadata.setGrantTypes(Set.of(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN));
    metadata.setTokenEndpointAuthMethod(ClientAuthenticationMethod.NONE);
    var request = new ClientRegistrationRequest(server.getRegistrationEndpointURI(), metadata, null);
    var response = ClientRegistrationResponse.parse(request.toHTTPRequest().send());
    if (!response.indicatesSuccess()) {
      throw new IllegalStateException("Registration: " + response.toErrorResponse().getErrorObject());
    }
    client = response.toSuccessResponse().getClientInformation().getID();
  }

  private void authorize(Scope scope) throws Exception {
    CodeVerifier verifier = new CodeVerifier();
    State state = new State();
    AuthorizationRequest request =
        new AuthorizationRequest.Builder(ResponseType.CODE, client)
            .endpointURI(server.getAuthorizationEndpointURI())
            .redirectionURI(callback.uri())
            .scope(scope)
            .state(state)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .resource(resource)
            .build();
    Client.print(Map.of("open", request.toURI().toString()));
    AuthorizationResponse response = AuthorizationResponse.parse(callback.await());
    if (!response.indicatesSuccess()) {
      throw new IllegalStateException("Authorization: " + response.toErrorResponse().getErrorObject());
    }
    if (!state.equals(response.getState()) || !server.getIssuer().equals(response.getIssuer())) {
      throw new IllegalStateException("The login came back from elsewhere.");
    }
    var code = response.toSuccessResponse().getAuthorizationCode();
    redeem(new AuthorizationCodeGrant(code, callback.uri(), verifier));
  }

  private void redeem(AuthorizationGrant grant) throws Exception {
    TokenRequest request =
        new TokenRequest.Builder(server.getTokenEndpointURI(), client, grant).resource(resource).build();
    TokenResponse response = TokenResponse.parse(request.toHTTPRequest().send());
    if (!response.indicatesSuccess()) {
      throw new IllegalStateException("Token: " + response.toErrorResponse().getErrorObject());
    }
    tokens = response.toSuccessResponse().getTokens();
  }

  @Override
  public void close() {
    callback.close();
  }
}
