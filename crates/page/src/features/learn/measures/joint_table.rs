//! The joint distribution of two events: z₁ ≥ 0, and a pixel is on.

use crate::features::learn::probe::Probe;

/// Points along a side of the grid, which covers −4 to 4.
const SIDE: usize = 32;
const REACH: f64 = 4.0;
/// Points for each decoder evaluation.
const BATCH: usize = 256;

/// Joint probabilities.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JointTable {
    /// The pixel's row and column.
    pub(crate) pixel: [usize; 2],
    /// `[z₁ < 0, z₁ ≥ 0]` of `[off, on]`.
    pub(crate) joint: [[f64; 2]; 2],
}

impl JointTable {
    /// p(z₁ ≥ 0 | on).
    pub(crate) fn positive_given_on(&self) -> f64 {
        self.joint[1][1] / (self.joint[0][1] + self.joint[1][1])
    }

    /// Integrates the decoder's pixel probabilities over the prior, and takes the pixel that says most about z₁.
    pub(crate) async fn compute(probe: Probe) -> Result<Self, String> {
        probe.two_d()?;
        let width = probe.model()?.image.width;
        let z = grid();
        let mut sums: [Vec<f64>; 2] = Default::default();
        for rows in z.chunks(2 * BATCH) {
            let (images, _) = probe.decode(rows.to_vec()).await?;
            let pixels = images.len() / (rows.len() / 2);
            for (z, image) in rows.chunks_exact(2).zip(images.chunks_exact(pixels)) {
                let side = usize::from(z[0] >= 0.0);
                let weight = weight(z);
                sums[side].resize(pixels, 0.0);
                for (sum, grey) in sums[side].iter_mut().zip(image) {
                    *sum += weight * f64::from(*grey) / 255.0;
                }
            }
        }
        let total: f64 = z.chunks_exact(2).map(weight).sum();
        let [negative, positive]: [Vec<f64>; 2] =
            sums.map(|sums| sums.into_iter().map(|sum| sum / total).collect());
        most_informative(&negative, &positive, width).ok_or_else(|| {
            "This model has no pixel that is sometimes on and sometimes off.".to_owned()
        })
    }
}

fn grid() -> Vec<f32> {
    let at = |i: usize| ((i as f64 + 0.5) / SIDE as f64 * 2.0 - 1.0) * REACH;
    (0..SIDE * SIDE)
        .flat_map(|i| [at(i % SIDE) as f32, at(i / SIDE) as f32])
        .collect()
}

fn weight(z: &[f32]) -> f64 {
    let squares: f64 = z.iter().map(|z| f64::from(*z).powi(2)).sum();
    (-0.5 * squares).exp()
}

/// The pixel for which p(z₁ ≥ 0 | on) differs most from a half, of those that are on with a probability from 0.2 to
/// 0.8.
fn most_informative(negative: &[f64], positive: &[f64], width: usize) -> Option<JointTable> {
    let difference = |i: &usize| (positive[*i] / (negative[*i] + positive[*i]) - 0.5).abs();
    let pixel = (0..negative.len().min(positive.len()))
        .filter(|i| (0.2..=0.8).contains(&(negative[*i] + positive[*i])))
        .max_by(|a, b| difference(a).total_cmp(&difference(b)))?;
    let [off_on_negative, off_on_positive] =
        [negative[pixel], positive[pixel]].map(|on| [0.5 - on, on]);
    Some(JointTable {
        pixel: [pixel / width, pixel % width],
        joint: [off_on_negative, off_on_positive],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_informative_pixel_is_uncertain_and_depends_on_z() {
        let negative = [0.001, 0.25, 0.1, 0.0];
        let positive = [0.4, 0.25, 0.4, 0.1];
        let table = most_informative(&negative, &positive, 2).expect("one");
        assert_eq!(table.pixel, [0, 0]);
        let negative = [0.001, 0.25, 0.1, 0.0];
        let positive = [0.1, 0.25, 0.4, 0.1];
        let table = most_informative(&negative, &positive, 2).expect("one");
        assert_eq!(table.pixel, [1, 0]);
        assert!((table.positive_given_on() - 0.8).abs() < 1e-12);
        let sum: f64 = table.joint.iter().flatten().sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert_eq!(most_informative(&[0.0], &[0.0], 1), None);
    }

    #[test]
    fn grid_halves_have_equal_weight() {
        let z = grid();
        let side = |positive: bool| -> f64 {
            z.chunks_exact(2)
                .filter(|z| (z[0] >= 0.0) == positive)
                .map(weight)
                .sum()
        };
        assert!((side(true) / side(false) - 1.0).abs() < 1e-6);
    }
}
