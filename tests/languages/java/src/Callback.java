import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;

/** The loopback address that a login comes back to. */
final class Callback implements AutoCloseable {
  private final LinkedBlockingQueue<URI> arrived = new LinkedBlockingQueue<>();
  private final HttpServer server;

  Callback() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.createContext(
        "/callback",
        exchange -> {
          byte[] page = "You can close this window.".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
          arrived.add(uri().resolve(exchange.getRequestURI()));
        });
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/callback");
  }

  /** The next redirect. */
  URI await() throws InterruptedException {
    return arrived.take();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
