//! `courrier subscribers import`: the lists that other services export, with their columns.
//!
//! The names of the columns: Mailchimp's are those of files that tests of public
//! programs hold, listmonk's those of its own `cmd/subscribers.go`, Ghost's those of
//! its own tests of the export, Substack's those of Ghost's importer, Buttondown's
//! those of its API.

use crate::importing_lists::{SAID, everybody, evidence, import};
use crate::support::newsletter::Newsletter;

/// Members of an audience: who came by a form, and who was added by somebody.
const MAILCHIMP: &str = "\"Email Address\",\"First Name\",\"Last Name\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS
ada@example.org,Ada,Lovelace,2,\"2025-03-16 14:40:47\",192.0.2.1,\"2025-03-16 14:41:30\",192.0.2.2,,,,,,,,\"2025-03-16 14:41:30\",1,a,,\"\"\"Montreal\"\"\"
";

#[test]
fn a_list_of_mailchimp_tells_who_confirmed_and_that_is_kept() {
    let letter = Newsletter::empty();

    import(&letter, MAILCHIMP, &[])
        .ends_with(0)
        .tells(&["Mailchimp", "1 added"]);

    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(ada["name"], "Ada Lovelace");
    let line = &ada["ledger"][0];
    assert_eq!(
        (&line["act"], &line["consent"]),
        (&"agreed".into(), &"express".into())
    );
    assert_eq!(line["evidence"]["given"], "2025-03-16T14:41:30Z");
    assert_eq!(line["evidence"]["ip"], "192.0.2.2");
    assert_eq!(line["evidence"]["way"], "form");
}

#[test]
fn whom_somebody_added_to_mailchimp_needs_a_basis() {
    let letter = Newsletter::empty();
    let added = MAILCHIMP.replace("\"2025-03-16 14:40:47\",192.0.2.1", ",");

    import(&letter, &added, &[]).ends_with(65).complains_of(&[
        "list.csv:2",
        "nothing says",
        "--basis",
    ]);
    import(&letter, &added, &SAID).ends_with(0);

    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(ada["ledger"][0]["evidence"]["words"], SAID[1]);
}

#[test]
fn whoever_left_or_bounced_at_mailchimp_is_kept_out_here() {
    let letter = Newsletter::with_posts();
    let left = "\"Email Address\",\"First Name\",UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID\n\
        eve@example.org,Eve,\"2026-01-05 10:00:00\",May,NORMAL,,,\"2024-01-01 10:00:00\",,1,a\n";
    let bounced = left
        .replace("UNSUB_TIME", "CLEAN_TIME")
        .replace("eve@", "bob@");
    import(&letter, left, &[]).ends_with(0);
    import(&letter, bounced, &[]).ends_with(0);

    let again = "email,consent\neve@example.org,express\nbob@example.org,express\n";
    import(&letter, again, &[])
        .ends_with(0)
        .tells(&["0 added", "2 left earlier and were not brought back"]);
    letter.run(&["send"]).complains_of(&[]);

    assert_eq!(letter.outbox().len(), 0);
    assert_eq!(evidence(&letter, "eve@example.org")["consent"], "withdrawn");
    assert_eq!(
        evidence(&letter, "bob@example.org")["suppressed"],
        "hard-bounce"
    );
}

#[test]
fn a_list_of_listmonk_tells_who_is_blocklisted() {
    let letter = Newsletter::empty();
    let list = "uuid,email,name,attributes,status,created_at,updated_at\n\
        u1,ada@example.org,Ada,\"{\"\"city\"\": \"\"Montreal\"\"}\",enabled,2023-01-02 15:04:05.9 +0000 UTC,2023-01-02 15:04:05 +0000 UTC\n\
        u2,eve@example.org,Eve,{},blocklisted,2023-01-02 15:04:05 +0000 UTC,2023-01-02 15:04:05 +0000 UTC\n";

    import(&letter, list, &[])
        .ends_with(65)
        .complains_of(&["nothing in it says", "--basis"]);
    import(&letter, list, &SAID)
        .ends_with(0)
        .tells(&["listmonk"]);

    assert_eq!(
        everybody(&letter),
        ["ada@example.org express", "eve@example.org withdrawn"]
    );
}

#[test]
fn a_list_of_substack_tells_who_wants_no_mail() {
    let letter = Newsletter::empty();
    let list = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n\
        ada@example.org,false,,other,false,2025-01-01T00:00:00.000Z,\n\
        eve@example.org,true,2027-01-01T00:00:00.000Z,yearly,true,2025-01-01T00:00:00.000Z,2025-01-01T00:00:00.000Z\n";

    import(&letter, list, &SAID)
        .ends_with(0)
        .tells(&["Substack"]);

    assert_eq!(
        everybody(&letter),
        ["ada@example.org express", "eve@example.org withdrawn"]
    );
}

#[test]
fn a_list_of_ghost_tells_who_wants_no_mail() {
    let letter = Newsletter::empty();
    let list = "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\r\n\
        1,ada@example.org,Ada,,true,false,,2024-03-01T09:30:00.000Z,,,\r\n\
        2,bob@example.org,Bob,,false,false,,2024-03-02T09:30:00.000Z,,,\r\n\
        3,eve@example.org,Eve,,true,false,,2024-03-02T09:30:00.000Z,2025-03-02T09:30:00.000Z,,\r\n";

    import(&letter, list, &SAID).ends_with(0).tells(&["Ghost"]);

    assert_eq!(
        everybody(&letter),
        [
            "ada@example.org express",
            "bob@example.org withdrawn",
            "eve@example.org withdrawn"
        ]
    );
}

#[test]
fn a_list_of_buttondown_tells_who_is_what() {
    let letter = Newsletter::empty();
    let list = "id,email_address,notes,metadata,tags,type,source,creation_date,ip_address\n\
        1,ada@example.org,,{},,regular,organic,2024-03-01T09:30:00Z,192.0.2.9\n\
        2,bob@example.org,,{},,unactivated,organic,2024-03-01T09:30:00Z,\n\
        3,eve@example.org,,{},,unsubscribed,organic,2024-03-01T09:30:00Z,\n\
        4,joe@example.org,,{},,undeliverable,organic,2024-03-01T09:30:00Z,\n";

    import(&letter, list, &SAID)
        .ends_with(0)
        .tells(&["Buttondown"]);

    assert_eq!(
        everybody(&letter),
        [
            "ada@example.org express",
            "bob@example.org pending",
            "eve@example.org withdrawn",
            "joe@example.org pending"
        ]
    );
    let ada = evidence(&letter, "ada@example.org");
    assert_eq!(ada["ledger"][0]["evidence"]["ip"], "192.0.2.9");
}
