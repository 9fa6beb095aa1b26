//! The practice server as a program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openaistream-server"));
    command.args(arguments).stdout(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    let run = program(arguments).stderr(Stdio::piped()).output();
    run.expect("the program ends by itself")
}

/// A program that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program and waits for the line with its URL.
fn start(arguments: &[&str]) -> (Running, String) {
    let mut child = program(arguments).spawn().expect("the program starts");
    let output = child.stdout.take().expect("its output");
    let running = Running(child);
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line);
    read.expect("a line");
    (running, line.trim_end().to_owned())
}

#[test]
fn it_serves_at_the_url_that_it_prints() {
    let (_running, url) = start(&[
        "--assistants",
        "--token-delay",
        "0.001",
        "--background-delay=0",
    ]);
    let host = url.strip_prefix("http://").expect("a URL");
    let host = host.strip_suffix("/v1").expect("a base URL");
    let mut client = TcpStream::connect(host).expect("a connection");
    let body = r#"{"model": "gpt-6-luna", "input": "Hello", "stream": true}"#;
    let length = body.len();
    write!(
        client,
        "POST /v1/responses HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer any\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("a request");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("event: response.completed"), "{answer}");
}

#[test]
fn it_listens_on_the_given_port() {
    let (running, url) = start(&[]);
    let port = url.rsplit([':', '/']).nth(1).expect("a port").to_owned();
    let taken = run(&["--port", &port]);
    assert_eq!(taken.status.code(), Some(1));
    let message = String::from_utf8_lossy(&taken.stderr).into_owned();
    assert!(message.contains(&format!("port {port}")), "{message}");

    drop(running);
    let (_running, again) = start(&[&format!("--port={port}")]);
    assert_eq!(again, url);
}

#[test]
fn an_invalid_argument_is_reported() {
    for (arguments, problem) in [
        (&["--prot", "80"][..], "unknown argument '--prot'."),
        (&["80"], "unknown argument '80'."),
        (&["--port"], "--port needs a value."),
        (&["--port", "65536"], "not '65536'."),
        (&["--port", "x"], "--port must be a whole number"),
        (&["--token-delay", "-1"], "--token-delay must be a number"),
        (&["--background-delay", "1s"], "not '1s'."),
    ] {
        let refused = run(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(message.contains(problem), "{arguments:?}: {message}");
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn help_lists_the_arguments() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for argument in ["--port N", "--token-delay S", "--background-delay S"] {
        assert!(text.contains(argument), "{argument}");
    }
}
