//! The reasons for failed TLS connections, and what to do about them.

use std::io;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

/// Finds the TLS error in a chain of causes. An I/O error does not return the error that it wraps
/// as its source.
pub(super) fn tls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a TlsError> {
    if let Some(error) = cause.downcast_ref::<TlsError>() {
        return Some(error);
    }
    let held = cause.downcast_ref::<io::Error>()?.get_ref()?;
    tls_error(held)
}

/// The advice, if known. Such an error is not retried.
pub(super) fn tls_advice(error: &TlsError) -> Option<&'static str> {
    match error {
        TlsError::InvalidCertificate(why) => Some(certificate_advice(why)),
        TlsError::InvalidMessage(_) => Some(
            "The server does not use TLS: if this is correct, the URL must begin with http://.",
        ),
        TlsError::AlertReceived(alert) => alert_advice(*alert),
        TlsError::PeerIncompatible(_) => {
            Some("The server and this client have no TLS settings in common (TLS 1.2 or 1.3).")
        }
        _ => None,
    }
}

fn certificate_advice(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => {
            "The issuer of the server's certificate is not trusted. If the server, or a proxy \
             that inspects TLS, belongs to your organization, set `ca_bundle` or the environment \
             variable SSL_CERT_FILE to a file with its CA certificate."
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "The server's certificate has expired, or the clock of this machine is wrong."
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "The server's certificate is not valid yet, or the clock of this machine is wrong."
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "The server's certificate is not valid for the host name in the URL."
        }
        _ if format!("{why:?}").contains("CaUsedAsEndEntity") => {
            "The server uses a CA certificate (CA:TRUE) as its own certificate, which is not \
             allowed. `openssl req -x509` creates such certificates by default: create it with \
             `-addext basicConstraints=critical,CA:FALSE`."
        }
        _ => "The server's certificate is invalid.",
    }
}

fn alert_advice(alert: AlertDescription) -> Option<&'static str> {
    match alert {
        AlertDescription::CertificateRequired => Some(
            "The server requires a client certificate: set `client_certificate` to a file with \
             your certificate and its private key.",
        ),
        AlertDescription::HandshakeFailure => Some(
            "The server rejected the connection; it may require a client certificate \
             (`client_certificate`).",
        ),
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::DecryptError
        | AlertDescription::AccessDenied => {
            Some("The server rejected the certificate in `client_certificate`.")
        }
        AlertDescription::ProtocolVersion => Some("The server does not support TLS 1.2 or 1.3."),
        _ => None,
    }
}
