//! The bounded queue between the task that reads a stream and the thread that takes from it.
//!
//! It is not one of the usual channels because the reader takes batches, waits with a time limit
//! and sees the end together with the last items, while the writer waits without blocking.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::error::{Error, ErrorKind};

/// The most items that wait before the writer does; with them the socket's window fills, and so
/// the server waits: memory stays constant however slow the reader is.
const MOST_ITEMS: usize = 1024;
/// The most bytes that wait, for streams of large items.
const MOST_BYTES: usize = 8 << 20;

/// How a stream ended of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Its end was announced, as its kind demands.
    Complete,
    /// Anything else; what came before was delivered.
    Incomplete(Error),
}

/// Something whose size counts towards the bound of a queue.
pub trait Weight {
    fn bytes(&self) -> usize;
}

/// What a reader got.
#[derive(Debug)]
pub struct Taken<T> {
    pub items: Vec<T>,
    /// How the stream ended, once nothing is left to take.
    pub end: Option<End>,
}

/// Called once, from any thread, when there is something to take.
pub type Wake = Box<dyn FnOnce() + Send>;

struct State<T> {
    items: VecDeque<T>,
    bytes: usize,
    end: Option<End>,
    closed: bool,
    /// Whether writers wait for space.
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

    /// Whether writers that wait shall go on: not for every item that is taken, because to wake one
    /// costs more than the item.
    fn makes_space(&mut self) -> bool {
        let is_half_empty = self.items.len() <= MOST_ITEMS / 2 && self.bytes <= MOST_BYTES / 2;
        let wakes = self.full && is_half_empty;
        self.full &= !wakes;
        wakes
    }

    fn is_ready(&self) -> bool {
        !self.items.is_empty() || self.end.is_some() || self.closed
    }
}

/// The queue; several writers, one reader.
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
    /// Appends `items` together, after waiting for space. They may exceed the bound by what one
    /// read of the socket brought. Returns whether anyone still reads.
    pub async fn push(&self, items: Vec<T>, end: Option<End>) -> bool {
        loop {
            // Made before the check: space that is given after it is not missed.
            let space = self.space.notified();
            {
                let mut state = self.lock();
                if state.closed {
                    return false;
                }
                if state.items.len() < MOST_ITEMS && state.bytes < MOST_BYTES {
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

    /// Takes up to `most` items, waiting at most `patience` for the first one.
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

    /// Takes `count` items if as many have arrived and all of them are `plain`; never waits.
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

    /// Calls `wake` as soon as items, the end or `close` make a taker go on; at once if they are
    /// there already. Replaces what was to be called before.
    pub fn wake_when_ready(&self, wake: Wake) {
        let mut state = self.lock();
        state.wake = Some(wake);
        if state.is_ready() {
            self.arrived(state);
        }
    }

    /// Whether the writer has said how the stream ended.
    pub fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// The writer is gone: whoever waits learns it, unless the end was told before.
    pub fn abandon(&self) {
        let mut state = self.lock();
        if state.end.is_none() && !state.closed {
            state.end = Some(End::Incomplete(Error::new(
                ErrorKind::Stream,
                "It ended because openaistream was unloaded, or by an error of its own.",
            )));
        }
        self.arrived(state);
    }

    /// The reader is gone: frees what waits and lets the writer stop.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items = VecDeque::new();
        state.bytes = 0;
        self.arrived(state);
        self.space.notify_waiters();
    }

    /// Tells who waits, without the lock: what is called may take it.
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
    fn writers_that_wait_together_all_go_on() {
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
                    for place in 0..EACH {
                        assert!(queue.push(vec![Number(writer * EACH + place)], None).await);
                    }
                })
            })
            .collect();
        // The queue fills before the first is taken.
        while queue.lock().items.len() < MOST_ITEMS {
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
    fn a_reader_that_is_gone_lets_all_writers_go() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let queue = Arc::new(Queue::default());
        let items = (0..MOST_ITEMS).map(Number).collect();
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
