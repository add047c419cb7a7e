//! Who makes the pictures, and those that were made.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;

use super::picture::{FindingLine, Picture, Scene, Trouble};

/// Something that takes a while.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, Vec<Trouble>>> + Send>>;
/// Does something with a scene.
pub type Act<T> = Box<dyn Fn(Scene) -> Later<T> + Send + Sync>;

/// What the page can ask for.
pub struct Acts {
    /// Makes the picture of a scene.
    pub make: Act<Picture>,
    /// Sends the message of a scene to an address, and says what became of it.
    pub send: Box<dyn Fn(Scene, String) -> Later<String> + Send + Sync>,
    /// Writes the order of a scene into the editor's note, and says where.
    pub note: Act<String>,
    /// Asks for each address that the message of a scene links to, and says which
    /// lead nowhere.
    pub links: Act<Vec<FindingLine>>,
}

/// Pictures that frames may still ask for.
const KEPT: usize = 24;

/// Makes pictures, keeps the last ones, and tells when there are new ones to make.
pub struct Studio {
    acts: Acts,
    changes: broadcast::Sender<()>,
    kept: Mutex<VecDeque<Arc<Picture>>>,
}

/// A picture, or the last good one with what is wrong now.
#[derive(Debug, Serialize)]
pub struct Answer {
    #[serde(serialize_with = "shown")]
    pub picture: Option<Arc<Picture>>,
    pub problems: Vec<Trouble>,
}

fn shown<S: serde::Serializer>(
    picture: &Option<Arc<Picture>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    picture.as_deref().serialize(serializer)
}

impl Studio {
    pub fn new(acts: Acts) -> Self {
        Self {
            acts,
            changes: broadcast::Sender::new(16),
            kept: Mutex::default(),
        }
    }

    /// The picture of `scene`; where it cannot be made, why, over the last good one.
    pub async fn show(&self, scene: Scene) -> Answer {
        match (self.acts.make)(scene).await {
            Ok(picture) => Answer {
                picture: Some(self.keep(picture)),
                problems: vec![],
            },
            Err(problems) => Answer {
                picture: self.last(),
                problems,
            },
        }
    }

    /// Sends the message of `scene` to the address `to`.
    pub async fn send(&self, scene: Scene, to: String) -> Result<String, Vec<Trouble>> {
        (self.acts.send)(scene, to).await
    }

    /// Writes the order of `scene` into the editor's note.
    pub async fn note(&self, scene: Scene) -> Result<String, Vec<Trouble>> {
        (self.acts.note)(scene).await
    }

    /// The links of `scene` that lead nowhere.
    pub async fn links(&self, scene: Scene) -> Result<Vec<FindingLine>, Vec<Trouble>> {
        (self.acts.links)(scene).await
    }

    /// The picture of that name, while it is kept.
    pub fn picture(&self, id: &str) -> Option<Arc<Picture>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|picture| picture.id == id).cloned()
    }

    /// Something that pictures are made of has changed.
    pub fn tell(&self) {
        // Where nobody looks, nobody is told.
        let _ = self.changes.send(());
    }

    /// Hears of each change from now on.
    pub fn listen(&self) -> broadcast::Receiver<()> {
        self.changes.subscribe()
    }

    fn keep(&self, picture: Picture) -> Arc<Picture> {
        let picture = Arc::new(picture);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|other| other.id != picture.id);
        kept.push_back(picture.clone());
        if kept.len() > KEPT {
            kept.pop_front();
        }
        picture
    }

    fn last(&self) -> Option<Arc<Picture>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.back().cloned()
    }
}
