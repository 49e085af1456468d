//! The colours of classes, the same everywhere.
//!
//! They are for dark backgrounds: the map is dark while it shows points.

/// Red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// Colours of the first ten classes. They were found by simulated annealing: the smallest difference of two colours,
/// in normal vision and with protanopia, deuteranopia and tritanopia, is as large as it gets with lightnesses that are
/// seen on black. Digits that are confused often, such as 4 and 9, have colours far apart.
const FIRST: [Rgb; 10] = [
    [0xa5, 0x78, 0xf0],
    [0xf0, 0xa5, 0x69],
    [0x78, 0xff, 0xd2],
    [0x00, 0x69, 0xc3],
    [0xf0, 0x5a, 0x69],
    [0xf0, 0xe1, 0x2d],
    [0x1e, 0xa5, 0xa5],
    [0x69, 0x69, 0x0f],
    [0xa5, 0x3c, 0x78],
    [0x96, 0xc3, 0xff],
];

/// The colour of images without a label.
const UNLABELLED: Rgb = [0xf2, 0xf2, 0xf2];

/// Lightnesses and chroma of further classes in OKLCH.
const LIGHTNESSES: [f64; 3] = [0.72, 0.86, 0.58];
const CHROMA: f64 = 0.12;
/// Offset of the hues in degrees.
const FIRST_HUE: f64 = 60.0;
/// The golden angle in degrees: the hues of consecutive classes are far apart, however many there are.
const HUE_STEP: f64 = 137.507_764;

/// The colour of a class, counting from 0. Beyond ten, colours differ but cannot all be told apart, so classes are
/// named on the map, too.
pub(crate) fn class_colour(class: usize) -> Rgb {
    FIRST.get(class).copied().unwrap_or_else(|| {
        let lightness = LIGHTNESSES[class % LIGHTNESSES.len()];
        oklch(lightness, CHROMA, FIRST_HUE + HUE_STEP * class as f64)
    })
}

/// The colour of each value of a label, of which `unlabelled` means that there is none.
pub(crate) fn label_colours(unlabelled: u8) -> [Rgb; 256] {
    std::array::from_fn(|label| {
        if label == usize::from(unlabelled) {
            UNLABELLED
        } else {
            class_colour(label)
        }
    })
}

/// As a CSS colour: "#a578f0".
pub(crate) fn css([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Converts from OKLCH (Ottosson 2020), with the hue in degrees. Components outside of sRGB are clipped.
fn oklch(lightness: f64, chroma: f64, hue: f64) -> Rgb {
    let (sin, cos) = hue.to_radians().sin_cos();
    let [a, b] = [chroma * cos, chroma * sin];
    let [l, m, s] = [
        lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b,
        lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b,
        lightness - 0.089_484_177_5 * a - 1.291_485_548 * b,
    ]
    .map(|root| root * root * root);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
    .map(|linear| {
        let linear = linear.clamp(0.0, 1.0);
        let encoded = if linear <= 0.003_130_8 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        };
        (encoded * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f64; 3]; 3];

    /// Normal vision, and the simulations of Machado, Oliveira and Fernandes (2009) at full severity.
    const VISIONS: [(&str, Matrix); 4] = [
        (
            "normal",
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        ),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "tritanopia",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];
    const TO_LMS: Matrix = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    const TO_LAB: Matrix = [
        [0.210_454_255_3, 0.793_617_785, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766],
    ];

    fn times(matrix: &Matrix, v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    fn linear(colour: Rgb) -> [f64; 3] {
        colour.map(|byte| {
            let encoded = f64::from(byte) / 255.0;
            if encoded <= 0.040_45 {
                encoded / 12.92
            } else {
                ((encoded + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn oklab(colour: Rgb, vision: &Matrix) -> [f64; 3] {
        let seen = times(vision, linear(colour)).map(|part| part.clamp(0.0, 1.0));
        times(&TO_LAB, times(&TO_LMS, seen).map(f64::cbrt))
    }

    fn distance(a: Rgb, b: Rgb, vision: &Matrix) -> f64 {
        let [a, b] = [a, b].map(|colour| oklab(colour, vision));
        let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>().sqrt()
    }

    #[test]
    fn class_colours_of_ten_classes_are_told_apart_also_by_the_colour_blind() {
        for (name, vision) in &VISIONS {
            let least = if *name == "normal" { 0.16 } else { 0.1 };
            for a in 0..10 {
                for b in 0..a {
                    let apart = distance(class_colour(a), class_colour(b), vision);
                    assert!(apart > least, "{name}: {a} and {b}: {apart:.3}");
                }
            }
        }
    }

    #[test]
    fn class_colours_of_two_hundred_classes_differ_and_are_seen_on_black() {
        let normal = &VISIONS[0].1;
        let colours = label_colours(255);
        for a in 0..200 {
            let [red, green, blue] = linear(colours[a]);
            let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let contrast = (luminance + 0.05) / 0.05;
            assert!(contrast > 3.0, "{a}: {contrast:.2}");
            for b in 0..a {
                assert!(colours[a] != colours[b], "{a} and {b} are equal");
            }
            // Classes that follow each other in the legend are told apart.
            if a >= 10 {
                let apart = distance(colours[a], colours[a - 1], normal);
                assert!(apart > 0.1, "{a} and the class before: {apart:.3}");
            }
        }
    }

    #[test]
    fn oklch_converts_known_colours() {
        assert_eq!(oklch(1.0, 0.0, 0.0), [255; 3]);
        assert_eq!(oklch(0.0, 0.0, 0.0), [0; 3]);
        // sRGB red.
        assert_eq!(oklch(0.627_955, 0.257_683, 29.234), [255, 0, 0]);
        assert_eq!(css([255, 0, 16]), "#ff0010");
    }
}
