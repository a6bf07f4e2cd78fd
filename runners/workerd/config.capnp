# workerd serve --experimental -I NODE_MODULES --socket-fd main=FD config.capnp
#
# One worker that takes scripts as requests (main.js), and the files of the workers that it loads for them.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = []))],
  sockets = [(name = "main", address = "unix:main", http = (), service = "main")],
);

const date :Text = "2026-11-17";
# The compatibility date of all workers: that of the release. No compatibility flags.

const main :Workerd.Worker = (
  compatibilityDate = .date,
  modules = [
    (name = "workerd/main.js", esModule = embed "main.js"),
    (name = "workerd/needs.js", esModule = embed "needs.js"),
    (name = "workerd/request.js", esModule = embed "request.js"),
    (name = "javascript/adapter.js", esModule = embed "../javascript/adapter.js"),
    (name = "javascript/api.js", esModule = embed "../javascript/api.js"),
    (name = "javascript/base64.js", esModule = embed "../javascript/base64.js"),
    (name = "javascript/failures.js", esModule = embed "../javascript/failures.js"),
    (name = "javascript/traps.js", esModule = embed "../javascript/traps.js"),
    (name = "javascript/values.js", esModule = embed "../javascript/values.js"),
  ],
  bindings = [
    (name = "LOADER", workerLoader = ()),
    (name = "DATE", text = .date),
    (name = "workerd/script_worker.js", text = embed "script_worker.js"),
    (name = "workerd/request.js", text = embed "request.js"),
    (name = "javascript/adapter.js", text = embed "../javascript/adapter.js"),
    (name = "javascript/api.js", text = embed "../javascript/api.js"),
    (name = "javascript/atomics.js", text = embed "../javascript/atomics.js"),
    (name = "javascript/base64.js", text = embed "../javascript/base64.js"),
    (name = "javascript/codes.js", text = embed "../javascript/codes.js"),
    (name = "javascript/failures.js", text = embed "../javascript/failures.js"),
    (name = "javascript/interpreter.js", text = embed "../javascript/interpreter.js"),
    (name = "javascript/instances.js", text = embed "../javascript/instances.js"),
    (name = "javascript/memory_import.js", text = embed "../javascript/memory_import.js"),
    (name = "javascript/script.js", text = embed "../javascript/script.js"),
    (name = "javascript/team.js", text = embed "../javascript/team.js"),
    (name = "javascript/traps.js", text = embed "../javascript/traps.js"),
    (name = "javascript/values.js", text = embed "../javascript/values.js"),
    (name = "javascript/wasi_shim.js", text = embed "../javascript/wasi_shim.js"),
    (name = "javascript/wasi_threads.js", text = embed "../javascript/wasi_threads.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/debug.js", text = embed "/@bjorn3/browser_wasi_shim/dist/debug.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/fd.js", text = embed "/@bjorn3/browser_wasi_shim/dist/fd.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/fs_mem.js", text = embed "/@bjorn3/browser_wasi_shim/dist/fs_mem.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/fs_opfs.js", text = embed "/@bjorn3/browser_wasi_shim/dist/fs_opfs.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/index.js", text = embed "/@bjorn3/browser_wasi_shim/dist/index.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/strace.js", text = embed "/@bjorn3/browser_wasi_shim/dist/strace.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/wasi.js", text = embed "/@bjorn3/browser_wasi_shim/dist/wasi.js"),
    (name = "javascript/node_modules/@bjorn3/browser_wasi_shim/dist/wasi_defs.js", text = embed "/@bjorn3/browser_wasi_shim/dist/wasi_defs.js"),
  ],
);
