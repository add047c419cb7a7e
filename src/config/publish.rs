//! `[publish]`: where the folder of feeds is brought to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::secret_file;
use crate::problem::Problem;

/// `[publish]`: where the folder of feeds is brought to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    pub to: Place,
    /// Where the object store is, where it is none of the three vendors' own.
    pub endpoint: Option<Url>,
    pub region: Option<String>,
    credentials_file: Option<PathBuf>,
    #[serde(default)]
    pub when: When,
    #[serde(default)]
    pub encoding: Encoding,
    /// Seconds for which feeds and pages may be kept.
    #[serde(default = "hour")]
    pub max_age: u32,
    /// Seconds for which all else may be kept.
    #[serde(default = "day")]
    pub max_age_files: u32,
    #[serde(default = "minute")]
    timeout_seconds: u64,
}

/// A folder or a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Place {
    Folder(PathBuf),
    Bucket {
        scheme: Scheme,
        bucket: String,
        /// Without `/` at its ends.
        path: String,
    },
}

/// What an object store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    S3,
    Google,
    Azure,
}

/// Who publishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// `courrier run` and `courrier send` too: pages are there before mail links to them.
    #[default]
    Run,
    /// `courrier publish` alone.
    Command,
}

/// How text lies in a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Identity,
    Gzip,
}

fn hour() -> u32 {
    60 * 60
}

fn day() -> u32 {
    24 * 60 * 60
}

fn minute() -> u64 {
    60
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return match text.trim().is_empty() {
                true => Err("this names no place".into()),
                false => Ok(Self::Folder(text.into())),
            };
        };
        let scheme = match scheme {
            "s3" => Scheme::S3,
            "gs" => Scheme::Google,
            "az" => Scheme::Azure,
            _ => return Err(
                "a place is a folder, s3://bucket/path, gs://bucket/path or az://container/path"
                    .into(),
            ),
        };
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_odd = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
        if bucket.is_empty() || bucket.contains(is_odd) {
            return Err("the name of a bucket has letters, digits, `-`, `_` and `.`; no key, no password, no host".into());
        }
        Ok(Self::Bucket {
            scheme,
            bucket: bucket.to_owned(),
            path: path.trim_matches('/').to_owned(),
        })
    }
}

impl Place {
    /// As people write it; a folder as the program needs it, `home` being that of `config.toml`.
    pub fn shown(&self, home: &Path) -> String {
        match self {
            Self::Folder(folder) => home.join(folder).display().to_string(),
            Self::Bucket {
                scheme,
                bucket,
                path,
            } => format!("{}://{bucket}/{path}", scheme.name()),
        }
    }
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }

    /// How the variables of its programs begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::S3 => "AWS_",
            Self::Google => "GOOGLE_",
            Self::Azure => "AZURE_",
        }
    }
}

impl Publish {
    /// What only several settings together can make wrong.
    pub(super) fn contradiction(&self) -> Option<(&'static str, Problem)> {
        let is_folder = matches!(self.to, Place::Folder(_));
        if is_folder && self.encoding == Encoding::Gzip {
            let message = "encoding = \"gzip\" is for object stores: the web server of a folder packs what it sends";
            let help = "take it away; `precompress = true` in [feeds] packs files beforehand";
            return Some(("encoding", Problem::new(message, help)));
        }
        let open = self.endpoint.as_ref().filter(|url| !is_safe(url))?;
        let message =
            format!("the endpoint {open} would get files and their signatures in the open");
        let help = "write https://; http:// is for a store on this machine";
        Some(("endpoint", Problem::new(message, help)))
    }

    /// The longest that a request may take that carries `bytes`: over a slow line
    /// they take their time.
    pub fn patience(&self, bytes: u64) -> Duration {
        const SLOW_LINE: u64 = 50_000;
        Duration::from_secs(self.timeout_seconds + bytes / SLOW_LINE)
    }

    /// What opens a bucket of `scheme`: of the environment, and of the file of
    /// credentials, which wins. By the names that the vendor's programs know.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, others can read it, or a line is none.
    pub fn credentials(
        &self,
        scheme: Scheme,
        home: &Path,
    ) -> Result<Vec<(String, SecretString)>, Problem> {
        let is_ours = |(name, _): &(String, String)| name.starts_with(scheme.prefix());
        let mut all: Vec<(String, SecretString)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(is_ours)
            .map(|(name, value)| (name, value.into()))
            .collect();
        let Some(file) = &self.credentials_file else {
            return Ok(all);
        };
        let path = home.join(file);
        let text = secret_file::read(&path, "the credentials")?;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // Nothing of the line is told: there is a secret in it.
            let pair = line.split_once('=').ok_or_else(|| {
                let message = format!("line {} of {} is no setting", at + 1, path.display());
                let help = format!("write lines like {}REGION=value", scheme.prefix());
                Problem::new(message, help)
            })?;
            let value = pair.1.trim().trim_matches('"');
            all.push((pair.0.trim().to_owned(), value.to_owned().into()));
        }
        Ok(all)
    }
}

fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let bucket = |scheme, bucket: &str, path: &str| {
            let (bucket, path) = (bucket.to_owned(), path.to_owned());
            Ok(Place::Bucket {
                scheme,
                bucket,
                path,
            })
        };
        for (text, place) in [
            ("/var/www", Ok(Place::Folder("/var/www".into()))),
            ("s3://a.example", bucket(Scheme::S3, "a.example", "")),
            ("gs://a/b/c/", bucket(Scheme::Google, "a", "b/c")),
            ("az://a/b", bucket(Scheme::Azure, "a", "b")),
        ] {
            assert_eq!(Place::try_from(text.to_owned()), place);
        }
        for text in ["", "ftp://a", "s3:///b", "s3://key:hush@a/b"] {
            let said = Place::try_from(text.to_owned()).expect_err(text);
            assert!(!said.contains("hush"), "{said}");
        }
    }

    #[test]
    fn an_endpoint_elsewhere_is_reached_over_tls_alone() {
        let is_safe = |text: &str| is_safe(&Url::parse(text).expect("an address"));
        assert!(is_safe("https://minio.example.org") && is_safe("http://127.0.0.1:9000"));
        assert!(!is_safe("http://minio.example.org") && !is_safe("ftp://127.0.0.1"));
    }
}
