package matrix.chicory;

import com.dylibso.chicory.log.Logger;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import matrix.runner.Grant;

/** Chicory's own WASI, with exactly what is granted. */
final class Wasi {
    /** It logs each call where it is let. */
    private static final Logger SILENT = new Logger() {
        @Override
        public void log(Level level, String message, Throwable error) {}

        @Override
        public boolean isLoggable(Level level) {
            return false;
        }
    };

    private Wasi() {}

    static WasiPreview1 state(Grant grant) {
        WasiOptions.Builder options = WasiOptions.builder()
                .withArguments(grant.arguments())
                .withStdin(grant.stdin().get(), false)
                .withStdout(grant.stdout(), false)
                .withStderr(grant.stderr(), false)
                .withThrowOnExit0(true); // without, proc_exit(0) is told from a return by nothing
        grant.environment().forEach(options::withEnvironment);
        if (grant.folders() != null) {
            grant.folders().preopens().forEach(options::withDirectory);
        }
        return WasiPreview1.builder().withLogger(SILENT).withOptions(options.build()).build();
    }
}
