//! The same page as files: for a review in a pull request.

use std::collections::BTreeMap;

use super::assets;
use super::picture::Picture;

/// Every file of the page that shows `pictures`, the first of them first: its path
/// below the folder, and its text.
pub fn files(pictures: &[Picture]) -> Vec<(String, String)> {
    let by_language: BTreeMap<_, _> = pictures
        .iter()
        .map(|picture| (picture.language.as_str(), picture))
        .collect();
    let first = pictures.first().map(|picture| picture.language.as_str());
    let data = serde_json::json!({ "first": first, "pictures": by_language });
    let page = [
        ("index.html", assets::page_with(&data.to_string())),
        ("page.css", assets::CSS.to_owned()),
        ("page.js", assets::SCRIPT.to_owned()),
    ];
    let page = page.into_iter().map(|(name, text)| (name.to_owned(), text));
    page.chain(pictures.iter().flat_map(parts)).collect()
}

/// No server sends a policy with these: the marked copies have it in them.
fn parts(picture: &Picture) -> [(String, String); 4] {
    let name = |part: &str| format!("mail/{}.{part}", picture.id);
    let images = "img-src https: http: data:; ";
    [
        (name("html"), with_policy(&picture.html, images)),
        (name("no-images.html"), with_policy(&picture.html, "")),
        (name("page.html"), with_policy(&picture.page, images)),
        (name("eml"), picture.raw.clone()),
    ]
}

fn with_policy(html: &str, images: &str) -> String {
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; {images}style-src 'unsafe-inline'\">"
    );
    match html.find("<head>") {
        Some(at) => {
            let (before, after) = html.split_at(at + "<head>".len());
            format!("{before}{policy}{after}")
        }
        None => format!("{policy}{html}"),
    }
}
