//! The fixed words of mails and pages, in each language.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Locale};
use chrono_tz::Tz;
use serde::Serialize;

use super::files::Templates;
use crate::language::Language;
use crate::problem::Problem;

/// The words of one language: `templates/words/<language>.toml`.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Words {
    words: BTreeMap<String, String>,
    #[serde(skip)]
    locale: Locale,
}

impl Words {
    /// The words of `language`: the built-in ones, and over them those of the
    /// folder. English words stand in for what another language lacks.
    ///
    /// # Errors
    ///
    /// Where a file is not TOML, or something in it is not text.
    pub fn load(templates: &Templates, language: &Language) -> Result<Self, Problem> {
        let mut words = BTreeMap::new();
        for tag in ["en", language.primary()] {
            let name = format!("words/{tag}.toml");
            for (file, text) in templates.sources(&name) {
                let own: BTreeMap<String, String> = toml::from_str(&text).map_err(|error| {
                    let help = "each line is a name, ` = ` and words in quotes; compare it with words/en.toml";
                    Problem::new(error.message(), help).at(file, &text, error.span().unwrap_or(0..0))
                })?;
                words.extend(own);
            }
        }
        Ok(Self {
            words,
            locale: locale(language),
        })
    }

    /// What to say where there are no words of `language`.
    pub fn missing(templates: &Templates, language: &Language) -> Option<Problem> {
        let name = format!("words/{}.toml", language.primary());
        let help = format!(
            "translate words/en.toml into {name} in the folder of templates: `courrier init DIR --templates` writes it"
        );
        templates.sources(&name).is_empty().then(|| {
            let message = format!(
                "there are no words in `{language}`: mails and pages say theirs in English"
            );
            Problem::new(message, help)
        })
    }

    /// The word called `key`; a key of ours that a file lacks shows as itself.
    pub fn get(&self, key: &str) -> &str {
        self.words.get(key).map_or("", String::as_str)
    }

    /// The same with its holes filled: `{count}` by what stands beside `count`.
    pub fn fill(&self, key: &str, holes: &[(&str, &str)]) -> String {
        holes
            .iter()
            .fold(self.get(key).to_owned(), |text, (hole, value)| {
                text.replace(&format!("{{{hole}}}"), value)
            })
    }

    /// A day as people of this language write it.
    pub fn date(&self, time: DateTime<Tz>) -> String {
        let is_french = matches!(self.locale, Locale::fr_FR | Locale::fr_CA);
        let form = match self.get("date") {
            form if is_french && time.day() == 1 => form.replace("%-d", "1er"),
            form => form.to_owned(),
        };
        time.format_localized(&form, self.locale).to_string()
    }

    /// Day and time of an event, as people of this language write them, with the zone.
    pub fn time_of_event(&self, time: DateTime<Tz>) -> String {
        let zone = time.format("%Z").to_string();
        let zone = match self.words.get(&format!("zone_{zone}")) {
            Some(word) => word.clone(),
            // Zones without letters are called by their offsets.
            None if zone.starts_with(['+', '-']) => time.format("UTC%:z").to_string(),
            None => zone,
        };
        let time = time.format_localized(self.get("event_time"), self.locale);
        format!("{time} {zone}")
    }

    /// The day of an event that takes all of it.
    pub fn day_of_event(&self, day: DateTime<Tz>) -> String {
        day.format_localized(self.get("event_day"), self.locale)
            .to_string()
    }

    /// Names as a list: `A`, `A and B`, `A, B and C`.
    pub fn list(&self, names: &[&str]) -> String {
        match names {
            [] => String::new(),
            [name] => (*name).to_owned(),
            [names @ .., last] => format!("{} {} {last}", names.join(", "), self.get("and")),
        }
    }

    /// The name of `language` in this language; its tag where there is no word for it.
    pub fn language_name(&self, language: &Language) -> String {
        let key = format!("language_name_{}", language.primary());
        self.words
            .get(&key)
            .map_or_else(|| language.to_string(), ToOwned::to_owned)
    }
}

fn locale(language: &Language) -> Locale {
    let tag = language.as_str().replace('-', "_");
    let country = language.primary().to_ascii_uppercase();
    let usual = match language.primary() {
        "en" => "en_CA".to_owned(),
        primary => format!("{primary}_{country}"),
    };
    Locale::try_from(tag.as_str())
        .or(Locale::try_from(usual.as_str()))
        .unwrap_or(Locale::en_CA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use std::path::Path;

    fn words(language: &str) -> Words {
        let templates = Templates::new(Path::new("no such folder"));
        Words::load(&templates, &language.parse().expect(language)).expect("words")
    }

    #[test]
    fn dates_are_written_as_people_write_them() {
        let day = |month, day| {
            chrono_tz::America::Montreal
                .with_ymd_and_hms(2026, month, day, 23, 0, 0)
                .single()
                .expect("a time")
        };
        assert_eq!(words("en").date(day(11, 22)), "November 22, 2026");
        assert_eq!(words("fr").date(day(8, 22)), "22 août 2026");
        assert_eq!(words("fr-CA").date(day(11, 1)), "1er novembre 2026");
    }

    #[test]
    fn holes_are_filled_and_lists_read_well() {
        assert_eq!(
            words("en").fill("intro_many", &[("count", "3")]),
            "3 new posts are waiting for you."
        );
        assert_eq!(
            words("fr").list(&["Ada", "Grace", "Edith"]),
            "Ada, Grace et Edith"
        );
        assert_eq!(words("fr").language_name(&Language::english()), "anglais");
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let keys = |language: &str| words(language).words.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys("en"), keys("fr"));
    }
}
