//! A Markdown file to a chapter: front matter, screens, and the fenced blocks with a meaning of their own.

use super::{fields::field, hooks::actions, html::Typesetter, questions::question};
use crate::{Block, Chapter, Hooks, Outline, Screen};
use anyhow::{Context as _, Result, bail, ensure};

/// Reads a chapter.
pub(super) fn chapter(markdown: &str, typesetter: &Typesetter) -> Result<Chapter> {
    let (mut outline, body) = front_matter(markdown)?;
    let mut hooks = Hooks::default();
    let mut screens: Vec<Screen> = Vec::new();
    let mut prose = String::new();
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text = fenced(&mut lines).with_context(|| format!("block “{info}”"))?;
            match (info, screens.last_mut()) {
                ("enter" | "leave" | "complete", screen) => {
                    let hooks = screen.map_or(&mut hooks, |screen| &mut screen.hooks);
                    let list = match info {
                        "enter" => &mut hooks.enter,
                        "leave" => &mut hooks.leave,
                        _ => &mut hooks.complete,
                    };
                    list.extend(actions(&text)?);
                }
                (_, None) => bail!("the block “{info}” is before the first screen"),
                (_, Some(screen)) => {
                    flush(&mut prose, &mut screen.blocks, typesetter)?;
                    screen.blocks.push(
                        block(info, &text, typesetter)
                            .with_context(|| format!("block “{info}”"))?,
                    );
                }
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            if let Some(screen) = screens.last_mut() {
                flush(&mut prose, &mut screen.blocks, typesetter)?;
            }
            screens.push(Screen {
                title: title.trim().to_owned(),
                hooks: Hooks::default(),
                blocks: Vec::new(),
            });
        } else if screens.is_empty() {
            ensure!(
                line.trim().is_empty(),
                "text before the first screen: {line}"
            );
        } else {
            prose += line;
            prose += "\n";
        }
    }
    let last = screens.last_mut().context("no screens")?;
    flush(&mut prose, &mut last.blocks, typesetter)?;
    outline.screens = screens.iter().map(|screen| screen.title.clone()).collect();
    outline.questions = screens.iter().map(questions).collect();
    if let Some(index) = outline.questions.iter().position(|ids| ids.len() > 1) {
        bail!(
            "the screen “{}” has more than one question",
            outline.screens[index]
        );
    }
    Ok(Chapter {
        outline,
        hooks,
        screens,
    })
}

fn questions(screen: &Screen) -> Vec<String> {
    let ids = screen.blocks.iter().filter_map(|block| match block {
        Block::Question(question) => Some(question.id.clone()),
        _ => None,
    });
    ids.collect()
}

/// The fields between two lines `---`, and the rest.
fn front_matter(markdown: &str) -> Result<(Outline, &str)> {
    let (head, body) = markdown
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .context("no front matter between lines “---”")?;
    const FIELDS: [&str; 5] = ["number", "title", "idea", "source", "minutes"];
    let value = |key: &str| {
        head.lines()
            .filter_map(|line| field(line, &FIELDS))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.to_owned())
            .with_context(|| format!("the front matter lacks “{key}:”"))
    };
    Ok((
        Outline {
            number: value("number")?.parse()?,
            title: value("title")?,
            idea: value("idea")?,
            source: value("source")?,
            minutes: value("minutes")?.parse()?,
            screens: Vec::new(),
            questions: Vec::new(),
        },
        body,
    ))
}

/// The lines up to the closing fence.
fn fenced<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<String> {
    let mut text = String::new();
    for line in lines {
        if line == "```" {
            return Ok(text);
        }
        text += line;
        text += "\n";
    }
    bail!("it has no closing fence")
}

/// Turns the text so far into a block.
fn flush(prose: &mut String, blocks: &mut Vec<Block>, typesetter: &Typesetter) -> Result<()> {
    let text = std::mem::take(prose);
    if !text.trim().is_empty() {
        let html = typesetter.prose(&text)?;
        blocks.push(Block::Prose { html });
    }
    Ok(())
}

fn block(info: &str, text: &str, typesetter: &Typesetter) -> Result<Block> {
    let mut words = info.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let words: Vec<_> = words.collect();
    Ok(match (kind, words.as_slice()) {
        ("equation", number) => equation(number, text, typesetter)?,
        ("figure", [number, name]) => figure(Some(number.parse()?), name, text, typesetter)?,
        ("figure", [name]) => figure(None, name, text, typesetter)?,
        ("erratum", []) => Block::Erratum {
            html: typesetter.prose(text)?,
        },
        ("question", [id]) => Block::Question(question(id, text, typesetter)?),
        _ => bail!("unknown"),
    })
}

fn equation(number: &[&str], text: &str, typesetter: &Typesetter) -> Result<Block> {
    let number = match number {
        [] => None,
        [number] => Some(number.parse()?),
        _ => bail!("more than one number"),
    };
    let (mut alt, mut live, mut latex) = (None, None, String::new());
    for line in text.lines() {
        match field(line, &["text", "live"]) {
            Some(("text", value)) => alt = Some(value),
            Some((_, value)) => live = Some(typesetter.inline(value)?),
            None => {
                latex += line;
                latex += "\n";
            }
        }
    }
    let alt = alt.context("no “text:” for screen readers")?;
    Ok(Block::Equation {
        number,
        html: typesetter.display(latex.trim(), alt)?,
        live,
    })
}

fn figure(number: Option<usize>, name: &str, text: &str, typesetter: &Typesetter) -> Result<Block> {
    Ok(Block::Figure {
        number,
        name: name.to_owned(),
        html: typesetter.inline(text.trim())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;

    const HEAD: &str = "---\nnumber: 2\ntitle: T\nidea: I.\nsource: Section 2\nminutes: 5\n---\n";

    fn read(body: &str) -> Result<Chapter> {
        chapter(&format!("{HEAD}{body}"), &Typesetter::new().unwrap())
    }

    #[test]
    fn chapter_has_screens_blocks_and_hooks() {
        let body = "```enter\nmodel m\n```\n## One\nText.\n```enter\nz 1,2\n```\n```equation 5\ntext: a equals b\nlive: a = {{a}}\na = b\n```\n\
                    ## Two\n```figure 3 bars\nThe *bars*.\n```\n```figure map\nM.\n```\n";
        let chapter = read(body).unwrap();
        assert_eq!(chapter.hooks.enter, [Action::Model("m".to_owned())]);
        assert_eq!(chapter.outline.screens, ["One", "Two"]);
        assert_eq!(chapter.screens[0].hooks.enter, [Action::Z(vec![1.0, 2.0])]);
        let [Block::Prose { .. }, Block::Equation { number, html, live }] =
            chapter.screens[0].blocks.as_slice()
        else {
            panic!("{:?}", chapter.screens[0].blocks);
        };
        assert_eq!(*number, Some(5));
        assert!(html.contains("alttext=\"a equals b\""), "{html}");
        assert!(live.as_ref().unwrap().contains("data-live=\"a\""));
        assert_eq!(
            chapter.screens[1].blocks[0],
            Block::Figure {
                number: Some(3),
                name: "bars".to_owned(),
                html: "The <em>bars</em>.".to_owned()
            }
        );
    }

    #[test]
    fn chapter_reports_mistakes() {
        for (body, says) in [
            ("Text.\n## One\n", "before the first screen"),
            ("## One\n```figure\nx\n```\n", "unknown"),
            ("## One\n```equation 1\na\n```\n", "text:"),
            ("## One\n```erratum\nx\n", "closing fence"),
            ("", "no screens"),
        ] {
            let error = format!("{:#}", read(body).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
        assert!(chapter("## One\n", &Typesetter::new().unwrap()).is_err());
    }
}
