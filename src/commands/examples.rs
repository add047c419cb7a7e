//! Examples of each command, below its `--help` and in its man page. A test parses them all.

use clap::Command;

/// A command, and lines that can be typed as they are.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "run",
        &["courrier run", "courrier run --quiet --not-after 20:00"],
    ),
    (
        "build",
        &[
            "courrier build",
            "courrier build --dry-run",
            "courrier build --import-ids https://example.org/feed.xml",
            "courrier build --site ../site --inject ../site",
        ],
    ),
    (
        "check",
        &[
            "courrier check",
            "courrier check --mail",
            "courrier check https://example.org/feed.xml",
            "courrier check --explain rss/date",
        ],
    ),
    ("ping", &["courrier ping"]),
    (
        "publish",
        &["courrier publish", "courrier publish --dry-run"],
    ),
    (
        "posts",
        &["courrier posts", "courrier posts --at 2026-12-24T09:00:00Z"],
    ),
    (
        "digest",
        &[
            "courrier digest",
            "courrier digest --out preview",
            "courrier digest plan",
        ],
    ),
    (
        "digest new",
        &["courrier digest new", "courrier digest new november"],
    ),
    ("digest plan", &["courrier digest plan"]),
    ("digest approve", &["courrier digest approve 7"]),
    ("digest pause", &["courrier digest pause 7"]),
    ("digest resume", &["courrier digest resume 7"]),
    ("digest cancel", &["courrier digest cancel 7"]),
    (
        "preview",
        &[
            "courrier preview --open",
            "courrier preview --export review",
        ],
    ),
    (
        "send",
        &["courrier send", "courrier send --test ada@example.org"],
    ),
    ("serve", &["courrier serve"]),
    (
        "status",
        &[
            "courrier status",
            "courrier status --not-received --issue 7",
        ],
    ),
    ("subscribers", &["courrier subscribers list"]),
    (
        "subscribers add",
        &["courrier subscribers add ada@example.org --consent \"form on the site, 2026-11-22\""],
    ),
    (
        "subscribers remove",
        &["courrier subscribers remove ada@example.org"],
    ),
    (
        "subscribers list",
        &[
            "courrier subscribers list",
            "courrier --json subscribers list",
        ],
    ),
    (
        "subscribers import",
        &["courrier subscribers import readers.csv"],
    ),
    ("subscribers export", &["courrier subscribers export"]),
    (
        "subscribers show",
        &["courrier subscribers show ada@example.org"],
    ),
    (
        "subscribers change",
        &["courrier subscribers change ada@example.org --language fr"],
    ),
    (
        "subscribers pause",
        &["courrier subscribers pause ada@example.org --until 2027-03-01"],
    ),
    (
        "subscribers resume",
        &["courrier subscribers resume ada@example.org"],
    ),
    (
        "subscribers evidence",
        &["courrier subscribers evidence ada@example.org"],
    ),
    ("subscribers expiring", &["courrier subscribers expiring"]),
    (
        "subscribers remind",
        &[
            "courrier subscribers remind --dry-run",
            "courrier subscribers remind --within 8w",
        ],
    ),
    (
        "subscribers forget",
        &["courrier subscribers forget ada@example.org"],
    ),
    ("key", &["courrier key list"]),
    ("key list", &["courrier key list"]),
    (
        "key rotate",
        &["courrier key rotate", "courrier key rotate --leaked"],
    ),
    ("bounces", &["courrier bounces read"]),
    (
        "bounces read",
        &["courrier bounces read", "courrier bounces read ~/Maildir"],
    ),
    ("bounces list", &["courrier bounces list"]),
    ("dkim", &["courrier dkim new letter2026"]),
    (
        "dkim new",
        &[
            "courrier dkim new letter2026",
            "courrier dkim new letter2026-ed --algorithm ed25519",
        ],
    ),
    ("dkim records", &["courrier dkim records"]),
    (
        "dkim check",
        &[
            "courrier dkim check letter2026",
            "courrier dkim check letter2026 --resolver 9.9.9.9:53",
        ],
    ),
    ("work", &["courrier work", "courrier work --once"]),
    (
        "store",
        &["courrier store migrate --to postgres://courrier@db.example.org/courrier"],
    ),
    (
        "store migrate",
        &["courrier store migrate --to postgres://courrier@db.example.org/courrier"],
    ),
    ("ledger", &["courrier ledger dump"]),
    ("ledger dump", &["courrier ledger dump"]),
    ("ledger reconcile", &["courrier ledger reconcile"]),
    (
        "ledger resolve",
        &["courrier ledger resolve --from /var/log/mail.log"],
    ),
    ("backup", &["courrier backup courrier-2026-11-22.db"]),
    (
        "doctor",
        &[
            "courrier doctor",
            "courrier doctor dns --resolver 9.9.9.9:53",
            "courrier --json doctor --offline",
        ],
    ),
    (
        "init",
        &[
            "courrier init letter",
            "courrier init letter --templates --deploy",
        ],
    ),
    (
        "completions",
        &[
            "courrier completions bash > ~/.local/share/bash-completion/completions/courrier",
            "courrier completions zsh > ~/.zfunc/_courrier",
            "courrier completions fish > ~/.config/fish/completions/courrier.fish",
        ],
    ),
    (
        "man",
        &[
            "courrier man | man -l -",
            "courrier man ~/.local/share/man/man1",
        ],
    ),
];

/// `root` with the examples below the help of each command.
pub fn with_examples(root: Command) -> Command {
    EXAMPLES.iter().fold(root, |root, (name, lines)| {
        let words: Vec<&str> = name.split(' ').collect();
        below(root, &words, lines)
    })
}

fn below(command: Command, words: &[&str], lines: &[&str]) -> Command {
    match words {
        [] => {
            let examples = lines.iter().map(|line| format!("\n  {line}"));
            let before = command.get_after_help().map(|text| format!("{text}\n\n"));
            let text = format!(
                "{}Examples:{}",
                before.unwrap_or_default(),
                examples.collect::<String>()
            );
            command.after_help(text)
        }
        // A command that is not in this build has no page either.
        [first, ..] if command.find_subcommand(first).is_none() => command,
        [first, rest @ ..] => command.mut_subcommand(*first, |inner| below(inner, rest, lines)),
    }
}
