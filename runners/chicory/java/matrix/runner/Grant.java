package matrix.runner;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a module may have of the outside by WASI, and no more. `stdin` gives a fresh stream for each instance. */
public record Grant(
        List<String> arguments,
        Map<String, String> environment,
        Supplier<InputStream> stdin,
        OutputStream stdout,
        OutputStream stderr,
        Folders folders) {
    /** The module that a program imports of it. */
    static final String WASI = "wasi_snapshot_preview1";

    /** Nothing at all; what is printed is evidence, on standard error. */
    static Grant nothing() {
        return new Grant(List.of(), Map.of(), InputStream::nullInputStream, System.err, System.err, null);
    }
}
