//! Starts logging, reads the command line, runs it, sets the exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use courrier::commands::Courrier;
use courrier::commands::exit::Exit;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let exit = match Courrier::read() {
        Ok(courrier) => {
            begin_log(courrier.log());
            run(courrier)
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

/// A server answers many at once. All else waits for others: two threads would wake
/// each other for each message that leaves, which costs a third of the speed.
fn run(courrier: Courrier) -> Exit {
    let mut runtime = if courrier.is_server() {
        Builder::new_multi_thread()
    } else {
        Builder::new_current_thread()
    };
    match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(courrier.run()),
        Err(error) => {
            eprintln!("error: the system gives no threads: {error}");
            Exit::Storage
        }
    }
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
