//! `courrier subscribers export`: everybody, for leaving us or for a spreadsheet.

use std::io::{self, BufWriter, Write};

use super::evidence::value_of;
use crate::commands::context::{Context, print};
use crate::commands::exit::Exit;
use crate::commands::report::Failure;
use crate::store::database::Store;
use crate::store::people::Person;
use crate::subscriber::consent::Consent;
use crate::subscriber::recipient::SubscriberId;
use crate::subscriber::sheet::writer::Writer;

/// Write everybody to standard output, as CSV
///
/// One line a person, with the newest evidence of their consent; `import` reads
/// it again. With --json, one object a line with everything that is kept.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {}

pub async fn export(_: &ExportArgs, store: &Store, context: &Context) -> Result<Exit, Failure> {
    if context.json {
        return everything(store).await;
    }
    let mut list = Writer::new(BufWriter::new(io::stdout())).map_err(|error| unwritten(&error))?;
    let mut last = SubscriberId(0);
    loop {
        let people = store.people(last).await?;
        let Some(newest) = people.last() else {
            break;
        };
        last = newest.subscriber.id;
        let real = people.iter().filter(|person| !is_invented(person));
        if !written(real, &mut list)? {
            return Ok(Exit::Done);
        }
    }
    match list.finish() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(Exit::Done),
    }
}

async fn everything(store: &Store) -> Result<Exit, Failure> {
    let mut last = SubscriberId(0);
    loop {
        let people = store.people(last).await?;
        let Some(newest) = people.last() else {
            return Ok(Exit::Done);
        };
        last = newest.subscriber.id;
        for person in people.iter().filter(|person| !is_invented(person)) {
            let dossier = store.dossier(person.subscriber.id).await?;
            print(&value_of(&dossier).to_string())?;
        }
    }
}

fn is_invented(person: &Person) -> bool {
    person.subscriber.standing.consent == Consent::Sample
}

/// False where nobody reads on: they have seen enough.
fn written<'a>(
    people: impl Iterator<Item = &'a Person>,
    list: &mut Writer<impl Write>,
) -> Result<bool, Failure> {
    for person in people {
        match list.add(&person.subscriber, &person.line) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
            Err(error) => return Err(unwritten(&error)),
            Ok(()) => {}
        }
    }
    Ok(true)
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::io("cannot write the list", error)
}
