import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A program with the MCP SDK for Java: it logs in, and does what the lines of its input say.
 *
 * <p>Usage: Client url http|sse. It prints JSON, a line for each thing: {@code open} is the URL for a browser. With
 * the variable MCP_TOKEN that is sent as a header, and nobody is logged in.
 */
public final class Client {
  /** A busy machine is slow. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  public static void main(String[] args) throws Exception {
    String token = System.getenv("MCP_TOKEN");
    try (Login login = new Login(URI.create(args[0]))) {
      if (token == null) login.logIn();
      try (McpSyncClient client =
          McpClient.sync(token == null ? open(args[0], args[1], login) : open(args[0], token))
              .clientInfo(McpSchema.Implementation.builder("java-sdk", "1.0.0").build())
              .requestTimeout(PATIENCE)
              .initializationTimeout(PATIENCE)
              .build()) {
        String version = client.initialize().protocolVersion();
        say("connect", Map.of("version", version, "method", "none", "scope", token == null ? login.scope() : ""));
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
          String[] words = line.split(" ", 3);
          try {
            say(words[0], obey(words, client, login));
          } catch (Exception error) {
            say(words[0], Map.of("error", explain(error)));
          }
        }
      }
    } catch (Exception error) {
      say("end", Map.of("error", explain(error)));
      System.exit(1);
    }
    // Threads of the SDK may live on.
    System.exit(0);
  }

  /** Over Streamable HTTP, with a token alone. */
  private static McpClientTransport open(String url, String token) {
    URI endpoint = URI.create(url);
    return HttpClientStreamableHttpTransport.builder(url.substring(0, url.length() - endpoint.getPath().length()))
        .endpoint(endpoint.getPath())
        .httpRequestCustomizer(
            (request, method, address, body, context) -> request.setHeader("Authorization", "Bearer " + token))
        .build();
  }

  private static McpClientTransport open(String url, String transport, Login login) {
    McpSyncHttpClientRequestCustomizer withToken =
        (request, method, endpoint, body, context) -> request.setHeader("Authorization", login.header());
    if (transport.equals("sse")) {
      URI endpoint = URI.create(url);
      // Nothing in this transport is told of a 401 or a 403.
      return HttpClientSseClientTransport.builder(url.substring(0, url.length() - endpoint.getPath().length()))
          .sseEndpoint(endpoint.getPath())
          .httpRequestCustomizer(withToken)
          .build();
    }
    URI endpoint = URI.create(url);
    return HttpClientStreamableHttpTransport.builder(url.substring(0, url.length() - endpoint.getPath().length()))
        .endpoint(endpoint.getPath())
        .httpRequestCustomizer(withToken)
        .authorizationErrorHandler(
            McpHttpClientTransportAuthorizationErrorHandler.fromSync(
                (request, response, context) ->
                    login.answer(response.headers().firstValue("WWW-Authenticate").orElse(""))))
        .build();
  }

  private static Map<String, Object> obey(String[] words, McpSyncClient client, Login login) throws Exception {
    switch (words[0]) {
      case "list":
        return Map.of("tools", client.listTools().tools().stream().map(McpSchema.Tool::name).toList());
      case "call":
        return call(client, words[1], words[2]);
      case "refresh":
        String before = login.header();
        login.refresh();
        call(client, "sum", "{\"a\":1,\"b\":1}");
        return Map.of("renewed", !login.header().equals(before));
      default:
        throw new IllegalArgumentException("Not a command: " + String.join(" ", words));
    }
  }

  private static Map<String, Object> call(McpSyncClient client, String name, String arguments) throws Exception {
    Map<String, Object> values = McpJsonDefaults.getMapper().readValue(arguments, new TypeRef<Map<String, Object>>() {});
    McpSchema.CallToolResult result =
        client.callTool(McpSchema.CallToolRequest.builder(name).arguments(values).build());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("isError", Boolean.TRUE.equals(result.isError()));
    answer.put("structured", result.structuredContent());
    return answer;
  }

  /** Prints what was done. */
  private static void say(String did, Map<String, Object> what) throws Exception {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("did", did);
    line.putAll(what);
    print(line);
  }

  static synchronized void print(Map<String, Object> line) throws Exception {
    System.out.println(McpJsonDefaults.getMapper().writeValueAsString(line));
  }

  /** The error and what is behind it. */
  private static String explain(Throwable error) {
    StringBuilder words = new StringBuilder();
    for (Throwable each = error; each != null; each = each.getCause()) {
      words.append(words.isEmpty() ? "" : ": ").append(each.getMessage());
    }
    return words.toString();
  }
}
