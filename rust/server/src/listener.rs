//! The listening socket and its thread.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{mpsc, Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, Semaphore};

use crate::{connection, lock, Shared};

/// The maximum number of open connections; more wait to be accepted.
const CONNECTION_LIMIT: usize = 1024;
/// The backlog of the socket.
const BACKLOG: u32 = 1024;
/// How long `stop` waits for the thread.
const STOP_DEADLINE: Duration = Duration::from_millis(200);
/// The delay after a failed accept, which fails again immediately while the process is out of file
/// descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A bound port, and the thread that serves it.
#[derive(Debug)]
pub(crate) struct Listener {
    port: u16,
    /// The process that owns the thread; a forked child has a different id.
    process: u32,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    /// Disconnected once all resources of the thread are closed.
    finished: mpsc::Receiver<()>,
}

impl Listener {
    pub(crate) fn start(shared: Arc<Shared>) -> io::Result<Listener> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _entered = runtime.enter();
            let socket = TcpSocket::new_v4()?;
            // Frees the port as soon as the server stops, while the operating system still
            // remembers its connections. On Windows this is the default, and the option has a
            // different meaning.
            #[cfg(not(windows))]
            socket.set_reuseaddr(true)?;
            socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, shared.options.port)))?;
            socket.listen(BACKLOG)?
        };
        let port = listener.local_addr()?.port();

        let (stop, stopped) = oneshot::channel();
        let (finish, finished) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("openaistream-server".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = stopped => {}
                        () = accept(listener, shared) => {}
                    }
                });
                // Dropping the runtime drops the tasks of all connections, and with them their
                // sockets.
                drop(runtime);
                drop::<mpsc::Sender<()>>(finish);
            })?;
        let running = Mutex::new(Some(Running {
            stop,
            thread,
            finished,
        }));
        Ok(Listener {
            port,
            process: std::process::id(),
            running,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stop(&self) {
        if std::process::id() != self.process {
            return;
        }
        let Some(running) = lock(&self.running).take() else {
            return;
        };
        // Fails if the thread has already ended.
        let _ = running.stop.send(());
        let over = running.finished.recv_timeout(STOP_DEADLINE);
        if over == Err(mpsc::RecvTimeoutError::Disconnected) {
            // A panic has been reported by the panic hook.
            let _ = running.thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if std::process::id() == self.process {
            self.stop();
        } else if let Ok(running) = self.running.get_mut() {
            // A forked child does not have this thread, so its handles must not be dropped.
            std::mem::forget(running.take());
        }
    }
}

/// A bound port, which is released when this is dropped. Closing the socket is not enough: a
/// process forked in the meantime holds it too, and clients would connect to a port that nobody
/// serves.
struct Bound(TcpListener);

impl Drop for Bound {
    fn drop(&mut self) {
        // If a listening socket cannot be shut down, it is only closed.
        let _ = SockRef::from(&self.0).shutdown(Shutdown::Both);
    }
}

/// Accepts connections, each served by its own task.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let listener = Bound(listener);
    let permits = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    loop {
        // The semaphore is never closed, so this fails only when the server stops.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        match listener.0.accept().await {
            Ok((stream, _)) => {
                let number = shared.journal.connected();
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    connection::serve(stream, number, &shared).await;
                    drop(permit);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
