//! How long the certificate of a server is still good.

use chrono::{DateTime, Utc};

use super::point::{Area, Point};
use crate::certificate;

/// Days below which it should have been renewed: those that renew by themselves do so 30 days before.
const FEW: i64 = 14;

/// The certificate of `host`, as a point of `area`; the handshake has accepted it already.
pub fn judge(area: Area, host: &str, der: Option<&[u8]>, now: DateTime<Utc>) -> Point {
    let name = format!("certificate {host}");
    let Some(end) = der.and_then(certificate::end) else {
        return area.unknown(name, "its end cannot be read", "look at it with `openssl`");
    };
    let (days, day) = ((end - now).num_days(), end.format("%Y-%m-%d"));
    if end <= now {
        area.wrong(name, format!("it ended on {day}"), "renew it now")
    } else if days < FEW {
        let said = format!("it ends on {day}, in {days} days");
        area.warning(name, said, "look why it is not renewed by itself")
    } else {
        area.right(
            name,
            format!("it is trusted, and good until {day}, for {days} days"),
        )
    }
}
