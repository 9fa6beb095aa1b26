//! The runtime on which everything waits: made when it is first needed, one for each process.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use extendr_api::prelude::*;
use once_cell::sync::Lazy;
use openaistream_core::{Error, Transports};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::server::stop_servers;
use crate::signals::without_signals;

/// How long tasks may take to end when the package is unloaded.
const SHUTDOWN: Duration = Duration::from_millis(200);

static ENGINE: Lazy<Mutex<Option<Engine>>> = Lazy::new(Mutex::default);

/// The runtime of one process, with its connections.
struct Engine {
    process: u32,
    runtime: Runtime,
    transports: Arc<Transports>,
}

/// The runtime's handle and the pools of connections of this process.
///
/// A forked child has neither the threads of its parent nor a right to its sockets: the parent's
/// runtime is left alone there, for ending it would wait for threads that do not exist.
pub fn engine() -> std::result::Result<(Handle, Arc<Transports>), Error> {
    let mut slot = lock();
    if slot
        .as_ref()
        .is_some_and(|engine| engine.process != std::process::id())
    {
        mem::forget(slot.take());
    }
    if let Some(engine) = slot.as_ref() {
        return Ok((
            engine.runtime.handle().clone(),
            Arc::clone(&engine.transports),
        ));
    }
    let built = without_signals(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(2)
            .thread_name("openaistream")
            .enable_all()
            .build()
    });
    let runtime =
        built.map_err(|error| Error::argument(format!("No thread could be started: {error}.")))?;
    let handle = runtime.handle().clone();
    let transports = Arc::new(Transports::default());
    let process = std::process::id();
    *slot = Some(Engine {
        process,
        runtime,
        transports: Arc::clone(&transports),
    });
    Ok((handle, transports))
}

fn lock() -> MutexGuard<'static, Option<Engine>> {
    ENGINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all tasks and threads, before the package is unloaded.
#[extendr]
fn runtime_shutdown() {
    stop_servers();
    match lock().take() {
        Some(engine) if engine.process == std::process::id() => {
            engine.runtime.shutdown_timeout(SHUTDOWN);
        }
        inherited => mem::forget(inherited),
    }
}

extendr_module! {
    mod runtime;
    fn runtime_shutdown;
}
