//! What `courrier --version` says of this build: its commit and its features.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=COURRIER_COMMIT");
    // A build for trying out is not made again after each commit.
    let is_release = std::env::var("PROFILE").as_deref() == Ok("release");
    if is_release {
        println!("cargo::rerun-if-changed=.git/logs/HEAD");
    }
    let commit = is_release.then(commit).flatten();
    let target = std::env::var("TARGET").unwrap_or_default();
    println!(
        "cargo::rustc-env=COURRIER_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
    println!("cargo::rustc-env=COURRIER_FEATURES={}", features());
    println!("cargo::rustc-env=COURRIER_TARGET={target}");
}

/// The features of Cargo.toml that are in, without the list of those that are in by default.
fn features() -> String {
    let names = std::env::vars().filter_map(|(name, _)| {
        let name = name.strip_prefix("CARGO_FEATURE_")?;
        (name != "DEFAULT").then(|| name.to_lowercase().replace('_', "-"))
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    if names.is_empty() {
        names.push("none".to_owned());
    }
    names.join(", ")
}

/// As whoever packages it says, else of git, else of the package that cargo made.
fn commit() -> Option<String> {
    std::env::var("COURRIER_COMMIT")
        .ok()
        .or_else(of_git)
        .or_else(of_package)
        .filter(|commit| !commit.is_empty())
}

fn of_git() -> Option<String> {
    // A tarball that lies in somebody else's repository has not its commit.
    std::fs::metadata(".git").ok()?;
    let asked = Command::new("git")
        .args([
            "describe",
            "--always",
            "--dirty",
            "--abbrev=12",
            "--exclude=*",
        ])
        .output()
        .ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    asked.status.success().then(|| said.trim().to_owned())
}

fn of_package() -> Option<String> {
    let info = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = info.split_once("\"sha1\"")?;
    rest.split('"').nth(1)?.get(..12).map(str::to_owned)
}
