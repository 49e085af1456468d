//! A long run needs no more memory than a short one.

use burn::tensor::Device;
use spec::{Activation, ImageShape, Likelihood, VaeConfig};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicIsize, Ordering},
};
use vae::{
    Vae,
    train::{TrainingImages, TrainingRun, TrainingSpec},
};

/// Counts the bytes that are allocated.
struct Counting;

static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: usize, sign: isize) {
    ALLOCATED.fetch_add(bytes as isize * sign, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "an allocator can't be written without")]
// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[test]
fn training_run_does_not_grow() {
    let architecture = VaeConfig {
        input_size: 20,
        convolution: None,
        network: None,
        encoder_hidden: vec![12],
        decoder_hidden: vec![10],
        latent_size: 2,
        classes: 0,
        activation: Activation::Gelu,
        likelihood: Likelihood::Bernoulli,
    };
    let training = TrainingSpec {
        batch: 16,
        ..TrainingSpec::default()
    };
    let model = Vae::init(&architecture, 7, &Device::flex()).expect("valid");
    let mut run = TrainingRun::new(training, &model, &Device::flex()).expect("valid");
    let pixels = (0..20 * 32).map(|value| (value * 37 % 256) as u8).collect();
    let mut images = TrainingImages::new(ImageShape::grey(4, 5), pixels);
    let mut steps = |count: usize| {
        for _ in 0..count {
            futures_lite::future::block_on(run.step(&mut images, 0.5)).expect("trains");
        }
        ALLOCATED.load(Ordering::Relaxed)
    };
    // Where the graph of gradients has just been cleared, and snapshots are as old as they can be or not.
    let before = steps(641);
    let after = steps(1280);
    let growth = after - before;
    assert!(growth < 64_000, "{growth} bytes more after 1280 steps");
}
