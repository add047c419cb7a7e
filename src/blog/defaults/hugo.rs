//! The `cascade` of Hugo: what the page of a section, and the settings of a site,
//! say of all pages below them.

use std::fs;
use std::path::{Path, PathBuf};

use super::scope::{Of, Scope};
use super::target::Target;
use crate::blog::file::language_of_name;
use crate::blog::front_matter::parse;
use crate::blog::front_matter::value::{Fields, Value};
use crate::blog::site_program::{self, HIGHEST};
use crate::blog::text::decode;
use crate::language::Language;
use crate::problem::Problem;

/// What is cascaded to the posts in `folder`, of a site that speaks `language`; of
/// two for the same posts the one that counts comes last.
///
/// # Errors
///
/// Where a file that cascades something cannot be read: with its place.
pub fn scopes(folder: &Path, language: &Language) -> Result<Vec<Scope>, Problem> {
    let Some(root) = site_program::root_of_hugo(folder) else {
        return Ok(vec![]);
    };
    let mut scopes = vec![];
    for file in site_program::settings_of_hugo(root) {
        scopes.extend(of_settings(&file)?);
    }
    let mut fronts = above(folder, root);
    gather_below(folder, &mut fronts);
    for front in fronts {
        scopes.extend(of_front(folder, &front, language)?);
    }
    Ok(scopes)
}

/// What the settings in `file` say of all posts, and those of a language of its posts.
fn of_settings(file: &Path) -> Result<Vec<Scope>, Problem> {
    let Some(text) = text_of(file)? else {
        return Ok(vec![]);
    };
    let name = file.display().to_string();
    let settings =
        site_program::settings(file, &text).map_err(|error| error.problem(&name, &text))?;
    let refuse = |reason: String| Problem::new(format!("{name}: {reason}"), HELP);
    let all = Of::Folder(String::new());
    let mut scopes = cascades(&settings, &all, Target::clone).map_err(refuse)?;
    if let Some(Value::Map(languages)) = settings.get("languages").map(|field| &field.value) {
        for language in languages.iter() {
            let Value::Map(settings) = &language.value else {
                continue;
            };
            let speaking = |target: &Target| target.clone().speaking(&language.key);
            scopes.extend(cascades(settings, &all, speaking).map_err(refuse)?);
        }
    }
    Ok(scopes)
}

const HELP: &str = "Hugo takes globs like `/blog/**` for the target of a cascade";

/// What the page `front` says of the pages of its section, which are in its language.
fn of_front(folder: &Path, front: &Path, own: &Language) -> Result<Vec<Scope>, Problem> {
    let Some(text) = text_of(front)? else {
        return Ok(vec![]);
    };
    let name = front.display().to_string();
    let page = parse::parse(&text).map_err(|error| error.problem(&name, &text))?;
    let of = front
        .parent()
        .and_then(|section| Of::below(folder, section));
    let (Some(page), Some(of)) = (page, of) else {
        return Ok(vec![]);
    };
    let language = language_of_name(&name).unwrap_or_else(|| own.clone());
    let translated = |target: &Target| target.clone().translated(&language);
    cascades(&page.fields, &of, translated)
        .map_err(|reason| Problem::new(format!("{name}: {reason}"), HELP))
}

/// The text of a file that cascades something.
fn text_of(file: &Path) -> Result<Option<String>, Problem> {
    let bytes = fs::read(file).map_err(|error| {
        let help = "look at its owner and mode: it may say something of posts";
        Problem::new(format!("cannot read {}: {error}", file.display()), help)
    })?;
    let text = decode(&bytes).ok();
    let cascades = |text: &str| text.to_lowercase().contains("cascade");
    Ok(text
        .filter(|text| cascades(text))
        .map(|text| text.into_owned()))
}

/// What `cascade` says in `fields`; the first of several counts, and comes last.
fn cascades(
    fields: &Fields,
    of: &Of,
    among: impl Fn(&Target) -> Target,
) -> Result<Vec<Scope>, String> {
    let said = match fields.get("cascade").map(|field| &field.value) {
        Some(Value::List(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut scopes = vec![];
    for said in said.iter().rev() {
        let Value::Map(said) = said else { continue };
        let target = ["target", "_target"].iter().find_map(|key| said.get(key));
        let target = match target.map(|field| &field.value) {
            Some(Value::Map(target)) => Target::of(target)?,
            _ => Target::default(),
        };
        scopes.push(Scope::whole(of.clone(), among(&target), &flat(said)));
    }
    Ok(scopes)
}

/// Without the target, and the fields of `params` among the others: there they are
/// to Hugo.
fn flat(said: &Fields) -> Fields {
    let mut flat = Fields::default();
    for field in said.iter() {
        match (field.key.as_str(), &field.value) {
            ("target" | "_target", _) => {}
            ("params", Value::Map(params)) => flat.extend(params.iter().cloned()),
            _ => flat.extend([field.clone()]),
        }
    }
    flat
}

/// The pages of the sections that `folder` lies in, the farthest first.
fn above(folder: &Path, root: &Path) -> Vec<PathBuf> {
    let is_within = |section: &&Path| section.starts_with(root) && *section != root;
    let sections = folder.ancestors().take(HIGHEST).skip(1).filter(is_within);
    let mut fronts = vec![];
    for section in sections.collect::<Vec<_>>().into_iter().rev() {
        gather(section, &mut fronts);
    }
    fronts
}

/// The pages of the sections in `folder`, and the folders in it.
fn gather(folder: &Path, fronts: &mut Vec<PathBuf>) -> Vec<PathBuf> {
    let mut folders = vec![];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        match name.as_encoded_bytes() {
            name if name.starts_with(b"_index.") && !is_folder => fronts.push(entry.path()),
            name if is_folder && !name.starts_with(b".") && name != b"node_modules" => {
                folders.push(entry.path());
            }
            _ => {}
        }
    }
    fronts.sort_unstable();
    folders
}

fn gather_below(folder: &Path, fronts: &mut Vec<PathBuf>) {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let mut own = vec![];
        open.extend(gather(&folder, &mut own));
        fronts.append(&mut own);
    }
}
