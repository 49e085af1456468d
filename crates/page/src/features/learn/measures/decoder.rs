//! Measurements of decoded images.

use super::{Measured, interval};
use crate::features::learn::probe::Probe;
use crate::latent::gaussian;
use crate::number::format::{fixed, grouped, latent};

/// The class that a place is asked for.
const WANTED_CLASS: usize = 7;
/// Seconds in a year.
const YEAR: f64 = 365.25 * 24.0 * 3600.0;

/// The indices of the two class means that are closest to z, with their distances.
fn closest_means(class_means: &[Vec<f32>], z: &[f32]) -> Option<[(usize, f64); 2]> {
    let mut distances: Vec<(usize, f64)> = class_means
        .iter()
        .map(|mean| {
            let squares = mean.iter().zip(z).map(|(a, b)| f64::from(a - b).powi(2));
            squares.sum::<f64>().sqrt()
        })
        .enumerate()
        .collect();
    distances.sort_by(|a, b| a.1.total_cmp(&b.1));
    match distances.as_slice() {
        [first, second, ..] => Some([*first, *second]),
        _ => None,
    }
}

fn no_means() -> String {
    "This model’s card has no class means. Choose one of the included models in the top bar."
        .to_owned()
}

pub(super) fn place_of_class(probe: Probe, at: [f64; 2]) -> Result<Measured, String> {
    probe.two_d()?;
    let z = at.map(|value| value as f32);
    let means = probe.model()?.class_means;
    let [(class, distance), _] = closest_means(&means, &z).ok_or_else(no_means)?;
    probe.latent.set(z.to_vec(), crate::dom::now());
    let [a, b] = z.map(latent);
    Measured::place(
        class == WANTED_CLASS,
        format!(
            "({a}, {b}) is closest to the mean of the {class}s, at a distance of {}; the stage shows what it decodes to.",
            fixed(distance, 2)
        ),
    )
}

/// Whether a grey value is a probability between 0.1 and 0.9.
fn is_uncertain(grey: u8) -> bool {
    (26..=229).contains(&grey)
}

fn uncertain(images: &[u8]) -> usize {
    images.iter().filter(|grey| is_uncertain(**grey)).count()
}

pub(super) async fn uncertain_pixels(probe: Probe) -> Result<Measured, String> {
    let z = probe.latent.z_untracked();
    let (image, _) = probe.decode(z).await?;
    let count = uncertain(&image);
    Measured::choice(
        interval(count as f64, &[50.0, 200.5]),
        format!(
            "At this z, {count} of {} pixels are uncertain.",
            image.len()
        ),
    )
}

pub(super) async fn border_ink(probe: Probe) -> Result<Measured, String> {
    probe.two_d()?;
    const DIRECTIONS: usize = 24;
    let circle = |radius: f32| -> Vec<f32> {
        (0..DIRECTIONS)
            .flat_map(|i| {
                let angle = i as f32 / DIRECTIONS as f32 * std::f32::consts::TAU;
                [radius * angle.cos(), radius * angle.sin()]
            })
            .collect()
    };
    let (near, _) = probe.decode(circle(1.0)).await?;
    let (far, _) = probe.decode(circle(5.0)).await?;
    let [near, far] = [near, far].map(|images| uncertain(&images) as f64 / DIRECTIONS as f64);
    Measured::choice(
        interval(far / near.max(1e-9), &[0.8, 1.25]),
        format!(
            "In {DIRECTIONS} directions, images at a distance of 1 have {} uncertain pixels on average, and images at 5 \
             have {}.",
            fixed(near, 0),
            fixed(far, 0)
        ),
    )
}

pub(super) async fn ambiguous_samples(probe: Probe) -> Result<Measured, String> {
    const COUNT: usize = 200;
    let model = probe.model()?;
    let size = model.latent_size;
    let (images, _) = probe.decode(gaussian::sample_prior(COUNT * size)).await?;
    let [mu, _] = probe.encode(images).await?;
    let mut clear = 0;
    for z in mu.chunks_exact(size) {
        let [(_, first), (_, second)] =
            closest_means(&model.class_means, z).ok_or_else(no_means)?;
        clear += usize::from(second >= 2.0 * first);
    }
    Measured::choice(
        match clear {
            101.. => 0,
            25..=100 => 1,
            _ => 2,
        },
        format!("{clear} of {COUNT} samples are clear by this rule."),
    )
}

pub(super) async fn grid_time(probe: Probe) -> Result<Measured, String> {
    const COUNT: usize = 200;
    let size = probe.model()?.latent_size;
    let (_, ms) = probe.decode(gaussian::sample_prior(COUNT * size)).await?;
    let seconds = 1e16 * ms / 1000.0 / COUNT as f64;
    let years = seconds / YEAR;
    let age = if years < 1e6 {
        format!("{} years", grouped(years as usize))
    } else {
        format!("{} million years", grouped((years / 1e6) as usize))
    };
    Measured::choice(
        interval(seconds, &[3600.0, YEAR]),
        format!(
            "Your device has just decoded {COUNT} z in {} ms. At this speed, the grid takes {age}.",
            fixed(ms, 1)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closest_means_are_sorted_by_distance() {
        let means = vec![vec![0.0, 0.0], vec![3.0, 4.0], vec![1.0, 0.0]];
        let found = closest_means(&means, &[3.0, 3.0]).expect("three");
        assert_eq!((found[0].0, found[1].0), (1, 2));
        assert!((found[0].1 - 1.0).abs() < 1e-6);
        assert_eq!(closest_means(&means[..1], &[0.0, 0.0]), None);
    }

    #[test]
    fn uncertain_counts_pixels_between_a_tenth_and_nine_tenths() {
        assert_eq!(uncertain(&[0, 25, 26, 128, 229, 230, 255]), 3);
    }
}
