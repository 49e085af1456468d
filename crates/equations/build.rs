//! Typesets every equation of `src/latex.rs`: a constant with its MathML, in `mathml.rs` of the output folder.

#[path = "src/latex.rs"]
mod latex;
#[path = "src/macros.rs"]
#[expect(unreachable_pub, reason = "the crate exports it")]
mod macros;

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/latex.rs");
    println!("cargo::rerun-if-changed=src/macros.rs");

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
        let converted = converter
            .convert_with_local_state(equation.latex, MathDisplay::Block)
            .map_err(|error| format!("{name}: {error}"))?;
        let text = equation.text;
        let mathml = converted
            .mathml
            .replacen("<math ", &format!("<math alttext=\"{text}\" "), 1);
        // In backticks, because brackets in plain documentation are links.
        let doc = format!("`{text}`");
        writeln!(
            constants,
            "#[doc = {doc:?}]\npub const {name}: &str = {mathml:?};"
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
