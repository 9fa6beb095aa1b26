//! Processes many cells with several threads.

use crate::threads::{most_threads, share_out};

/// The maximum number of cells that are processed by a single thread.
pub(super) const CELLS_OF_ONE_THREAD: usize = 1 << 18;

/// Calls `work` for all `cells`, split among several threads if there are many: most of the time is
/// spent on memory that is touched for the first time. A share consists of whole runs of `run`
/// cells; `work` receives the index of its first run. Results are in the order of the shares.
pub(super) fn in_shares<C: Send, R: Send>(
    cells: &mut [C],
    run: usize,
    work: impl Fn(usize, &mut [C]) -> R + Sync,
) -> Vec<R> {
    let threads = match cells.len() < CELLS_OF_ONE_THREAD {
        true => 1,
        false => most_threads(),
    };
    let runs = (cells.len() / run.max(1)).div_ceil(threads);
    let shares = cells.chunks_mut((runs * run).max(1)).enumerate().collect();
    share_out(shares, threads, |(share, cells): (usize, &mut [C])| {
        work(share * runs, cells)
    })
}
