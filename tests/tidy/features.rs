//! Features of our packages are for tests: no program is ever built with one.
//!
//! `hand-made-roll` gives a replica a roll that no charter says, `sabotage` gives an engine a bug.
//! Cargo keeps what a dev-dependency turns on out of whatever is built without tests.

use super::arrows::{HOUSE, is_ours, manifest, named, package};
use super::{assert_none, assert_one};

/// Where a manifest turns on a feature of ours for more than its own tests.
fn turned_on(name: &str, manifest: &toml::Table, root: &toml::Table) -> Vec<String> {
    let mut problems = Vec::new();
    for (kind, key, value) in named(manifest) {
        let package = package(key, value, root);
        if kind != "dev-dependencies" && is_ours(&package) && value.get("features").is_some() {
            problems.push(format!("{name}: {kind} turns on features of {package}"));
        }
    }
    let features = manifest.get("features").and_then(toml::Value::as_table);
    for (feature, implies) in features.into_iter().flatten() {
        if feature == "default" || implies.as_array().is_none_or(|all| !all.is_empty()) {
            problems.push(format!("{name}: feature {feature} turns on another"));
        }
    }
    problems
}

/// What the root says for all: nothing of the kind, and a resolver that keeps tests apart.
fn turned_on_for_all(root: &toml::Table) -> Vec<String> {
    let workspace = root["workspace"].as_table().expect("a table");
    let mut problems = turned_on("workspace", workspace, root);
    let resolver = workspace.get("resolver").and_then(toml::Value::as_str);
    if !matches!(resolver, Some("2" | "3")) {
        problems.push(format!("resolver {resolver:?} builds programs as tests have them"));
    }
    problems
}

#[test]
fn no_program_has_a_feature_that_is_for_tests() {
    let root = manifest("Cargo.toml");
    let crates = HOUSE.iter().map(|row| format!("crates/{}/Cargo.toml", row.name));
    let of = |path: String| turned_on(&path, &manifest(&path), &root);
    assert_none(&crates.chain(["tests/Cargo.toml".to_owned()]).flat_map(of).collect::<Vec<_>>());
    assert_none(&turned_on_for_all(&root));
}

#[test]
fn features_that_are_turned_on_are_found() {
    let root = manifest("Cargo.toml");
    let found = |text: &str| turned_on("a", &text.parse().unwrap(), &root);
    let roll = "replica = { workspace = true, features = [\"hand-made-roll\"] }\n";
    assert_none(&found(&format!("[dev-dependencies]\n{roll}[features]\nsabotage = []\n")));
    assert_none(&found("[dependencies]\ntokio = { version = \"1\", features = [\"net\"] }\n"));
    assert_one(&found(&format!("[dependencies]\n{roll}")), "features of replica");
    let for_target = format!("[target.'cfg(unix)'.build-dependencies]\n{roll}");
    assert_one(&found(&for_target), "build-dependencies turns on");
    let renamed =
        "[dependencies]\nx = { path = \"x\", package = \"engine\", features = [\"a\"] }\n";
    assert_one(&found(renamed), "features of engine");
    assert_one(&found("[features]\ndefault = []\nsabotage = []\n"), "default");
    let implied = "[features]\nhand-made-roll = []\nfast = [\"replica/hand-made-roll\"]\n";
    assert_one(&found(implied), "feature fast");

    let shared = format!("[workspace]\nresolver = \"3\"\n[workspace.dependencies]\n{roll}");
    assert_one(&turned_on_for_all(&shared.parse().unwrap()), "workspace: dependencies");
    assert_one(&turned_on_for_all(&"[workspace]\n".parse().unwrap()), "resolver");
}
