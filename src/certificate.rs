//! The day until which a certificate is good (RFC 5280 §4.1.2.5).

use chrono::{DateTime, Utc};

/// The end of the certificate `der`; none where it cannot be read.
pub fn end(der: &[u8]) -> Option<DateTime<Utc>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}
