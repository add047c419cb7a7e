//! Looking around in the tree of an XML document.

use roxmltree::Node;

use super::common::{self, FeedRule};
use super::finding::Found;
use super::html::{self, Flaw};

pub const ATOM: &str = "http://www.w3.org/2005/Atom";
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The elements of `parent` called `name` in `namespace`; none is `""`.
pub fn named<'a, 'i>(
    parent: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    let is_it = move |node: &Node<'_, '_>| {
        let tag = node.tag_name();
        node.is_element() && tag.name() == name && tag.namespace().unwrap_or_default() == namespace
    };
    parent.children().filter(is_it)
}

/// All text of an element, and of those in it, without blanks around it.
pub fn text(node: Node<'_, '_>) -> String {
    let parts = node.descendants().filter(|node| node.is_text());
    let all: String = parts.filter_map(|node| node.text()).collect();
    all.trim().to_owned()
}

/// The byte where an element begins.
pub fn at(node: Node<'_, '_>) -> usize {
    node.range().start
}

/// Whether addresses in `node` have a base of their own.
pub fn has_base(node: Node<'_, '_>) -> bool {
    node.ancestors()
        .any(|node| node.has_attribute((XML, "base")))
}

/// Elements that may come once and come again.
pub fn repeated(
    parent: Node<'_, '_>,
    namespace: &'static str,
    names: &[&'static str],
) -> Vec<(usize, &'static str)> {
    let second = |name: &&'static str| Some((at(named(parent, namespace, name).nth(1)?), *name));
    names.iter().filter_map(second).collect()
}

/// The flaws of XHTML.
pub fn xhtml(node: Node<'_, '_>) -> Vec<Found> {
    let elements = node.descendants().skip(1).filter(|node| node.is_element());
    let flaws: Vec<Flaw> = elements
        .flat_map(|element| {
            let attributes = element.attributes().map(|it| (it.name(), it.value()));
            html::of_element(element.tag_name().name(), attributes)
        })
        .collect();
    common::flaws(at(node), &flaws, has_base(node))
}

/// The languages that `xml:lang` names.
pub fn languages(root: Node<'_, '_>) -> Vec<Found> {
    let named = root
        .descendants()
        .filter_map(|node| Some((at(node), node.attribute((XML, "lang"))?)));
    // An empty one says that the language is not known (XML 1.0 §2.12).
    let named = named.filter(|(_, code)| !code.is_empty());
    named
        .filter_map(|(at, code)| common::language(at, code))
        .collect()
}

/// The address that an Atom link in `parent` says is the feed's own.
pub fn own_address<'a>(parent: Node<'a, '_>) -> Option<(usize, &'a str)> {
    let mut links = named(parent, ATOM, "link");
    let own = links.find(|link| link.attribute("rel") == Some("self"))?;
    Some((at(own), own.attribute("href")?))
}

/// A document whose format courrier does not judge.
pub fn old(root: Node<'_, '_>, what: &str) -> Vec<Found> {
    vec![FeedRule::Old.at(at(root), format!("the feed is in {what}"))]
}
