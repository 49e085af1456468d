//! The search for a VAE among named tensors.

use crate::Target;
use checkpoints::{StateDict, Tensor};
use recognition::{Answers, Candidate};

/// The most values of all tensors of an input.
const MAX_VALUES: usize = 1 << 18;

/// Lines of a name and sizes: `encoder.0.weight 16 64`.
pub const RECOGNITION: Target = Target {
    name: "recognition",
    run: recognize,
    seeds: || {
        let texts = [
            "encoder.0.weight 16 64\nencoder.0.bias 16\nencoder.2.weight 4 16\nencoder.2.bias 4\n\
             decoder.0.weight 16 2\ndecoder.0.bias 16\ndecoder.2.weight 64 16\ndecoder.2.bias 64\n",
            "fc1.weight 20 49\nfc1.bias 20\nfc21.weight 2 20\nfc21.bias 2\nfc22.weight 2 20\nfc22.bias 2\n\
             fc3.weight 20 2\nfc3.bias 20\nfc4.weight 49 20\nfc4.bias 49\n",
            "conv1.weight 4 1 3 3\nconv1.bias 4\nbn.weight 4\nbn.bias 4\nbn.running_mean 4\nbn.running_var 4\n\
             conv2.weight 8 4 4 4\nconv2.bias 8\nfc_mu.weight 2 392\nfc_mu.bias 2\nfc_var.weight 2 392\n\
             fc_var.bias 2\nfc.weight 392 2\nfc.bias 392\ndeconv1.weight 8 4 4 4\ndeconv1.bias 4\n\
             deconv2.weight 4 1 4 4\ndeconv2.bias 1\n",
            "enc.weight 16 74\nenc.bias 16\nmu.weight 2 16\nmu.bias 2\nlogvar.weight 2 16\nlogvar.bias 2\n\
             dec.weight 16 12\ndec.bias 16\nout.weight 64 16\nout.bias 64\nlabel.weight 10 5\n",
            "decoder.0.weight 16 2\ndecoder.0.bias 16\ndecoder.1.weight 16\ndecoder.1.bias 16\n\
             decoder.2.weight 64 16\ndecoder.2.bias 64\n",
        ];
        texts.map(|text| text.as_bytes().to_vec()).to_vec()
    },
    memory_mb: 256,
    max_bytes: 2 << 10,
    mutations: 400,
};

fn recognize(bytes: &[u8]) {
    let dict = state_dict(&String::from_utf8_lossy(bytes));
    match recognition::candidates(&dict) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(candidates) => {
            assert!(!candidates.is_empty(), "at least one");
            candidates.iter().take(2).for_each(answer);
            let order: Vec<_> = candidates[0]
                .description
                .iter()
                .rev()
                .map(|layer| layer.name.clone())
                .collect();
            let _ = recognition::candidates_in_order(&dict, &order);
        }
    }
}

/// Builds the model of the suggestions, and that of each question's last choice.
fn answer(candidate: &Candidate) {
    let _ = candidate.apply(&Answers::new());
    let last = |question: &recognition::Question| {
        Some((question.id, question.choices.last()?.value.clone()))
    };
    let answers: Answers = candidate.questions.iter().filter_map(last).collect();
    let model = candidate.apply(&recognition::with_implied(&answers));
    if let Ok(model) = model {
        let _ = model.config.validate();
    }
}

/// The tensors of all lines, with values from a short cycle. Lines beyond the limit are left out.
fn state_dict(text: &str) -> StateDict {
    let mut left = MAX_VALUES;
    let tensors = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let name = words.next()?;
        let shape: Vec<usize> = words.map_while(|word| word.parse().ok()).take(8).collect();
        let count = shape
            .iter()
            .try_fold(1_usize, |count, &size| count.checked_mul(size))?;
        left = left.checked_sub(count).filter(|_| !shape.is_empty())?;
        let values: Vec<f32> = (0..count).map(|at| (at % 7) as f32 / 8.0 + 0.125).collect();
        Some(Tensor::from_values(name, shape, &values))
    });
    StateDict {
        key: String::new(),
        tensors: tensors.collect(),
    }
}
