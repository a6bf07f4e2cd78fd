//! How the linker makes a module of the host-neutral ABI: it imports `env.memory`, shared, and leaves to the host what each
//! instance must have of its own (stack, thread-local storage).

const ARGUMENTS: [&str; 10] = [
    "--no-entry",
    "--import-memory",
    "--shared-memory",
    "--initial-memory=2097152", // 32 pages: the module's own; what lies above is the host's
    "--max-memory=16777216",    // 256 pages
    "--export=__stack_pointer",
    "--export=__tls_size",
    "--export=__tls_align",
    "--export=__wasm_init_tls",
    "--export=__heap_base",
];

fn main() {
    for argument in ARGUMENTS {
        println!("cargo::rustc-link-arg-cdylib={argument}");
    }
    println!("cargo::rerun-if-changed=../shared_memory.rs");
}
