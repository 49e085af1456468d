//! The results of runs as a table.

use super::run::Finished;

/// A Markdown table with a row for each target.
pub(crate) fn table(runs: &[Finished]) -> String {
    let mut lines = vec![
        "| target | executions | bytes | peak memory | slowest input | time | failures |"
            .to_owned(),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    lines.extend(runs.iter().map(|run| {
        let report = &run.report;
        format!(
            "| {} | {} | {} | {:.1} MB | {:.0} ms | {:.0} s | {} |",
            run.target,
            report.executions,
            report.bytes,
            report.peak_memory as f64 / f64::from(1 << 20),
            report.slowest_seconds * 1000.0,
            run.seconds,
            run.failures.len(),
        )
    }));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::run::Report;

    #[test]
    fn table_has_a_row_for_each_target() {
        let run = Finished {
            target: "png".to_owned(),
            report: Report {
                executions: 12,
                bytes: 345,
                peak_memory: 3 << 20,
                slowest_seconds: 0.25,
            },
            seconds: 5.1,
            failures: Vec::new(),
            error: None,
        };
        let table = table(&[run]);
        assert!(
            table.ends_with("| png | 12 | 345 | 3.0 MB | 250 ms | 5 s | 0 |"),
            "{table}"
        );
        assert_eq!(table.lines().count(), 3);
    }
}
