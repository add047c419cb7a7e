//! A certificate for loopback, made for one server.

use std::sync::Arc;

use chrono::{Datelike, TimeDelta, Utc};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

pub struct Certificate {
    /// What a client trusts to trust this server.
    pub pem: String,
    /// The private key, for a server that is not ours.
    pub key: String,
    pub config: Arc<ServerConfig>,
}

impl Certificate {
    /// Good for longer than any test.
    pub fn for_loopback() -> Self {
        Self::of(names())
    }

    /// Good until `days` from today, by the machine's clock; ended where that is below zero.
    pub fn ending_in(days: i64) -> Self {
        let end = Utc::now() + TimeDelta::days(days);
        let month = u8::try_from(end.month()).unwrap();
        let day = u8::try_from(end.day()).unwrap();
        let mut params = names();
        params.not_after = rcgen::date_time_ymd(end.year(), month, day);
        Self::of(params)
    }

    fn of(params: CertificateParams) -> Self {
        let pair = KeyPair::generate().unwrap();
        let cert = params.self_signed(&pair).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        Self {
            pem: cert.pem(),
            key: pair.serialize_pem(),
            config: Arc::new(config),
        }
    }
}

fn names() -> CertificateParams {
    CertificateParams::new(["localhost", "127.0.0.1"].map(String::from)).unwrap()
}
