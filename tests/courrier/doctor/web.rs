//! Feeds and links, as the web has them.

use insta::assert_snapshot;

use super::{said, verdicts};
use crate::support::newsletter::Newsletter;
use crate::support::web_server::{Reply, WebServer};

/// A site whose feeds are those that were built, and that answers unsubscribes with `post`.
fn site(letter: &mut Newsletter, post: u16) -> WebServer {
    let public = letter.path("public");
    let server = WebServer::start(move |asked| {
        if asked.method == "POST" {
            return Reply::status(post).with("location", "/login");
        }
        let name = asked.path.trim_start_matches('/');
        let media_type = match name {
            "feed.json" => "application/feed+json",
            "atom.xml" => "application/atom+xml; charset=utf-8",
            _ => "application/rss+xml",
        };
        std::fs::read(public.join(name))
            .map_or(Reply::status(404), |file| Reply::ok(media_type, file))
    });
    letter.set("site", "url", &format!("{:?}", server.url("/")));
    letter.set(
        "newsletter",
        "unsubscribe",
        &format!("{:?}", server.url("/u/:token")),
    );
    letter.run(&["build"]).ends_with(0);
    server
}

#[test]
fn feeds_and_the_unsubscribe_link_as_the_outside_sees_them() {
    let mut letter = Newsletter::with_posts();
    let server = site(&mut letter, 200);

    let told = said(&letter, &["web"]).replace(&server.url(""), "http://SITE");

    assert_snapshot!(told, @r#"
    web
      warning  certificate 127.0.0.1: 127.0.0.1 is read without TLS: anybody between
               can change what readers see
               -> have the web server speak https, and set [site] url to it
      right    rss.xml: http://SITE/rss.xml, as it was built
      right    atom.xml: http://SITE/atom.xml, as it was built
      right    feed.json: http://SITE/feed.json, as it was built
      right    one-click: http://SITE/u/… answers 200 to a token of
               nobody

    4 right, 1 to look at, 0 wrong, 0 unknown
    exit code 0
    "#);
    let asked = server.asked();
    let post = asked.iter().find(|asked| asked.method == "POST").unwrap();
    assert_eq!(post.body, "List-Unsubscribe=One-Click");
    assert_eq!(
        post.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[test]
fn a_site_that_is_not_as_it_was_built() {
    let mut letter = Newsletter::with_posts();
    let server = site(&mut letter, 302);
    letter.post(
        "new.md",
        "---\ntitle: New\nlastmod: 2026-11-20\nauthor: A\n---\n\nNew.\n",
    );
    let old = WebServer::start(|asked| match asked.path.as_str() {
        "/rss.xml" => Reply::ok("text/html; charset=utf-8", "<rss/>"),
        "/atom.xml" => Reply::ok("application/xml", "<feed/>"),
        _ => Reply::status(404),
    });
    letter.set("site", "url", &format!("{:?}", old.url("/")));

    let told = said(&letter, &["web"])
        .replace(&old.url(""), "http://SITE")
        .replace(&server.url(""), "http://LINK");

    assert_snapshot!(told, @r#"
    web
      warning  certificate 127.0.0.1: 127.0.0.1 is read without TLS: anybody between
               can change what readers see
               -> have the web server speak https, and set [site] url to it
      warning  rss.xml: http://SITE/rss.xml is sent as `text/html`, and
               is application/rss+xml
               -> deploy/ has settings for nginx, Caddy and Apache; `courrier check`
               says more
      warning  atom.xml: http://SITE/atom.xml is not the file that was
               built here
               -> bring the folder `public` to the web server, and look at its
               caches
      wrong    feed.json: http://SITE/feed.json answers 404
               -> bring the folder `public` to the web server, or mend [site] url
      wrong    one-click: http://LINK/u/… answers 302: a redirect, which
               the provider does not follow
               -> let the address itself answer (RFC 8058 §3.2)

    0 right, 3 to look at, 2 wrong, 0 unknown
    exit code 69
    "#);
}

#[test]
fn a_one_click_that_nobody_may_do_is_wrong() {
    for (status, right) in [
        (200, true),
        (204, true),
        (400, true),
        (303, false),
        (403, false),
        (404, false),
        (500, false),
    ] {
        let mut letter = Newsletter::with_posts();
        let _server = site(&mut letter, status);
        let verdict = if right { "right" } else { "wrong" };

        let found = verdicts(&letter, &["web"]);

        let point = ("web".to_owned(), "one-click".to_owned(), verdict.to_owned());
        assert!(found.contains(&point), "{status}: {found:?}");
    }
}
