//! Every rule there is.

use super::atom::AtomRule;
use super::common::FeedRule;
use super::finding::About;
use super::http::HttpRule;
use super::json::JsonRule;
use super::mail::rule::MailRule;
use super::media::MediaRule;
use super::opml::OpmlRule;
use super::page::PageRule;
use super::post::PostRule;
use super::rss::RssRule;
use super::xml::XmlRule;

/// All rules, family by family.
pub fn all() -> Vec<&'static About> {
    let posts = PostRule::ALL.iter().map(|rule| rule.about());
    let feeds = FeedRule::ALL.iter().map(|rule| rule.about());
    let xml = XmlRule::ALL.iter().map(|rule| rule.about());
    let rss = RssRule::ALL.iter().map(|rule| rule.about());
    let atom = AtomRule::ALL.iter().map(|rule| rule.about());
    let json = JsonRule::ALL.iter().map(|rule| rule.about());
    let media = MediaRule::ALL.iter().map(|rule| rule.about());
    let opml = OpmlRule::ALL.iter().map(|rule| rule.about());
    let pages = PageRule::ALL.iter().map(|rule| rule.about());
    let mail = MailRule::ALL.iter().map(|rule| rule.about());
    let http = HttpRule::ALL.iter().map(|rule| rule.about());
    posts
        .chain(feeds)
        .chain(xml)
        .chain(rss)
        .chain(atom)
        .chain(json)
        .chain(media)
        .chain(opml)
        .chain(pages)
        .chain(http)
        .chain(mail)
        .collect()
}
