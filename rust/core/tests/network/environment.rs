//! Tests of environment variables, each in a separate process, because the environment is shared by
//! all tests of a process.

use std::env;
use std::process::{Command, Output};

use openaistream_core::{Body, Error, ProxyChoice, TransportSettings, Transports};

use crate::certificates::{Authority, TemporaryFile};
use crate::listeners::Listener;
use crate::support::{request, Session};

/// Where the process sends its call.
const TARGET: &str = "OPENAISTREAM_TEST_TARGET";

/// Not a test by itself: runs in the process whose environment a test has set.
#[test]
#[ignore = "run by the tests of this module"]
fn calls_the_target() {
    let base_url = env::var(TARGET).expect("a target");
    let call = request(&base_url, "GET", &["models"], Body::Empty);
    let settings = TransportSettings {
        proxy: ProxyChoice::Environment,
        tls: call.needs_tls(),
        ..TransportSettings::default()
    };
    // The default settings of a session would panic without an error message.
    let sent = Transports::default()
        .get(&settings)
        .and_then(|_| Session::through(&settings).send(call));
    if let Err(Error { kind, message, .. }) = sent {
        panic!("{kind:?}: {message}");
    }
}

/// Makes a call with these environment variables.
fn call(base_url: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    let known = [
        "SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ];
    let mut process = Command::new(env::current_exe().expect("the tests' own program"));
    process.args(["--exact", "environment::calls_the_target", "--ignored"]);
    for name in known {
        process.env_remove(name).env_remove(name.to_lowercase());
    }
    process
        .env(TARGET, base_url)
        .envs(variables.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = process.output().expect("a process");
    let output = [stdout, stderr].concat();
    let output = String::from_utf8_lossy(&output).into_owned();
    if status.success() {
        assert!(output.contains("1 passed"), "{output}");
        Ok(())
    } else {
        Err(output)
    }
}

#[test]
fn the_environment_sets_trusted_certificates() {
    let authority = Authority::new("Company");
    let bundle = TemporaryFile::new(&authority.certificate);
    let path = bundle.0.to_str().expect("a path that is text");
    let inner = Session::new();
    let front = Listener::tls(
        authority.issue(&["127.0.0.1"]).server(),
        inner.server.port(),
    );
    let url = front.url("https", "127.0.0.1");
    let output = call(&url, &[]).unwrap_err();
    // The rest of the message depends on the certificate store of the system.
    assert!(output.contains("invalid peer certificate"), "{output}");
    for variable in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
        assert_eq!(call(&url, &[(variable, path)]), Ok(()));

        let output = call(&url, &[(variable, "/no/such.pem")]).unwrap_err();
        let named = format!("Argument: The file /no/such.pem (set by the environment variable {variable}) cannot be read");
        assert!(output.contains(&named), "{output}");
        // Without TLS they are ignored.
        assert_eq!(
            call(&inner.server.url(), &[(variable, "/no/such.pem")]),
            Ok(())
        );
    }
}

#[test]
fn the_environment_sets_the_proxy_and_its_exceptions() {
    let proxy = Session::new();
    let url = format!("http://user:word@127.0.0.1:{}", proxy.server.port());
    let target = "http://api.invalid/v1";
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        assert_eq!(call(target, &[(variable, &url)]), Ok(()));
    }
    assert_eq!(proxy.server.requests().len(), 3);
    for except in [
        "api.invalid",
        ".invalid",
        "invalid",
        "*",
        "other, api.invalid",
    ] {
        let output = call(target, &[("HTTP_PROXY", &url), ("NO_PROXY", except)]).unwrap_err();
        assert!(
            output.contains("dns error") && !output.contains("word"),
            "{output}"
        );
    }
    assert_eq!(proxy.server.requests().len(), 3);
    for except in ["", "other", "pi.invalid", "10.0.0.0/8"] {
        assert_eq!(
            call(target, &[("HTTP_PROXY", &url), ("NO_PROXY", except)]),
            Ok(())
        );
    }
    assert_eq!(proxy.server.requests().len(), 7);
}

#[test]
fn addresses_in_excepted_networks_use_no_proxy() {
    let (proxy, server) = (Session::new(), Session::new());
    let url = format!("http://127.0.0.1:{}", proxy.server.port());
    let target = server.server.url();
    assert_eq!(
        call(&target, &[("HTTP_PROXY", &url), ("NO_PROXY", "10.0.0.0/8")]),
        Ok(())
    );
    assert_eq!(
        (
            proxy.server.requests().len(),
            server.server.requests().len()
        ),
        (1, 0)
    );
    assert_eq!(
        call(
            &target,
            &[("HTTP_PROXY", &url), ("NO_PROXY", "127.0.0.0/8")]
        ),
        Ok(())
    );
    assert_eq!(
        (
            proxy.server.requests().len(),
            server.server.requests().len()
        ),
        (1, 1)
    );
}
