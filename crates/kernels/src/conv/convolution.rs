//! A convolution: forward pass, and the gradients for its input and its parameters.

use super::{
    patches::Patches,
    phases,
    window_weight::{window_weight, window_weight_backward},
};
use crate::gemm::{MatrixRef, PackedRhs, SparseLhs, gemm};
use spec::{FeatureMap, Sides};

/// Values of the patches that are gathered at a time: 256 KiB, which fit a processor's second-level cache.
const GROUP_VALUES: usize = 64 * 1024;
/// As [`GROUP_VALUES`], for the gradient of a weight: in larger groups, fewer partial sums are added.
const GRADIENT_GROUP_VALUES: usize = 256 * 1024;

/// A convolution and the maps on both sides of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convolution {
    /// From the outer to the inner map: stride 2, a border of one zero.
    Strided(Sides),
    /// From the inner to the outer map: nearest-neighbour upsampling to twice the sides, stride 1, a border of one zero,
    /// and cropping.
    Upsampled(Sides),
}

/// Memory that all products share.
#[derive(Debug, Default)]
pub struct Workspace {
    patches: Vec<f32>,
    outputs: Vec<f32>,
    product: Vec<f32>,
    lhs: SparseLhs,
    rhs: PackedRhs,
}

impl Convolution {
    fn maps(&self) -> [FeatureMap; 2] {
        match *self {
            Self::Strided(Sides { outer, inner }) => [outer, inner],
            Self::Upsampled(Sides { outer, inner }) => [inner, outer],
        }
    }

    /// Values of the input of one image.
    pub fn input_size(&self) -> usize {
        self.maps()[0].values()
    }

    /// Values of the output of one image.
    pub fn output_size(&self) -> usize {
        self.maps()[1].values()
    }

    fn patches(&self) -> Patches {
        match *self {
            Self::Strided(Sides { outer, inner }) => Patches {
                map: outer,
                positions: [inner.height, inner.width],
                side: 3,
                stride: 2,
            },
            Self::Upsampled(Sides { inner, .. }) => Patches {
                map: inner,
                positions: [inner.height + 1, inner.width + 1],
                side: 2,
                stride: 1,
            },
        }
    }

    /// Outputs of a patch.
    fn patch_outputs(&self) -> usize {
        match self {
            Self::Strided(sides) => sides.inner.channels,
            Self::Upsampled(sides) => 4 * sides.outer.channels,
        }
    }

    /// The weight for a patch, `[patch, outputs of a patch]`.
    fn patch_weight(&self, weight: &[f32]) -> Option<Vec<f32>> {
        match self {
            Self::Strided(_) => None,
            Self::Upsampled(sides) => Some(window_weight(
                weight,
                sides.inner.channels,
                sides.outer.channels,
            )),
        }
    }

    /// Packs the weight for [`forward`](Self::forward).
    ///
    /// # Shapes
    /// - `weight`: `[9 · in, out]`
    pub fn pack(&self, weight: &[f32], packed: &mut PackedRhs) {
        let of_patch = self.patch_weight(weight);
        let weight = of_patch.as_deref().unwrap_or(weight);
        let (size, outputs) = (self.patches().size(), self.patch_outputs());
        packed.pack_columns(MatrixRef::new(weight, size, outputs));
    }

    /// The output of each image.
    ///
    /// # Shapes
    /// - `weight`: packed by [`pack`](Self::pack)
    /// - `bias`: `[out]`
    /// - `x`: `[n, input]`
    /// - `out`: `[n, output]`; overwritten
    pub fn forward(
        &self,
        weight: &PackedRhs,
        bias: &[f32],
        x: &[f32],
        out: &mut [f32],
        workspace: &mut Workspace,
    ) {
        let Workspace {
            patches,
            outputs,
            lhs,
            ..
        } = workspace;
        let layout = self.patches();
        let bias = bias.repeat(self.patch_outputs() / bias.len());
        let group = group_size(layout, GROUP_VALUES);
        let groups = x.chunks(group * self.input_size());
        for (x, out) in groups.zip(out.chunks_mut(group * self.output_size())) {
            layout.gather(x, patches);
            let rows = patches.len() / layout.size();
            lhs.pack_rows(MatrixRef::new(patches, rows, layout.size()));
            match *self {
                Self::Strided(_) => gemm(lhs, weight, Some(&bias), out),
                Self::Upsampled(sides) => {
                    outputs.resize(rows * bias.len(), 0.0);
                    gemm(lhs, weight, Some(&bias), outputs);
                    phases::place(outputs, sides, out);
                }
            }
        }
    }

    /// The gradient for the input, `[n, input]`.
    ///
    /// # Shapes
    /// - `weight`: `[9 · in, out]`
    /// - `delta`: the gradient for the output, `[n, output]`
    pub fn backward(&self, weight: &[f32], delta: &[f32], workspace: &mut Workspace) -> Vec<f32> {
        let Workspace {
            outputs,
            product,
            lhs,
            rhs,
            ..
        } = workspace;
        let layout = self.patches();
        let of_patch = self.patch_weight(weight);
        let weight = of_patch.as_deref().unwrap_or(weight);
        let width = self.patch_outputs();
        // Its transpose: `[outputs of a patch, patch]`.
        rhs.pack_rows(MatrixRef::new(weight, layout.size(), width));
        let n = delta.len() / self.output_size();
        let mut d_input = vec![0.0; n * self.input_size()];
        let group = group_size(layout, GROUP_VALUES);
        let groups = delta.chunks(group * self.output_size());
        for (delta, d_input) in groups.zip(d_input.chunks_mut(group * self.input_size())) {
            let delta = self.of_patches(delta, outputs);
            let rows = delta.len() / width;
            lhs.pack_rows(MatrixRef::new(delta, rows, width));
            product.resize(rows * layout.size(), 0.0);
            gemm(lhs, rhs, None, product);
            layout.scatter_add(product, d_input);
        }
        d_input
    }

    /// The gradients for weight, `[9 · in, out]`, and bias, `[out]`.
    ///
    /// # Shapes
    /// - `x`: the input, `[n, input]`
    /// - `delta`: the gradient for the output, `[n, output]`
    pub fn gradient(
        &self,
        x: &[f32],
        delta: &[f32],
        workspace: &mut Workspace,
    ) -> (Vec<f32>, Vec<f32>) {
        let Workspace {
            patches,
            outputs,
            product,
            lhs,
            rhs,
        } = workspace;
        let layout = self.patches();
        let width = self.patch_outputs();
        let mut d_weight = vec![0.0; layout.size() * width];
        product.resize(d_weight.len(), 0.0);
        let group = group_size(layout, GRADIENT_GROUP_VALUES);
        let groups = x.chunks(group * self.input_size());
        for (x, delta) in groups.zip(delta.chunks(group * self.output_size())) {
            layout.gather(x, patches);
            let delta = self.of_patches(delta, outputs);
            let rows = delta.len() / width;
            lhs.pack_columns(MatrixRef::new(patches, rows, layout.size()));
            rhs.pack_columns(MatrixRef::new(delta, rows, width));
            gemm(lhs, rhs, None, product);
            let sums = d_weight.iter_mut().zip(product.iter());
            sums.for_each(|(sum, value)| *sum += value);
        }
        let [input, output] = self.maps();
        let d_weight = match self {
            Self::Strided(_) => d_weight,
            Self::Upsampled(_) => {
                window_weight_backward(&d_weight, input.channels, output.channels)
            }
        };
        let mut d_bias = vec![0.0; output.channels];
        for delta in delta.chunks_exact(output.channels) {
            let sums = d_bias.iter_mut().zip(delta);
            sums.for_each(|(sum, delta)| *sum += delta);
        }
        (d_weight, d_bias)
    }

    /// The gradient for the output, as rows of the outputs of a patch.
    fn of_patches<'a>(&self, delta: &'a [f32], outputs: &'a mut Vec<f32>) -> &'a [f32] {
        match *self {
            Self::Strided(_) => delta,
            Self::Upsampled(sides) => {
                phases::collect(delta, sides, outputs);
                outputs
            }
        }
    }
}

/// Images whose patches are gathered at a time.
fn group_size(patches: Patches, values: usize) -> usize {
    (values / (patches.count() * patches.size())).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    /// The convolution by its definition, in double precision.
    fn exact(convolution: Convolution, weight: &[f32], bias: &[f32], x: &[f32]) -> Vec<f64> {
        let [input, output] = convolution.maps();
        let mut out = Vec::new();
        for x in x.chunks(input.values()) {
            for position in 0..output.positions() {
                let (row, column) = (position / output.width, position % output.width);
                for channel in 0..output.channels {
                    let mut sum = f64::from(bias[channel]);
                    for tap in 0..9 {
                        // The row and column of the map that the kernel reads, before upsampling.
                        let at = |position: usize, tap: usize, side: usize| match convolution {
                            Convolution::Strided(_) => {
                                (2 * position + tap).checked_sub(1).filter(|&at| at < side)
                            }
                            Convolution::Upsampled(_) => (position + tap)
                                .checked_sub(1)
                                .filter(|&at| at < 2 * side)
                                .map(|at| at / 2),
                        };
                        let (Some(y), Some(z)) = (
                            at(row, tap / 3, input.height),
                            at(column, tap % 3, input.width),
                        ) else {
                            continue;
                        };
                        for from in 0..input.channels {
                            let x = x[(y * input.width + z) * input.channels + from];
                            let w =
                                weight[(tap * input.channels + from) * output.channels + channel];
                            sum += f64::from(x) * f64::from(w);
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }

    fn assert_close(found: &[f32], expected: &[f64], what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (found, expected) in found.iter().zip(expected) {
            let error = (f64::from(*found) - expected).abs();
            assert!(
                error < 1e-4 * expected.abs().max(1.0),
                "{what}: {found}, not {expected}"
            );
        }
    }

    /// The gradient of Σ δ·y for a parameter, by the linearity of y in it: the difference of two values.
    fn slope(
        values: &[f32],
        delta: &[f32],
        zero: &[f64],
        run: impl Fn(&[f32]) -> Vec<f64>,
    ) -> Vec<f64> {
        (0..values.len())
            .map(|i| {
                let mut unit = values.to_vec();
                unit[i] += 1.0;
                let changed = run(&unit);
                let terms = changed.iter().zip(zero).zip(delta);
                terms
                    .map(|((changed, zero), delta)| (changed - zero) * f64::from(*delta))
                    .sum()
            })
            .collect()
    }

    #[test]
    fn convolutions_and_their_gradients_agree_with_the_definition() {
        let map = |height, width, channels| FeatureMap {
            height,
            width,
            channels,
        };
        for (outer, inner) in [
            (map(8, 8, 3), map(4, 4, 5)),
            (map(7, 10, 1), map(4, 5, 9)),
            (map(9, 8, 8), map(5, 4, 3)),
            (map(2, 1, 2), map(1, 1, 2)),
        ] {
            let sides = Sides { outer, inner };
            for convolution in [Convolution::Strided(sides), Convolution::Upsampled(sides)] {
                let [input, output] = convolution.maps();
                let n = 3;
                let weight = values(9 * input.channels * output.channels, 1);
                let bias = values(output.channels, 2);
                let x = values(n * input.values(), 3);
                let delta = values(n * output.values(), 4);
                let expected = exact(convolution, &weight, &bias, &x);

                let mut workspace = Workspace::default();
                let mut packed = PackedRhs::default();
                convolution.pack(&weight, &mut packed);
                let mut found = vec![f32::NAN; n * output.values()];
                convolution.forward(&packed, &bias, &x, &mut found, &mut workspace);
                assert_close(&found, &expected, "output");

                let d_input = convolution.backward(&weight, &delta, &mut workspace);
                let run = |x: &[f32]| exact(convolution, &weight, &bias, x);
                assert_close(&d_input, &slope(&x, &delta, &expected, run), "d input");
                let (d_weight, d_bias) = convolution.gradient(&x, &delta, &mut workspace);
                let run = |weight: &[f32]| exact(convolution, weight, &bias, &x);
                assert_close(
                    &d_weight,
                    &slope(&weight, &delta, &expected, run),
                    "d weight",
                );
                let run = |bias: &[f32]| exact(convolution, &weight, bias, &x);
                assert_close(&d_bias, &slope(&bias, &delta, &expected, run), "d bias");
            }
        }
    }

    /// Images in several groups give what each gives alone.
    #[test]
    fn convolution_of_many_images_is_that_of_each() {
        let map = |side, channels| FeatureMap {
            height: side,
            width: side,
            channels,
        };
        let sides = Sides {
            outer: map(32, 8),
            inner: map(16, 16),
        };
        for convolution in [Convolution::Strided(sides), Convolution::Upsampled(sides)] {
            let [input, output] = convolution.maps();
            let weight = values(9 * input.channels * output.channels, 1);
            let bias = values(output.channels, 2);
            let n = 9;
            let x = values(n * input.values(), 3);
            let mut workspace = Workspace::default();
            let mut packed = PackedRhs::default();
            convolution.pack(&weight, &mut packed);
            let mut run = |x: &[f32]| {
                let mut out = vec![f32::NAN; x.len() / input.values() * output.values()];
                convolution.forward(&packed, &bias, x, &mut out, &mut workspace);
                out
            };
            let together = run(&x);
            let alone: Vec<f32> = x.chunks(input.values()).flat_map(run).collect();
            assert_eq!(together, alone);
        }
    }
}
