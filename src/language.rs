//! The language of a site, a post or a subscriber.

use std::fmt;
use std::str::FromStr;

/// A language tag (RFC 5646): `en`, `fr`, `fr-CA`.
///
/// The language in lower case, a region in upper case, as §2.1.1 writes them.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// ISO 639-1: the languages of two letters.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv \
    cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig \
    ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn \
    mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk \
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za \
    zh zu";

/// Why a text is not a [`Language`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language tag: write one like `en`, `fr` or `fr-CA`")]
pub struct LanguageError(String);

impl Language {
    /// English, the language of a site that names none.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The language that a file or folder is named for: `fr`, `pt-br`, `zh-hans`.
    /// Two letters that no language has are just a name (`x.js.md`).
    pub fn of_name(name: &str) -> Option<Self> {
        let (primary, rest) = name.split_at_checked(2)?;
        // Nearly all names are longer words, which is cheap to see.
        if !(rest.is_empty() || rest.starts_with(['-', '_'])) {
            return None;
        }
        let mut codes = TWO_LETTERS.split(' ');
        let is_known = codes.any(|code| code.eq_ignore_ascii_case(primary));
        name.parse().ok().filter(|_| is_known)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script and region: `fr` of `fr-CA`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The language as it is written, wherever: `fr` of `fr-CA`, `zh-Hans` of `zh-Hans-CN`.
    pub fn without_region(&self) -> Self {
        let script = self.0.split('-').nth(1).filter(|subtag| subtag.len() == 4);
        Self(
            std::iter::once(self.primary())
                .chain(script)
                .collect::<Vec<_>>()
                .join("-"),
        )
    }

    /// What its speakers call it; the tag of a language that is not among the
    /// commonest on the web.
    pub fn autonym(&self) -> &str {
        match self.primary() {
            "ar" => "العربية",
            "cs" => "Čeština",
            "de" => "Deutsch",
            "el" => "Ελληνικά",
            "en" => "English",
            "es" => "Español",
            "fa" => "فارسی",
            "fr" => "Français",
            "he" => "עברית",
            "hi" => "हिन्दी",
            "it" => "Italiano",
            "ja" => "日本語",
            "ko" => "한국어",
            "nl" => "Nederlands",
            "pl" => "Polski",
            "pt" => "Português",
            "ru" => "Русский",
            "sv" => "Svenska",
            "tr" => "Türkçe",
            "uk" => "Українська",
            _ => &self.0,
        }
    }

    /// Whether a reader of the one reads the other: `fr` and `fr-CA`.
    pub fn speaks(&self, other: &Self) -> bool {
        self.primary() == other.primary()
    }

    /// `rtl` for scripts that run from right to left, else `ltr`.
    pub fn direction(&self) -> &'static str {
        match self.primary() {
            "ar" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
            _ => "ltr",
        }
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let refuse = || LanguageError(text.to_owned());
        let text = text.trim().replace('_', "-");
        let mut subtags = text.split('-');
        let primary = subtags.next().unwrap_or_default();
        if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(refuse());
        }
        let mut tag = primary.to_ascii_lowercase();
        for subtag in subtags {
            if !(1..=8).contains(&subtag.len())
                || !subtag.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                return Err(refuse());
            }
            tag.push('-');
            match subtag.len() {
                2 => tag.push_str(&subtag.to_ascii_uppercase()),
                _ => tag.push_str(subtag),
            }
        }
        Ok(Self(tag))
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;

    fn try_from(text: String) -> Result<Self, LanguageError> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_people_write_them() {
        for (typed, kept) in [
            ("FR", "fr"),
            ("fr_ca", "fr-CA"),
            ("zh-Hans", "zh-Hans"),
            ("de-1996", "de-1996"),
        ] {
            assert_eq!(
                typed.parse::<Language>().map(String::from),
                Ok(kept.to_owned())
            );
        }
        for typed in ["", "french", "f", "fr-", "e n", "en-\"x\""] {
            assert!(typed.parse::<Language>().is_err(), "{typed:?}");
        }
    }

    #[test]
    fn files_are_named_for_languages_that_there_are() {
        let of = |name| Language::of_name(name).map(String::from);
        assert_eq!(of("fr"), Some("fr".to_owned()));
        assert_eq!(of("pt-br"), Some("pt-BR".to_owned()));
        assert_eq!(of("zh-hant-tw"), Some("zh-hant-TW".to_owned()));
        for name in ["js", "blog", "x", "e", "fra", "news-2"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
