//! The page of the preview: for whom it is, what it keeps out, and what it is as files.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::desk::{Preview, shows};
use crate::support::mail_server::MailServer;
use crate::support::newsletter::Newsletter;

#[test]
fn strangers_are_turned_away() {
    let letter = Newsletter::with_posts();
    let preview = Preview::of(&letter);
    let status = |request: &str| {
        let answer = preview.answer(&format!("{request}\r\nConnection: close\r\n\r\n"));
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status("GET /KEY/ HTTP/1.1\r\nHost: HOST"), "200");
    assert_eq!(status("GET /KEY/ HTTP/1.1\r\nHost: evil.example"), "421");
    assert_eq!(
        status("GET /KEY/picture.json HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example"),
        "403"
    );
    assert_eq!(status("GET / HTTP/1.1\r\nHost: HOST"), "404");
    assert_eq!(
        status("GET /0123456789abcdef01234567/picture.json HTTP/1.1\r\nHost: HOST"),
        "404"
    );
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0";
    assert_eq!(
        status(&format!("POST /KEY/send HTTP/1.1\r\nHost: HOST\r\n{form}")),
        "403"
    );
    let origin = "Origin: http://evil.example";
    assert_eq!(
        status(&format!(
            "POST /KEY/send HTTP/1.1\r\nHost: HOST\r\n{origin}\r\n{form}"
        )),
        "403"
    );

    let page = preview.answer("GET /KEY/ HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(!page.contains("access-control-allow-origin"), "{page}");
    let id = preview.json("picture.json")["picture"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let framed = preview.answer(&format!(
        "GET /KEY/mail/{id}.html HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
    ));
    assert!(
        framed.contains("content-security-policy: sandbox allow-same-origin"),
        "{framed}"
    );
}

#[test]
fn a_script_in_a_template_is_not_run() {
    let letter = Newsletter::with_posts();
    let evil = "{{ digest.unsubscribe_url }}<script>parent.document.title = 'taken'</script><img src=x onerror=\"parent.document.title = 'taken'\">";
    letter.write("templates/digest/footer.html", evil);
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    browser.wait_for(&shows("desktop", "Sidecars."));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_ne!(browser.value("document.title"), json!("taken"));
}

#[test]
fn an_export_is_the_same_page_without_a_server() {
    let letter = Newsletter::with_posts();
    letter.run(&["preview", "--export", "review"]).ends_with(0);
    let page = format!("file://{}", letter.path("review/index.html").display());
    let Some(mut browser) = Browser::open(&letter.path("profile"), &page) else {
        return;
    };
    browser.wait_for("document.documentElement.dataset.shown");
    assert_eq!(
        browser.value("document.getElementById('posts').innerText.includes('A mesh for everyone')"),
        json!(true)
    );
    assert_eq!(
        browser.value("document.getElementById('test').hidden"),
        json!(true)
    );
    let source = browser.value("document.querySelector('iframe').getAttribute('src')");
    let framed = letter.read(&format!("review/{}", source.as_str().unwrap()));
    assert!(
        framed.contains("Sidecars.") && framed.contains("Content-Security-Policy"),
        "{framed}"
    );
    browser.press("l");
    browser.wait_for("document.querySelector('[lang=fr] .subject, .row[lang=fr]')");
}

#[test]
fn the_page_is_made_for_every_window_and_for_every_reader() {
    let letter = Newsletter::with_posts();
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0") else {
        return;
    };
    for (width, scheme, ground) in [
        (1280, "light", "rgb(236, 231, 221)"),
        (1280, "dark", "rgb(25, 23, 20)"),
        (400, "light", "rgb(236, 231, 221)"),
        (400, "dark", "rgb(25, 23, 20)"),
    ] {
        browser.look((width, 900), scheme);
        browser.wait_for(&format!(
            "getComputedStyle(document.body).backgroundColor === '{ground}'"
        ));
        let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
        browser.wait_for(fits);
    }
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let of_role = |role: &str| -> Vec<String> {
        let own = nodes
            .iter()
            .filter(|node| node["role"]["value"] == role && node["ignored"] == false);
        own.map(|node| {
            node["name"]["value"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
    };
    for role in [
        "button", "textbox", "combobox", "link", "Date", "checkbox", "Iframe", "meter",
    ] {
        let names = of_role(role);
        assert!(
            !names.is_empty() && names.iter().all(|name| !name.trim().is_empty()),
            "{role}: {names:?}"
        );
    }
    assert!(
        of_role("heading")[0].starts_with("Issue 1 of The Courier"),
        "{:?}",
        of_role("heading")
    );
}

#[test]
fn a_test_is_sent_from_the_page() {
    let server = MailServer::start([]);
    let mut letter = Newsletter::with_posts();
    letter.send_to(server.port, 30);
    let preview = Preview::of(&letter);
    let Some(mut browser) = preview.browser(&letter, "#views=desktop&many=0&language=fr") else {
        return;
    };
    browser.press("t");
    browser.wait_for("document.getElementById('testing').open");
    for (address, said) in [
        ("nobody", "no address"),
        ("editor@example.net", "went to editor@example.net"),
    ] {
        let fill = format!("document.querySelector('#test-form [name=to]').value = '{address}'");
        browser.value(&fill);
        // What the browser's own look at an address lets through, courrier looks at again.
        browser.value("document.getElementById('test-form').noValidate = true");
        browser.value("document.getElementById('test-form').requestSubmit()");
        browser.wait_for(&format!(
            "document.getElementById('test-said').textContent.includes('{said}')"
        ));
    }

    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].to, ["editor@example.net"]);
    assert!(
        received[0].header("Subject").contains("[Test]"),
        "{}",
        received[0].header("Subject")
    );
    assert!(
        received[0].text().contains("Bonjour"),
        "{}",
        received[0].text()
    );
}
