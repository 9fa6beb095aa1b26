//! The asynchronous runtime, created on first use, one per process.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use extendr_api::prelude::*;
use once_cell::sync::Lazy;
use openaistream_core::{Error, Transports};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::server::stop_servers;
use crate::signals::without_signals;

/// How long tasks may take to finish when the package is unloaded.
const SHUTDOWN: Duration = Duration::from_millis(200);

static ENGINE: Lazy<Mutex<Option<Engine>>> = Lazy::new(Mutex::default);

/// The runtime of a process, with its connections.
struct Engine {
    process: u32,
    runtime: Runtime,
    transports: Arc<Transports>,
}

/// The handle of the runtime and the connection pools of this process.
///
/// A forked child has neither the threads of its parent nor the right to use its sockets. It does
/// not touch the parent's runtime, because shutting it down would wait for threads that do not
/// exist.
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

/// Stops all tasks and threads, before the package is unloaded.
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
