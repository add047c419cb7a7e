//! `[subscriptions]`: the pages by which people subscribe.

use std::num::NonZeroU32;

use serde::Deserialize;

/// `[subscriptions]`: the pages by which people subscribe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriptions {
    /// Requests in an hour from one network (a /24, for IPv6 a /64), at most.
    pub per_network: NonZeroU32,
    /// Requests in an hour from all, at most.
    pub per_hour: NonZeroU32,
    /// Whether the addresses of clients are kept, as evidence of consent.
    pub keep_ip: bool,
}

impl Default for Subscriptions {
    fn default() -> Self {
        let (per_network, per_hour) = const {
            (
                NonZeroU32::new(5).expect("not zero"),
                NonZeroU32::new(200).expect("not zero"),
            )
        };
        Self {
            per_network,
            per_hour,
            keep_ip: false,
        }
    }
}
