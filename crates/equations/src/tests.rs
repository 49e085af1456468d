//! Checks of the MathML, and of the font in which the page shows it.

use roxmltree::{Document, Node};
use ttf_parser::Face;

use super::ALL;
use super::latex::EQUATIONS;

/// Brackets and bars that browsers stretch unless an attribute says otherwise.
const STRETCHY: &str = "()[]{}|‖";

/// Every element of an equation with text, and the text.
fn tokens<'a>(document: &'a Document<'_>) -> impl Iterator<Item = (Node<'a, 'a>, &'a str)> {
    document.descendants().filter_map(|node| {
        Some((
            node.parent_element()?,
            node.text().filter(|_| node.is_text())?,
        ))
    })
}

/// The character with which browsers show `letter` when it stands alone in an `<mi>` (MathML Core, `math-auto`).
fn italic(letter: char) -> char {
    let shifted =
        |first: char, base: u32| char::from_u32(base + u32::from(letter) - u32::from(first));
    match letter {
        'h' => Some('ℎ'),
        'A'..='Z' => shifted('A', 0x1D434),
        'a'..='z' => shifted('a', 0x1D44E),
        'Α'..='Ω' => shifted('Α', 0x1D6E2),
        'α'..='ω' => shifted('α', 0x1D6FC),
        _ => Some(letter),
    }
    .expect("a mathematical letter")
}

/// The font of `www/fonts/`, decompressed.
fn font() -> Vec<u8> {
    let compressed = include_bytes!("../../../www/fonts/elbo-room-math-1.woff2");
    wuff::decompress_woff2(compressed).expect("a WOFF2 font")
}

#[test]
fn mathml_is_well_formed() {
    assert_eq!(ALL.len(), EQUATIONS.len());
    for ((name, mathml), equation) in ALL.iter().zip(EQUATIONS) {
        let document =
            Document::parse(mathml).unwrap_or_else(|error| panic!("{name}: {error}\n{mathml}"));
        let root = document.root_element();
        assert_eq!(*name, equation.name);
        let label = match root.tag_name().name() {
            "math" => "alttext",
            _ => "aria-label",
        };
        assert_eq!(root.attribute(label), Some(equation.text), "{name}");
        let parts = || {
            document
                .descendants()
                .filter(|node| node.has_tag_name("math"))
        };
        assert_eq!(parts().count(), equation.latex.lines().count(), "{name}");
        for part in parts() {
            assert_eq!(part.attribute("display"), Some("block"), "{name}");
        }
    }
}

#[test]
fn mathml_has_no_inline_styles() {
    for (name, mathml) in ALL {
        let document = Document::parse(mathml).unwrap();
        assert!(
            document
                .descendants()
                .all(|node| node.attribute("style").is_none()),
            "{name}: a content security policy without inline styles would drop them\n{mathml}"
        );
    }
}

#[test]
fn brackets_grow_between_left_and_right_only() {
    for ((name, mathml), equation) in ALL.iter().zip(EQUATIONS) {
        let document = Document::parse(mathml).unwrap();
        let growing = tokens(&document)
            .filter(|(element, text)| {
                element.tag_name().name() == "mo"
                    && STRETCHY.contains(text)
                    && element.attribute("stretchy") != Some("false")
            })
            .count();
        let asked = [r"\left", r"\right"].map(|command| equation.latex.matches(command).count());
        assert_eq!(growing, asked.iter().sum::<usize>(), "{name}: {mathml}");
    }
}

#[test]
fn font_has_every_character() {
    let font = font();
    let face = Face::parse(&font, 0).unwrap();
    for (name, mathml) in ALL {
        let document = Document::parse(mathml).unwrap();
        for (element, text) in tokens(&document) {
            let mut characters = text.chars();
            let single = characters.next().filter(|_| characters.next().is_none());
            let is_italic =
                element.tag_name().name() == "mi" && element.attribute("mathvariant").is_none();
            let shown = match single {
                Some(letter) if is_italic => italic(letter).to_string(),
                _ => text.to_owned(),
            };
            for character in shown
                .chars()
                .filter(|character| !is_variation_selector(*character))
            {
                assert!(
                    face.glyph_index(character).is_some(),
                    "{name}: the font lacks {character} (U+{:04X}); add it in make_math_font.py",
                    u32::from(character)
                );
            }
        }
    }
}

/// Selects a form of the letter before it; has no glyph of its own.
fn is_variation_selector(character: char) -> bool {
    ('\u{FE00}'..='\u{FE0F}').contains(&character)
}

#[test]
fn font_has_sizes_for_characters_that_grow() {
    let font = font();
    let face = Face::parse(&font, 0).unwrap();
    let variants = face
        .tables()
        .math
        .and_then(|math| math.variants)
        .expect("a MATH table with variants");
    for character in "()[]{}|‖∑∫".chars() {
        let glyph = face.glyph_index(character).unwrap();
        assert!(
            variants.vertical_constructions.get(glyph).is_some(),
            "{character} has one size"
        );
    }
}

#[test]
fn display_breaks_an_equation_where_its_lines_end() {
    let typeset = |latex: &str| Ok::<_, ()>(format!("<math display=\"block\">{latex}</math>"));
    assert_eq!(
        super::display("a < b", "a \"<\" b", typeset),
        Ok("<math alttext=\"a &quot;&lt;&quot; b\" display=\"block\">a < b</math>".to_owned())
    );
    assert_eq!(
        super::display("a\n  = b", "a = b", typeset),
        Ok(
            "<div class=\"equation-parts\" role=\"math\" aria-label=\"a = b\">\
            <math aria-hidden=\"true\" display=\"block\">a</math>\
            <math aria-hidden=\"true\" display=\"block\">{} = b</math></div>"
                .to_owned()
        )
    );
}
