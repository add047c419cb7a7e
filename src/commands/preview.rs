//! `courrier preview`: the next issue in a browser, while it is written.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use tokio::net::TcpListener;

use super::context::{Context, print};
use super::exit::Exit;
use super::picture_lines::troubles;
use super::pictures::Pictures;
use super::report::Failure;
use super::trial::try_out;
use super::watch::Watch;
use super::{note_order, tried_links};
use crate::address::EmailAddress;
use crate::key::Key;
use crate::problem::Problem;
use crate::web::preview::export;
use crate::web::preview::picture::{FindingLine, Picture, Scene};
use crate::web::preview::server::serve;
use crate::web::preview::studio::{Act, Acts, Later, Studio};

/// Show the next issue in a browser, and what is to be mended, while you write
///
/// The page shows what would be sent, byte for byte, and loads again by itself when a
/// post, a template, a file of words or config.toml changes. It answers this machine
/// alone. Nothing is sent but a test that you ask for. Ctrl-C ends it.
#[derive(Debug, clap::Args)]
pub struct PreviewArgs {
    /// The port to listen on; a free one where it is not set
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    port: u16,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// Write the page and the issue in each language as files into this folder, and end
    #[arg(long, value_name = "DIR", conflicts_with_all = ["port", "open"])]
    export: Option<PathBuf>,
}

pub async fn preview(
    args: &PreviewArgs,
    (config, now): (&Path, Option<DateTime<Utc>>),
    context: &Context,
) -> Result<Exit, Failure> {
    let pictures = Pictures::new(config, now);
    if let Some(folder) = &args.export {
        return write(folder, &pictures, context).await;
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let help = "leave --port away, and a free one is taken";
        let message = format!("cannot listen on port {}: {error}", args.port);
        Failure::new(Exit::Usage, Problem::new(message, help))
    })?;
    let random = |error| Failure::io("cannot begin", &error);
    let port = listener.local_addr().map_err(random)?.port();
    let key = key().map_err(random)?;
    let studio = Arc::new(studio(&pictures));
    watch(&pictures, studio.clone(), context)?;
    let address = format!("http://127.0.0.1:{port}/{key}/");
    context.say(
        &format!("{address}\nCtrl-C ends the preview."),
        &serde_json::json!({ "address": address }),
    )?;
    if args.open {
        open(&address, context);
    }
    let served = serve(listener, &key, studio).await;
    served.map_err(|error| Failure::io("the preview ended", &error))?;
    Ok(Exit::Done)
}

/// The first part of every address: other people on this machine cannot guess it.
fn key() -> std::io::Result<String> {
    let key = Key::generate()?;
    Ok(HEXLOWER.encode(&key.expose()[..12]))
}

fn studio(pictures: &Pictures) -> Studio {
    let sending = pictures.clone();
    let send = move |scene: Scene, to: String| {
        let pictures = sending.clone();
        Box::pin(async move {
            let sent = send(&pictures, &scene, &to).await;
            sent.map_err(|failure| troubles(&failure))
        }) as _
    };
    Studio::new(Acts {
        make: act(pictures, picture),
        send: Box::new(send),
        note: act(pictures, write_order),
        links: act(pictures, broken_links),
    })
}

/// What `does` does, as the page asks for it.
fn act<T, F>(pictures: &Pictures, does: fn(Pictures, Scene) -> F) -> Act<T>
where
    T: 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let pictures = pictures.clone();
    Box::new(move |scene: Scene| {
        let done = does(pictures.clone(), scene);
        Box::pin(async move { done.await.map_err(|failure| troubles(&failure)) }) as Later<T>
    })
}

async fn picture(pictures: Pictures, scene: Scene) -> Result<Picture, Failure> {
    Ok(pictures.proof(&scene).await?.picture)
}

/// Writes the order that is tried into the note, and says where.
async fn write_order(pictures: Pictures, scene: Scene) -> Result<String, Failure> {
    let proof = pictures.proof(&scene).await?;
    let (pinned, held) = scene.order().unwrap_or_default();
    let path = note_order::write((&pinned, &held), proof.number, &proof.context)?;
    Ok(format!("Written into {}", path.display()))
}

/// The links that lead nowhere, but for those to what is made when the issue is sent.
async fn broken_links(pictures: Pictures, scene: Scene) -> Result<Vec<FindingLine>, Failure> {
    let proof = pictures.proof(&scene).await?;
    let site = &proof.context.config.site.url;
    let unsubscribe = proof.unsubscribe.split(":token").next();
    let to_come = [
        unsubscribe.unwrap_or_default().to_owned(),
        proof.context.address("issues/"),
        proof.context.address("events/"),
    ];
    let broken = tried_links::broken(&proof.picture.html, site, &to_come).await;
    broken.map_err(|error| {
        let help = error.help();
        Failure::new(Exit::Unreachable, Problem::new(error.to_string(), help))
    })
}

/// Sends a test as `courrier send --test` does, and says what became of it.
async fn send(pictures: &Pictures, scene: &Scene, to: &str) -> Result<String, Failure> {
    let wrong = |problem| Failure::new(Exit::Usage, problem);
    let address: EmailAddress = to.parse().map_err(|_| {
        let help = "write one like ada@example.org";
        wrong(Problem::new(format!("`{to}` is no address"), help))
    })?;
    let context = pictures.context(scene)?;
    let language = scene.language.as_deref().and_then(|tag| tag.parse().ok());
    let sent = try_out(&address, (language.as_ref(), false), &context).await?;
    Ok(match sent {
        Some(issue) => format!("A test of issue {issue} went to {address}."),
        None => "No post is new, so there is nothing to test.".to_owned(),
    })
}

/// Tells the page of each change, from now on.
fn watch(pictures: &Pictures, studio: Arc<Studio>, context: &Context) -> Result<(), Failure> {
    let mut watch =
        Watch::begin(context).map_err(|problem| Failure::new(Exit::Storage, problem))?;
    let pictures = pictures.clone();
    tokio::spawn(async move {
        loop {
            watch.change().await;
            studio.tell();
            // Where the settings are wrong for now, things lie where they lay.
            if let Ok(context) = pictures.context(&Scene::default()) {
                watch.follow(&context);
            }
        }
    });
    Ok(())
}

/// By the program of the desktop that opens addresses.
fn open(address: &str, context: &Context) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let began = std::process::Command::new(program).arg(address).spawn();
    if let Err(error) = began {
        let help = "open the address yourself";
        context.warn(&[Problem::new(format!("cannot run {program}: {error}"), help)]);
    }
}

async fn write(folder: &Path, pictures: &Pictures, context: &Context) -> Result<Exit, Failure> {
    let first = pictures.proof(&Scene::default()).await?.picture;
    let mut all = vec![];
    for language in &first.languages {
        let scene = Scene {
            language: Some(language.tag.clone()),
            ..Scene::default()
        };
        all.push(pictures.proof(&scene).await?.picture);
    }
    let mut written = vec![];
    for (name, text) in export::files(&all) {
        let path = folder.join(name);
        context.publish(&path, text.as_bytes())?;
        written.push(path);
    }
    if context.json {
        context.say("", &serde_json::json!({ "files": written }))?;
    } else if !context.quiet {
        print(&format!("{}", folder.join("index.html").display()))?;
    }
    Ok(Exit::Done)
}
