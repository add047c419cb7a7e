//! `courrier digest new`: the beginning of a note on the next issue.

use super::context::{Context, print};
use super::exit::Exit;
use super::next_issue::NextIssue;
use super::ready;
use super::report::Failure;
use crate::blog::Wanted;
use crate::issue::IssueNumber;
use crate::language::Language;
use crate::problem::Problem;
use crate::publish::folder::{Access, write};
use crate::store::issues::History;
use crate::templates::files::Templates;

#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// What the file is called; the number of the issue where nothing is said
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// A language beside the site's own; may be given several times
    #[arg(long, value_name = "TAG")]
    language: Vec<Language>,
}

/// Writes a note for each language that has none yet. Nothing that is there is overwritten.
///
/// # Errors
///
/// With exit code 64 where all are there, 74 where one cannot be written.
pub async fn begin(args: &NewArgs, context: &Context) -> Result<Exit, Failure> {
    let history = match context.config.has_store() {
        true => ready::store(context)?.history().await?,
        false => History::default(),
    };
    let blog = context.blog(true, Wanted::All)?;
    let next = NextIssue::decide(&blog, &history, vec![], context)?;
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| format!("{:04}", next.number.get()));
    let folder = context.config.notes();
    let mut files = vec![];
    if !next.has_note(&context.config.site.language) {
        files.push((folder.join(format!("{name}.md")), text(&next)));
    }
    for language in &args.language {
        refuse_unknown(language, context)?;
        if !next.has_note(language) {
            let path = folder.join(format!("{name}.{}.md", language.primary()));
            files.push((path, translation(next.number)));
        }
    }
    let taken =
        |message: String, help: &str| Failure::new(Exit::Usage, Problem::new(message, help));
    if files.is_empty() {
        let message = format!("{} has the note on issue {}", folder.display(), next.number);
        return Err(taken(
            message,
            "edit it; --language begins one in another language",
        ));
    }
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        let message = format!("{} is there already", there.display());
        let help = "it is on another issue: give the new one a name, `courrier digest new NAME`";
        return Err(taken(message, help));
    }
    for (path, text) in &files {
        write(path, text.as_bytes(), Access::Public)
            .map_err(|error| Failure::io(format!("cannot write {}", path.display()), &error))?;
        print(&path.display().to_string())?;
    }
    Ok(Exit::Done)
}

fn refuse_unknown(language: &Language, context: &Context) -> Result<(), Failure> {
    let known = Templates::new(&context.config.templates()).languages();
    let primary = language.primary();
    if known.iter().any(|tag| tag == primary) {
        return Ok(());
    }
    let message = format!("there are no words for the language {language}");
    let help = format!("write them into templates/words/{primary}.toml, as those of en.toml");
    Err(Failure::new(Exit::Usage, Problem::new(message, help)))
}

fn text(next: &NextIssue<'_>) -> String {
    let posts = next
        .posts()
        .map(|post| format!("#   {}: {}\n", post.path, post.title));
    let posts: String = posts.collect();
    format!(
        "---\nissue: {}\n\
         # What stands here without a `#` counts.\n\
         # subject: \"What the mail is called, instead of its first post's title\"\n\
         # preheader: \"What inboxes show beside it\"\n\
         # pin: [a.md, b.md]\n\
         # hold: [c.md]\n\
         # The posts of this issue, as it is now:\n{posts}---\n\n",
        next.number
    )
}

fn translation(number: IssueNumber) -> String {
    format!("---\nissue: {number}\n# subject: \"\"\n# preheader: \"\"\n---\n\n")
}
