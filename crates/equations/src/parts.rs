//! Displayed equations in parts, because browsers do not break MathML.

/// A displayed equation as HTML. On a narrow screen it may be broken where a line of its LaTeX ends. `text` is for screen
/// readers that do not read MathML; `typeset` makes the MathML of a part.
///
/// # Errors
/// Those of `typeset`.
pub fn display<E>(
    latex: &str,
    text: &str,
    typeset: impl Fn(&str) -> Result<String, E>,
) -> Result<String, E> {
    let alt = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    let lines: Vec<&str> = latex.lines().map(str::trim).collect();
    if let [line] = lines[..] {
        let math = typeset(line)?;
        return Ok(math.replacen("<math ", &format!("<math alttext=\"{alt}\" "), 1));
    }
    let mut parts = String::new();
    for (index, line) in lines.into_iter().enumerate() {
        // After an empty term, a relation or operator at the start has the spaces of one between two terms.
        let math = match index {
            0 => typeset(line)?,
            _ => typeset(&format!("{{}} {line}"))?,
        };
        parts += &math.replacen("<math ", "<math aria-hidden=\"true\" ", 1);
    }
    Ok(format!(
        "<div class=\"equation-parts\" role=\"math\" aria-label=\"{alt}\">{parts}</div>"
    ))
}
