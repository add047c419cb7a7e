//! What stands in the frame of a page: the variables of the templates.

use serde::Serialize;

/// What stands in the frame.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    Answer(Answer),
    Join(Join),
    Choose(Choose),
}

/// The variable `answer`: words, perhaps a button, perhaps links.
#[derive(Default, Serialize)]
pub struct Answer {
    pub lines: Vec<String>,
    pub button: Option<Button>,
    pub links: Vec<Link>,
}

#[derive(Serialize)]
pub struct Button {
    pub url: String,
    pub name: &'static str,
    pub label: String,
    /// What pressing it means.
    pub words: String,
}

#[derive(Serialize)]
pub struct Link {
    pub url: String,
    pub label: String,
}

/// One of several things to choose from.
#[derive(Serialize)]
pub struct Choice {
    pub tag: String,
    pub name: String,
    pub chosen: bool,
}

/// The variable `join` of the templates.
#[derive(Serialize)]
pub struct Join {
    pub url: String,
    pub stamp: String,
    pub email: String,
    pub is_bad: bool,
    pub alert: String,
    pub languages: Vec<Choice>,
    pub cities: Vec<Choice>,
    pub agree: String,
    /// Where the form asks for work.
    pub work: Option<Work>,
}

/// The work that the script of the page does before the form is sent.
#[derive(Serialize)]
pub struct Work {
    pub bits: u32,
    pub script: String,
    /// What those read whose browser runs no script.
    pub without: String,
}

/// The variable `choose` of the templates.
#[derive(Serialize)]
pub struct Choose {
    pub url: String,
    /// Where they can leave.
    pub leave: String,
    pub saved: bool,
    pub languages: Vec<Choice>,
    pub cities: Vec<Choice>,
    pub pauses: Vec<Pause>,
}

#[derive(Serialize)]
pub struct Pause {
    pub value: &'static str,
    pub label: String,
    pub chosen: bool,
}

impl Answer {
    /// Words, and nothing to press.
    pub fn of(lines: Vec<String>) -> Self {
        Self {
            lines,
            ..Self::default()
        }
    }

    /// One with nothing of anybody's, to try the template with.
    pub fn sample() -> Self {
        Self {
            lines: vec![String::new()],
            button: Some(Button {
                url: String::new(),
                name: "sample",
                label: String::new(),
                words: String::new(),
            }),
            links: vec![Link {
                url: String::new(),
                label: String::new(),
            }],
        }
    }
}

impl Join {
    /// As [`Answer::sample`].
    pub fn sample(languages: Vec<Choice>, cities: Vec<Choice>) -> Self {
        Self {
            url: String::new(),
            stamp: String::new(),
            email: String::new(),
            is_bad: true,
            alert: "sample".to_owned(),
            languages,
            cities,
            agree: String::new(),
            work: Some(Work {
                bits: 1,
                script: String::new(),
                without: String::new(),
            }),
        }
    }
}

impl Choose {
    /// As [`Answer::sample`].
    pub fn sample(languages: Vec<Choice>, cities: Vec<Choice>) -> Self {
        Self {
            url: String::new(),
            leave: String::new(),
            saved: true,
            languages,
            cities,
            pauses: vec![Pause {
                value: "none",
                label: String::new(),
                chosen: true,
            }],
        }
    }
}
