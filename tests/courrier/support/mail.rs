//! Mail read by Python's `email`, which knows nothing of how courrier writes it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::real;

/// One message as `read_mail.py` tells it.
pub struct Mail(pub Value);

impl Mail {
    /// The messages of `files`, in that order; nothing where there is no Python.
    pub fn read_all(files: &[PathBuf]) -> Option<Vec<Self>> {
        let python = real::python_with("email")?;
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/courrier/support/read_mail.py");
        let told = real::succeeds(Command::new(python).arg(script).args(files));
        let list: Vec<Value> = serde_json::from_str(&told).unwrap();
        Some(list.into_iter().map(Self).collect())
    }

    /// Every value of the header `name`.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let all = self.0["headers"].as_array().unwrap().iter();
        let wanted = all.filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
        wanted.map(|pair| pair[1].as_str().unwrap()).collect()
    }

    /// The value of the header `name`, which has to be there once.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let values = self.headers(name);
        assert_eq!(values.len(), 1, "{name} in {}", self.0["headers"]);
        values[0]
    }

    /// The content of the part of this type, and its line breaks as `\n`.
    #[track_caller]
    pub fn part(&self, content_type: &str) -> String {
        let mut parts = self.0["parts"].as_array().unwrap().iter();
        let part = parts
            .find(|part| part[0] == content_type)
            .unwrap_or_else(|| panic!("no {content_type} in {}", self.0));
        part[1].as_str().unwrap().replace("\r\n", "\n")
    }

    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }
}

/// The address between `<` and `>` of a header such as List-Unsubscribe.
#[track_caller]
pub fn bracketed(header: &str) -> &str {
    let inside = header
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside.unwrap_or_else(|| panic!("no <...> in {header}")).0
}

/// Text as a reader sees it, whatever the spaces and line breaks in its source.
pub fn words_of(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
