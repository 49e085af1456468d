//! The numbers as Markdown.

use crate::Report;
use std::fmt::Write;

/// Tables of all that was measured.
pub(crate) fn markdown(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, report);
    out
}

fn write_all(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "{} on {}", report.browser, report.machine)?;
    writeln!(out, "WebGPU adapter: {}", report.gpu)?;
    if report.quick {
        writeln!(out, "A quick run: too short to quote.")?;
    }

    writeln!(out, "\n## First digit, cold\n")?;
    writeln!(out, "| sent as | starts | median ms | min | max | bytes |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for first in &report.first_digit {
        let ms = &first.ms;
        writeln!(
            out,
            "| {} | {} | {:.0} | {:.0} | {:.0} | {} |",
            first.compression, ms.count, ms.median, ms.min, ms.max, first.bytes
        )?;
    }

    writeln!(out, "\n## From input to pixels, dragging z-0\n")?;
    writeln!(
        out,
        "| | median ms | p95 | p99 | max | drawn | inputs | seconds | long tasks | longest ms |"
    )?;
    writeln!(
        out,
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for drag in &report.drag {
        let name = if drag.contender.active == "webgpu" && report.gpu.contains("swiftshader") {
            format!("{} (software)", drag.contender.name)
        } else {
            drag.contender.name.clone()
        };
        write!(out, "| {name} |")?;
        match &drag.ms {
            Some(ms) => write!(
                out,
                " {:.1} | {:.1} | {:.1} | {:.1} | {} |",
                ms.median, ms.p95, ms.p99, ms.max, ms.count
            )?,
            None => write!(out, " – | – | – | – | 0 |")?,
        }
        writeln!(
            out,
            " {} | {:.1} | {} | {:.0} |",
            drag.inputs, drag.seconds, drag.long_tasks, drag.longest_task_ms
        )?;
    }

    writeln!(out, "\n## Files\n")?;
    writeln!(out, "| file | bytes | gzip | brotli |")?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for size in &report.sizes {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            size.file, size.raw, size.gzip, size.brotli
        )?;
    }
    Ok(())
}
