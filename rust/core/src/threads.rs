//! Distributes jobs among threads.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, available_parallelism};

/// The maximum number of threads, including this one; memory bandwidth limits the benefit of more.
const MAX_THREADS: usize = 4;

/// The number of threads to use.
pub fn most_threads() -> usize {
    // Cached, because the operating system reads files to determine it.
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| available_parallelism().map_or(1, |count| count.get().min(MAX_THREADS)))
}

/// Calls `work` for all jobs on several threads, including this one; each thread takes the next job
/// when it is ready. Results are in the order of the jobs.
pub fn share_out<J: Send, R: Send>(
    jobs: Vec<J>,
    threads: usize,
    work: impl Fn(J) -> R + Sync,
) -> Vec<R> {
    let others = threads.min(jobs.len()).saturating_sub(1);
    if others == 0 {
        return jobs.into_iter().map(work).collect();
    }
    let jobs = Mutex::new(jobs.into_iter().enumerate());
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work_on = || {
        let mut done = Vec::new();
        while let Some((index, job)) = next() {
            done.push((index, work(job)));
        }
        done
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(work_on)).collect();
        let mut done = work_on();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread::current;

    use super::*;

    #[test]
    fn all_threads_work_and_results_keep_the_order() {
        // No thread may continue before all have arrived.
        let all_there = Barrier::new(3);
        let results = share_out((0..100).collect(), 3, |job: usize| {
            if job < 3 {
                all_there.wait();
            }
            (job * 2, current().id())
        });
        assert!(results
            .iter()
            .map(|(double, _)| *double)
            .eq((0..100).map(|job| job * 2)));
        let threads: HashSet<_> = results.iter().map(|(_, thread)| *thread).collect();
        assert_eq!(threads.len(), 3);
        assert!(threads.contains(&current().id()));
    }

    #[test]
    fn few_jobs_and_no_jobs_complete() {
        assert_eq!(share_out(vec![7], 4, |job: i32| job + 1), [8]);
        assert!(share_out(Vec::new(), 4, |job: i32| job + 1).is_empty());
    }
}
