//! The listening socket and the thread behind it.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{mpsc, Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, Semaphore};

use crate::{connection, lock, Shared};

/// Connections open at the same time; more wait to be accepted.
const CONNECTION_LIMIT: usize = 1024;
/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 1024;
/// How long a stop waits for the thread.
const STOP_DEADLINE: Duration = Duration::from_millis(200);
/// The pause after a failed accept: it fails again at once while the process has no free
/// descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A bound port, and the thread that serves it until it is told to stop.
#[derive(Debug)]
pub(crate) struct Listener {
    port: u16,
    /// The process that has the thread; a forked child is another one.
    process: u32,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    /// Disconnected when everything on the thread is closed.
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
            // So that the port is free again as soon as the server stops, not only when the system
            // has forgotten its connections. On Windows that is so anyway and the option means
            // another thing.
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
                // Dropping the runtime drops the task of each connection, and with it the socket.
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
        // The thread may be gone already; then there is nobody to tell.
        let _ = running.stop.send(());
        let over = running.finished.recv_timeout(STOP_DEADLINE);
        if over == Err(mpsc::RecvTimeoutError::Disconnected) {
            // A panic of the thread has been reported by the panic hook.
            let _ = running.thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if std::process::id() == self.process {
            self.stop();
        } else if let Ok(running) = self.running.get_mut() {
            // A forked child has no such thread: its handles must not be touched, not even to let
            // go.
            std::mem::forget(running.take());
        }
    }
}

/// A bound port, which is free when this is dropped. To close the socket would not do: a process
/// that was forked meanwhile holds it too, and clients would be connected to nobody.
struct Bound(TcpListener);

impl Drop for Bound {
    fn drop(&mut self) {
        // Where a listening socket cannot be shut down, closing it has to do.
        let _ = SockRef::from(&self.0).shutdown(Shutdown::Both);
    }
}

/// Accepts connections for ever, each served by a task of its own.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let listener = Bound(listener);
    let free = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    loop {
        // The semaphore is never closed, so this only fails when the server ends.
        let Ok(place) = Arc::clone(&free).acquire_owned().await else {
            return;
        };
        match listener.0.accept().await {
            Ok((stream, _)) => {
                let number = shared.journal.connected();
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    connection::serve(stream, number, &shared).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
