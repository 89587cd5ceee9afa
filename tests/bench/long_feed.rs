//! Receiving one post in a feed of 10,000, beside one in a feed of 100.

use crate::{
    figures::{Report, Times, ratio},
    push::Line,
    stage::{Stage, TCP, fill_and_meet},
};

const POSTS: usize = 100;

/// Posts in the small feed.
const FEW: usize = 100;

/// The aim for the ratio of the medians: what a post costs is not to grow with the feed.
const RATIO: f64 = 1.5;

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let great = stage.take_great();
    let mut small = fill_and_meet(stage.directory(), "small", TCP, FEW);
    let mut lines = [Line::new(&small.pair, 4), Line::new(&great.pair, 5)];
    let mut times = [Times::default(), Times::default()];
    for _ in 0..POSTS {
        for (line, times) in lines.iter_mut().zip(&mut times) {
            times.add(line.post());
        }
    }
    drop(lines);
    for (times, posts) in times.iter().zip([small.posts, great.posts]) {
        report.row(&format!("post until shown, in a feed of {posts}"), times.text());
    }
    let ratio = ratio(times[1].median(), times[0].median());
    let aim = format!("<= {RATIO}");
    report.aimed("ratio of the medians", &format!("{ratio:.2}"), &aim, ratio <= RATIO);
    small.pair.bo.stop();
    small.pair.ana.stop();
    stage.put_back(great);
}
