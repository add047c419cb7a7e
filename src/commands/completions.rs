//! `courrier completions` and `courrier man`: what a shell and `man` want to know.

use std::io::Write;
use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Exit;
use super::report::Failure;

/// Write completions for a shell, to standard output
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Whose
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the man page, or those of all commands into a folder
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Where courrier.1, courrier-build.1 and so on are written; else the first of
    /// them, to standard output
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub fn completions(args: &CompletionsArgs, mut command: Command) -> Result<Exit, Failure> {
    let mut text = vec![];
    clap_complete::generate(args.shell, &mut command, "courrier", &mut text);
    print(&text)
}

pub fn man(args: &ManArgs, command: Command) -> Result<Exit, Failure> {
    let Some(folder) = &args.folder else {
        let mut text = vec![];
        let rendered = Man::new(command).render(&mut text);
        rendered.map_err(|error| Failure::io("cannot write the man page", &error))?;
        return print(&text);
    };
    let written =
        std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written
        .map_err(|error| Failure::io(format!("cannot write to {}", folder.display()), &error))?;
    Ok(Exit::Done)
}

/// Whoever reads no further (`| head`) has seen enough.
fn print(text: &[u8]) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::io("cannot write the result", &error))
        }
        _ => Ok(Exit::Done),
    }
}
