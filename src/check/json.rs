//! JSON Feed 1.1.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::common::{self, Seen};
use super::finding::{About, Found, Severity, rules};

rules! { JsonRule
    WellFormed Error "json/well-formed"
        "A JSON Feed is JSON"
        "Every reader refuses the feed."
        "Write it with a library for JSON rather than with text templates."
        "RFC 8259; JSON Feed 1.1"
    Version Error "json/version"
        "`version` is the address of JSON Feed 1 or 1.1"
        "Readers do not know it for a feed."
        "Write `\"version\": \"https://jsonfeed.org/version/1.1\"`."
        "JSON Feed 1.1, Top-level"
    Missing Error "json/missing"
        "A feed has a title and a list of items"
        "Readers refuse the feed, or show its address instead of a name."
        "Add `title` and `items`."
        "JSON Feed 1.1, Top-level"
    Kind Error "json/wrong-type"
        "Each value is of its kind: text, a list, a number"
        "Readers refuse the feed or leave the item out."
        "Put text in double quotes, and several things into a list."
        "JSON Feed 1.1"
    Id Error "json/item-id"
        "Every item has an id, and it is text"
        "Readers have to leave an item without an id out; some refuse numbers."
        "Give it an `id` in double quotes that never changes."
        "JSON Feed 1.1, Items"
    Content Error "json/no-content"
        "Every item has `content_html` or `content_text`"
        "Readers have nothing to show."
        "Add one of them."
        "JSON Feed 1.1, Items"
    Date Error "json/date"
        "Dates are written as in `2019-01-17T00:00:00Z`"
        "The item has no date, or that of the day it was fetched, and stands in the wrong place."
        "Write RFC 3339 dates."
        "JSON Feed 1.1, Items"
    Address Error "json/relative-address"
        "Addresses are whole"
        "Readers open nothing, show no image, find no next page."
        "Write `https://` and the domain."
        "JSON Feed 1.1"
    Author Warning "json/author"
        "Authors stand in the list `authors`"
        "Readers of version 1.1 look there alone."
        "Write `\"authors\": [{\"name\": \"…\"}]`; `author` may stay beside it for old readers."
        "JSON Feed 1.1, Top-level"
    Nobody Error "json/empty-author"
        "An author has a name, an address or an avatar"
        "Readers show nobody."
        "Add `name`."
        "JSON Feed 1.1, Top-level"
    Next Error "json/next-url"
        "`next_url` leads to another document"
        "Readers that follow it go in a circle."
        "Take it away where there is no next page."
        "JSON Feed 1.1, Top-level"
    Attachment Error "json/attachment"
        "An attachment has an address and a media type"
        "Podcast programs do not fetch the recording."
        "Add `url` and `mime_type`."
        "JSON Feed 1.1, Attachments"
    Extension Error "json/extension"
        "Keys of extensions begin with `_` and a letter, and hold no dot"
        "Some programs cannot reach what is below such a key."
        "Rename the key."
        "JSON Feed 1.1, Extensions"
}

/// The items as they stand in the text.
#[derive(Deserialize)]
struct Items<'a> {
    #[serde(borrow, default)]
    items: Vec<&'a RawValue>,
}

const TEXTS: &[&str] = &[
    "url",
    "external_url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "image",
    "banner_image",
    "language",
    "date_published",
    "date_modified",
];
const ADDRESSES: &[&str] = &[
    "url",
    "external_url",
    "image",
    "banner_image",
    "home_page_url",
    "feed_url",
    "next_url",
    "icon",
    "favicon",
];

/// Everything that is wrong with the JSON Feed `text`; nothing where it is JSON and no feed.
pub fn judge(text: &str, seen: &Seen) -> Option<Vec<Found>> {
    let feed: Value = match serde_json::from_str(text) {
        Ok(feed) => feed,
        Err(error) => {
            let lines = text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let words = error.to_string();
            let words = words
                .split(" at line")
                .next()
                .unwrap_or_default()
                .to_owned();
            return Some(vec![JsonRule::WellFormed.at(at, words)]);
        }
    };
    if feed.get("items").is_none() && feed.get("version").is_none() {
        return None;
    }
    let mut found = of_feed(&feed, seen);
    let raw: Items<'_> = serde_json::from_str(text).unwrap_or(Items { items: vec![] });
    let items: Vec<(usize, Value)> = raw
        .items
        .iter()
        .filter_map(|item| {
            let at = (item.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            Some((at, serde_json::from_str(item.get()).ok()?))
        })
        .collect();
    found.extend(items.iter().flat_map(|(at, item)| of_item(*at, item, seen)));
    let ids = items
        .iter()
        .filter_map(|(at, item)| Some((*at, item["id"].as_str()?)));
    found.extend(common::duplicate_ids(ids));
    Some(found)
}

fn of_feed(feed: &Value, seen: &Seen) -> Vec<Found> {
    let mut found = vec![];
    let version = feed["version"].as_str().unwrap_or_default();
    let is_known = [
        "https://jsonfeed.org/version/1.1",
        "https://jsonfeed.org/version/1",
    ]
    .contains(&version);
    if !is_known {
        found.push(JsonRule::Version.of_all(format!("the version is `{version}`")));
    }
    if feed["title"]
        .as_str()
        .is_none_or(|title| title.trim().is_empty())
    {
        found.push(JsonRule::Missing.of_all("the feed has no `title`"));
    }
    if !feed["items"].is_array() {
        found.push(JsonRule::Missing.of_all("the feed has no list of `items`"));
    }
    found.extend(kinds(
        0,
        feed,
        &[
            "title",
            "home_page_url",
            "feed_url",
            "description",
            "next_url",
            "icon",
            "favicon",
            "language",
        ],
    ));
    found.extend(addresses(0, feed));
    found.extend(extensions(0, feed));
    found.extend(authors(0, feed, version.ends_with("1.1")));
    found.extend(
        feed["language"]
            .as_str()
            .and_then(|code| common::language(0, code)),
    );
    let own = feed["feed_url"].as_str();
    if own.is_some() && own == feed["next_url"].as_str() {
        found.push(JsonRule::Next.of_all("`next_url` is the address of this document"));
    }
    found.extend(common::own_address(own.map(|own| (0, own)), seen));
    found
}

fn of_item(at: usize, item: &Value, seen: &Seen) -> Vec<Found> {
    let text = |key: &str| item[key].as_str();
    let mut found = kinds(at, item, TEXTS);
    if text("id").is_none_or(str::is_empty) {
        let says = match item.get("id") {
            Some(Value::Null) | None => "this item has no id".to_owned(),
            Some(id) => format!("the id {id} is no text"),
        };
        found.push(JsonRule::Id.at(at, says));
    }
    if text("content_html").or(text("content_text")).is_none() {
        found.push(JsonRule::Content.at(
            at,
            "this item has neither `content_html` nor `content_text`",
        ));
    }
    for key in ["date_published", "date_modified"] {
        found.extend(text(key).and_then(|date| dated(at, date, seen)));
    }
    found.extend(addresses(at, item));
    found.extend(extensions(at, item));
    found.extend(authors(at, item, false));
    found.extend(attachments(at, item));
    found.extend(text("language").and_then(|code| common::language(at, code)));
    // An item may do without a title, as a short note does.
    found.extend(
        text("title")
            .filter(|title| !title.is_empty())
            .and_then(|title| common::title(at, title)),
    );
    found.extend(
        text("content_html")
            .map(|html| common::body(at, html, false))
            .unwrap_or_default(),
    );
    found
}

fn kinds(at: usize, value: &Value, texts: &[&str]) -> Vec<Found> {
    let is_wrong = |key: &&&str| {
        value
            .get(**key)
            .is_some_and(|it| !it.is_string() && !it.is_null())
    };
    let wrong_text = texts
        .iter()
        .filter(is_wrong)
        .map(|key| format!("`{key}` is no text"));
    let lists = ["authors", "tags", "attachments", "hubs"];
    let is_no_list = |key: &&&str| {
        value
            .get(**key)
            .is_some_and(|it| !it.is_array() && !it.is_null())
    };
    let wrong_list = lists
        .iter()
        .filter(is_no_list)
        .map(|key| format!("`{key}` is no list"));
    wrong_text
        .chain(wrong_list)
        .map(|says| JsonRule::Kind.at(at, says))
        .collect()
}

fn addresses(at: usize, value: &Value) -> Vec<Found> {
    let written = ADDRESSES
        .iter()
        .filter_map(|key| Some((key, value[*key].as_str()?)));
    let relative =
        written.filter(|(_, address)| !address.is_empty() && Url::parse(address).is_err());
    relative
        .map(|(key, address)| {
            JsonRule::Address.at(at, format!("`{key}` is `{address}`, no whole address"))
        })
        .collect()
}

fn extensions(at: usize, value: &Value) -> Vec<Found> {
    let keys = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys());
    let is_bad = |key: &&String| {
        let name = key.strip_prefix('_');
        name.is_some_and(|name| {
            name.contains('.') || !name.starts_with(|c: char| c.is_ascii_alphabetic())
        })
    };
    keys.filter(is_bad)
        .map(|key| JsonRule::Extension.at(at, format!("`{key}` cannot be the key of an extension")))
        .collect()
}

/// `is_new`: the old key alone is a mistake.
fn authors(at: usize, value: &Value, is_new: bool) -> Vec<Found> {
    let mut found = vec![];
    if is_new && value.get("author").is_some() && value.get("authors").is_none() {
        found.push(JsonRule::Author.at(at, "`author` is the key of version 1"));
    }
    let listed = value["authors"].as_array().into_iter().flatten();
    let is_nobody = |author: &&Value| {
        ["name", "url", "avatar"]
            .iter()
            .all(|key| author[*key].as_str().is_none_or(str::is_empty))
    };
    found.extend(
        listed
            .filter(is_nobody)
            .map(|_| JsonRule::Nobody.at(at, "an author here is nobody")),
    );
    found
}

fn attachments(at: usize, item: &Value) -> Vec<Found> {
    let listed = item["attachments"].as_array().into_iter().flatten();
    let lacking = listed.filter_map(|file| {
        ["url", "mime_type"]
            .into_iter()
            .find(|key| file[*key].as_str().is_none_or(str::is_empty))
    });
    lacking
        .map(|key| JsonRule::Attachment.at(at, format!("an attachment here has no `{key}`")))
        .collect()
}

fn dated(at: usize, date: &str, seen: &Seen) -> Option<Found> {
    match DateTime::parse_from_rfc3339(date) {
        Ok(date) => common::date(at, date, seen),
        Err(_) => Some(JsonRule::Date.at(at, format!("`{date}` is no date as JSON Feed has them"))),
    }
}
