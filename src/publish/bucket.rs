//! A bucket of an object store: S3 and what speaks it, Google Cloud Storage, Azure.

use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::ClientOptions;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, PutPayload, RetryConfig, UpdateVersion,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::object::{Condition, Found, Object, Tag, TargetError};

/// Who runs an object store, and so what it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// S3, and what speaks it.
    Amazon,
    Google,
    Azure,
}

/// What is needed to reach a bucket.
#[derive(Debug)]
pub struct Reach {
    pub vendor: Vendor,
    pub bucket: String,
    /// Below which everything lies; empty, or without `/` at its ends.
    pub path: String,
    /// Where the store is, where it is no other than the vendor's own.
    pub endpoint: Option<Url>,
    pub region: Option<String>,
    /// What the vendor's programs read from the environment, by its name there.
    pub options: Vec<(String, SecretString)>,
    /// The longest that one request may take.
    pub patience: Duration,
}

/// A bucket, and the path in it below which everything lies.
#[derive(Debug)]
pub struct Bucket {
    store: Box<dyn ObjectStore>,
    path: String,
    /// Its address, for people.
    name: String,
}

/// The name of the field that tells what a file was put with. Azure takes letters alone.
const PRINT: &str = "courrier";
/// A request that fails is tried again so often.
const TRIES: usize = 4;
/// Letters of an answer that are told.
const TOLD: usize = 300;

impl Bucket {
    /// A bucket to be reached so. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// Where the settings name no bucket that can be.
    pub fn new(reach: &Reach) -> Result<Self, TargetError> {
        let name = format!("{}/{}", reach.bucket, reach.path);
        let store = match reach.vendor {
            Vendor::Amazon => amazon(reach),
            Vendor::Google => google(reach),
            Vendor::Azure => azure(reach),
        };
        Ok(Self {
            store: store.map_err(|error| failed(error, &name))?,
            path: reach.path.clone(),
            name,
        })
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<(Tag, Vec<u8>)>, TargetError> {
        let found = match self.store.get(&self.place(name)?).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(|error| self.failed(error, name))?,
        };
        let tag = tag(found.meta.e_tag.clone(), found.meta.version.clone());
        let bytes = found.bytes().await;
        let bytes = bytes.map_err(|error| self.failed(error, name))?;
        Ok(Some((tag, bytes.to_vec())))
    }

    pub(super) async fn look(&self, name: &str) -> Result<Option<Found>, TargetError> {
        let head = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        match self.store.get_opts(&self.place(name)?, head).await {
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(error, name)),
            Ok(found) => {
                let print = found.attributes.get(&Attribute::Metadata(PRINT.into()));
                Ok(Some(Found {
                    print: print.map(|print| print.to_string()),
                    tag: tag(found.meta.e_tag, found.meta.version),
                }))
            }
        }
    }

    pub(super) async fn put(
        &self,
        file: &Object<'_>,
        condition: &Condition,
    ) -> Result<Tag, TargetError> {
        let mode = match condition {
            Condition::Absent => PutMode::Create,
            Condition::Is(tag) => PutMode::Update(UpdateVersion {
                e_tag: tag.etag.clone(),
                version: tag.version.clone(),
            }),
        };
        let options = PutOptions {
            mode,
            attributes: attributes(file),
            ..PutOptions::default()
        };
        let bytes = PutPayload::from(file.bytes.to_vec());
        let put = self
            .store
            .put_opts(&self.place(file.name)?, bytes, options)
            .await;
        let put = put.map_err(|error| self.failed(error, file.name))?;
        Ok(tag(put.e_tag, put.version))
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), TargetError> {
        match self.store.delete(&self.place(name)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(error, name)),
        }
    }

    fn place(&self, name: &str) -> Result<Path, TargetError> {
        let below = match self.path.is_empty() {
            true => name.to_owned(),
            false => format!("{}/{name}", self.path),
        };
        Path::parse(below).map_err(|_| TargetError::Name(name.to_owned()))
    }

    fn failed(&self, error: Error, name: &str) -> TargetError {
        match error {
            Error::AlreadyExists { .. } | Error::Precondition { .. } => {
                TargetError::Conflict(name.to_owned())
            }
            error => failed(error, &self.name),
        }
    }
}

fn amazon(reach: &Reach) -> Result<Box<dyn ObjectStore>, Error> {
    let mut builder = AmazonS3Builder::new()
        .with_retry(retries(reach))
        .with_client_options(client(reach));
    for (name, value) in &reach.options {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            builder = builder.with_config(key, value.expose_secret());
        }
    }
    if let Some(region) = &reach.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &reach.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    Ok(Box::new(builder.with_bucket_name(&reach.bucket).build()?))
}

fn google(reach: &Reach) -> Result<Box<dyn ObjectStore>, Error> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_retry(retries(reach))
        .with_client_options(client(reach));
    for (name, value) in &reach.options {
        if let Ok(key) = name.to_ascii_lowercase().parse::<GoogleConfigKey>() {
            builder = builder.with_config(key, value.expose_secret());
        }
    }
    if let Some(endpoint) = &reach.endpoint {
        builder = builder.with_base_url(endpoint.as_str().trim_end_matches('/'));
    }
    Ok(Box::new(builder.with_bucket_name(&reach.bucket).build()?))
}

fn azure(reach: &Reach) -> Result<Box<dyn ObjectStore>, Error> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_retry(retries(reach))
        .with_client_options(client(reach));
    for (name, value) in &reach.options {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AzureConfigKey>() {
            builder = builder.with_config(key, value.expose_secret());
        }
    }
    if let Some(endpoint) = &reach.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/').to_owned());
    }
    Ok(Box::new(
        builder.with_container_name(&reach.bucket).build()?,
    ))
}

fn client(reach: &Reach) -> ClientOptions {
    let in_the_open = reach
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| endpoint.scheme() == "http");
    ClientOptions::new()
        .with_timeout(reach.patience)
        .with_connect_timeout(reach.patience.min(Duration::from_secs(10)))
        .with_allow_http(in_the_open)
}

fn retries(reach: &Reach) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 3.0,
        },
        max_retries: TRIES,
        retry_timeout: reach.patience,
    }
}

fn attributes(file: &Object<'_>) -> Attributes {
    let mut all = Attributes::new();
    let headers = file.headers;
    all.insert(Attribute::ContentType, headers.media_type.clone().into());
    all.insert(Attribute::CacheControl, headers.cache.clone().into());
    if let Some(coding) = headers.coding {
        all.insert(Attribute::ContentEncoding, coding.into());
    }
    all.insert(
        Attribute::Metadata(PRINT.into()),
        file.print.to_owned().into(),
    );
    all
}

fn tag(etag: Option<String>, version: Option<String>) -> Tag {
    Tag { etag, version }
}

fn failed(error: Error, place: &str) -> TargetError {
    let is_refusal = matches!(
        error,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } | Error::NotFound { .. }
    );
    let (place, why) = (place.to_owned(), told(&error));
    match is_refusal {
        true => TargetError::Refused { place, why },
        false => TargetError::Unreachable { place, why },
    }
}

/// The innermost cause, in a line and without what stands behind the `?` of an
/// address: there may be a signature in it.
fn told(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let words = text.split_whitespace().map(|word| {
        let is_address = word.contains("://");
        word.split('?')
            .next()
            .filter(|_| is_address)
            .unwrap_or(word)
    });
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_an_error_is_short_and_holds_no_signature() {
        let source = "at\nhttps://x.example/a?sig=hush then ".repeat(50).into();
        let store = "x";
        let said = told(&Error::Generic { store, source });
        assert!(said.starts_with("at https://x.example/a then at"), "{said}");
        assert!(!said.contains("hush") && said.len() <= TOLD);
    }
}
