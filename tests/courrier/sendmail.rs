//! The transport `sendmail`: a program that takes one message on its stdin.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::newsletter::{LATER, Newsletter, files_below};

/// A `sendmail` that keeps its arguments and its stdin in `sent/`, and ends with `code`.
fn letter_with_sendmail(code: i32) -> Newsletter {
    let mut letter = Newsletter::with_readers(2);
    let sent = letter.path("sent");
    fs::create_dir(&sent).unwrap();
    let script = format!(
        "#!/bin/sh\nname=$(mktemp -p '{}')\nprintf '%s\\n' \"$@\" > \"$name.args\"\ncat > \"$name.eml\"\nexit {code}\n",
        sent.display()
    );
    letter.write("sendmail", script);
    fs::set_permissions(letter.path("sendmail"), fs::Permissions::from_mode(0o755)).unwrap();
    letter.set("newsletter", "transport", "\"sendmail\"");
    let command = letter.path("sendmail");
    letter.set("sendmail", "command", &format!("{command:?}"));
    letter
}

#[test]
fn sendmail_is_called_once_for_each_reader_with_that_reader_alone() {
    let letter = letter_with_sendmail(0);

    letter.run(&["send"]).ends_with(0);

    let calls = files_below(&letter.path("sent"), "args");
    assert_eq!(calls.len(), 2);
    for call in calls {
        let args = fs::read_to_string(&call).unwrap();
        let message = fs::read_to_string(call.with_extension("eml")).unwrap();
        let readers = args.lines().filter(|arg| arg.starts_with("reader"));
        let [reader] = readers.collect::<Vec<_>>()[..] else {
            panic!("not one reader: {args}")
        };
        assert!(
            args.lines().any(|arg| arg == "-i" || arg == "-oi"),
            "a line of one dot must not end the message: {args}"
        );
        assert!(
            message.contains("multipart/alternative") && message.contains(reader),
            "{message}"
        );
    }
}

#[test]
fn a_second_send_does_not_call_sendmail_again() {
    let letter = letter_with_sendmail(0);
    letter.run(&["send"]).ends_with(0);

    letter.run(&["send"]).ends_with(0);

    assert_eq!(files_below(&letter.path("sent"), "args").len(), 2);
}

#[test]
fn a_sendmail_that_says_later_leaves_the_delivery_for_the_next_run() {
    let letter = letter_with_sendmail(75);

    letter.run(&["send"]).ends_with(75);

    assert_eq!(letter.state_of("reader00000@example.org"), "deferred");
}

#[test]
fn a_sendmail_that_is_not_there_is_named_and_nothing_is_lost() {
    let mut letter = letter_with_sendmail(0);
    let right = format!("{:?}", letter.path("sendmail"));
    letter.set("sendmail", "command", "\"/nonexistent/sendmail\"");

    let ran = letter
        .run(&["send"])
        .complains_of(&["/nonexistent/sendmail"]);
    assert!([69, 78].contains(&ran.code.unwrap()), "{ran:?}");
    letter.set("sendmail", "command", &right);
    letter.now = LATER;
    letter.run(&["send"]).ends_with(0);

    assert_eq!(files_below(&letter.path("sent"), "args").len(), 2);
}
