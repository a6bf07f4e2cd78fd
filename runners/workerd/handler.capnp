# workerd serve -I FOLDER --socket-fd main=FD handler.capnp
#
# A worker as Cloudflare's users write them: JavaScript that handles requests, and a module built into its configuration,
# FOLDER/module.wasm. It has no network.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = []))],
  sockets = [(name = "main", address = "unix:main", http = (), service = "main")],
);

const main :Workerd.Worker = (
  compatibilityDate = "2026-11-17",
  modules = [
    (name = "handler.js", esModule = embed "handler.js"),
    (name = "module.wasm", wasm = embed "/module.wasm"),
  ],
);
