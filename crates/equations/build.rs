//! Typesets every equation of `src/latex.rs`: a constant with its HTML, in `mathml.rs` of the output folder.

#[path = "src/latex.rs"]
mod latex;
#[path = "src/macros.rs"]
#[expect(unreachable_pub, reason = "the crate exports it")]
mod macros;
#[path = "src/parts.rs"]
#[expect(unreachable_pub, reason = "the crate exports it")]
mod parts;

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/latex.rs");
    println!("cargo::rerun-if-changed=src/macros.rs");
    println!("cargo::rerun-if-changed=src/parts.rs");

    let macros = macros::MACROS
        .iter()
        .map(|(name, definition)| ((*name).to_owned(), (*definition).to_owned()));
    let converter = LatexToMathML::new(MathCoreConfig {
        macros: macros.collect(),
        ..MathCoreConfig::default()
    })
    .map_err(|(error, _, definition)| format!("macro {definition}: {error}"))?;

    let mut constants = String::new();
    let mut all = String::new();
    for equation in latex::EQUATIONS {
        let name = equation.name;
        let text = equation.text;
        let typeset = |latex: &str| {
            converter
                .convert_with_local_state(latex, MathDisplay::Block)
                .map(|converted| converted.mathml)
                .map_err(|error| format!("{name}: {error}"))
        };
        let html = parts::display(equation.latex, text, typeset)?;
        // In backticks, because brackets in plain documentation are links.
        let doc = format!("`{text}`");
        writeln!(
            constants,
            "#[doc = {doc:?}]\npub const {name}: &str = {html:?};"
        )?;
        write!(all, "({name:?}, {name}), ")?;
    }
    writeln!(
        constants,
        "#[cfg(test)]\nconst ALL: &[(&str, &str)] = &[{all}];"
    )?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("mathml.rs"), constants)?;
    Ok(())
}
