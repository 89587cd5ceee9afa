//! From a question to its durable answer, beside a bare append of the same size.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    bare::Bare,
    figures::{Report, Times, ms},
    person::Person,
    socket::Socket,
    stage::{Stage, TCP},
    text::Writer,
};

const POSTS: usize = 300;

/// Posts of the command line, which is a process each.
const COMMANDS: usize = 50;

/// What an answer may take beside two fdatasync.
const BESIDE: Duration = Duration::from_millis(5);

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let mut ana = Person::new(stage.directory(), "post", TCP);
    ana.json("found 'Elm Street' --me Ana");
    ana.up();
    let (mut socket, mut writer) = (Socket::open(&ana), Writer::new(2));
    let bytes = bytes_of_post(&ana.home(), || _ = socket.post(&writer.post()));
    let mut bare = Bare::new(stage.directory(), bytes);
    let (mut posts, mut appends) = (Times::default(), Times::default());
    for _ in 0..POSTS {
        appends.add(bare.append());
        let text = writer.post();
        let since = Instant::now();
        socket.post(&text);
        posts.add(since.elapsed());
    }
    report.row(&format!("append {bytes} bytes and fdatasync"), appends.text());
    report.row("post, by the local API", posts.text());
    report.ratio("ratio of the medians", &posts, &appends);
    let most = appends.median() * 2 + BESIDE;
    let aim = format!("2 fdatasync + 5 ms = {}", ms(most));
    report.aimed("post, median", &ms(posts.median()), &aim, posts.median() <= most);
    let (mut commands, mut appends) = (Times::default(), Times::default());
    for _ in 0..COMMANDS {
        appends.add(bare.append());
        let words = ["post".to_owned(), writer.post(), "--json".to_owned()];
        let since = Instant::now();
        let said = ana.run(&words, None);
        commands.add(since.elapsed());
        assert_eq!(said.exit(), 0, "{}", said.stderr);
    }
    report.row("post, by the command line beside a running node", commands.text());
    report.ratio("ratio of the medians", &commands, &appends);
    ana.stop();
}

/// By how much a post makes the entry file longer.
fn bytes_of_post(home: &Path, mut post: impl FnMut()) -> usize {
    const TIMES: usize = 20;
    let length = || {
        let files = std::fs::read_dir(home.join("entries")).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    let before = length();
    (0..TIMES).for_each(|_| post());
    usize::try_from(length() - before).unwrap() / TIMES
}
