//! The practice server as a program, for clients in any language.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use openaistream_server::{Dialect, Options, Server};

const HELP: &str = "\
A practice server for the OpenAI API on 127.0.0.1. It accepts any key.

Usage: openaistream-server [--port N] [--token-delay S] [--background-delay S] [--assistants]
                           [--dialect NAME]

  --port N              listen on this port (default: a free one)
  --token-delay S       wait S seconds before each event of a stream (default: 0)
  --background-delay S  queue background responses for S seconds, and wait S seconds before each
                        step of a batch (default: 0)
  --assistants          provide the Assistants API, which OpenAI shut down on 2026-08-26
  --dialect NAME        imitate another server: azure, databricks, groq, lmstudio, ollama, openrouter
                        or vllm (default: openai)
  --help                show this text

It prints the base URL for clients and runs until it is interrupted.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let options = match read(&arguments) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("openaistream-server: {problem} See openaistream-server --help.");
            return ExitCode::from(2);
        }
    };
    let port = options.port;
    let server = match Server::start(options) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("openaistream-server: cannot listen on port {port} of 127.0.0.1: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", server.url());
    // The program's standard output may be closed; the server runs all the same.
    let _ = std::io::stdout().flush();
    loop {
        std::thread::park();
    }
}

/// Parses the arguments, or returns what is wrong with them.
fn read(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--assistants" {
            options.assistants = true;
            continue;
        }
        // Accepts both `--port 8080` and `--port=8080`.
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument.as_str(), None),
        };
        let value = value.map(str::to_owned).or_else(|| rest.next().cloned());
        let value = || value.ok_or_else(|| format!("{name} needs a value."));
        match name {
            "--port" => options.port = port(&value()?)?,
            "--token-delay" => options.token_delay = seconds(name, &value()?)?,
            "--dialect" => options.dialect = dialect(&value()?)?,
            "--background-delay" => options.background_delay = seconds(name, &value()?)?,
            _ => return Err(format!("unknown argument '{argument}'.")),
        }
    }
    Ok(options)
}

fn dialect(value: &str) -> Result<Dialect, String> {
    let names: Vec<&str> = Dialect::names().collect();
    let names = names.join(", ");
    Dialect::named(value).ok_or_else(|| format!("--dialect must be one of {names}, not '{value}'."))
}

fn port(value: &str) -> Result<u16, String> {
    let port = value.parse();
    port.map_err(|_| format!("--port must be a whole number from 0 to 65535, not '{value}'."))
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{name} must be a number of seconds, not '{value}'."))
}
