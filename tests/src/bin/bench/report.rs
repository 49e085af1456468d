//! Formats the results as Markdown.

use crate::{Report, endurance::Occupied, lighthouse, stats::Stats};
use std::fmt::Write;

/// Tables of all results.
pub(crate) fn markdown(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut out, report);
    out
}

fn write_all(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "{} on {}", report.browser, report.machine)?;
    writeln!(out, "WebGPU adapter: {}", report.gpu)?;
    if report.quick {
        writeln!(out, "A quick run: too short for valid figures.")?;
    }

    if !report.first_digit.is_empty() {
        write_first_digit(out, report)?;
    }
    if !report.networks.is_empty() {
        write_networks(out, report)?;
    }
    if !report.lighthouse.is_empty() {
        write_lighthouse(out, report)?;
    }
    if !report.drag.is_empty() {
        write_drag(out, report)?;
    }
    if !report.explore.is_empty() {
        write_explore(out, report)?;
    }
    if !report.evidence.is_empty() {
        write_evidence(out, report)?;
    }
    if !report.training.is_empty() {
        write_training(out, report)?;
    }
    if !report.memory.is_empty() {
        write_memory(out, report)?;
    }
    if !report.files.is_empty() {
        write_imports(out, report)?;
    }
    if !report.objectives.is_empty() {
        write_objectives(out, report)?;
    }
    if !report.learn.is_empty() {
        write_learn(out, report)?;
    }
    if !report.endurance.is_empty() {
        write_endurance(out, report)?;
    }
    if !report.sizes.is_empty() {
        write_files(out, report)?;
    }
    Ok(())
}

fn write_first_digit(out: &mut String, report: &Report) -> std::fmt::Result {
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
    Ok(())
}

fn write_networks(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Slow networks, cold, brotli\n")?;
    writeln!(
        out,
        "| network | starts | first paint ms | first digit ms | min | max | target | slider ms | engine ms |"
    )?;
    writeln!(
        out,
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for start in &report.networks {
        let digit = &start.first_digit;
        writeln!(
            out,
            "| {} | {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            start.network,
            digit.count,
            start.first_paint.median,
            digit.median,
            digit.min,
            digit.max,
            start.target,
            start.slider.median,
            start.engine.median
        )?;
    }
    Ok(())
}

fn write_lighthouse(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Lighthouse, phone, brotli\n")?;
    writeln!(out, "| | audits | median | min | max | wanted |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    let audits = &report.lighthouse;
    let Some(first) = audits.first() else {
        return Ok(());
    };
    let scores = first.scores.keys().map(|name| {
        let values = audits.iter().filter_map(|audit| audit.scores.get(name));
        let wanted = match name.as_str() {
            "performance" => lighthouse::PERFORMANCE,
            _ => 100.0,
        };
        (name, values.copied().collect(), format!("≥ {wanted}"))
    });
    let metrics = first.metrics.keys().map(|name| {
        let values = audits.iter().filter_map(|audit| audit.metrics.get(name));
        (name, values.copied().collect(), String::new())
    });
    for (name, values, wanted) in scores.chain(metrics) {
        if let Some(stats) = Stats::of(values) {
            let digits = if name.contains("shift") { 3 } else { 0 };
            writeln!(
                out,
                "| {name} | {} | {:.digits$} | {:.digits$} | {:.digits$} | {wanted} |",
                stats.count, stats.median, stats.min, stats.max
            )?;
        }
    }
    let mut failed: Vec<_> = audits.iter().flat_map(|audit| &audit.failed).collect();
    failed.sort();
    failed.dedup();
    for title in failed {
        writeln!(out, "\nNot passed: {title}")?;
    }
    Ok(())
}

fn write_drag(out: &mut String, report: &Report) -> std::fmt::Result {
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
    Ok(())
}

fn write_explore(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Exploring\n")?;
    writeln!(
        out,
        "| | what | median ms | p95 | p99 | max | count | long tasks |"
    )?;
    writeln!(
        out,
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for result in &report.explore {
        let rows = [
            ("stroke to q(z\\|x)", &result.encode, "–".to_owned()),
            (
                "frames, moving the map",
                &result.frames,
                result.long_tasks.to_string(),
            ),
            ("a new plane of 256 images", &result.plane, "–".to_owned()),
            (
                "new plane, until it is in a frame",
                &result.plane_frame,
                "–".to_owned(),
            ),
        ];
        for (what, ms, long_tasks) in rows {
            let Some(ms) = ms else { continue };
            writeln!(
                out,
                "| {} | {what} | {:.1} | {:.1} | {:.1} | {:.1} | {} | {long_tasks} |",
                result.backend, ms.median, ms.p95, ms.p99, ms.max, ms.count
            )?;
        }
    }
    Ok(())
}

fn write_evidence(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Evidence\n")?;
    writeln!(
        out,
        "| | model | what | median ms | p95 | max | count | long tasks |"
    )?;
    writeln!(
        out,
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for result in &report.evidence {
        for (what, ms) in &result.times {
            let Some(ms) = ms else { continue };
            writeln!(
                out,
                "| {} | {} | {what} | {:.1} | {:.1} | {:.1} | {} | {} |",
                result.backend,
                result.model,
                ms.median,
                ms.p95,
                ms.max,
                ms.count,
                result.long_tasks
            )?;
        }
    }
    Ok(())
}

fn write_training(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Training\n")?;
    writeln!(
        out,
        "| | backend | seconds | steps | test −ELBO, nats | updates/s |"
    )?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: |")?;
    for run in &report.training {
        writeln!(
            out,
            "| {} | {} | {} | {} | {:.2} | {:.1} |",
            run.name, run.backend, run.seconds, run.steps, run.test_neg_elbo, run.updates_a_second
        )?;
    }
    writeln!(out, "\nDragging z-0 of the model that is being trained:\n")?;
    writeln!(out, "| backend | median ms | p95 | p99 | max | drawn |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for (backend, ms) in &report.drag_while_training {
        match ms {
            Some(ms) => writeln!(
                out,
                "| {backend} | {:.1} | {:.1} | {:.1} | {:.1} | {} |",
                ms.median, ms.p95, ms.p99, ms.max, ms.count
            )?,
            None => writeln!(out, "| {backend} | – | – | – | – | 0 |")?,
        }
    }
    Ok(())
}

fn write_imports(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Files of images\n")?;
    writeln!(
        out,
        "| file | MB | images | seconds to the gallery | peak MB |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    for file in &report.files {
        let peak = file.peak_mb.map_or("–".to_owned(), |mb| format!("{mb:.0}"));
        writeln!(
            out,
            "| {} | {:.0} | {} | {:.2} | {peak} |",
            file.file,
            file.bytes as f64 / 1e6,
            file.images,
            file.ms / 1e3
        )?;
    }
    Ok(())
}

fn write_learn(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Learn\n")?;
    writeln!(
        out,
        "| backend | chapter opens, median ms | max | drag q(z\\|x), p95 ms | drag z-0, p95 ms |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |ms| format!("{ms:.1}"));
    for learn in &report.learn {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            learn.backend,
            number(learn.open.as_ref().map(|stats| stats.median)),
            number(learn.open.as_ref().map(|stats| stats.max)),
            number(learn.guess.as_ref().map(|stats| stats.p95)),
            number(learn.slider.as_ref().map(|stats| stats.p95)),
        )?;
    }
    Ok(())
}

fn write_objectives(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Objectives\n")?;
    writeln!(
        out,
        "| training step / for the ELBO | median ms | for the ELBO, ms | ratio | wanted |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |ms| format!("{ms:.2}"));
    for result in &report.objectives {
        writeln!(
            out,
            "| {} | {} | {} | {} | ≤ {} |",
            result.what,
            number(result.step.as_ref().map(|stats| stats.median)),
            number(result.plain.as_ref().map(|stats| stats.median)),
            number(result.ratio()),
            result.wanted
        )?;
    }
    Ok(())
}

fn write_memory(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Memory while training\n")?;
    writeln!(out, "| backend | minute | worker MB | page MB | steps |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    for memory in &report.memory {
        writeln!(
            out,
            "| {} | {} | {} | {:.1} | {} |",
            memory.backend, memory.minute, memory.worker_mb, memory.page_mb, memory.steps
        )?;
    }
    Ok(())
}

fn write_endurance(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "\n## Long runs\n")?;
    writeln!(
        out,
        "| backend | when | steps | workers, MB of wasm | page, MB of wasm | page, MB of JavaScript | nodes | listeners | process MB |"
    )?;
    writeln!(
        out,
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for result in &report.endurance {
        let mut row = |when: String, occupied: &Occupied| {
            let workers = occupied.worker_mb.iter();
            let workers: Vec<_> = workers
                .map(|(name, mb)| format!("{name} {mb:.1}"))
                .collect();
            writeln!(
                out,
                "| {} | {when} | {} | {} | {:.1} | {:.2} | {} | {} | {} |",
                result.backend,
                occupied.steps,
                workers.join(", "),
                occupied.page_wasm_mb,
                occupied.page_heap_mb,
                occupied.nodes,
                occupied.listeners,
                occupied
                    .process_mb
                    .map_or("–".to_owned(), |mb| format!("{mb:.0}")),
            )
        };
        for (minute, occupied) in &result.run {
            row(format!("minute {minute}"), occupied)?;
        }
        let [before, after] = &result.panels;
        row("without a run".to_owned(), before)?;
        let what = format!("after opening all panels {} times", result.opened);
        row(what, after)?;
    }
    Ok(())
}

fn write_files(out: &mut String, report: &Report) -> std::fmt::Result {
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
