//! MNIST digits survive being enlarged or inverted and normalized again.

mod support;

use images::{GreyImage, Pixels, normalize_drawing, normalize_image};
use support::{difference, enlarged, mnist, show, strip};

fn check_round_trip(name: &str, f: impl Fn(&Pixels) -> Pixels) {
    let digits = mnist();
    let restored: Vec<Pixels> = digits.iter().map(f).collect();
    let both: Vec<Pixels> = digits
        .chunks(10)
        .zip(restored.chunks(10))
        .flat_map(|(a, b)| [a, b].concat())
        .collect();
    show(&format!("round-{name}"), &strip(&both, 10), &[]);
    let off: Vec<f64> = digits
        .iter()
        .zip(&restored)
        .map(|(a, b)| difference(a, b))
        .collect();
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    let worst = off.iter().copied().fold(0.0, f64::max);
    println!("{name}: mean difference {mean:.1}, worst {worst:.1}");
    assert!(mean < 9.0 && worst < 16.0, "{name}: {mean:.1} {worst:.1}");
}

#[test]
fn normalize_drawing_restores_enlarged_digits() {
    check_round_trip("drawn", |digit| {
        normalize_drawing(&enlarged(digit, 10)).expect("ink")
    });
}

#[test]
fn normalize_image_restores_dark_on_light_digits() {
    check_round_trip("inverted", |digit| {
        let large = enlarged(digit, 7);
        let pixels = large.pixels().iter().map(|p| 255 - p).collect();
        let dark = GreyImage::new(large.width(), large.height(), pixels).expect("the same size");
        normalize_image(&dark).expect("ink")
    });
}

#[test]
fn normalize_image_keeps_28_by_28_pixels() {
    for digit in mnist() {
        let light = GreyImage::new(28, 28, digit.to_vec()).expect("28×28");
        assert_eq!(normalize_image(&light), Ok(digit));
        let dark = GreyImage::new(28, 28, digit.iter().map(|p| 255 - p).collect()).expect("28×28");
        assert_eq!(normalize_image(&dark), Ok(digit));
    }
}
