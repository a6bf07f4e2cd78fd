//! WASI preview 1 by wasmer-wasix: a command as `wasmer run` runs it, and a library whose imports come from the same
//! environment.

use std::sync::Arc;
use std::time::Duration;

use bound::{Failure, Grant, Outcome, guarded};
use wasmer::{Extern, Imports, Instance, Module};
use wasmer_types::ModuleHash;
use wasmer_wasix::runners::MappedDirectory;
use wasmer_wasix::runners::wasi::{PackageOrHash, RuntimeOrEngine, WasiRunner};
use wasmer_wasix::virtual_fs::{Pipe, StaticFile, host_fs};
use wasmer_wasix::{WasiModuleInstanceHandles, WasiModuleTreeHandles};
use webc::metadata::annotations::Wasi as Annotation;

use crate::failure;
use crate::runtime::Watched;
use crate::store::State;

/// How long a finished command may take to write out what it left in its files.
const FLUSH: Duration = Duration::from_secs(5);

fn program(grant: &Grant) -> &str {
    grant.args.first().map_or("", String::as_str)
}

/// wasmer's own runner, given exactly this. Within an executor.
fn runner(grant: &Grant) -> WasiRunner {
    let mut runner = WasiRunner::new();
    let directories = grant.preopens.iter();
    runner
        .with_args(grant.args.iter().skip(1))
        .with_envs(grant.env.iter())
        .with_stdin(Box::new(StaticFile::new(grant.stdin.clone())))
        .with_mapped_directories(
            directories.map(|open| MappedDirectory { host: open.path.clone(), guest: open.guest.clone() }),
        );
    runner
}

fn executor() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().map_err(|error| Failure::host("wasi", error))
}

/// Runs the module's `_start`. Executor and threads are its own: nothing of a command is left for the next.
pub fn run(engine: &wasmer::Engine, module: &Module, grant: &Grant) -> Result<Outcome, Failure> {
    if !module.exports().functions().any(|export| export.name() == "_start") {
        // Asked here: wasmer would report a command that exited with 45.
        return Err(Failure::host("call", "no exported function \"_start\""));
    }
    let executor = executor()?;
    let (stdout, mut printed) = Pipe::channel();
    let (stderr, mut complained) = Pipe::channel();
    let ended = guarded("wasi", || {
        let _entered = executor.enter();
        let runtime = Arc::new(Watched::new(engine.clone()));
        let mut runner = runner(grant);
        runner.with_stdout(Box::new(stdout)).with_stderr(Box::new(stderr));
        let result = runner.run_wasm(
            RuntimeOrEngine::Runtime(runtime.clone()),
            program(grant),
            module.clone(),
            ModuleHash::random(),
        );
        if let Some(trap) = runtime.trap() {
            return Err(failure::of_runtime(&trap));
        }
        match result.map_err(|error| failure::of_command(&error)) {
            Err(Failure::Exit { code }) => Ok(code),
            other => other.map(|()| 0),
        }
    });
    executor.shutdown_timeout(FLUSH);
    Ok(Outcome { ended, stdout: drained(&mut printed), stderr: drained(&mut complained) })
}

fn drained(pipe: &mut Pipe) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 65536];
    while let Some(length @ 1..) = pipe.try_read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..length]);
    }
    bytes
}

/// Instantiates a library that imports WASI; calls nothing of it. What it prints goes to the standard error of this
/// process.
pub fn instantiate(
    engine: &wasmer::Engine,
    state: &mut State,
    module: &Module,
    imports: Imports,
    grant: &Grant,
) -> Result<Instance, Failure> {
    if state.executor.is_none() {
        state.executor = Some(executor()?);
    }
    let handle = state.executor.as_ref().map(|executor| executor.handle().clone());
    let _entered = handle.as_ref().map(|handle| handle.enter());
    let store = &mut state.store;

    let mut runner = runner(grant);
    runner.with_stdout(Box::<host_fs::Stderr>::default()).with_stderr(Box::<host_fs::Stderr>::default());
    let mut environment = runner
        .prepare_webc_env(
            program(grant),
            &Annotation::new(program(grant)),
            PackageOrHash::Hash(ModuleHash::random()),
            RuntimeOrEngine::Runtime(Arc::new(Watched::new(engine.clone()))),
            None,
        )
        .map_err(|error| Failure::host("wasi", format!("{error:#}")))?;
    // The runner puts the program's name before what it is given, a name of no characters too.
    environment.get_args_mut().clone_from(&grant.args);
    let mut environment = environment.finalize(store).map_err(|error| Failure::host("wasi", error))?;

    let mut all = environment.import_object(store, module).map_err(|error| Failure::host("link", error))?;
    for ((namespace, field), import) in &imports {
        all.define(&namespace, &field, import.clone());
    }
    let instance = Instance::new(store, module, &all).map_err(|error| failure::of_instantiation(&error))?;

    let exported = instance.exports.iter().find_map(|(_, export)| match export {
        Extern::Memory(memory) => Some(memory.clone()),
        _ => None,
    });
    let imported = imports.into_iter().find_map(|(_, import)| match import {
        Extern::Memory(memory) => Some(memory),
        _ => None,
    });
    let memory =
        exported.or(imported).ok_or_else(|| Failure::host("link", "WASI needs a memory, and there is none"))?;
    let handles = WasiModuleInstanceHandles::new(memory, store, instance.clone(), None);
    environment
        .initialize_handles_and_layout(store, instance.clone(), WasiModuleTreeHandles::Static(handles), None, true)
        .map_err(|error| Failure::host("link", error))?;
    Ok(instance)
}
