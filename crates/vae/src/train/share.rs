//! A batch that two compute the gradients of (data parallelism): what one hands to the other, and gets back.

use crate::host::training::{Batch, Gradient, Layer, Parts, Shape, pass};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Somebody who computes the gradients of a part of each batch, while the rest is computed here.
///
/// Who computes makes no difference to the numbers: a helper that is lost on the way changes nothing of a run.
pub trait Helper {
    /// Hands a share over, to be computed meanwhile.
    fn begin(&mut self, share: &Share<'_>);

    /// Waits for the gradients of the share that was handed over last; none where they are not to be had.
    fn finish(&mut self) -> impl Future<Output = Option<ShareGradients>>;
}

/// Nobody.
#[derive(Debug, Clone, Copy)]
pub enum NoHelper {}

impl Helper for NoHelper {
    fn begin(&mut self, _: &Share<'_>) {
        match *self {}
    }

    async fn finish(&mut self) -> Option<ShareGradients> {
        match *self {}
    }
}

/// Some images of a batch, and the model at which the loss's gradients are to be taken for them.
#[derive(Debug, Clone)]
pub struct Share<'a> {
    header: Header,
    /// Weight and bias of each layer, in the order of [`Vae::linears`](crate::Vae::linears).
    layers: Vec<[&'a [f32]; 2]>,
    /// The images, their class weights, and their ε, row by row.
    rows: [&'a [f32]; 3],
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Header {
    shape: Shape,
    n: usize,
    of: usize,
    beta: f64,
}

/// What a share comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareGradients {
    /// The loss's gradients for weight and bias of each layer.
    pub(super) layers: Vec<[Vec<f32>; 2]>,
    pub(super) parts: Parts,
}

/// A share that does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is no share of a batch: {0}")]
pub struct ShareError(String);

impl<'a> Share<'a> {
    pub(super) fn new<L: Layer>(
        shape: Shape,
        layers: &'a [L],
        batch: &Batch<'a>,
        beta: f64,
    ) -> Self {
        let both = |layer: &'a L| [layer.weight(), layer.bias().unwrap_or_default()];
        Self {
            header: Header {
                shape,
                n: batch.n,
                of: batch.of,
                beta,
            },
            layers: layers.iter().map(both).collect(),
            rows: [batch.x, batch.condition, batch.eps],
        }
    }

    /// What it says of itself; [`from_parts`](Self::from_parts) reads it.
    pub fn header(&self) -> String {
        serde_json::to_string(&self.header).unwrap_or_default()
    }

    /// All its numbers.
    pub fn numbers(&self) -> impl Iterator<Item = &'a [f32]> {
        let layers = self.layers.iter().flatten();
        layers.chain(&self.rows).copied()
    }

    /// The share with this header and these numbers, in their order.
    ///
    /// # Errors
    /// [`ShareError`] when they are not those of a share.
    pub fn from_parts(header: &str, numbers: &'a [Vec<f32>]) -> Result<Self, ShareError> {
        let header = serde_json::from_str(header).map_err(|error| ShareError(error.to_string()))?;
        let odd = || ShareError(format!("it has {} arrays", numbers.len()));
        let (layers, rows) = numbers.split_last_chunk::<3>().ok_or_else(odd)?;
        let (layers, []) = layers.as_chunks::<2>() else {
            return Err(odd());
        };
        Ok(Self {
            header,
            layers: layers
                .iter()
                .map(|both| both.each_ref().map(Vec::as_slice))
                .collect(),
            rows: rows.each_ref().map(Vec::as_slice),
        })
    }

    /// Computes it.
    ///
    /// # Panics
    /// If its numbers are not as many as its model and its images have.
    pub fn gradients(&self) -> ShareGradients {
        let Header { shape, n, of, beta } = self.header;
        let [x, condition, eps] = self.rows;
        let batch = Batch {
            n,
            of,
            x,
            condition,
            eps,
        };
        let kept = |&[weight, bias]: &[&'a [f32]; 2]| Kept {
            weight,
            bias,
            found: Default::default(),
        };
        let mut layers: Vec<Kept<'_>> = self.layers.iter().map(kept).collect();
        let parts = pass(shape, &mut layers, &batch, beta, Kept::keep);
        ShareGradients {
            layers: layers.into_iter().map(|layer| layer.found).collect(),
            parts,
        }
    }
}

impl ShareGradients {
    /// All its numbers.
    pub fn numbers(&self) -> impl Iterator<Item = &[f32]> {
        let Parts { reconstruction, kl } = &self.parts;
        let layers = self.layers.iter().flatten();
        layers.chain([reconstruction, kl]).map(Vec::as_slice)
    }

    /// Those with these numbers, in their order; none when they can't be.
    pub fn from_numbers(mut numbers: Vec<Vec<f32>>) -> Option<Self> {
        let kl = numbers.pop()?;
        let reconstruction = numbers.pop()?;
        let mut layers = Vec::with_capacity(numbers.len() / 2);
        let mut numbers = numbers.into_iter();
        while let Some(weight) = numbers.next() {
            layers.push([weight, numbers.next()?]);
        }
        Some(Self {
            layers,
            parts: Parts { reconstruction, kl },
        })
    }
}

/// A layer whose gradient is kept.
struct Kept<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
    found: [Vec<f32>; 2],
}

impl Kept<'_> {
    fn keep(&mut self, gradient: Gradient<'_>) {
        self.found = [gradient.weight, gradient.bias].map(<[f32]>::to_vec);
    }
}

impl Layer for Kept<'_> {
    fn weight(&self) -> &[f32] {
        self.weight
    }

    fn bias(&self) -> Option<&[f32]> {
        (!self.bias.is_empty()).then_some(self.bias)
    }
}
