//! What posts say by a yes or a no: whether they are drafts, and the like.

use super::front_matter::value::{Field, Fields, Value};

const SWITCHES: [&str; 3] = ["draft", "minor", "newsletter"];
/// Words of `status` for what is not to be seen.
const KEPT_BACK: [&str; 5] = ["draft", "hidden", "private", "unlisted", "pending"];

/// Those that are neither yes nor no: to guess would publish what is not to be.
pub fn unclear(fields: &Fields) -> impl Iterator<Item = (&'static str, &Field)> {
    let known = SWITCHES.into_iter();
    let said = known.filter_map(|key| fields.get(key).map(|field| (key, field)));
    said.filter(|(_, Field { value, .. })| {
        !(value.is_empty() || value.is_true() || value.is_false())
    })
}

/// Whether the post at `path` is not to be seen yet.
pub fn is_draft(fields: &Fields, path: &str) -> bool {
    let value = |key: &str| fields.get(key).map(|field| &field.value);
    let is_kept_back = |status: &str| {
        KEPT_BACK
            .iter()
            .any(|word| status.eq_ignore_ascii_case(word))
    };
    let in_folder = |segment: &str| matches!(segment, "_drafts" | "drafts" | "_draft" | "draft");
    value("draft").is_some_and(Value::is_true)
        || value("published").is_some_and(Value::is_false)
        || fields.text(&["status"]).is_some_and(is_kept_back)
        || path.split('/').any(in_folder)
}
