import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Runs DynamoDB Local in memory on the loopback interface and a free port, prints {@code listening on URL}, and ends
 * when its standard input does, so that it never outlives who started it.
 *
 * <p>Its own main class has no option for the address: it listens on every interface, and cannot say which port it
 * took. Its field {@code server} is the only way to the connector.
 */
public final class LoopbackServer {
  public static void main(String[] arguments) throws Exception {
    String[] options = {"-inMemory", "-sharedDb", "-disableTelemetry"};
    DynamoDBProxyServer database = ServerRunner.createServerFromCommandLineArgs(options);
    var field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    for (Connector connector : ((Server) field.get(database)).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
      ((ServerConnector) connector).setPort(0);
    }
    database.start();
    var connector = (ServerConnector) ((Server) field.get(database)).getConnectors()[0];
    System.out.println("listening on http://127.0.0.1:" + connector.getLocalPort());
    while (System.in.read() != -1) {
      // Nothing is expected; only the end counts.
    }
    System.exit(0);
  }
}
