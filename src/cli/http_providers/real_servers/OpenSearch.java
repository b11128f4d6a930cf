import java.nio.file.Path;
import java.util.List;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** Serves the real OpenSearch on this machine. Called with a folder for its files, and a port. */
public final class OpenSearch extends Node {
    private OpenSearch(Settings settings, Path home) {
        super(new Environment(settings, home), List.of(Netty4Plugin.class), false);
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("node.name", "tests")
            .put("cluster.name", "tests")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[1])
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        new OpenSearch(settings, home).start();
        Thread.currentThread().join();
    }
}
