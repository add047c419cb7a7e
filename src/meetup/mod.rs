//! The community's meetups: where they are announced.

pub mod calendar;
pub mod choice;
pub mod event;
pub mod moment;

use chrono_tz::Tz;
use url::Url;

use crate::language::Language;

/// One meetup that every issue links to. `[[meetup]]` in `config.toml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meetup {
    /// The city, as its people write it.
    pub city: String,
    /// The name of the meetup.
    pub name: String,
    /// The page that announces its evenings.
    #[serde(deserialize_with = "web_address")]
    pub url: Url,
    /// The language of that page; the site's where none is given.
    pub language: Option<Language>,
    /// Its calendar (iCalendar), an address or a file.
    pub calendar: Option<String>,
    /// Where people meet: for times in UTC, and for those without a zone.
    pub time_zone: Option<Tz>,
}

impl Meetup {
    /// The cities of `meetups`, each once.
    pub fn cities(meetups: &[Self]) -> Vec<String> {
        let mut cities: Vec<String> = vec![];
        for meetup in meetups {
            if !cities.contains(&meetup.city) {
                cities.push(meetup.city.clone());
            }
        }
        cities
    }
}

/// Every mail links to it: nothing but a web address will do.
fn web_address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let url = <Url as serde::Deserialize>::deserialize(deserializer)?;
    let is_web = matches!(url.scheme(), "https" | "http");
    is_web.then_some(url).ok_or_else(|| {
        serde::de::Error::custom("this is not a web address like https://example.org/")
    })
}
