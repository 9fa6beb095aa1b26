//! Many cells, worked on by several threads.

use crate::threads::{most_threads, share_out};

/// The most cells that one thread works on alone.
pub(super) const CELLS_OF_ONE_THREAD: usize = 1 << 18;

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
        false => most_threads(),
    };
    let runs = (cells.len() / run.max(1)).div_ceil(threads);
    let shares = cells.chunks_mut((runs * run).max(1)).enumerate().collect();
    share_out(shares, threads, |(share, cells): (usize, &mut [C])| {
        work(share * runs, cells)
    })
}
