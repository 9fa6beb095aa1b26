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
            "What answers there does not speak TLS: if that is right, the URL begins with http://.",
        ),
        TlsError::AlertReceived(alert) => alert_advice(*alert),
        TlsError::PeerIncompatible(_) => Some("The server and TLS 1.2 or 1.3 do not fit."),
        _ => None,
    }
}

fn certificate_advice(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => {
            "The server's certificate was issued by nobody who is trusted here. If the server, or \
             a proxy that looks into TLS, belongs to your organization, name a file with its CA \
             certificate in `ca_bundle` or in the environment variable SSL_CERT_FILE."
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "The server's certificate has expired, or the clock of this machine is wrong."
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "The server's certificate is not valid yet, or the clock of this machine is wrong."
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "The server's certificate is for other names than the one in the URL."
        }
        _ if format!("{why:?}").contains("CaUsedAsEndEntity") => {
            "The server's certificate is one of an authority (CA:TRUE), as `openssl req -x509` \
             makes them, which no server may show: make it with \
             `-addext basicConstraints=critical,CA:FALSE`."
        }
        _ => "The server's certificate cannot be used.",
    }
}

fn alert_advice(alert: AlertDescription) -> Option<&'static str> {
    match alert {
        AlertDescription::CertificateRequired => Some(
            "The server asks who you are: name a file with your certificate and its private key \
             in `client_certificate`.",
        ),
        AlertDescription::HandshakeFailure => Some(
            "The server refused the connection; some do when they want a client certificate \
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
            Some("The server does not accept the certificate in `client_certificate`.")
        }
        AlertDescription::ProtocolVersion => Some("The server refused TLS 1.2 and 1.3."),
        _ => None,
    }
}
