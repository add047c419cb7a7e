//! RSS 2.0.

use chrono::{DateTime, FixedOffset};
use roxmltree::Node;
use url::Url;

use super::common::{self, FeedRule, Seen};
use super::finding::{About, Found, Severity, rules};
use super::tree::{at, has_base, languages, named, own_address, repeated, text};

rules! { RssRule
    Version Warning "rss/version"
        "The first element says `version=\"2.0\"`"
        "Readers go by what they find; the W3C's validator judges by other rules."
        "Write `<rss version=\"2.0\">`."
        "RSS 2.0, Required channel elements; Profile §4.1"
    Channel Error "rss/channel"
        "`rss` holds exactly one `channel`"
        "Readers find no entries, or those of one channel alone."
        "Put everything into one `channel`; make a feed of its own for each other."
        "RSS Best Practices Profile §4.1"
    Missing Error "rss/missing-element"
        "The channel has a title, a link and a description"
        "Some readers refuse the feed, or show its address instead of a name."
        "Add the element."
        "RSS 2.0, Required channel elements"
    Duplicate Error "rss/duplicate-element"
        "What may be said once is said once"
        "Some readers take the first, some the last."
        "Leave one of them."
        "RSS Best Practices Profile §4; W3C feed validator, DuplicateElement"
    Order Warning "rss/items-first"
        "Items come after all that the channel says of itself"
        "Readers that read as they go do not know the feed yet when its items come."
        "Write the elements of the channel before the first `item`."
        "RSS Best Practices Profile §4.1.1"
    Date Error "rss/date"
        "Dates are written as in `Thu, 17 Jan 2019 00:00:00 +0000`"
        "The entry has no date, or that of the day it was fetched, and stands in the wrong place."
        "Write RFC 822 dates: English names, the right day of the week, a zone in digits or `GMT`."
        "RSS Best Practices Profile §3.2; RFC 822 §5"
    Weekday Error "rss/weekday"
        "The day of the week is that of the date"
        "Strict readers have no date for the entry."
        "Leave the day of the week out, or let a library write the date."
        "RFC 822 §5.2; W3C feed validator, IncorrectDOW"
    Empty Error "rss/empty-item"
        "An item has a title or a description"
        "Readers have nothing to show."
        "Give it a title."
        "RSS 2.0, Elements of item"
    NoGuid Warning "rss/no-guid"
        "Every item has a `guid`"
        "Readers make up an id from link, title or date: an edit of these shows the post again."
        "Add `<guid isPermaLink=\"false\">` with an id that never changes."
        "RSS Best Practices Profile §4.1.1.20.6; W3C feed validator, MissingGuid"
    Guid Error "rss/guid-not-address"
        "A `guid` that is no address says `isPermaLink=\"false\"`"
        "Readers that take it for an address open nothing."
        "Write `<guid isPermaLink=\"false\">`."
        "RSS 2.0, guid; W3C feed validator, InvalidHttpGUID"
    Address Error "rss/relative-link"
        "Links are whole addresses"
        "Readers resolve them against different addresses, or not at all."
        "Write `https://` and the domain."
        "RSS 2.0, Comments; RSS Best Practices Profile §3.4"
    Author Error "rss/author-without-mail"
        "`author`, `managingEditor` and `webMaster` hold an e-mail address"
        "Readers that expect one show no author, or half of the name."
        "Write `mail@example.org (Name)`, or `<dc:creator>Name</dc:creator>` where no address is to be shown."
        "RSS Best Practices Profile §3.3, §5.3.1; W3C feed validator, InvalidContact"
    Enclosure Error "rss/enclosure"
        "An enclosure has a whole address, a length in bytes and a media type"
        "Podcast programs do not offer or do not fetch the recording."
        "Write `<enclosure url=\"https://…\" length=\"12345\" type=\"audio/mpeg\"/>`; a length that is not known is 0."
        "RSS 2.0, enclosure; Profile §4.1.1.20.5"
    Enclosures Warning "rss/many-enclosures"
        "An item has one enclosure at most"
        "Some readers take the first, some the last."
        "Make an item for each recording, or add the others with Media RSS."
        "RSS Best Practices Profile §4.1.1.20.5"
    Description Warning "rss/description-after-content"
        "`description` stands before `content:encoded`"
        "Some readers show what comes last: the summary in place of the text."
        "Write the summary first."
        "RSS Best Practices Profile §5.2.1; W3C feed validator, NeedDescriptionBeforeContent"
    Image Error "rss/image"
        "The image of a channel has an address, a title and a link, and is at most 144 by 400"
        "Readers show no image."
        "Add `url`, `title` and `link` to `image`; the title and the link are those of the channel."
        "RSS 2.0, image; Profile §4.1.1.9"
    Unknown Warning "rss/unknown-element"
        "Elements without a prefix are those of RSS"
        "No reader knows it: what it says is lost."
        "Take it away, or give it the prefix of the module that defines it."
        "RSS 2.0, Extending RSS; Profile §1"
}

const CHANNEL_ONCE: &[&str] = &[
    "title",
    "link",
    "description",
    "language",
    "copyright",
    "managingEditor",
    "webMaster",
    "pubDate",
    "lastBuildDate",
    "generator",
    "docs",
    "cloud",
    "ttl",
    "image",
    "rating",
    "textInput",
    "skipHours",
    "skipDays",
];
const ITEM_ONCE: &[&str] = &[
    "title",
    "link",
    "description",
    "author",
    "comments",
    "guid",
    "pubDate",
    "source",
];
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";

/// Everything that is wrong with the document below `root`, an `rss` element.
pub fn judge(root: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let mut found = languages(root);
    if root.attribute("version") != Some("2.0") {
        let version = root.attribute("version").unwrap_or("none");
        found.push(RssRule::Version.at(at(root), format!("the version is {version}")));
    }
    let channels: Vec<_> = named(root, "", "channel").collect();
    let [channel] = channels[..] else {
        found.push(RssRule::Channel.at(at(root), format!("there are {} channels", channels.len())));
        return found;
    };
    let items: Vec<_> = named(channel, "", "item").collect();
    found.extend(of_channel(channel, seen));
    found.extend(items.iter().flat_map(|item| of_item(*item, seen)));
    let ids: Vec<_> = items
        .iter()
        .filter_map(|item| named(*item, "", "guid").next())
        .map(|guid| (at(guid), text(guid)))
        .collect();
    found.extend(common::duplicate_ids(
        ids.iter().map(|(at, id)| (*at, id.as_str())),
    ));
    found
}

fn of_channel(channel: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let mut found = vec![];
    for name in ["title", "link", "description"] {
        if named(channel, "", name).next().is_none() {
            found.push(RssRule::Missing.at(at(channel), format!("the channel has no {name}")));
        }
    }
    found.extend(once(channel, CHANNEL_ONCE));
    found.extend(unknown(channel, CHANNEL_ONCE, &["category", "item"]));
    found.extend(common::own_address(own_address(channel), seen));
    found.extend(
        named(channel, "", "language").filter_map(|node| common::language(at(node), &text(node))),
    );
    found.extend(dates(channel, &["pubDate", "lastBuildDate"], seen));
    found.extend(addresses(channel, &["link"]));
    found.extend(contacts(channel, &["managingEditor", "webMaster"]));
    found.extend(named(channel, "", "image").flat_map(image));
    let mut after = channel
        .children()
        .filter(Node::is_element)
        .skip_while(|node| !node.has_tag_name("item"));
    // Modules may stand anywhere.
    if let Some(late) =
        after.find(|node| !node.has_tag_name("item") && node.tag_name().namespace().is_none())
    {
        let says = format!("`{}` stands after the first item", late.tag_name().name());
        found.push(RssRule::Order.at(at(late), says));
    }
    found
}

fn of_item(item: Node<'_, '_>, seen: &Seen) -> Vec<Found> {
    let mut found = once(item, ITEM_ONCE);
    found.extend(unknown(item, ITEM_ONCE, &["category", "enclosure"]));
    found.extend(dates(item, &["pubDate"], seen));
    found.extend(addresses(item, &["link", "comments"]));
    found.extend(contacts(item, &["author"]));
    found.extend(titles(item));
    found.extend(guid(item));
    found.extend(enclosures(item));
    let description = named(item, "", "description").next();
    let content = named(item, CONTENT, "encoded").next();
    for html in description.into_iter().chain(content) {
        found.extend(common::body(at(html), &text(html), has_base(html)));
    }
    if let (Some(description), Some(content)) = (description, content)
        && at(content) < at(description)
    {
        found.push(RssRule::Description.at(
            at(description),
            "`description` stands after `content:encoded`",
        ));
    }
    found
}

fn titles(item: Node<'_, '_>) -> Option<Found> {
    let shows = |name| named(item, "", name).any(|node| !text(node).is_empty());
    match named(item, "", "title").next() {
        _ if !shows("title") && !shows("description") => {
            Some(RssRule::Empty.at(at(item), "this item has neither title nor description"))
        }
        Some(title) => common::title(at(title), &text(title)),
        None => Some(FeedRule::NoTitle.at(at(item), "this entry has no title")),
    }
}

fn once(parent: Node<'_, '_>, names: &[&'static str]) -> Vec<Found> {
    let again = repeated(parent, "", names).into_iter();
    again
        .map(|(at, name)| RssRule::Duplicate.at(at, format!("`{name}` stands here twice")))
        .collect()
}

fn unknown(parent: Node<'_, '_>, names: &[&str], more: &[&str]) -> Vec<Found> {
    let plain = parent
        .children()
        .filter(|node| node.is_element() && node.tag_name().namespace().is_none());
    let strange = plain.filter(|node| {
        let name = node.tag_name().name();
        !names.contains(&name) && !more.contains(&name)
    });
    strange
        .map(|node| {
            RssRule::Unknown.at(
                at(node),
                format!("RSS has no element `{}`", node.tag_name().name()),
            )
        })
        .collect()
}

fn dates(parent: Node<'_, '_>, names: &[&'static str], seen: &Seen) -> Vec<Found> {
    let nodes = names.iter().flat_map(|name| named(parent, "", name));
    nodes
        .filter_map(|node| match read_date(&text(node)) {
            Ok(date) => common::date(at(node), date, seen),
            Err(rule) => Some(rule.at(
                at(node),
                format!("`{}` is no date as RSS has them", text(node)),
            )),
        })
        .collect()
}

/// An RFC 822 date; the rule that it breaks where it is none.
fn read_date(text: &str) -> Result<DateTime<FixedOffset>, RssRule> {
    let read = |text: &str| DateTime::parse_from_rfc2822(text.trim());
    read(text).map_err(|_| match text.split_once(',') {
        // What is right but for the day of the week is another mistake.
        Some((_, date)) if read(date).is_ok() && is_weekday(text) => RssRule::Weekday,
        _ => RssRule::Date,
    })
}

fn is_weekday(text: &str) -> bool {
    let days = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    days.iter().any(|day| text.starts_with(day))
}

fn addresses(parent: Node<'_, '_>, names: &[&'static str]) -> Vec<Found> {
    let nodes = names.iter().flat_map(|name| named(parent, "", name));
    let relative = nodes.filter(|node| {
        let text = text(*node);
        !text.is_empty() && Url::parse(&text).is_err()
    });
    relative
        .map(|node| RssRule::Address.at(at(node), format!("`{}` is no whole address", text(node))))
        .collect()
}

fn contacts(parent: Node<'_, '_>, names: &[&'static str]) -> Vec<Found> {
    let nodes = names.iter().flat_map(|name| named(parent, "", name));
    let without = nodes.filter(|node| !text(*node).contains('@'));
    without
        .map(|node| {
            let says = format!(
                "`{}` holds `{}`, which is no e-mail address",
                node.tag_name().name(),
                text(node)
            );
            RssRule::Author.at(at(node), says)
        })
        .collect()
}

fn guid(item: Node<'_, '_>) -> Option<Found> {
    let Some(guid) = named(item, "", "guid")
        .next()
        .filter(|guid| !text(*guid).is_empty())
    else {
        return Some(RssRule::NoGuid.at(at(item), "this item has no `guid`"));
    };
    let is_link = guid
        .attribute("isPermaLink")
        .is_none_or(|value| value == "true");
    let is_address =
        Url::parse(&text(guid)).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let says = || format!("the guid `{}` is no address", text(guid));
    (is_link && !is_address).then(|| RssRule::Guid.at(at(guid), says()))
}

fn enclosures(item: Node<'_, '_>) -> Vec<Found> {
    let all: Vec<_> = named(item, "", "enclosure").collect();
    let mut found: Vec<Found> = all.iter().filter_map(|node| enclosure(*node)).collect();
    if let Some(second) = all.get(1) {
        let says = format!("this item has {} enclosures", all.len());
        found.push(RssRule::Enclosures.at(at(*second), says));
    }
    found
}

fn enclosure(node: Node<'_, '_>) -> Option<Found> {
    let value = |name| node.attribute(name).unwrap_or_default();
    let checks = [
        (Url::parse(value("url")).is_ok(), "url", "no whole address"),
        (
            value("length").parse::<u64>().is_ok(),
            "length",
            "no number of bytes",
        ),
        (value("type").contains('/'), "type", "no media type"),
    ];
    let (_, name, what) = checks.into_iter().find(|(is_good, _, _)| !is_good)?;
    Some(RssRule::Enclosure.at(at(node), format!("the {name} `{}` is {what}", value(name))))
}

fn image(image: Node<'_, '_>) -> Option<Found> {
    let missing = ["url", "title", "link"]
        .into_iter()
        .find(|name| named(image, "", name).all(|node| text(node).is_empty()));
    let size = |name, most: u32| {
        let mut sizes = named(image, "", name).filter_map(|node| text(node).parse::<u32>().ok());
        sizes.any(|size| size > most)
    };
    let says = match missing {
        Some(name) => format!("the image has no {name}"),
        None if size("width", 144) || size("height", 400) => {
            "the image is larger than 144 by 400".to_owned()
        }
        None => return None,
    };
    Some(RssRule::Image.at(at(image), says))
}
