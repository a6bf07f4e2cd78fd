//! WASI preview 1 by wasmi_wasi (wasi-common on cap-std): an instance has exactly the grant that it was given.

use std::fmt::Display;
use std::sync::{Arc, RwLock};

use bound::{Failure, Grant, Outcome};
use wasmi::{Linker, Module};
use wasmi_wasi::wasi_common::pipe::{ReadPipe, WritePipe};
use wasmi_wasi::{Dir, WasiCtxBuilder, WasiFile, ambient_authority};

use crate::failure;
use crate::store::{Own, State};

fn wrong(error: impl Display) -> Failure {
    Failure::host("wasi", error)
}

fn give(
    linker: &mut Linker<Own>,
    store: &mut State,
    grant: &Grant,
    stdout: Box<dyn WasiFile>,
    stderr: Box<dyn WasiFile>,
) -> Result<(), Failure> {
    let mut context = WasiCtxBuilder::new();
    context.args(&grant.args).map_err(wrong)?;
    for (name, value) in &grant.env {
        context.env(name, value).map_err(wrong)?;
    }
    context.stdin(Box::new(ReadPipe::from(grant.stdin.clone()))).stdout(stdout).stderr(stderr);
    for preopen in &grant.preopens {
        let folder = Dir::open_ambient_dir(&preopen.path, ambient_authority()).map_err(wrong)?;
        context.preopened_dir(folder, &preopen.guest).map_err(wrong)?;
    }
    let contexts = &mut store.data_mut().wasi;
    let index = contexts.len();
    contexts.push(context.build());
    wasmi_wasi::add_to_linker(linker, move |own: &mut Own| &mut own.wasi[index]).map_err(wrong)
}

/// Gives an instance its WASI. What it prints goes to the standard error of this process.
pub fn link(linker: &mut Linker<Own>, store: &mut State, grant: &Grant) -> Result<(), Failure> {
    give(linker, store, grant, Box::new(wasmi_wasi::stdio::stderr()), Box::new(wasmi_wasi::stdio::stderr()))
}

/// Runs the module's `_start`, in a store of its own.
pub fn run(engine: &wasmi::Engine, module: &Module, grant: &Grant) -> Result<Outcome, Failure> {
    let (stdout, stderr) = (Arc::new(RwLock::new(Vec::new())), Arc::new(RwLock::new(Vec::new())));
    let mut store = State::new(engine, Own::default());
    let mut linker = Linker::new(engine);
    let pipe = |bytes: &Arc<RwLock<Vec<u8>>>| Box::new(WritePipe::from_shared(bytes.clone()));
    give(&mut linker, &mut store, grant, pipe(&stdout), pipe(&stderr))?;
    let ended = start(&mut store, &linker, module);
    let (stdout, stderr) = (printed(&stdout)?, printed(&stderr)?);
    Ok(Outcome { ended, stdout, stderr })
}

fn start(store: &mut State, linker: &Linker<Own>, module: &Module) -> Result<i32, Failure> {
    let instance = linker.instantiate_and_start(&mut *store, module);
    let instance = instance.map_err(|error| failure::of_instantiation(&error))?;
    let start = instance.get_func(&*store, "_start");
    let start = start.ok_or_else(|| Failure::host("call", "no exported function \"_start\""))?;
    match start.call(store, &[], &mut []).map_err(|error| failure::of("call", &error)) {
        Err(Failure::Exit { code }) => Ok(code),
        other => other.map(|()| 0),
    }
}

fn printed(bytes: &RwLock<Vec<u8>>) -> Result<Vec<u8>, Failure> {
    Ok(std::mem::take(&mut *bytes.write().map_err(wrong)?))
}
