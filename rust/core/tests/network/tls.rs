use std::fs::File;
use std::time::{Duration, SystemTime};

use openaistream_core::{Error, ErrorKind, TransportSettings, Transports};
use rcgen::{date_time_ymd, BasicConstraints, IsCa};
use rustls::version::{TLS12, TLS13};
use rustls::ServerConfig;

use crate::calls::persistent;
use crate::certificates::{direct, params, self_signed, trusting, Authority, TemporaryFile};
use crate::listeners::Listener;
use crate::support::Session;

/// Calls a server with this configuration by the name `host`.
fn call(config: ServerConfig, host: &str, settings: &TransportSettings) -> Result<Session, Error> {
    let session = Session::through(settings);
    let listener = Listener::tls(config, session.server.port());
    session
        .send(persistent(&listener.url("https", host)))
        .map(|_| session)
}

/// The error of a call; it is a connection error that was not retried.
fn refused(config: ServerConfig, host: &str, settings: &TransportSettings) -> Error {
    let error = call(config, host, settings).err().expect("an error");
    assert_eq!(error.kind, ErrorKind::Connection, "{error}");
    assert_eq!(error.attempts, 1, "{error}");
    error
}

fn assert_says(error: &Error, parts: &[&str]) {
    for part in parts {
        assert!(error.message.contains(part), "{part} in {error}");
    }
}

#[test]
fn an_untrusted_certificate_is_rejected_with_advice() {
    let server = self_signed(&params(&["127.0.0.1"])).server();
    let error = refused(server, "127.0.0.1", &direct());
    let parts = [
        "The connection to https://127.0.0.1:",
        "invalid peer certificate: UnknownIssuer",
        "`ca_bundle`",
        "SSL_CERT_FILE",
    ];
    assert_says(&error, &parts);
}

#[test]
fn a_bundle_makes_a_server_trusted() {
    let authority = Authority::new("Company");
    let issued = authority.issue(&["localhost", "127.0.0.1"]);
    let bundle = TemporaryFile::new(&authority.certificate);
    let session = call(issued.server(), "127.0.0.1", &trusting(&bundle)).expect("an answer");
    assert_eq!(session.server.requests().len(), 1);
    call(issued.server(), "localhost", &trusting(&bundle)).expect("an answer");

    let alone = self_signed(&params(&["127.0.0.1"]));
    let bundle = TemporaryFile::new(&alone.certificate);
    call(alone.server(), "127.0.0.1", &trusting(&bundle)).expect("an answer");
}

#[test]
fn unusable_certificates_in_a_bundle_are_skipped() {
    let authority = Authority::new("Company");
    let unusable = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let content = format!("Some words\n{unusable}{}", authority.certificate);
    let bundle = TemporaryFile::new(&content);
    let server = authority.issue(&["127.0.0.1"]).server();
    call(server, "127.0.0.1", &trusting(&bundle)).expect("an answer");
}

#[test]
fn certificate_problems_are_explained() {
    let authority = Authority::new("Company");
    let bundle = TemporaryFile::new(&authority.certificate);
    let error = |params| {
        let server = authority.issue_with(params).server();
        refused(server, "127.0.0.1", &trusting(&bundle))
    };

    let other_name = error(params(&["api.company.test"]));
    assert_says(
        &other_name,
        &["api.company.test", "not valid for the host name"],
    );

    let mut expired = params(&["127.0.0.1"]);
    expired.not_after = date_time_ymd(2020, 1, 1);
    assert_says(&error(expired), &["has expired", "clock"]);

    let mut early = params(&["127.0.0.1"]);
    early.not_before = date_time_ymd(4000, 1, 1);
    assert_says(&error(early), &["is not valid yet", "clock"]);
}

#[test]
fn a_ca_certificate_used_by_a_server_is_explained() {
    let mut authority = params(&["127.0.0.1"]);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issued = self_signed(&authority);
    let bundle = TemporaryFile::new(&issued.certificate);
    let error = refused(issued.server(), "127.0.0.1", &trusting(&bundle));
    assert_says(&error, &["CA:TRUE", "basicConstraints=critical,CA:FALSE"]);
}

#[test]
fn a_server_without_tls_is_explained() {
    let session = Session::through(&direct());
    let url = format!("https://127.0.0.1:{}/v1", session.server.port());
    let error = session.send(persistent(&url)).expect_err("an error");
    assert_eq!((error.kind, error.attempts), (ErrorKind::Connection, 1));
    assert_says(&error, &["does not use TLS", "http://"]);
}

/// The error of invalid settings; nothing is sent.
fn unusable(settings: &TransportSettings) -> Error {
    let error = Transports::default().get(settings).expect_err("an error");
    assert_eq!(error.kind, ErrorKind::Argument, "{error}");
    error
}

#[test]
fn an_invalid_bundle_is_an_argument_error() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for content in ["", "no PEM", broken, &self_signed(&params(&[])).key] {
        let bundle = TemporaryFile::new(content);
        let error = unusable(&trusting(&bundle));
        let path = bundle.0.display().to_string();
        assert_says(
            &error,
            &[&path, "does not contain a certificate in PEM format"],
        );
    }
    let missing = TransportSettings {
        ca_bundle: Some("/no/such/file.pem".into()),
        ..direct()
    };
    assert_says(
        &unusable(&missing),
        &["/no/such/file.pem", "cannot be read"],
    );
}

#[test]
fn a_renewed_bundle_is_reloaded() {
    let (old, new) = (Authority::new("Old"), Authority::new("New"));
    let bundle = TemporaryFile::new(&old.certificate);
    let transports = Transports::default();
    transports.get(&trusting(&bundle)).expect("a client");

    std::fs::write(&bundle.0, "").expect("a file that can be written");
    let later = SystemTime::now() + Duration::from_secs(60);
    let file = File::options().write(true).open(&bundle.0).unwrap();
    file.set_modified(later).unwrap();
    transports.get(&trusting(&bundle)).expect_err("an error");

    std::fs::write(&bundle.0, &new.certificate).expect("a file that can be written");
    transports.get(&trusting(&bundle)).expect("a client");
}

/// Settings with this client certificate.
fn showing(bundle: &TemporaryFile, identity: &TemporaryFile) -> TransportSettings {
    TransportSettings {
        client_certificate: Some(identity.0.clone()),
        ..trusting(bundle)
    }
}

#[test]
fn a_client_certificate_is_sent_on_request() {
    let (servers, clients) = (Authority::new("Servers"), Authority::new("Clients"));
    let bundle = TemporaryFile::new(&servers.certificate);
    let server = |version| {
        let issued = servers.issue(&["127.0.0.1"]);
        issued.server_for_clients_of(&clients, version)
    };

    let identity = TemporaryFile::new(&clients.issue(&["client"]).identity());
    for version in [&TLS12, &TLS13] {
        let showing = showing(&bundle, &identity);
        call(server(version), "127.0.0.1", &showing).expect("an answer");
    }

    // With TLS 1.3, the client has connected before it receives the rejection. If it has not
    // started to send the request, it retries.
    let error = refused(server(&TLS12), "127.0.0.1", &trusting(&bundle));
    assert_says(&error, &["CertificateRequired", "`client_certificate`"]);

    let stranger = Authority::new("Others").issue(&["client"]);
    let identity = TemporaryFile::new(&stranger.identity());
    let error = refused(server(&TLS12), "127.0.0.1", &showing(&bundle, &identity));
    let expected = "rejected the certificate in `client_certificate`";
    assert_says(&error, &[expected]);
}

#[test]
fn an_invalid_client_certificate_is_an_argument_error() {
    let authority = Authority::new("Clients");
    let bundle = TemporaryFile::new(&authority.certificate);
    let (mine, other) = (authority.issue(&["me"]), authority.issue(&["other"]));
    let encrypted = mine.key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let expected = "a certificate and its unencrypted private key";
    for content in [
        String::new(),
        mine.certificate.clone(),
        mine.key.clone(),
        mine.certificate.clone() + &encrypted,
    ] {
        let identity = TemporaryFile::new(&content);
        let error = unusable(&showing(&bundle, &identity));
        let path = identity.0.display().to_string();
        assert_says(&error, &[&path, expected]);
    }
    let mixed = TemporaryFile::new(&(mine.certificate.clone() + &other.key));
    let error = unusable(&showing(&bundle, &mixed));
    assert_says(&error, &["a certificate with its private key"]);
}
