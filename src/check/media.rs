//! Media RSS, in feeds of either XML format.

use roxmltree::Node;
use url::Url;

use super::finding::{About, Found, Severity, rules};
use super::tree::{at, named};

rules! { MediaRule
    Address Error "media/address"
        "`media:content` and `media:thumbnail` have the whole address of what they show"
        "Readers show no picture, or look for it at their own address."
        "Write `url=\"https://…\"`; what can only be played in a page has a `media:player` with one."
        "Media RSS 1.5.1, media:content, media:thumbnail"
    Kind Warning "media/kind"
        "`media:content` says what it is: `medium`, or the `type` of the file"
        "Readers do not know whether to show, to play or to skip it."
        "Write `medium=\"image\"` (audio, video, document, executable), or a media type like `image/jpeg`."
        "Media RSS 1.5.1, media:content"
    Size Warning "media/number"
        "Sizes are plain numbers"
        "Readers leave out the picture, or guess how large it is."
        "Write `width=\"640\"`, without a unit; `fileSize` is in bytes."
        "Media RSS 1.5.1, media:content, media:thumbnail"
}

const MEDIA: &str = "http://search.yahoo.com/mrss/";
const MEDIUMS: [&str; 5] = ["image", "audio", "video", "document", "executable"];
const NUMBERS: [&str; 6] = [
    "width", "height", "fileSize", "duration", "bitrate", "channels",
];

/// What is wrong with Media RSS anywhere below `root`.
pub fn judge(root: Node<'_, '_>) -> Vec<Found> {
    let is_media = |node: &Node<'_, '_>| node.tag_name().namespace() == Some(MEDIA);
    let nodes = root.descendants().filter(is_media);
    nodes
        .flat_map(|node| match node.tag_name().name() {
            "content" if is_wrapper(node) => [None, None, number(node)],
            "content" if node.attribute("url").is_none() => [address(node), None, None],
            "content" => [address(node), kind(node), number(node)],
            "thumbnail" => [address(node), None, number(node)],
            _ => [None, None, None],
        })
        .flatten()
        .collect()
}

/// Whether it has no file itself, and only holds what can be seen or played.
fn is_wrapper(node: Node<'_, '_>) -> bool {
    let inner = ["player", "thumbnail"].into_iter();
    let mut inner = inner.flat_map(|name| named(node, MEDIA, name));
    node.attribute("url").is_none() && inner.next().is_some()
}

fn address(node: Node<'_, '_>) -> Option<Found> {
    let (name, url) = (node.tag_name().name(), node.attribute("url"));
    let url = url.unwrap_or_default().trim();
    let is_web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    (!is_web).then(|| {
        let says = format!("the url `{url}` of media:{name} is no whole address of the web");
        MediaRule::Address.at(at(node), says)
    })
}

fn kind(node: Node<'_, '_>) -> Option<Found> {
    let says = match (node.attribute("medium"), node.attribute("type")) {
        (None, None) => "media:content says neither `medium` nor `type`".to_owned(),
        (Some(medium), _) if !MEDIUMS.contains(&medium) => format!("there is no medium `{medium}`"),
        (_, Some(kind)) if !kind.contains('/') => format!("`{kind}` is no media type"),
        _ => return None,
    };
    Some(MediaRule::Kind.at(at(node), says))
}

fn number(node: Node<'_, '_>) -> Option<Found> {
    let is_wrong = |name: &&&str| {
        let value = node.attribute(**name);
        value.is_some_and(|value| {
            !value
                .trim()
                .parse::<f64>()
                .is_ok_and(|number| number >= 0.0)
        })
    };
    let name = NUMBERS.iter().find(is_wrong)?;
    let value = node.attribute(*name).unwrap_or_default();
    Some(MediaRule::Size.at(at(node), format!("{name} is `{value}`, and no number")))
}
