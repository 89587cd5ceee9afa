//! A newcomer who was let in meets a node with 10,000 posts.

use crate::{
    figures::{Report, mib, ms},
    stage::Stage,
};

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let great = stage.great();
    let (met, posts) = (&great.met, great.posts as f64);
    let per_second = |time: std::time::Duration| posts / time.as_secs_f64();
    let text = great.text_bytes as f64 / posts;
    report.row("posts", format!("{} of {text:.0} bytes of text", great.posts));
    report.row("posted, 16 at a time", format!("{:.0} posts/s", per_second(great.filling)));
    report.row("newcomer's node until ready", ms(met.ready));
    let all = format!("{:.0} posts/s ({})", per_second(met.all), ms(met.all));
    report.row("from there until all are in the newcomer's feed", all);
    let wire = met.bytes as f64 / posts;
    report.row("bytes on the wire for a post", format!("{wire:.0}"));
    report.row("ratio to the text's bytes", format!("{:.2}", wire / text));
    for (who, n) in [("sender's", 0), ("newcomer's", 1)] {
        report.row(&format!("{who} peak memory"), mib(met.peaks[n]));
        let each = met.cpu[n].as_secs_f64() * 1e6 / posts;
        let cpu = format!("{} ({each:.0} us a post)", ms(met.cpu[n]));
        report.row(&format!("{who} processor time"), cpu);
    }
}
