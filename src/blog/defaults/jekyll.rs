//! The `defaults` of Jekyll's settings.

use std::path::Path;

use super::scope::{Of, Scope};
use crate::blog::front_matter::value::Value;
use crate::blog::site_program;

/// The `defaults` of `_config.yml` that concern the posts in `folder`.
pub fn scopes(folder: &Path) -> Vec<Scope> {
    let Some((root, settings)) = site_program::settings_of_jekyll(folder) else {
        return vec![];
    };
    let defaults = match settings.get("defaults").map(|field| &field.value) {
        Some(Value::List(defaults)) => defaults.as_slice(),
        _ => &[],
    };
    let scope = |default: &Value| {
        let Value::Map(default) = default else {
            return None;
        };
        let of_posts = matches!(default.text(&["scope.type"]), None | Some("posts"));
        let path = default.text(&["scope.path"]).unwrap_or_default();
        let of = Of::below(folder, &root.join(path.trim_matches('/')))?;
        match &default.get("values")?.value {
            Value::Map(fields) if of_posts => Some(Scope::told(of, fields)),
            _ => None,
        }
    };
    defaults.iter().filter_map(scope).collect()
}
