//! `todo`: what waits for you.

use api::{Answer, Failure, Query};

use crate::{asking::tell, global::Global, output};

pub(crate) fn run(global: &Global) -> Result<(), Failure> {
    tell(global, Query::Todo, |answer| {
        let Answer::Todo(rows) = answer else { return None };
        if rows.rows.is_empty() {
            return Some("nothing waits for you".to_owned());
        }
        let lines = rows.rows.iter().map(|row| {
            let (space, text) =
                (output::plain_line(&row.space_name), output::plain_line(&row.text));
            format!("{space}: {text}\n  {}", row.way_out.join(" "))
        });
        Some(lines.collect::<Vec<_>>().join("\n"))
    })
}
