//! Work on many cells by several threads.

use std::thread::{self, available_parallelism};

/// The most cells that one thread works on alone.
pub(super) const CELLS_OF_ONE_THREAD: usize = 1 << 18;

/// The most threads that share a work.
const MOST_THREADS: usize = 4;

/// Has `work` go through all `cells`; many of them in shares on several threads, for most of the
/// time goes into memory that is touched for the first time. A share holds whole runs of `run`
/// cells; `work` is told the number of its first run. The results come in the order of the shares.
pub(super) fn in_shares<C: Send, R: Send>(
    cells: &mut [C],
    run: usize,
    work: impl Fn(usize, &mut [C]) -> R + Sync,
) -> Vec<R> {
    let threads = match cells.len() < CELLS_OF_ONE_THREAD {
        true => 1,
        false => available_parallelism().map_or(1, |count| count.get().min(MOST_THREADS)),
    };
    let runs = (cells.len() / run.max(1)).div_ceil(threads);
    let mut shares = cells.chunks_mut((runs * run).max(1)).enumerate();
    let last = shares.next_back();
    let work = |(share, cells): (usize, &mut [C])| work(share * runs, cells);
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(|| work(share))).collect();
        let last = last.map(work);
        let results = others.into_iter().map(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.chain(last).collect()
    })
}
