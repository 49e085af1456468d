//! Markdown and LaTeX to HTML and MathML.

use anyhow::{Context as _, Result, anyhow, ensure};
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html::push_html};

/// Converts text and equations.
pub(super) struct Typesetter(LatexToMathML);

impl Typesetter {
    /// A typesetter with the macros of the crate `equations`.
    pub(super) fn new() -> Result<Self> {
        let macros = equations::MACROS
            .iter()
            .map(|(name, definition)| ((*name).to_owned(), (*definition).to_owned()));
        LatexToMathML::new(MathCoreConfig {
            macros: macros.collect(),
            ..MathCoreConfig::default()
        })
        .map(Self)
        .map_err(|(error, _, definition)| anyhow!("macro {definition}: {error}"))
    }

    /// Markdown with inline equations `$…$`, live values `{{name}}`, and links to panels, `[text](open:PANEL#SECTION)`, and
    /// models, `[text](model:NAME)`.
    pub(super) fn prose(&self, markdown: &str) -> Result<String> {
        let mut error = None;
        let events =
            Parser::new_ext(markdown, Options::ENABLE_MATH | Options::ENABLE_TABLES).map(|event| {
                match event {
                    Event::InlineMath(latex) => self.math(&latex, MathDisplay::Inline, &mut error),
                    Event::DisplayMath(latex) => self.math(&latex, MathDisplay::Block, &mut error),
                    Event::Start(Tag::Link { ref dest_url, .. }) => {
                        let link = match dest_url.split_once(':') {
                            Some(("open", target)) => panel_link(target),
                            Some(("model", name)) => model_link(name),
                            _ => return event,
                        };
                        match link {
                            Ok(html) => Event::InlineHtml(CowStr::from(html)),
                            Err(cause) => {
                                error = Some(cause);
                                event
                            }
                        }
                    }
                    other => other,
                }
            });
        let mut html = String::new();
        push_html(&mut html, events);
        match error {
            Some(error) => Err(error),
            None => live_values(&keep_together(&html)),
        }
    }

    /// The same for a single paragraph, without its tags.
    pub(super) fn inline(&self, markdown: &str) -> Result<String> {
        let html = self.prose(markdown)?;
        let html = html.trim();
        let inner = html
            .strip_prefix("<p>")
            .and_then(|rest| rest.strip_suffix("</p>"))
            .filter(|inner| !inner.contains("<p>"));
        inner
            .map(str::to_owned)
            .with_context(|| format!("not a single paragraph: {markdown}"))
    }

    /// A displayed equation; `text` is for screen readers that do not read MathML. On a narrow screen it may be broken
    /// where a line of the LaTeX ends: browsers do not break MathML.
    pub(super) fn display(&self, latex: &str, text: &str) -> Result<String> {
        equations::display(latex, text, |part| {
            let converted = self.0.convert_with_local_state(part, MathDisplay::Block);
            let converted = converted.map_err(|error| anyhow!("{part}: {error}"))?;
            Ok(converted.mathml)
        })
    }

    fn math<'a>(
        &self,
        latex: &str,
        display: MathDisplay,
        error: &mut Option<anyhow::Error>,
    ) -> Event<'a> {
        match self.0.convert_with_local_state(latex, display) {
            Ok(converted) => Event::InlineHtml(CowStr::from(converted.mathml)),
            Err(cause) => {
                *error = Some(anyhow!("${latex}$: {cause}"));
                Event::Text(CowStr::Borrowed(""))
            }
        }
    }
}

/// The start tag of a link that chooses a model. Without the page's code it opens the page with that model.
fn model_link(name: &str) -> Result<String> {
    ensure!(
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
        "“{name}” is not the name of a model"
    );
    Ok(format!(
        "<a class=\"panel-link\" data-model=\"{name}\" href=\"?model={name}\">"
    ))
}

/// The start tag of a link to `PANEL` or `PANEL#SECTION`. Without the page's code it opens the panel, too.
fn panel_link(target: &str) -> Result<String> {
    let (panel, section) = target.split_once('#').unwrap_or((target, ""));
    let is_id = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    ensure!(
        !panel.is_empty() && is_id(panel) && is_id(section),
        "“open:{target}” is not a panel"
    );
    Ok(format!(
        "<a class=\"panel-link\" data-open=\"{panel}\" data-section=\"{section}\" href=\"?tab={panel}\">"
    ))
}

/// Keeps an inline equation and the punctuation after it on one line.
fn keep_together(html: &str) -> String {
    const END: &str = "</math>";
    let mut result = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(end) = rest.find(END) {
        let (before, after) = rest.split_at(end + END.len());
        let punctuation = after
            .chars()
            .take_while(|letter| ".,;:)!?’".contains(*letter))
            .map(char::len_utf8)
            .sum();
        let (punctuation, next) = after.split_at(punctuation);
        match before.rfind("<math") {
            Some(start)
                if !punctuation.is_empty() && !before[start..].starts_with("<math display") =>
            {
                let (text, math) = before.split_at(start);
                result += &format!("{text}<span class=\"together\">{math}{punctuation}</span>");
            }
            _ => {
                result += before;
                result += punctuation;
            }
        }
        rest = next;
    }
    result + rest
}

/// Replaces `{{name}}` by an element that the page fills.
fn live_values(html: &str) -> Result<String> {
    let mut parts = html.split("{{");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").context("“{{” without “}}”")?;
        ensure!(is_name(name), "“{name}” is not the name of a live value");
        result += &format!("<output class=\"live\" data-live=\"{name}\">…</output>{rest}");
    }
    Ok(result)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_equations_and_live_values() {
        let html = Typesetter::new()
            .unwrap()
            .prose("The *ELBO* is {{elbo}} nats, $\\E[z] < 1$.")
            .unwrap();
        assert!(html.contains("<em>ELBO</em>"), "{html}");
        assert!(html.contains("data-live=\"elbo\""), "{html}");
        assert!(html.contains("<math"), "{html}");
    }

    #[test]
    fn display_breaks_an_equation_where_its_lines_end() {
        let typesetter = Typesetter::new().unwrap();
        let whole = typesetter.display("a = b", "a equals \"b\"").unwrap();
        assert_eq!(whole.matches("<math").count(), 1);
        assert!(
            whole.contains("alttext=\"a equals &quot;b&quot;\""),
            "{whole}"
        );
        let parts = typesetter
            .display("a\n= b\n+ c", "a equals b plus c")
            .unwrap();
        assert_eq!(parts.matches("<math aria-hidden=\"true\"").count(), 3);
        assert!(
            parts.contains("role=\"math\" aria-label=\"a equals b plus c\""),
            "{parts}"
        );
    }

    #[test]
    fn keep_together_wraps_equations_before_punctuation() {
        assert_eq!(
            keep_together("of <math>z</math>, or <math>x</math> now"),
            "of <span class=\"together\"><math>z</math>,</span> or <math>x</math> now"
        );
        let block = "<math display=\"block\">z</math>.";
        assert_eq!(keep_together(block), block);
    }

    #[test]
    fn prose_links_to_panels_and_models() {
        let typesetter = Typesetter::new().unwrap();
        let html = typesetter
            .prose("See [the chains](open:evidence#evidence-mcmc) or [this](https://example.org).")
            .unwrap();
        assert!(html.contains("data-open=\"evidence\" data-section=\"evidence-mcmc\""));
        assert!(html.contains("\">the chains</a>"), "{html}");
        assert!(html.contains("<a href=\"https://example.org\">this</a>"));
        assert!(typesetter.prose("[x](open:a/b)").is_err());
        let html = typesetter.prose("Use [20-D](model:mnist-20d).").unwrap();
        assert!(html.contains("data-model=\"mnist-20d\""), "{html}");
        assert!(typesetter.prose("[x](model:a&b)").is_err());
    }

    #[test]
    fn prose_reports_errors() {
        let typesetter = Typesetter::new().unwrap();
        assert!(typesetter.prose("{{elbo").is_err());
        assert!(typesetter.prose("{{a b}}").is_err());
        assert!(typesetter.prose("$\\nonsense$").is_err());
        assert!(typesetter.inline("one\n\ntwo").is_err());
    }
}
