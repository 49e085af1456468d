//! A digit of MNIST that goes round through pictures of other sizes and colours comes back.

mod support;

use images::{Grey, Pixels, from_drawing, from_picture};
use support::{difference, enlarged, mnist, show, strip};

fn round(name: &str, f: impl Fn(&Pixels) -> Pixels) {
    let digits = mnist();
    let back: Vec<Pixels> = digits.iter().map(f).collect();
    let both: Vec<Pixels> = digits
        .chunks(10)
        .zip(back.chunks(10))
        .flat_map(|(a, b)| [a, b].concat())
        .collect();
    show(&format!("round-{name}"), &strip(&both, 10), &[]);
    let off: Vec<f64> = digits
        .iter()
        .zip(&back)
        .map(|(a, b)| difference(a, b))
        .collect();
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    let worst = off.iter().copied().fold(0.0, f64::max);
    println!("{name}: mean difference {mean:.1}, worst {worst:.1}");
    assert!(mean < 9.0 && worst < 16.0, "{name}: {mean:.1} {worst:.1}");
}

#[test]
fn drawn_large() {
    round("drawn", |digit| {
        from_drawing(&enlarged(digit, 10)).expect("ink")
    });
}

#[test]
fn dark_on_light() {
    round("inverted", |digit| {
        let large = enlarged(digit, 7);
        let pixels = large.pixels().iter().map(|p| 255 - p).collect();
        let dark = Grey::new(large.width(), large.height(), pixels).expect("the same size");
        from_picture(&dark).expect("ink")
    });
}

#[test]
fn its_own_size_is_left_as_it_is() {
    for digit in mnist() {
        let light = Grey::new(28, 28, digit.to_vec()).expect("28×28");
        assert_eq!(from_picture(&light), Ok(digit));
        let dark = Grey::new(28, 28, digit.iter().map(|p| 255 - p).collect()).expect("28×28");
        assert_eq!(from_picture(&dark), Ok(digit));
    }
}
