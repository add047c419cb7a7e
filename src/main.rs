//! Starts logging, reads the command line, runs it, sets the exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use courrier::commands::Courrier;
use courrier::commands::exit::Exit;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match Courrier::read() {
        Ok(courrier) => {
            begin_log(courrier.log());
            courrier.run().await
        }
        Err(error) => {
            // Help and version are errors to clap, and asked for by people.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            let _ = error.print();
            exit
        }
    };
    ExitCode::from(exit as u8)
}

fn begin_log((level, is_json): (&str, bool)) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if is_json {
        log.json().flatten_event(true).init();
    } else {
        log.init();
    }
}
