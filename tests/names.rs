//! Names are words: whoever takes another's is told from them everywhere, and nobody signs for one
//! person who means another.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::person::{Person, Said, poll_until, program, split};

/// Ana and Bo, who can decide, with their nodes up; Cy, who knocks, under this name.
fn three(within: &std::path::Path, cy: &str) -> [Person; 3] {
    let people = ["ana", "bo", "cy"];
    let mut people = people.map(|name| Person::new(within, name, "/ip4/127.0.0.1/tcp/0"));
    people[0].json("found 'Elm Street' --me Ana");
    let ready = people[0].up();
    people[0].stay_at(&ready);
    let ticket = people[0].json("member invite --knocks 2")["ticket"].clone();
    for (n, name) in [(1, "Bo"), (2, cy)] {
        let said = people[n].run(&split(&format!("join - --me '{name}' --json")), ticket.as_str());
        assert_eq!(said.exit(), 0, "{}", said.stderr);
        people[n].up();
        if n == 1 {
            people[0].json("member vouch Bo");
            poll_until("a say", || {
                (people[1].json("status")["spaces"][0]["say"] == true).then_some(())
            });
        }
    }
    people
}

/// Who knocks, by Ana's list.
fn knocker(ana: &Person) -> Value {
    let rows = ana.json("member list")["rows"].take();
    let rows = rows.as_array().unwrap();
    rows.iter().find(|row| row["state"] == "knocking").expect("somebody who knocks").clone()
}

/// Runs a command in a terminal, where this is typed.
fn typed(person: &Person, words: &str, typed: &str) -> Said {
    let command = person.command(&[]);
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} {words}", program().display()), "/dev/null"]).env_clear();
    script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    script.env("PATH", std::env::var("PATH").unwrap_or_default());
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.spawn().expect("script, of util-linux");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).unwrap();
    // It reads on as long as its input is open, and takes an end for an interrupt.
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    Said {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status,
    }
}

#[test]
fn who_takes_anothers_name_is_told_from_them_and_vouched_for_by_nobody_who_means_the_other() {
    let within = tempfile::tempdir().unwrap();
    // In Cyrillic letters.
    let mut people = three(within.path(), "\u{412}\u{43e}");
    let ana = &people[0];
    for who in ["Bo", "bo", "\u{412}\u{43e}", "B0"] {
        let said = ana.run(&split(&format!("member vouch {who} --json")), None);
        assert_eq!(said.exit(), 2, "{who}: {}", said.stderr);
        let error: Value = serde_json::from_str(said.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(error["error"]["code"], "ambiguous");
        let things = error["error"]["things"].as_array().unwrap();
        assert!(
            things.len() == 2 && things.iter().all(|row| row.as_str().unwrap().contains("me_"))
        );
    }
    let row = knocker(ana);
    assert_eq!((&row["vouches"], &row["invited_by"]["name"]), (&0.into(), &"Ana".into()));
    let marked = |person: &Person| {
        let list = person.run(&["member".to_owned(), "list".to_owned()], None).stdout;
        list.lines().filter(|line| line.contains(" (me_")).count()
    };
    assert_eq!(marked(ana), 2, "both are told apart");
    // As a screen shows it, it can be typed.
    let mark = row["mark"].as_str().unwrap();
    ana.json(&format!("member vouch '\u{412}\u{43e} ({mark})'"));
    people[1].json(&format!("member vouch {mark}"));
    poll_until("Cy to be in", || {
        (people[2].json("status")["spaces"][0]["state"] == "in").then_some(())
    });
    people[2].json("post 'Pay the rent to me'");
    let shown = poll_until("a post", || {
        let feed = people[1].run(&["feed".to_owned()], None).stdout;
        feed.contains("Pay the rent").then_some(feed)
    });
    assert!(shown.contains(&format!("\u{412}\u{43e} ({mark}) in Elm Street")), "{shown}");
    people.iter_mut().for_each(Person::stop);
}

#[test]
fn who_renames_themselves_is_shown_with_what_they_were_called() {
    let within = tempfile::tempdir().unwrap();
    let mut people = three(within.path(), "Cy");
    people[0].json("member vouch Cy");
    poll_until("the knock", || {
        let said = people[1].run(&split("member vouch Cy --json"), None);
        (said.exit() == 0).then_some(())
    });
    poll_until("Cy to be in", || {
        (people[2].json("status")["spaces"][0]["state"] == "in").then_some(())
    });
    for bad in ["Ana (you)", "Ana [you]", "", "  ", "\u{200b}", &"x".repeat(65)] {
        let said = people[2].run(&split(&format!("profile --name '{bad}' --json")), None);
        assert!(said.exit() == 2 && said.stderr.contains("bad-name"), "{bad:?}: {}", said.stderr);
    }
    // What they knocked as is a former name too: those who vouched knew them by it.
    people[2].json("profile --name 'Cyrus'");
    people[2].json("profile --name 'ANA'");
    let of = |name: &str| {
        let rows = people[1].json("member list")["rows"].take();
        rows.as_array().unwrap().iter().find(|row| row["name"] == name).cloned()
    };
    let cy = poll_until("the name", || of("ANA"));
    assert_eq!(cy["former"], serde_json::json!(["Cyrus", "Cy"]));
    let ana = of("Ana").unwrap();
    assert!(cy["mark"].is_string() && ana["mark"].is_string() && cy["mark"] != ana["mark"]);
    people[2].json("post 'I am Ana'");
    let feed = poll_until("a post", || {
        let feed = people[1].run(&["feed".to_owned()], None).stdout;
        feed.contains("I am Ana").then_some(feed)
    });
    let mark = cy["mark"].as_str().unwrap();
    assert!(feed.contains(&format!("ANA ({mark}, was Cyrus, Cy) in")), "{feed}");
    // What one was called lately still means one.
    // As it stands on the screen, too.
    for typed in ["Cy".to_owned(), format!("ANA ({mark}, was Cyrus, Cy)")] {
        assert_eq!(people[1].json(&format!("show '{typed}'"))["member"], cy["member"]);
    }
    let said = people[1].run(&split("show Ana --json"), None);
    assert_eq!(said.exit(), 2, "{}", said.stderr);
    people.iter_mut().for_each(Person::stop);
}

#[test]
fn a_vouch_asks_in_a_terminal_and_says_for_whom() {
    if Command::new("script").arg("--version").output().is_err() {
        println!("SKIPPED: there is no script (util-linux), so no terminal was tried");
        return;
    }
    let within = tempfile::tempdir().unwrap();
    let mut people = three(within.path(), "Cy");
    let said = typed(&people[0], "member vouch Cy", "n\n");
    for part in ["Cy knocks at Elm Street since 20", "Ana invited them", "me_", "[y/N]"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    assert!(said.exit() == 1 && said.stdout.contains("nothing was signed"), "{}", said.stdout);
    assert_eq!(knocker(&people[0])["vouches"], 0);
    let said = typed(&people[0], "member vouch Cy", "y\n");
    assert!(said.exit() == 0 && said.stdout.contains("vouched for Cy"), "{}", said.stdout);
    // Bo says beforehand that it is a yes.
    poll_until("the knock", || {
        let said = typed(&people[1], "member vouch Cy --yes", "");
        assert!(!said.stdout.contains("[y/N]"), "{}", said.stdout);
        said.stdout.contains("vouched for Cy").then_some(())
    });
    people.iter_mut().for_each(Person::stop);
}

/// Whoever is called as a need's code, or as the beginning of somebody's name, is in nobody's way.
#[test]
fn a_name_takes_no_code_and_nobody_is_meant_by_the_beginning_of_it() {
    let within = tempfile::tempdir().unwrap();
    let mut people = three(within.path(), "Bo Smith");
    let said = people[0].run(&split("member vouch Bo --json"), None);
    assert!(said.exit() == 1 && said.stderr.contains("Bo has a say already"), "{}", said.stderr);
    assert_eq!(knocker(&people[0])["vouches"], 0);
    let code = people[0].json("need add 'A ladder'")["code"].as_str().unwrap().to_owned();
    people[1].json(&format!("profile --name {code}"));
    poll_until("the name", || (people[0].json("show Bo")["name"] == code.as_str()).then_some(()));
    assert_eq!(people[0].json(&format!("show {code}"))["code"], code.as_str());
    people[0].json(&format!("need claim {code}"));
    // Said again and again, a new name hides no former one.
    for _ in 0..40 {
        people[1].json(&format!("profile --name {code}"));
    }
    assert_eq!(people[1].json("show Bo")["former"], serde_json::json!(["Bo"]));
    people.iter_mut().for_each(Person::stop);
}
