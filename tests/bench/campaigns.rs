//! Ten thousand campaigns with fifty thousand posts: what they take on the disk, and what it costs
//! a newcomer to get them all.

use std::{
    fs,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    figures::{Report, Times, mib, ms},
    person::{Person, split},
    proc::Process,
    socket::Socket,
    stage::{FILLERS, Met, Stage, TCP, meet, wait_for},
    text::Writer,
};

/// Campaigns unless said otherwise.
const CAMPAIGNS: usize = 10_000;

/// Posts of each.
const POSTS: usize = 5;

/// Times that a node is started.
const STARTS: usize = 5;

/// Posts that are timed one by one.
const TIMED: u64 = 500;

/// How hard the bound is compressed, as the workload's own figures are.
const BOUND_LEVEL: i32 = 19;

/// How long nothing changes in a home that is at rest.
const AT_REST: Duration = Duration::from_secs(4);

/// The aims, at this size.
const HOME: f64 = 8.0;
const MEETING: Duration = Duration::from_secs(8);
const MEETING_MIB: u64 = 120;
const START: Duration = Duration::from_millis(300);
const REBUILD: Duration = Duration::from_secs(10);
/// Bytes both ways of meeting again: nothing new, one post, a post in one of a hundred campaigns on
/// each side.
const MEETING_AGAIN: [u64; 3] = [530, 1_100, 60_000];
/// Bytes of a first meeting.
const WIRE: u64 = 15_000_000;
const POST: Duration = Duration::from_micros(400);

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let count = std::env::var("GROUNDWORK_BENCH_CAMPAIGNS").ok();
    let count = count.map_or(CAMPAIGNS, |count| count.parse().expect("a number of campaigns"));
    let within = stage.directory().join("campaigns");
    let mut ana = Person::new(&within, "ana", TCP);
    let mut bo = Person::new(&within, "bo", TCP);
    ana.json("found 'Elm Street' --me Ana");
    let ready = ana.up();
    ana.stay_at(&ready);
    let since = Instant::now();
    let jsonl = fill(&ana, count);
    let payload = jsonl.len() as u64;
    let (filling, cpu) = (since.elapsed(), Process::of(&ready).cpu());
    let entries = count * (1 + POSTS);
    report.row("campaigns, each with five posts", format!("{count}, {}", mib(payload)));
    let bound = zstd::bulk::compress(&jsonl, BOUND_LEVEL).unwrap().len() as u64;
    report.row("all of it as one file of zstd: the bound", format!("{bound} bytes"));
    drop(jsonl);
    let each = cpu.as_secs_f64() * 1e3 / entries as f64;
    let filled = format!("{:.0} entries/s", entries as f64 / filling.as_secs_f64());
    report.row("written, 16 at a time", format!("{filled}, {each:.2} ms of processor each"));
    posting(&ana, &ready, report);
    let ticket = ana.json("member invite")["ticket"].clone();
    let said = bo.run(&split("join - --me Bo --json"), ticket.as_str());
    assert_eq!(said.exit(), 0, "{}", said.stderr);
    ana.json("member vouch Bo");
    rest(&ana.home(), "writer's", report);
    ana.stop();
    sizes("writer's", &ana.home(), payload, report);
    let ana_up = ana.up();
    let (met, _) = meet(&ana, &ana_up, &mut bo, entries);
    meeting(&met, payload, bound, report);
    rest(&bo.home(), "newcomer's", report);
    bo.stop();
    sizes("newcomer's", &bo.home(), payload, report);
    meeting_again(&mut ana, &mut bo, report);
    starts(&mut bo, payload, report);
    ana.stop();
}

/// Makes the campaigns through several connections at once; what they are as lines of JSON.
fn fill(person: &Person, count: usize) -> Vec<u8> {
    let (writer, left) = (Mutex::new(Writer::new(3)), Mutex::new(0..count));
    let payload = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..FILLERS {
            scope.spawn(|| {
                let mut socket = Socket::open(person);
                loop {
                    let next = left.lock().unwrap().next();
                    let Some(n) = next else { return };
                    let texts: Vec<_> =
                        (0..=POSTS).map(|_| writer.lock().unwrap().post()).collect();
                    let line = campaign(&mut socket, n, &texts);
                    payload.lock().unwrap().extend(line.into_bytes());
                }
            });
        }
    });
    payload.into_inner().unwrap()
}

/// One campaign with its posts; as a line of JSON of the usual shape.
fn campaign(socket: &mut Socket, n: usize, texts: &[String]) -> String {
    let (title, goal) = (format!("Campaign {n} for Elm Street"), &texts[0][..110]);
    let made = socket.command(json!({ "campaign-new": { "title": title, "goal": goal } }));
    let id = &made["id"];
    let author = "Amara Castro, Eastside Tenants";
    let updates = texts[1..].iter().map(|text| {
        let post = json!({ "post": { "text": text, "campaign": id } });
        assert_eq!(socket.command(post)["durable"], true);
        let id = "0123456789abcdef";
        json!({ "id": id, "author": author, "at": 1_767_600_000_000_u64, "text": text })
    });
    let updates: Vec<Value> = updates.collect();
    let whole = json!({
        "id": "0123456789abcdef0123456789abcdef",
        "title": title,
        "goal": goal,
        "author": author,
        "created": 1_767_600_000_000_u64,
        "updates": updates,
    });
    format!("{whole}\n")
}

fn posting(ana: &Person, ready: &Value, report: &mut Report) {
    let (process, mut socket) = (Process::of(ready), Socket::open(ana));
    let mut writer = Writer::new(4);
    let before = process.cpu();
    let times: Times = (0..TIMED)
        .map(|_| {
            let text = writer.post();
            let since = Instant::now();
            socket.post(&text);
            since.elapsed()
        })
        .collect();
    report.row("one more post", times.text());
    let each = (process.cpu() - before) / u32::try_from(TIMED).unwrap();
    report.aimed("processor time of it", &ms(each), &format!("<= {}", ms(POST)), each <= POST);
}

fn meeting(met: &Met, payload: u64, bound: u64, report: &mut Report) {
    report.row("a newcomer's first meeting", ms(met.all));
    let [wire, times] = [payload, bound].map(|beside| met.bytes as f64 / beside as f64);
    let found =
        format!("{} bytes ({wire:.2} of the payload, {times:.1} times the bound)", met.bytes);
    report.aimed("on the wire", &found, &format!("<= {WIRE}"), met.bytes <= WIRE);
    for (who, n) in [("sender's", 0), ("newcomer's", 1)] {
        let (cpu, peak) = (met.cpu[n], met.peaks[n]);
        let aim = format!("<= {}", ms(MEETING));
        report.aimed(&format!("{who} processor time"), &ms(cpu), &aim, cpu <= MEETING);
        let aim = format!("<= {MEETING_MIB} MiB");
        let is_met = peak <= MEETING_MIB << 20;
        report.aimed(&format!("{who} peak memory"), &mib(peak), &aim, is_met);
    }
}

/// What both send where nothing is new, or one post, or a post in every hundredth campaign on one
/// side and in every other hundredth on the other.
fn meeting_again(ana: &mut Person, bo: &mut Person, report: &mut Report) {
    let meet = |bo: &mut Person| {
        bo.up();
        let synced = Socket::open(bo).command(json!({ "sync": {} }));
        assert!(synced["current"] == true && synced["receipted"] == true, "{synced}");
        bo.stop();
        let bytes = ["sent", "received"].map(|way| synced[way]["bytes"].as_u64().unwrap());
        (bytes.iter().sum(), synced["round_trips"].as_u64().unwrap())
    };
    let mut row = |what: &str, (bytes, trips): (u64, u64), aim: u64| {
        let found = format!("{bytes} bytes, {trips} round trips");
        report.aimed(what, &found, &format!("<= {aim} bytes"), bytes <= aim);
    };
    row("meeting again, nothing new", meet(bo), MEETING_AGAIN[0]);
    let mut writer = Writer::new(5);
    let mut post = |person: &Person, campaigns: &[Value]| {
        let mut socket = Socket::open(person);
        for campaign in campaigns {
            let post = json!({ "text": writer.post(), "campaign": campaign });
            assert_eq!(socket.command(json!({ "post": post }))["durable"], true);
        }
    };
    let campaigns = Socket::open(ana).query(json!("campaigns"))["rows"].take();
    let ids: Vec<_> = campaigns.as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let every_hundredth = |first: usize| ids.iter().skip(first).step_by(100).cloned();
    post(ana, &ids[..1]);
    row("meeting again, one post new", meet(bo), MEETING_AGAIN[1]);
    post(ana, &every_hundredth(1).collect::<Vec<_>>());
    ana.stop();
    bo.up();
    post(bo, &every_hundredth(2).collect::<Vec<_>>());
    bo.stop();
    ana.up();
    row("meeting again, one in a hundred on each side", meet(bo), MEETING_AGAIN[2]);
}

fn sizes(whose: &str, home: &Path, payload: u64, report: &mut Report) {
    let size = |directory: &str| bytes_in(&home.join(directory));
    let parts = ["entries", "copies", "index"].map(|name| format!("{name} {}", mib(size(name))));
    report.row(&format!("{whose} home"), parts.join(", "));
    let ratio = bytes_in(home) as f64 / payload as f64;
    let (what, aim) = (format!("{whose} home, times the payload"), format!("<= {HOME}"));
    report.aimed(&what, &format!("{ratio:.1}"), &aim, ratio <= HOME);
}

fn starts(bo: &mut Person, payload: u64, report: &mut Report) {
    let mut timed = |times: usize, before: &dyn Fn(&Path)| -> Times {
        (0..times)
            .map(|_| {
                bo.stop();
                before(&bo.home());
                let since = Instant::now();
                bo.up();
                since.elapsed()
            })
            .collect()
    };
    let starts = timed(STARTS, &|_| {});
    let (median, aim) = (starts.median(), format!("<= {}", ms(START)));
    report.aimed("up until ready", &starts.text(), &aim, median <= START);
    let rebuilt = timed(1, &|home| fs::remove_dir_all(home.join("index")).unwrap());
    report.row("up until ready without its index", ms(rebuilt.median()));
    let since = Instant::now();
    let mut socket = Socket::open(bo);
    wait_for(Duration::from_secs(120), || {
        socket.query(json!("status"))["spaces"][0]["unread"] == 0
    });
    let all = rebuilt.median() + since.elapsed();
    let aim = format!("<= {}", ms(REBUILD));
    report.aimed("the index built again, and all read", &ms(all), &aim, all <= REBUILD);
    rest(&bo.home(), "rebuilt", report);
    bo.stop();
    sizes("rebuilt", &bo.home(), payload, report);
}

/// Waits until a node that has nothing to do has given back what room it can.
fn rest(home: &Path, whose: &str, report: &mut Report) {
    let index = home.join("index");
    let before = bytes_in(&index);
    let (mut bytes, mut changed) = (before, Instant::now());
    wait_for(Duration::from_secs(120), || {
        let now = bytes_in(&index);
        if now != bytes || home.join("index.new").exists() {
            (bytes, changed) = (now, Instant::now());
        }
        changed.elapsed() > AT_REST
    });
    let text = format!("{} to {}", mib(before), mib(bytes));
    report.row(&format!("{whose} index, at once and at rest"), text);
}

/// Bytes of all files below a directory.
fn bytes_in(directory: &Path) -> u64 {
    let Ok(found) = fs::read_dir(directory) else { return 0 };
    let size = |path: std::path::PathBuf| match path.is_dir() {
        true => bytes_in(&path),
        false => path.metadata().map_or(0, |file| file.len()),
    };
    found.map(|file| size(file.unwrap().path())).sum()
}
