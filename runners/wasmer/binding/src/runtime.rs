//! What a WASI module may use of this machine, in wasmer-wasix's terms: an executor and an engine; no network, no
//! packages.

use std::sync::{Arc, Mutex, PoisonError};

use wasmer::{Engine, RuntimeError, Store};
use wasmer_wasix::Runtime;
use wasmer_wasix::runtime::TaintReason;
use wasmer_wasix::runtime::resolver::{MultiSource, Source};
use wasmer_wasix::runtime::task_manager::VirtualTaskManager;
use wasmer_wasix::runtime::task_manager::tokio::TokioTaskManager;
use wasmer_wasix::virtual_net::{DynVirtualNetworking, UnsupportedVirtualNetworking};

/// The runtime of one module. It remembers a trap: `WasiRunner` reports a trapped command as one that exited with 45
/// (`noexec`), which a program may do as well.
#[derive(Debug)]
pub struct Watched {
    engine: Engine,
    tasks: Arc<dyn VirtualTaskManager>,
    network: DynVirtualNetworking,
    packages: Arc<MultiSource>,
    trap: Mutex<Option<RuntimeError>>,
}

impl Watched {
    /// Within an executor.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            tasks: Arc::new(TokioTaskManager::default()),
            network: Arc::new(UnsupportedVirtualNetworking::default()),
            packages: Arc::default(),
            trap: Mutex::default(),
        }
    }

    /// The first trap of any of the command's threads.
    pub fn trap(&self) -> Option<RuntimeError> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Runtime for Watched {
    fn networking(&self) -> &DynVirtualNetworking {
        &self.network
    }

    fn task_manager(&self) -> &Arc<dyn VirtualTaskManager> {
        &self.tasks
    }

    fn source(&self) -> Arc<dyn Source + Send + Sync> {
        self.packages.clone()
    }

    fn engine(&self) -> Engine {
        self.engine.clone()
    }

    fn new_store(&self) -> Store {
        Store::new(self.engine.clone())
    }

    fn on_taint(&self, reason: TaintReason) {
        if let TaintReason::RuntimeError(error) = reason {
            self.trap.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}
