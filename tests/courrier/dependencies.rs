//! What the program is made of: licences, sources, and what must not come in (`deny.toml`).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::real;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What cargo says, without asking anybody.
fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command
        .current_dir(project())
        .args(args)
        .args(["--locked", "--offline"]);
    real::succeeds(&mut command)
}

fn packages() -> Vec<Value> {
    let told = cargo(&["metadata", "--format-version", "1"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    told["packages"].as_array().unwrap().clone()
}

fn deny() -> toml::Table {
    let text = std::fs::read_to_string(project().join("deny.toml")).unwrap();
    text.parse().unwrap()
}

/// Whether one of the licences that a package offers is allowed (`A OR B`, `A AND B`).
fn is_allowed(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let licence = licence.replace('/', " OR ").replace(['(', ')'], "");
    licence
        .split(" OR ")
        .any(|all| all.split(" AND ").all(|one| allowed.contains(one.trim())))
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed_and_comes_from_the_registry() {
    let (deny, packages) = (deny(), packages());
    let allowed = deny["licenses"]["allow"].as_array().unwrap();
    let allowed: BTreeSet<&str> = allowed.iter().map(|it| it.as_str().unwrap()).collect();
    assert!(packages.len() > 200, "{}", packages.len());
    for package in packages
        .iter()
        .filter(|package| package["name"] != "courrier")
    {
        let name = &package["name"];
        let source = package["source"].as_str().unwrap_or("a folder");
        assert!(
            source.starts_with("registry+"),
            "{name} comes from {source}"
        );
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(
            is_allowed(licence, &allowed),
            "{name} has the licence {licence}"
        );
    }
}

#[test]
fn nothing_that_is_banned_is_built() {
    let tree = cargo(&[
        "tree", "--target", "all", "--edges", "all", "--prefix", "none",
    ]);
    let built: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(built.contains("rustls"), "{tree}");
    let deny = deny();
    let banned = deny["bans"]["deny"].as_array().unwrap();
    assert!(!banned.is_empty());
    for ban in banned {
        let name = ban["crate"].as_str().unwrap();
        assert!(!built.contains(name), "{name} is banned: {}", ban["reason"]);
    }
}
