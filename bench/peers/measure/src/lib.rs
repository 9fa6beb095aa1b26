//! Runs a task twice, first small as a warm-up and then measured, and prints one JSON line, like
//! `clients/measure.R` and `clients/measure.py`.

use std::error::Error;
use std::fs;
use std::time::Instant;

use serde_json::json;

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The URL of the server for a task, and the number of items.
pub struct Job {
    pub url: String,
    pub size: usize,
}

/// Reads the command line, which all clients share, and runs `task`, which returns the number
/// of items received.
pub fn measure(task: impl Fn(&str, &Job) -> Result<usize>) -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, url, size, _file, warm_url, warm_size, _warm_file] = &arguments[..] else {
        return Err(
            "usage: <task> <url> <size> <file> <warm-up url> <warm-up size> <warm-up file>".into(),
        );
    };
    let job = |url: &String, size: &String| -> Result<Job> {
        Ok(Job {
            url: url.clone(),
            size: size.parse()?,
        })
    };
    task(name, &job(warm_url, warm_size)?)?;
    let job = job(url, size)?;
    reset_peak()?;
    let resident = status("VmRSS")?;
    let cpu = cpu_seconds()?;
    let start = Instant::now();
    let events = task(name, &job)?;
    let seconds = start.elapsed().as_secs_f64();
    let peak = status("VmHWM")?;
    println!(
        "{}",
        json!({
            "seconds": seconds, "events": events, "cpu": cpu_seconds()? - cpu,
            "peak_mb": peak, "grown_mb": peak - resident,
        })
    );
    Ok(())
}

/// Resets the peak VmHWM: proc(5), `/proc/pid/clear_refs`.
fn reset_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// A line of `/proc/self/status`, in MB.
fn status(field: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with(field))
        .ok_or("no such field")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("no value")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// CPU seconds of all running threads.
fn cpu_seconds() -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let times = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += times.split(' ').next().ok_or("no time")?.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}
