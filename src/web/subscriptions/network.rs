//! The network that a client belongs to, for counting.

use std::net::IpAddr;

use data_encoding::HEXLOWER;

use crate::key::{Key, Purpose};

/// The same for all clients of a network (a /24, for IPv6 a /64), and another for
/// each other network; from it nobody learns which it is.
pub fn network(address: Option<IpAddr>, key: &Key) -> String {
    let text = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("network {a}.{b}.{c}")
        }
        Some(IpAddr::V6(address)) => format!("network {:x?}", &address.segments()[..4]),
        None => "network of nobody".to_owned(),
    };
    let signature = key.sign(Purpose::Form, &text);
    HEXLOWER.encode(&signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_as_one() {
        let key = Key::from([1; 32]);
        let of = |text: &str| network(Some(text.parse().expect(text)), &key);
        assert_eq!(of("203.0.113.7"), of("203.0.113.250"));
        assert_eq!(of("203.0.113.7"), of("::ffff:203.0.113.9"));
        assert_ne!(of("203.0.113.7"), of("203.0.114.7"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(network(None, &key), of("203.0.113.7"));
        assert!(!of("203.0.113.7").contains("113"));
    }
}
