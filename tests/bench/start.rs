//! How long a node, and a command without one, take to start with 10,000 posts, beside a home
//! with one.

use std::time::Instant;

use crate::{
    figures::{Report, Times},
    person::Person,
    stage::{Stage, TCP},
};

const TIMES: usize = 7;

const COMMANDS: [&str; 3] = ["status", "feed --limit 1", "post 'Is the boiler back?'"];

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let mut small = Person::new(stage.directory(), "start", TCP);
    small.json("found 'Elm Street' --me Ana");
    small.json("post 'one post'");
    let mut great = stage.take_great();
    great.pair.bo.stop();
    let ana = &mut great.pair.ana;
    let (mut few, mut many) = (Times::default(), Times::default());
    for _ in 0..TIMES {
        few.add(up(&mut small));
        ana.stop();
        many.add(up(ana));
    }
    small.stop();
    ana.stop();
    let posts = great.posts;
    report.row("up until ready, 1 post", few.text());
    report.row(&format!("up until ready, {posts} posts"), many.text());
    report.ratio("ratio of the medians", &many, &few);
    for command in COMMANDS {
        let (mut few, mut many) = (Times::default(), Times::default());
        for _ in 0..TIMES {
            for (person, times) in [(&small, &mut few), (&*ana, &mut many)] {
                let since = Instant::now();
                person.json(command);
                times.add(since.elapsed());
            }
        }
        let name = command.split(" '").next().unwrap();
        report.row(&format!("{name}, no node, 1 post"), few.text());
        report.row(&format!("{name}, no node, {posts} posts"), many.text());
        report.ratio("ratio of the medians", &many, &few);
    }
    great.pair.ana_up = great.pair.ana.up();
    great.pair.bo_up = great.pair.bo.up();
    stage.put_back(great);
}

/// Starts a node; how long until it is ready. One that runs is stopped first.
fn up(person: &mut Person) -> std::time::Duration {
    person.stop();
    let since = Instant::now();
    person.up();
    since.elapsed()
}
