//! Settings: flag, else environment, else `node.toml` in the home, else built in.

use std::{env, fs};

use api::{ErrorCode, Failure, SettingRow};
use serde_json::{Value, json};

use crate::home::Home;

/// The port on which a node listens, unless something else is said or it is taken.
pub const PORT: u16 = 4917;

/// Where a node listens while nothing is said.
const LISTEN: [&str; 4] = [
    "/ip4/0.0.0.0/tcp/4917",
    "/ip4/0.0.0.0/udp/4917/quic-v1",
    "/ip6/::/tcp/4917",
    "/ip6/::/udp/4917/quic-v1",
];

/// Where it listens where the usual port is taken.
pub(crate) const FREE_PORTS: [&str; 2] = ["/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1"];

const CONNECTIONS_MAX: u32 = 256;
const LOG_LEVEL: &str = "warn";

/// What was said on the command line.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// A multiaddr each; empty if nothing was said. What is said here goes before every other
    /// source.
    pub listen: Vec<String>,
    /// A log level; none if nothing was said.
    pub log: Option<String>,
}

/// The settings of a home as they hold: each from the first of its sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Multiaddrs to listen on, of TCP or QUIC.
    pub listen: Vec<String>,
    /// Whether no source said where to listen, so that another port than the usual will do.
    pub listen_is_default: bool,
    /// Multiaddrs that others are told beside those listened on, as of a router that forwards.
    pub announce: Vec<String>,
    /// Connections at one time, above zero. Peers that the engine has named are let in beyond it.
    pub connections_max: u32,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: String,
    /// Each setting with its value and its source, the home's directory first.
    pub rows: Vec<SettingRow>,
}

const NAMES: [&str; 4] = ["net.listen", "net.announce", "net.connections_max", "log.level"];
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

impl Config {
    /// The settings of a home, or what is wrong with the first that is wrong.
    pub fn read(home: &Home, overrides: &Overrides) -> Result<Self, Failure> {
        Self::checked(Self::look(home, overrides))
    }

    /// Each setting with its source and what is wrong with it, for a person to mend.
    pub fn look(home: &Home, overrides: &Overrides) -> Vec<SettingRow> {
        let path = home.path().join("node.toml");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|error| error.to_string()),
        };
        let (file, problem) = match text.and_then(|text| settings(&text)) {
            Ok(file) => (file, None),
            Err(why) => (Vec::new(), Some(format!("{}: {why}", path.display()))),
        };
        let row = |name: &str, value, source: &str, problem| SettingRow {
            name: name.to_owned(),
            value,
            source: source.to_owned(),
            problem,
        };
        let mut rows = vec![row("home", json!(home.path()), home.source(), None)];
        rows.extend(problem.map(|why| row("node.toml", json!(path), "file", Some(why))));
        rows.extend(rows_of(overrides, |name| env::var(name).ok(), &file));
        rows
    }

    fn checked(rows: Vec<SettingRow>) -> Result<Self, Failure> {
        if let Some(problem) = rows.iter().find_map(|row| row.problem.clone()) {
            return Err(Failure::because(ErrorCode::BadConfig, problem));
        }
        let row = |name: &str| rows.iter().find(|row| row.name == name);
        let value = |name: &str| row(name).map(|row| row.value.clone()).unwrap_or_default();
        Ok(Self {
            listen: texts(&value("net.listen")),
            listen_is_default: row("net.listen").is_some_and(|row| row.source == "built in"),
            announce: texts(&value("net.announce")),
            connections_max: number(&value("net.connections_max")).unwrap_or(CONNECTIONS_MAX),
            log_level: value("log.level").as_str().unwrap_or(LOG_LEVEL).to_owned(),
            rows,
        })
    }
}

/// Every setting from the first of its sources, and what is in the file and is none.
fn rows_of(
    overrides: &Overrides,
    environment: impl Fn(&str) -> Option<String>,
    file: &[(String, Value)],
) -> Vec<SettingRow> {
    let flags = |name: &str| match name {
        "net.listen" if !overrides.listen.is_empty() => Some(json!(overrides.listen)),
        "log.level" => overrides.log.as_ref().map(|level| json!(level)),
        _ => None,
    };
    let built_in = |name: &str| match name {
        "net.listen" => json!(LISTEN),
        "net.announce" => json!([]),
        "net.connections_max" => json!(CONNECTIONS_MAX),
        _ => json!(LOG_LEVEL),
    };
    let mut rows = Vec::new();
    for name in NAMES {
        let variable = format!("GROUNDWORK_{}", name.replace('.', "_").to_uppercase());
        let in_file = file.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let (value, source) = if let Some(value) = flags(name) {
            (value, "flag")
        } else if let Some(text) = environment(&variable).filter(|text| !text.is_empty()) {
            (from_text(name, &text), "environment")
        } else if let Some(value) = in_file {
            (value.clone(), "file")
        } else {
            (built_in(name), "built in")
        };
        let (name, problem) = (name.to_owned(), problem(name, &value));
        rows.push(SettingRow { name, value, source: source.to_owned(), problem });
    }
    let unknown_ones = file.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
    rows.extend(unknown_ones.map(|(name, value)| SettingRow {
        name: name.clone(),
        value: value.clone(),
        source: "file".to_owned(),
        problem: Some(unknown(name)),
    }));
    rows
}

/// What is wrong with a value.
fn problem(name: &str, value: &Value) -> Option<String> {
    match name {
        "net.listen" | "net.announce" => {
            let one = |value: &&Value| {
                value.as_str().is_none_or(|text| net::parse_address(text).is_none())
            };
            let bad = match value {
                Value::Array(values) => values.iter().find(one),
                value => Some(value).filter(one),
            };
            bad.map(|bad| format!("{name}: {bad} is no address like /ip4/192.0.2.7/tcp/{PORT}"))
        }
        "net.connections_max" => match number(value) {
            Some(_) => None,
            None => Some(format!("{name} is a number above zero, not {value}")),
        },
        _ => match value.as_str().is_some_and(|level| LEVELS.contains(&level)) {
            true => None,
            false => Some(format!("{name} is one of {}, not {value}", LEVELS.join(", "))),
        },
    }
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

/// One text, or several in a list.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(values) => values.iter().filter_map(text).collect(),
        value => text(value).into_iter().collect(),
    }
}

/// A setting from the environment: several addresses have commas between them.
fn from_text(name: &str, text: &str) -> Value {
    match name {
        "net.listen" | "net.announce" => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            json!(parts.collect::<Vec<_>>())
        }
        "net.connections_max" => text.trim().parse::<u64>().map_or(json!(text), |n| json!(n)),
        _ => json!(text.trim()),
    }
}

/// What a file sets: (name, value), known or not.
fn settings(text: &str) -> Result<Vec<(String, Value)>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.matches('\n').count() + 1, error.message())
    })?;
    let json = |value| serde_json::to_value(value).unwrap_or_default();
    let mut settings = Vec::new();
    for (group, values) in table {
        match values {
            toml::Value::Table(values) => settings.extend(
                values.into_iter().map(|(key, value)| (format!("{group}.{key}"), json(value))),
            ),
            value => settings.push((group, json(value))),
        }
    }
    Ok(settings)
}

fn unknown(name: &str) -> String {
    let nearest = NAMES.iter().min_by_key(|known| distance(known, name)).copied();
    format!("there is no setting {name}; the nearest is {}", nearest.unwrap_or_default())
}

/// How many characters differ (Levenshtein).
pub fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, one) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, other) in b.chars().enumerate() {
            let cost = before + usize::from(one != other);
            before = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(before + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)], listen: &[&str]) -> Result<Config, Failure> {
        let listen = listen.iter().map(|text| (*text).to_owned()).collect();
        let overrides = Overrides { listen, log: None };
        let find = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::checked(rows_of(&overrides, find, &settings(file).unwrap()))
    }

    #[test]
    fn the_nearest_source_wins() {
        let file = "[net]\nlisten = [\"/ip4/127.0.0.1/tcp/1\"]\n[log]\nlevel = \"info\"\n";
        let environment = [("GROUNDWORK_NET_LISTEN", "/ip4/127.0.0.1/tcp/2")];
        let source = |config: &Config| config.rows[0].source.clone();
        let all = read(file, &environment, &["/ip4/127.0.0.1/tcp/3"]).unwrap();
        assert_eq!((all.listen[0].as_str(), source(&all)), ("/ip4/127.0.0.1/tcp/3", "flag".into()));
        let two = read(file, &environment, &[]).unwrap();
        assert_eq!(two.listen, ["/ip4/127.0.0.1/tcp/2"]);
        let one = read(file, &[], &[]).unwrap();
        assert_eq!(
            (one.listen[0].as_str(), one.log_level.as_str()),
            ("/ip4/127.0.0.1/tcp/1", "info")
        );
        let none = read("", &[], &[]).unwrap();
        assert!(none.listen_is_default && none.listen.len() == 4);
    }

    #[test]
    fn an_unknown_setting_names_the_nearest() {
        let failure = read("[net]\nlissen = []\n", &[], &[]).unwrap_err();
        assert!(failure.message.contains("net.listen"), "{}", failure.message);
        assert!(read("[net]\nlisten = 7\n", &[], &[]).is_err());
        assert!(read("[net]\nconnections_max = 0\n", &[], &[]).is_err());
        assert!(read("[log]\nlevel = \"loud\"\n", &[], &[]).is_err());
    }

    #[test]
    fn the_example_is_what_is_built_in() {
        let example = include_str!("../../../config/node.toml");
        let config = read(example, &[], &[]).unwrap();
        assert!(config.listen_is_default, "every line of the example is a comment");
        let lines = example.lines().filter_map(|line| line.strip_prefix("# "));
        let settings = lines.filter(|line| line.contains(" = ") || line.starts_with('['));
        let shown = settings.collect::<Vec<_>>().join("\n");
        let shown = read(&shown, &[], &[]).unwrap();
        let built_in = read("", &[], &[]).unwrap();
        assert_eq!(shown.listen, built_in.listen);
        assert_eq!(shown.connections_max, built_in.connections_max);
        assert_eq!(shown.log_level, built_in.log_level);
    }
}
