//! The templates and files of words that are in the program itself.

/// Names and texts of files below `templates/`.
macro_rules! built_in {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("../../templates/", $name))),)*]
    };
}

/// Every built-in template and file of words, by its name below `templates/`.
pub const BUILT_IN: &[(&str, &str)] = built_in![
    "designs/bulletin/digest/digest.html",
    "designs/bulletin/digest/digest.txt",
    "designs/bulletin/digest/media.css",
    "designs/bulletin/digest/outlook.css",
    "designs/bulletin/digest/sections/new_posts.html",
    "designs/bulletin/digest/sections/new_posts.txt",
    "designs/bulletin/digest/style.css",
    "digest/digest.html",
    "digest/digest.txt",
    "digest/footer.html",
    "digest/footer.txt",
    "digest/media.css",
    "digest/outlook.css",
    "digest/sections/meetups.html",
    "digest/sections/meetups.txt",
    "digest/sections/new_posts.html",
    "digest/sections/new_posts.txt",
    "digest/sections/updated_posts.html",
    "digest/sections/updated_posts.txt",
    "digest/style.css",
    "mail/notice.html",
    "mail/notice.txt",
    "web/answer.html",
    "web/chart_bars.html",
    "web/chart_frame.html",
    "web/chart_lines.html",
    "web/choose.html",
    "web/feed.html",
    "web/feeds.css",
    "web/feeds.html",
    "web/form.html",
    "web/issue_head.html",
    "web/issue_top.html",
    "web/issues.html",
    "web/join.html",
    "web/missing.html",
    "web/page.css",
    "web/page_end.html",
    "web/page_top.html",
    "web/status.css",
    "web/status.html",
    "words/en.toml",
    "words/fr.toml",
];
