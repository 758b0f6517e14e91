//! Judging many artifacts at once: a few workers, a bounded number of results in flight, a stable order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

/// Results that may wait for an earlier one: enough to keep the workers busy beside one slow file, and a few
/// megabytes of text.
const WINDOW: u64 = 512;

/// Does `work` on every job with `workers` threads, and hands the results to `deliver` in the order of the
/// jobs. `deliver` returns whether to go on.
pub(crate) fn sweep<J: Send, R: Send>(
    jobs: impl Iterator<Item = J> + Send,
    workers: usize,
    work: impl Fn(J) -> R + Sync,
    mut deliver: impl FnMut(R) -> bool,
) {
    let line = Line {
        jobs: Mutex::new((0, jobs)),
        delivered: Mutex::new(0),
        moved: Condvar::new(),
        stop: AtomicBool::new(false),
    };
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            let sender = sender.clone();
            let (line, work) = (&line, &work);
            scope.spawn(move || {
                while let Some((number, job)) = line.next() {
                    if sender.send((number, work(job))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, result) in results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                if !line.stopped() && !deliver(result) {
                    line.stop();
                }
                line.deliver();
            }
        }
    });
}

/// The jobs not begun, and how many results were delivered.
struct Line<I> {
    jobs: Mutex<(u64, I)>,
    delivered: Mutex<u64>,
    moved: Condvar,
    stop: AtomicBool,
}

impl<J, I: Iterator<Item = J>> Line<I> {
    /// The next job with its number, once there is room for its result.
    fn next(&self) -> Option<(u64, J)> {
        let mut jobs = hold(&self.jobs);
        let number = jobs.0;
        let mut delivered = hold(&self.delivered);
        while number >= delivered.saturating_add(WINDOW) && !self.stopped() {
            delivered = self.moved.wait(delivered).unwrap_or_else(PoisonError::into_inner);
        }
        drop(delivered);
        if self.stopped() {
            return None;
        }
        let job = jobs.1.next()?;
        jobs.0 += 1;
        Some((number, job))
    }

    fn deliver(&self) {
        *hold(&self.delivered) += 1;
        self.moved.notify_all();
    }

    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What a worker that panicked leaves behind is a counter and an iterator: both still mean what they say.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let mut results = Vec::new();
        let work = |number: u64| {
            std::thread::sleep(Duration::from_micros(number % 7 * 50));
            number * 2
        };
        sweep(0..3_000, 4, work, |result| {
            results.push(result);
            true
        });
        assert_eq!(results, (0..3_000).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_slow_job_does_not_pile_up_the_rest() {
        let begun = Mutex::new(0_u64);
        let most = Mutex::new(0_u64);
        let work = |number: u64| {
            if number == 0 {
                std::thread::sleep(Duration::from_millis(200));
                *most.lock().unwrap() = *begun.lock().unwrap();
            }
            *begun.lock().unwrap() += 1;
        };
        sweep(0..20 * WINDOW, 4, work, |()| true);
        assert!(*most.lock().unwrap() <= WINDOW, "{}", most.lock().unwrap());
    }

    #[test]
    fn the_receiver_can_end_it() {
        let mut count = 0;
        sweep(
            0..u64::MAX,
            3,
            |number| number,
            |_| {
                count += 1;
                count < 5
            },
        );
        assert_eq!(count, 5);
    }
}
