//! The bounded queue between the task that reads a stream and the thread that takes its items.
//!
//! Unlike the usual channels, the reader takes batches, waits with a timeout, and gets the end
//! together with the last items, while the writer waits without blocking a thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::error::{Error, ErrorKind};

/// The maximum number of waiting items. When the queue is full, the task stops reading, so the TCP
/// window fills and the server stops sending. Memory use is constant even if the reader is slow.
const MAX_ITEMS: usize = 1024;
/// The maximum number of waiting bytes, for streams of large items.
const MAX_BYTES: usize = 8 << 20;

/// How a stream ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The server announced the end, as the kind of stream requires.
    Complete,
    /// With an error; items received before it were delivered.
    Incomplete(Error),
}

impl End {
    /// The error of an incomplete end.
    pub(crate) fn error(&self) -> Option<&Error> {
        match self {
            End::Complete => None,
            End::Incomplete(error) => Some(error),
        }
    }
}

/// An item with a size, which counts towards the limit of the queue.
pub trait Weight {
    fn bytes(&self) -> usize;
}

/// The items taken by a reader.
#[derive(Debug)]
pub struct Taken<T> {
    pub items: Vec<T>,
    /// How the stream ended, once all items have been taken.
    pub end: Option<End>,
}

/// A callback that is called once, from any thread, when there is something to take.
pub type Wake = Box<dyn FnOnce() + Send>;

struct State<T> {
    items: VecDeque<T>,
    bytes: usize,
    end: Option<End>,
    closed: bool,
    /// Whether writers are waiting for space.
    full: bool,
    wake: Option<Wake>,
}

impl<T: Weight> State<T> {
    fn drain(&mut self, most: usize) -> Vec<T> {
        let count = most.min(self.items.len());
        let items: Vec<T> = self.items.drain(..count).collect();
        self.bytes -= items.iter().map(Weight::bytes).sum::<usize>();
        items
    }

    /// Whether to wake waiting writers: not after every item, because waking one costs more than
    /// the item.
    fn makes_space(&mut self) -> bool {
        let is_half_empty = self.items.len() <= MAX_ITEMS / 2 && self.bytes <= MAX_BYTES / 2;
        let wakes = self.full && is_half_empty;
        self.full &= !wakes;
        wakes
    }

    fn is_ready(&self) -> bool {
        !self.items.is_empty() || self.end.is_some() || self.closed
    }
}

/// A queue with several writers and one reader.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    space: Notify,
}

impl<T: Weight> Default for Queue<T> {
    fn default() -> Self {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            end: None,
            closed: false,
            full: false,
            wake: None,
        };
        Queue {
            state: Mutex::new(state),
            changed: Condvar::new(),
            space: Notify::new(),
        }
    }
}

impl<T: Weight> Queue<T> {
    /// Appends `items` together, after waiting for space. They may exceed the limit by the size of
    /// one read. Returns whether the reader is still there.
    pub async fn push(&self, items: Vec<T>, end: Option<End>) -> bool {
        loop {
            // Created before the check, so that no notification is missed.
            let space = self.space.notified();
            {
                let mut state = self.lock();
                if state.closed {
                    return false;
                }
                if state.items.len() < MAX_ITEMS && state.bytes < MAX_BYTES {
                    state.bytes += items.iter().map(Weight::bytes).sum::<usize>();
                    state.items.extend(items);
                    state.end = end;
                    self.arrived(state);
                    return true;
                }
                state.full = true;
            }
            space.await;
        }
    }

    /// Takes up to `most` items; waits up to `patience` for the first one.
    pub fn take(&self, most: usize, patience: Duration) -> Taken<T> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        while !state.is_ready() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let items = state.drain(most);
        let end = if state.items.is_empty() {
            state.end.clone()
        } else {
            None
        };
        self.give_space(state);
        Taken { items, end }
    }

    /// Takes `count` items, if that many have arrived and all are `plain`; never waits.
    pub fn take_ready(&self, count: usize, plain: impl Fn(&T) -> bool) -> Option<Vec<T>> {
        let mut state = self.lock();
        let is_ready = state.items.len() >= count && state.items.iter().take(count).all(plain);
        let items = is_ready.then(|| state.drain(count))?;
        self.give_space(state);
        Some(items)
    }

    fn give_space(&self, mut state: MutexGuard<'_, State<T>>) {
        let wakes = state.makes_space();
        drop(state);
        if wakes {
            self.space.notify_waiters();
        }
    }

    /// Calls `wake` once items, the end or `close` are available, immediately if they are available
    /// already. Replaces an earlier callback.
    pub fn wake_when_ready(&self, wake: Wake) {
        let mut state = self.lock();
        state.wake = Some(wake);
        if state.is_ready() {
            self.arrived(state);
        }
    }

    /// Whether the writer has set the end.
    pub fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// The writer is gone: wakes readers, unless the end was set before.
    pub fn abandon(&self) {
        let mut state = self.lock();
        if state.end.is_none() && !state.closed {
            state.end = Some(End::Incomplete(Error::new(
                ErrorKind::Stream,
                "The call ended because openaistream was unloaded, or because of an internal \
                 error.",
            )));
        }
        self.arrived(state);
    }

    /// The reader is gone: drops waiting items and lets the writer stop.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items = VecDeque::new();
        state.bytes = 0;
        self.arrived(state);
        self.space.notify_waiters();
    }

    /// Wakes waiting readers after releasing the lock, because the callback may take it.
    fn arrived(&self, mut state: MutexGuard<'_, State<T>>) {
        let wake = state.wake.take();
        drop(state);
        self.changed.notify_all();
        if let Some(wake) = wake {
            wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    struct Number(usize);

    impl Weight for Number {
        fn bytes(&self) -> usize {
            1
        }
    }

    #[test]
    fn all_waiting_writers_continue() {
        const WRITERS: usize = 100;
        const EACH: usize = 40;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .expect("a runtime");
        let queue = Arc::new(Queue::default());
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let queue = Arc::clone(&queue);
                runtime.spawn(async move {
                    for index in 0..EACH {
                        assert!(queue.push(vec![Number(writer * EACH + index)], None).await);
                    }
                })
            })
            .collect();
        // Fill the queue before taking the first item.
        while queue.lock().items.len() < MAX_ITEMS {
            std::thread::yield_now();
        }
        let mut numbers = Vec::new();
        while numbers.len() < WRITERS * EACH {
            let taken = queue.take(usize::MAX, Duration::from_secs(20));
            assert!(!taken.items.is_empty(), "the writers wait for ever");
            numbers.extend(taken.items.iter().map(|number| number.0));
        }
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..WRITERS * EACH));
        for writer in writers {
            runtime.block_on(writer).expect("no panic");
        }
    }

    #[test]
    fn all_writers_stop_when_the_reader_is_gone() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let queue = Arc::new(Queue::default());
        let items = (0..MAX_ITEMS).map(Number).collect();
        assert!(runtime.block_on(queue.push(items, None)));
        let writers: Vec<_> = (0..10)
            .map(|_| {
                let queue = Arc::clone(&queue);
                runtime.spawn(async move { queue.push(vec![Number(0)], None).await })
            })
            .collect();
        runtime.block_on(tokio::task::yield_now());
        queue.close();
        for writer in writers {
            assert!(!runtime.block_on(writer).expect("no panic"));
        }
    }
}
