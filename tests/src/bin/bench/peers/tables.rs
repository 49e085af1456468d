//! Formats the results as Markdown.

use super::{
    pytorch,
    report::Report,
    row::{self, Size},
    targets,
};
use crate::stats::Stats;
use std::fmt::{Result, Write};

/// Tables of all results.
pub(crate) fn markdown(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut out, report);
    out
}

/// Id and title of a column.
type Column = (&'static str, &'static str);

fn write_all(out: &mut String, report: &Report) -> Result {
    writeln!(out, "{} on {}", report.browser, report.machine)?;
    writeln!(out, "WebGPU adapter: {}", report.gpu)?;
    if let Some(version) = &report.python {
        writeln!(out, "PyTorch {version}")?;
    }
    if report.quick {
        writeln!(
            out,
            "A quick run: it only checks that the benchmark works; its figures are not valid."
        )?;
    }
    let software = report.gpu.contains("swiftshader");
    if software {
        writeln!(
            out,
            "WebGPU ran in software: compare its columns only with each other."
        )?;
    }
    let mut columns: Vec<Column> = report.contenders.iter().map(|c| (c.id, c.title)).collect();
    if report.python.is_some() {
        columns.extend(pytorch::COLUMNS.map(|(id, title, _)| (id, title)));
    }
    write_times(out, report, &columns)?;
    write_targets(out, report)?;
    write_limits(out, report, &columns)?;
    write_differences(out, report)
}

fn head(out: &mut String, first: &str, columns: &[Column]) -> Result {
    write!(out, "| {first} |")?;
    for (_, title) in columns {
        write!(out, " {title} |")?;
    }
    write!(out, "\n| --- |")?;
    for _ in columns {
        write!(out, " ---: |")?;
    }
    writeln!(out)
}

fn line(
    out: &mut String,
    title: &str,
    columns: &[Column],
    cell: impl Fn(&str) -> Option<String>,
) -> Result {
    write!(out, "| {title} |")?;
    for (id, _) in columns {
        write!(out, " {} |", cell(id).unwrap_or_else(|| "–".to_owned()))?;
    }
    writeln!(out)
}

fn write_times(out: &mut String, report: &Report, columns: &[Column]) -> Result {
    writeln!(out, "\n## Side by side\n")?;
    writeln!(out, "Milliseconds, medians [quartiles]; bytes in MB.\n")?;
    head(out, "", columns)?;
    for (row, size) in row::ALL {
        let title = format!("{} {}", row.title(), size.name());
        line(out, &title, columns, |id| {
            report.times(id, row, size).map(|times| spread(&times.ms))
        })?;
    }
    for size in Size::ALL {
        let title = format!("first step {} after load", size.name());
        line(out, &title, columns, |id| {
            report.start(id, size)?.first_step.as_ref().map(spread)
        })?;
    }
    line(out, "navigation to first digit", columns, |id| {
        report
            .first_digit
            .get(id)
            .map(|page| spread(&page.first.ms))
    })?;
    let sent = report
        .first_digit
        .values()
        .next()
        .map_or("", |page| page.first.compression.as_str());
    line(
        out,
        &format!("MB until first digit, {sent}"),
        columns,
        |id| Some(megabytes(report.first_digit.get(id)?.first.bytes)),
    )?;
    line(out, &format!("MB of the library, {sent}"), columns, |id| {
        Some(megabytes(report.first_digit.get(id)?.bundle))
    })?;
    line(out, "MB of the library, raw", columns, |id| {
        Some(megabytes(report.first_digit.get(id)?.bundle_raw))
    })?;
    for size in Size::ALL {
        let title = format!("peak wasm memory {}, MB", size.name());
        line(out, &title, columns, |id| {
            let wasm = report.start(id, size)?.memory.wasm;
            (wasm > 0).then(|| format!("{:.0}", wasm as f64 / 1e6))
        })?;
    }
    let Some(page) = &report.page else {
        return Ok(());
    };
    writeln!(
        out,
        "\nELBO Room's own page: first digit {} ms, {} MB until then; its engines:{}.",
        spread(&page.first.ms),
        megabytes(page.first.bytes),
        page.engines
            .iter()
            .map(|(engine, bytes)| format!(" {engine} {} MB", megabytes(*bytes)))
            .collect::<Vec<_>>()
            .join(",")
    )
}

fn write_targets(out: &mut String, report: &Report) -> Result {
    writeln!(out, "\n## Targets\n")?;
    writeln!(out, "| | measured | wanted | |")?;
    writeln!(out, "| --- | ---: | ---: | --- |")?;
    for target in targets::of(report) {
        let unit = target.unit;
        let verdict = match target.found {
            Some(_) if report.quick => "not judged",
            _ => target.verdict(),
        };
        let found = target
            .found
            .map_or_else(|| "–".to_owned(), |found| format!("{}{unit}", short(found)));
        writeln!(
            out,
            "| {} | {found} | {} {}{unit} | {verdict} |",
            target.what,
            if target.at_least { "≥" } else { "≤" },
            target.wanted
        )?;
    }
    Ok(())
}

fn write_limits(out: &mut String, report: &Report, columns: &[Column]) -> Result {
    let limits = &report.limits;
    writeln!(out, "\n## Limits\n")?;
    writeln!(
        out,
        "One thread of wasm makes {:.1} billion multiply-adds per second in registers, and copies {:.1} GB per second.\n",
        limits.gmacs, limits.copy_gb
    )?;
    writeln!(
        out,
        "Billions of multiply-adds per second in matrix products, and the fraction of that limit:\n"
    )?;
    head(out, "", columns)?;
    for (row, size) in row::ALL {
        let title = format!("{} {}", row.title(), size.name());
        line(out, &title, columns, |id| {
            let ms = report.median(id, row, size)?;
            let rate = row.multiply_adds(size) as f64 / ms / 1e6;
            let share = 100.0 * rate / limits.gmacs;
            Some(format!("{} ({share:.0} %)", short(rate)))
        })?;
    }
    Ok(())
}

fn write_differences(out: &mut String, report: &Report) -> Result {
    writeln!(out, "\n## Do they compute the same?\n")?;
    let reference = report.contenders.first().map_or("", |c| c.title);
    writeln!(
        out,
        "Largest differences to {reference}: of means, of μ and log σ², and of the loss (relative) over three steps.\n"
    )?;
    writeln!(out, "| | means | μ, log σ² | loss |")?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for found in &report.differences {
        let losses = found
            .losses
            .map_or_else(|| "–".to_owned(), |losses| format!("{losses:.0e}"));
        writeln!(
            out,
            "| {} {} | {:.0e} | {:.0e} | {losses} |",
            found.contender,
            found.size.name(),
            found.decoded,
            found.encoded
        )?;
    }
    Ok(())
}

/// Median and quartiles.
fn spread(ms: &Stats) -> String {
    if ms.count == 1 {
        return short(ms.median);
    }
    format!(
        "{} [{}–{}]",
        short(ms.median),
        short(ms.lower),
        short(ms.upper)
    )
}

/// Formats a number with three significant digits.
fn short(value: f64) -> String {
    let decimals = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

fn megabytes(bytes: usize) -> String {
    short(bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn short_has_three_significant_digits() {
        assert_eq!(short(1234.5), "1234");
        assert_eq!(short(12.34), "12.3");
        assert_eq!(short(0.1234), "0.123");
    }
}
