//! Question blocks: fields, then the prompt, then the options.

use super::{fields::field, html::Typesetter};
use crate::{Answer, Question};
use anyhow::{Context as _, Result, bail, ensure};

const FIELDS: [&str; 7] = [
    "kind",
    "measure",
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

#[cfg(test)]
mod tests {
    use super::*;

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
