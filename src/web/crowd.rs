//! Who is in the house: not more than there is room for, nor many for one client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The connections that are open.
///
/// Where there is no room left, the one that has gone longest without a whole request
/// makes room for the next: clients who send nothing keep nobody out.
#[derive(Debug)]
pub struct Crowd {
    most: usize,
    most_of_one: usize,
    opened: Instant,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    next: u64,
    seats: HashMap<u64, Arc<Seat>>,
    of: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Seat {
    client: Option<IpAddr>,
    /// Milliseconds since the house was opened; [`BUSY`] from the end of a request to the
    /// beginning of its answer.
    idle_since: AtomicU64,
    leave: Notify,
}

const BUSY: u64 = u64::MAX;
/// Milliseconds that everybody has to say what they want, however many wait outside: more
/// than a busy machine needs to read it.
const CHANCE: u64 = 250;

/// A place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Guest {
    number: u64,
    seat: Arc<Seat>,
    crowd: Arc<Crowd>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// This client has as many connections as one may have.
    Crowded,
    /// All are being answered, or came a moment ago.
    Full,
}

impl Crowd {
    pub fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_one,
            opened: Instant::now(),
            inside: Mutex::default(),
        })
    }

    /// Lets somebody in. `client` is nothing where many come by the same way.
    ///
    /// # Errors
    ///
    /// Where one client has too many connections, or all of them are busy.
    pub fn admit(self: &Arc<Self>, client: Option<IpAddr>) -> Result<Guest, Turned> {
        let client = client.map(household);
        let mut inside = self.inside();
        let had = client
            .and_then(|client| inside.of.get(&client))
            .copied()
            .unwrap_or(0);
        if had >= self.most_of_one {
            return Err(Turned::Crowded);
        }
        if inside.seats.len() >= self.most {
            let idle = inside
                .seats
                .iter()
                .min_by_key(|(_, seat)| seat.idle_since());
            let now = self.moment();
            let (number, seat) = idle
                .filter(|(_, seat)| seat.idle_since().saturating_add(CHANCE) <= now)
                .ok_or(Turned::Full)?;
            let (number, seat) = (*number, Arc::clone(seat));
            seat.leave.notify_one();
            inside.remove(number, &seat);
        }
        let seat = Arc::new(Seat {
            client,
            idle_since: self.moment().into(),
            leave: Notify::new(),
        });
        let number = inside.next;
        inside.next += 1;
        inside.seats.insert(number, Arc::clone(&seat));
        if let Some(client) = client {
            *inside.of.entry(client).or_insert(0) += 1;
        }
        Ok(Guest {
            number,
            seat,
            crowd: Arc::clone(self),
        })
    }

    /// How many are in.
    pub fn count(&self) -> usize {
        self.inside().seats.len()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(BUSY - 1)
    }
}

impl Inside {
    fn remove(&mut self, number: u64, seat: &Seat) {
        if self.seats.remove(&number).is_none() {
            return;
        }
        let Some(client) = seat.client else { return };
        if let Some(count) = self.of.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&client);
            }
        }
    }
}

impl Seat {
    fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }
}

impl Guest {
    /// A whole request has come, with its body: nobody takes its place until it is answered.
    pub fn begin(&self) {
        self.seat.idle_since.store(BUSY, Ordering::Relaxed);
    }

    /// Something of an answer was taken: who takes nothing more has gone without a request
    /// since now.
    pub fn took(&self) {
        let now = self.crowd.moment();
        self.seat.idle_since.store(now, Ordering::Relaxed);
    }

    /// Waits until somebody else is given the place.
    pub async fn is_asked_to_leave(&self) {
        self.seat.leave.notified().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.crowd.inside().remove(self.number, &self.seat);
    }
}

/// Whoever has one address of a network of IPv6 has them all.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn one_client_has_no_more_than_its_share_and_gets_it_back() {
        let crowd = Crowd::new(9, 2);
        let first = crowd.admit(ip(1)).expect("room");
        let _second = crowd.admit(ip(1)).expect("room");
        assert_eq!(crowd.admit(ip(1)).err(), Some(Turned::Crowded));
        let _other = crowd.admit(ip(2)).expect("another client");
        drop(first);
        assert!(crowd.admit(ip(1)).is_ok());
        let two = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().ok());
        let _house = two.map(|client| crowd.admit(client).expect("room"));
        assert_eq!(crowd.admit(two[0]).err(), Some(Turned::Crowded));
    }

    #[tokio::test]
    async fn who_waits_longest_makes_room_and_who_is_answered_does_not() {
        let crowd = Crowd::new(2, 9);
        let busy = crowd.admit(ip(1)).expect("room");
        busy.begin();
        let idle = crowd.admit(ip(2)).expect("room");
        assert_eq!(
            crowd.admit(ip(3)).err(),
            Some(Turned::Full),
            "it came just now"
        );
        std::thread::sleep(std::time::Duration::from_millis(CHANCE + 20));
        let next = crowd.admit(ip(3)).expect("room is made");
        idle.is_asked_to_leave().await;
        drop(idle);
        assert_eq!(crowd.count(), 2);
        next.begin();
        assert_eq!(crowd.admit(ip(4)).err(), Some(Turned::Full));
        busy.took();
        std::thread::sleep(std::time::Duration::from_millis(CHANCE + 20));
        assert!(crowd.admit(ip(4)).is_ok());
    }
}
