//! Which crate may stand on which: the table, and one test for each package.

use std::collections::{BTreeMap, BTreeSet};

use super::{assert_none, assert_one, tree};

/// A row of the table.
pub(super) struct Row {
    /// The directory in `crates/`, and the package.
    pub(super) name: &'static str,
    /// No clock, no ambient randomness, no file, socket or thread.
    pub(super) is_pure: bool,
    arrows: &'static [&'static str],
}

impl Row {
    /// The rows that its arrows lead to.
    pub(super) fn arrows(&self) -> impl Iterator<Item = &'static Row> {
        HOUSE.iter().filter(|row| self.arrows.contains(&row.name))
    }
}

/// Makes `HOUSE`, and for each package a test called after it.
macro_rules! house {
    ($($name:ident: $kind:ident -> [$($arrow:ident),*];)*) => {
        /// Every crate, what it is, and which crates it stands on; what these stand on, too.
        pub(super) const HOUSE: &[Row] = &[$(Row {
            name: stringify!($name),
            is_pure: house!(@$kind),
            arrows: &[$(stringify!($arrow)),*],
        }),*];

        mod of {
            $(#[test]
            fn $name() {
                super::assert_none(&super::of_package(stringify!($name)));
            })*
        }
    };
    (@pure) => { true };
    (@edge) => { false };
}

house! {
    ledger: pure -> [];
    seal: pure -> [ledger];
    charter: pure -> [ledger];
    documents: pure -> [ledger];
    store: pure -> [ledger];
    replica: pure -> [charter, store];
    content: pure -> [replica, seal, documents];
    sync: pure -> [ledger];
    api: pure -> [];
    engine: pure -> [content, sync, api];
    disk: edge -> [store];
    net: edge -> [engine];
    node: edge -> [engine, net, disk, api];
    cli: edge -> [api, node];
}

/// The packages that a manifest names, by table (`dependencies`, `dev-dependencies`, …).
pub(super) fn dependencies(manifest: &toml::Table, root: &toml::Table) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (kind, key, value) in named(manifest) {
        let known = found.entry(package(key, value, root)).or_insert_with(|| kind.to_owned());
        if kind != "dev-dependencies" {
            kind.clone_into(known);
        }
    }
    found
}

/// What a manifest says of each package that it names: table, key, value.
pub(super) fn named(manifest: &toml::Table) -> Vec<(&str, &str, &toml::Value)> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flatten().filter_map(|(_, target)| target.as_table());
    let mut found = Vec::new();
    for (kind, all) in [manifest].into_iter().chain(targets).flatten() {
        if kind.ends_with("dependencies") {
            let all = all.as_table().into_iter().flatten();
            found.extend(all.map(|(key, one)| (kind.as_str(), key.as_str(), one)));
        }
    }
    found
}

/// The package that a dependency means: its key may be a new name for it.
pub(super) fn package(key: &str, value: &toml::Value, root: &toml::Table) -> String {
    let shared = root["workspace"].get("dependencies").and_then(|all| all.get(key));
    let inherits = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    let meant = if inherits { shared.unwrap_or(value) } else { value };
    meant.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}

/// The crates that `name` may stand on: along the arrows, as far as they lead.
fn below(name: &str) -> BTreeSet<&'static str> {
    let row = HOUSE.iter().find(|row| row.name == name).expect("a row of the table");
    let further = row.arrows.iter().flat_map(|arrow| below(arrow));
    row.arrows.iter().copied().chain(further).collect()
}

/// Whether a package is of this workspace: a crate of the house, or its tests.
pub(super) fn is_ours(package: &str) -> bool {
    package == "tests" || HOUSE.iter().any(|row| row.name == package)
}

fn wrong_arrows(name: &str, manifest: &toml::Table, root: &toml::Table) -> Vec<String> {
    let allowed = below(name);
    dependencies(manifest, root)
        .keys()
        .filter(|package| is_ours(package) && !allowed.contains(package.as_str()))
        .map(|other| format!("{name} stands on {other}: no arrow leads there"))
        .collect()
}

/// A manifest must take the lints of the workspace, and carry the package's name.
fn wrong_package(name: &str, manifest: &toml::Table) -> Vec<String> {
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    let package = manifest["package"].get("name").and_then(toml::Value::as_str);
    let mut problems = Vec::new();
    if lints.and_then(toml::Value::as_bool) != Some(true) {
        problems.push(format!("{name}: `lints.workspace = true` is missing"));
    }
    if package != Some(name) {
        problems.push(format!("{name}: the package is called {package:?}"));
    }
    problems
}

/// The manifest at a path of the tree.
pub(super) fn manifest(path: &str) -> toml::Table {
    tree::read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn of_package(name: &str) -> Vec<String> {
    let manifest = manifest(&format!("crates/{name}/Cargo.toml"));
    let root = self::manifest("Cargo.toml");
    [wrong_package(name, &manifest), wrong_arrows(name, &manifest, &root)].concat()
}

/// The directories in `crates/` that are not a row, and the other way round.
fn wrong_rows(paths: &[String]) -> Vec<String> {
    let manifests = paths.iter().filter_map(|path| path.strip_prefix("crates/"));
    let crates: BTreeSet<&str> =
        manifests.filter_map(|path| path.strip_suffix("/Cargo.toml")).collect();
    let rows: BTreeSet<&str> = HOUSE.iter().map(|row| row.name).collect();
    crates.symmetric_difference(&rows).map(|name| format!("{name}: crates/ or table")).collect()
}

#[test]
fn every_crate_has_a_row() {
    assert_none(&wrong_rows(&tree::paths()));
}

#[test]
fn arrows_make_no_circle() {
    for (at, row) in HOUSE.iter().enumerate() {
        let earlier: Vec<&str> = HOUSE[..at].iter().map(|row| row.name).collect();
        assert!(row.arrows.iter().all(|arrow| earlier.contains(arrow)), "{}", row.name);
    }
}

#[test]
fn wrong_ones_are_found() {
    let root = manifest("Cargo.toml");
    let wrong = |name: &str, text: &str| {
        let manifest: toml::Table = text.parse().unwrap();
        wrong_arrows(name, &manifest, &root)
    };
    assert_none(&wrong("content", "[dependencies]\nledger.workspace = true\nserde = \"1\"\n"));
    assert_none(&wrong("engine", "[dev-dependencies]\nstore.workspace = true\n"));
    assert_one(
        &wrong("ledger", "[dependencies]\nstore.workspace = true\n"),
        "ledger stands on store",
    );
    assert_one(
        &wrong("sync", "[dev-dependencies]\nseal.workspace = true\n"),
        "sync stands on seal",
    );
    let renamed = "[build-dependencies]\nx = { path = \"../api\", package = \"api\" }\n";
    assert_one(&wrong("disk", renamed), "disk stands on api");
    let for_target = "[target.'cfg(unix)'.dependencies]\nnode.workspace = true\n";
    assert_one(&wrong("net", for_target), "net stands on node");

    let bare: toml::Table = "[package]\nname = \"ledger\"\n".parse().unwrap();
    assert_one(&wrong_package("ledger", &bare), "lints");
    let other =
        "[package]\nname = \"groundwork-ledger\"\n[lints]\nworkspace = true\n".parse().unwrap();
    assert_one(&wrong_package("ledger", &other), "is called");

    let mut paths = tree::paths();
    paths.push("crates/extra/Cargo.toml".to_owned());
    assert_one(&wrong_rows(&paths), "extra");
    paths.retain(|path| path != "crates/extra/Cargo.toml" && path != "crates/api/Cargo.toml");
    assert_one(&wrong_rows(&paths), "api");
}
