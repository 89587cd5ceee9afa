//! Errors of one person alone.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path, process::Stdio};

use api::ErrorCode;

use super::{Reached, person};
use crate::person::{Person, program, split};

/// What can be asked wrongly.
pub(super) fn commands(reached: &mut Reached, ana: &Person) {
    use ErrorCode::*;
    reached.fails(ana, "post Hello", NoSpace);
    reached.fails(ana, "join nonsense --me Ana", BadTicket);
    reached.fails(ana, "found ' ' --me Ana", BadName);
    ana.json("found 'Elm Street' --me Ana");
    let before = (ana.json("feed"), ana.json("status"));
    reached.fails(ana, "post ''", EmptyText);
    reached.fails_with(ana, "post -", &"x".repeat(70_000), TextTooLong);
    reached.spawned(ana, &mut ana.command(&split("post - --json")), b"\xff", NotUtf8);
    let mut argument = ana.command(&split("post --json"));
    reached.spawned(ana, argument.arg(OsStr::from_bytes(b"\xff")), b"", NotUtf8);
    reached.fails(ana, "post Hello --campain x", BadArgument);
    reached.fails(ana, "show xx_1234", BadId);
    reached.fails(ana, "show up_zzzzzzzz", NotFound);
    reached.fails(ana, "post Hello -s Nowhere", UnknownSpace);
    reached.fails(ana, "member vouch Nobody", NotAKnock);
    reached.fails(ana, "need claim ZZZ", NotFound);
    reached.fails(ana, &format!("profile --name {}", "x".repeat(10_000)), BadName);
    reached.fails(ana, "profile --name '\u{1b}[2J'", BadName);
    reached.fails(ana, "sync --with Nobody", UnknownPeer);
    reached.fails(ana, "sync --timeout 0", NobodyReached);
    reached.fails(ana, "node peers", NoNode);
    assert_eq!(before, (ana.json("feed"), ana.json("status")), "nothing has changed");
    let need = ana.json("need add 'A ladder'")["code"].as_str().unwrap().to_owned();
    reached.fails(ana, &format!("need release {need}"), NotClaimed);
    ana.json(&format!("need claim {need}"));
    reached.fails(ana, &format!("need claim {need}"), AlreadyClaimed);
    reached.fails(ana, &format!("need edit {need}"), NothingToChange);
    ana.json(&format!("need edit {need} --status closed"));
    reached.fails(ana, &format!("need claim {need}"), NeedClosed);
    let campaign = ana.json("campaign new Heat")["id"].as_str().unwrap().to_owned();
    reached.fails(ana, &format!("undo {campaign}"), CannotUndo);
    for text in ["a", "b"] {
        ana.json(&format!("campaign edit {campaign} --goal {}", text.repeat(60_000)));
    }
    reached.fails(ana, &format!("campaign edit {campaign} --goal short"), Full);
    reached.fails(ana, "post Hello --wait 1 --timeout 0", TimedOut);
    let ticket = ana.json("member invite")["ticket"].as_str().unwrap().to_owned();
    reached.fails_with(ana, "join - --me Ana", &ticket, AlreadyMember);
}

/// Every file of a directory, with what is in it.
fn files(directory: &Path, found: &mut Vec<(std::path::PathBuf, Vec<u8>)>) {
    let mut listed: Vec<_> =
        fs::read_dir(directory).unwrap().map(|one| one.unwrap().path()).collect();
    listed.sort();
    for path in listed {
        match path.is_dir() {
            true => files(&path, found),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
}

/// Homes that do not open.
pub(super) fn homes(reached: &mut Reached, within: &Path) {
    let newer = person(within, "newer");
    newer.json("found 'Elm Street' --me Ana");
    fs::write(newer.home().join("format"), "groundwork home 2\n").unwrap();
    let all = || {
        let mut found = Vec::new();
        files(&newer.home(), &mut found);
        found
    };
    let before = all();
    reached.fails(&newer, "post Hello", ErrorCode::NewerFormat);
    reached.fails(&newer, "up", ErrorCode::NewerFormat);
    assert!(before == all(), "a newer home was changed");
    let damaged = person(within, "damaged");
    damaged.json("found 'Elm Street' --me Ana");
    fs::write(damaged.home().join("node.key"), "no key").unwrap();
    fs::write(damaged.home().join("copies/node.key"), "no key").unwrap();
    reached.fails(&damaged, "status", ErrorCode::Damaged);
    let nowhere = person(within, "nowhere");
    fs::write(nowhere.home(), "a file, no directory").unwrap();
    reached.fails(&nowhere, "status", ErrorCode::DiskFailed);
    let wrong = person(within, "wrong");
    wrong.json("found 'Elm Street' --me Ana");
    fs::write(wrong.home().join("node.toml"), "[net]\nlissen = []\n").unwrap();
    reached.fails(&wrong, "up", ErrorCode::BadConfig);
    let config = wrong.json("node config");
    let rows = config["rows"].as_array().unwrap();
    assert!(
        rows.iter()
            .any(|row| row["problem"].as_str().is_some_and(|why| why.contains("net.listen")))
    );
    fs::write(wrong.home().join("node.toml"), "[net").unwrap();
    reached.fails(&wrong, "sync", ErrorCode::BadConfig);
    // No file may grow: to this process the disk is full. Its first write is refused.
    let full = person(within, "full");
    full.json("found 'Elm Street' --me Ana");
    let mut shell = full.command(&[]);
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" post Hello --json";
    let mut limited = std::process::Command::new("/bin/sh");
    limited.arg("-c").arg(script).arg(program()).env_clear();
    limited.envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.stdin(Stdio::null());
    reached.spawned(&full, &mut limited, b"", ErrorCode::DiskFull);
}

/// Nodes that do not start, or do not answer.
pub(super) fn nodes(reached: &mut Reached, within: &Path) {
    let away = Person::new(within, "away", "/ip4/192.0.2.1/tcp/1");
    away.json("found 'Elm Street' --me Ana");
    reached.fails(&away, "up", ErrorCode::ListenFailed);
    let mut twice = person(within, "twice");
    twice.json("found 'Elm Street' --me Ana");
    twice.up();
    reached.fails(&twice, "up", ErrorCode::HomeInUse);
    twice.stop_for_now();
    let since = std::time::Instant::now();
    reached.fails(&twice, "post Hello", ErrorCode::HomeInUse);
    assert!(since.elapsed().as_secs() < 8, "five seconds are waited, not more");
    twice.go_on();
    assert!(twice.json("feed")["rows"].as_array().unwrap().is_empty(), "nothing is done later");
    // A socket on which somebody hangs up.
    let gone = person(within, "gone");
    gone.json("found 'Elm Street' --me Ana");
    let socket = within.join("gone.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let running = serde_json::json!({ "pid": 1, "api": socket });
    fs::write(gone.home().join("running.json"), running.to_string()).unwrap();
    reached.fails(&gone, "post Hello", ErrorCode::NodeGone);
}
