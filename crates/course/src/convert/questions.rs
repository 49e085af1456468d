//! Question blocks: fields, then the prompt, then the options.

use super::{fields::field, html::Typesetter};
use crate::{Answer, CURVE_POINTS, Question};
use anyhow::{Context as _, Result, bail, ensure};

const FIELDS: [&str; 9] = [
    "kind",
    "measure",
    "across",
    "up",
    "unit",
    "tolerance",
    "relative",
    "hint",
    "reason",
];

/// Reads a question.
pub(super) fn question(id: &str, text: &str, typesetter: &Typesetter) -> Result<Question> {
    let mut prompt = String::new();
    let mut options = Vec::new();
    let mut values: Vec<(&str, String)> = Vec::new();
    // What a continuation line is appended to.
    let mut last_is_field = false;
    for line in text.lines() {
        if let Some((key, value)) = field(line, &FIELDS) {
            values.push((key, value.to_owned()));
            last_is_field = true;
        } else if let Some(option) = line.strip_prefix("- ") {
            options.push(typesetter.inline(option)?);
            last_is_field = false;
        } else if last_is_field && line.starts_with("  ") {
            if let Some((_, value)) = values.last_mut() {
                *value += " ";
                *value += line.trim();
            }
        } else {
            prompt += line;
            prompt += "\n";
            last_is_field = false;
        }
    }
    let value = |key: &str| {
        values
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.as_str())
    };
    let needed = |key: &str| value(key).with_context(|| format!("question {id} lacks “{key}:”"));
    let number = |key: &str| value(key).map_or(Ok(0.0), str::parse);
    let answer = match needed("kind")? {
        "choice" => {
            ensure!(options.len() >= 2, "question {id} needs options");
            Answer::Choice(std::mem::take(&mut options))
        }
        "number" => Answer::Number {
            unit: value("unit").unwrap_or_default().to_owned(),
            tolerance: number("tolerance")?,
            relative: number("relative")?,
        },
        "place" => Answer::Place,
        "curve" => {
            let (across, ticks) = axis(id, needed("across")?)?;
            ensure!(
                ticks.len() == CURVE_POINTS,
                "question {id} has {} places on its horizontal axis instead of {CURVE_POINTS}",
                ticks.len()
            );
            let (up, ends) = axis(id, needed("up")?)?;
            let ends: Vec<f64> = ends
                .iter()
                .map(|end| end.parse())
                .collect::<Result<_, _>>()?;
            let range = <[f64; 2]>::try_from(ends)
                .ok()
                .filter(|[low, high]| low < high)
                .with_context(|| {
                    format!("question {id}: “up:” needs a lowest and a highest value")
                })?;
            let tolerance = number("tolerance")?;
            ensure!(tolerance > 0.0, "question {id} needs a tolerance");
            Answer::Curve {
                across,
                ticks,
                up,
                range,
                tolerance,
            }
        }
        other => bail!("question {id}: unknown kind “{other}”"),
    };
    ensure!(options.is_empty(), "question {id} must not have options");
    Ok(Question {
        id: id.to_owned(),
        html: typesetter.prose(prompt.trim())?,
        answer,
        measure: needed("measure")?.to_owned(),
        hint: typesetter.inline(needed("hint")?)?,
        reason: typesetter.inline(needed("reason")?)?,
    })
}

/// The label and values of an axis, `LABEL | VALUE | VALUE …`.
fn axis(id: &str, text: &str) -> Result<(String, Vec<String>)> {
    let mut parts = text.split(" | ").map(|part| part.trim().to_owned());
    let label = parts.next().unwrap_or_default();
    let values: Vec<String> = parts.collect();
    ensure!(
        !label.is_empty() && values.iter().all(|value| !value.is_empty()),
        "question {id}: an axis is “LABEL | VALUE | VALUE …”"
    );
    Ok((label, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_reads_the_axes_of_a_curve() {
        let text = "kind: curve\nmeasure: m\nacross: n | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9\nup: share, in % | 0 | 100\n\
            tolerance: 10\nhint: h\nreason: r\n\nDraw.\n";
        let found = question("q", text, &Typesetter::new().unwrap()).unwrap();
        let Answer::Curve {
            ticks, up, range, ..
        } = found.answer
        else {
            panic!("{:?}", found.answer);
        };
        assert_eq!((ticks[8].as_str(), up.as_str()), ("9", "share, in %"));
        assert_eq!(range, [0.0, 100.0]);
    }

    #[test]
    fn question_reads_options_and_continued_fields() {
        let text = "kind: choice\nmeasure: larger\nhint: Look\n  here.\nreason: Because.\n\nWhich?\n- A\n- B\n";
        let found = question("q", text, &Typesetter::new().unwrap()).unwrap();
        assert_eq!(found.hint, "Look here.");
        assert_eq!(found.html, "<p>Which?</p>\n");
        assert_eq!(
            found.answer,
            Answer::Choice(vec!["A".to_owned(), "B".to_owned()])
        );
    }

    #[test]
    fn question_reports_what_is_missing() {
        let typesetter = Typesetter::new().unwrap();
        for (text, says) in [
            ("measure: m\nhint: h\nreason: r\nWhy?", "kind"),
            (
                "kind: choice\nmeasure: m\nhint: h\nreason: r\nWhy?\n- A",
                "options",
            ),
            (
                "kind: curve\nmeasure: m\nacross: n | 1 | 2\nup: y | 0 | 1\ntolerance: 1\nhint: h\nreason: r",
                "2 places",
            ),
            ("kind: place\nhint: h\nreason: r\nWhere?", "measure"),
            (
                "kind: place\nmeasure: m\nhint: h\nreason: r\n- A",
                "options",
            ),
        ] {
            let error = question("q", text, &typesetter).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
