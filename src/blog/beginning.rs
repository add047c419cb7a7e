//! What the beginning of a file says of its post: of most posts nobody has to know more.

use super::file::File;
use super::front_matter::parse::parse;
use super::head::Head;
use super::page::NotAPost;
use super::plain::plain_text;
use super::reader::Reader;
use super::source::Source;
use super::text::decode_beginning;

/// What has to be known of one file of `source`, from its first bytes, `beginning`:
/// nothing where the rest is needed too, or where there is something to say to the
/// editor.
pub fn head(file: &File, source: &Source, beginning: &[u8]) -> Option<Result<Head, NotAPost>> {
    let lengths = [FRONT.min(beginning.len()), beginning.len()];
    let mut texts = lengths
        .into_iter()
        .filter_map(|end| decode_beginning(&beginning[..end]));
    texts.find_map(|text| head_of(file, source, &text))
}

/// Bytes in which most posts have their front matter.
const FRONT: usize = 1024;

/// The head of the post whose file begins with `text`.
fn head_of(file: &File, source: &Source, text: &str) -> Option<Result<Head, NotAPost>> {
    let front = parse(text).ok().flatten()?;
    let is_complete = front.body < text.len();
    let title = front.fields.text(&["title"]).map(plain_text)?;
    if !is_complete || title.is_empty() || !front.warnings.is_empty() {
        return None;
    }
    let fields = source.complete(&file.path, front.fields);
    let mut reader = Reader::new(file, source, text, &fields);
    if let Some(why) = reader.no_post() {
        return Some(Err(why));
    }
    let head = reader.head(&title);
    let is_quiet = reader.problems.is_empty() && reader.warnings.is_empty() && reader.has_date();
    is_quiet.then_some(Ok(head))
}
