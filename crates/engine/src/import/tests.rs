//! Imports of our own weights, of the cases of `ELBO_CASES`, and of models that a script computes.

use super::*;
use futures_lite::future::block_on;
use protocol::{Activation, ErrorCode, ImportOptions, Likelihood};
use vae::{ImageShape, Vae, VaeConfig};

fn options(swap_heads: bool) -> ImportOptions {
    let mean = if swap_heads { "second" } else { "first" };
    let answers = [("activation", "tanh"), ("mean", mean)];
    ImportOptions {
        answers: answers
            .map(|(question, answer)| (question.to_owned(), answer.to_owned()))
            .to_vec(),
        ..ImportOptions::default()
    }
}

fn imported(bytes: &[u8], swap_heads: bool) -> Result<ImportedModel, RequestError> {
    imported_with(None, bytes, swap_heads)
}

fn imported_with(
    card: Option<&str>,
    weights: &[u8],
    swap_heads: bool,
) -> Result<ImportedModel, RequestError> {
    let device = Device::flex();
    let file = StateDictFile {
        name: "theirs".into(),
        weights,
        card,
    };
    block_on(import(file, options(swap_heads), &device))
}

fn stored(input_size: usize) -> Vec<u8> {
    stored_with(input_size, 0).0
}

fn stored_with(input_size: usize, classes: usize) -> (Vec<u8>, Card) {
    let config = VaeConfig {
        input_size,
        convolution: None,
        network: None,
        encoder_hidden: vec![5],
        decoder_hidden: vec![7],
        latent_size: 2,
        classes,
        activation: Activation::Tanh,
        likelihood: Likelihood::Bernoulli,
    };
    let model = Vae::init(&config, 1, &Device::flex()).expect("valid");
    let saved = block_on(weights::save(&model, StorageType::F32));
    let (bytes, weights) = saved.expect("saves");
    let card = Card {
        format: weights::FORMAT,
        name: "before".into(),
        architecture: config,
        data: DataCard {
            dataset: "my own hand".into(),
            image: ImageShape::grey(input_size.isqrt(), input_size.isqrt()),
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: "none".into(),
        },
        training: None,
        test: None,
        class_means: None,
        weights,
    };
    (bytes, card)
}

#[test]
fn import_of_a_conditional_model_keeps_its_card() {
    let (bytes, card) = stored_with(64, 4);
    let Ok(ImportedModel { model, mapping, .. }) =
        imported_with(Some(&card.to_json()), &bytes, false)
    else {
        panic!("must be imported")
    };
    assert_eq!((model.info.classes, model.info.latent_size), (4, 2));
    assert!(mapping.iter().all(|(ours, theirs)| ours == theirs));
    let kept = Card::from_json(&model.card).expect("a card");
    assert_eq!(kept.data.dataset, "my own hand");
    weights::load(&kept, &model.weights, &Device::flex()).expect("loads");

    // Without it, the label follows from the sizes.
    let Ok(ImportedModel { model, .. }) = imported(&bytes, false) else {
        panic!("must be imported")
    };
    assert_eq!((model.info.classes, model.info.latent_size), (4, 2));
    let mut other = card;
    other.architecture.classes = 5;
    assert!(imported_with(Some(&other.to_json()), &bytes, false).is_err());
}

#[test]
fn import_converts_weights_without_a_card() {
    let bytes = stored(64);
    let Ok(ImportedModel {
        model,
        mapping,
        questions,
        ..
    }) = imported(&bytes, false)
    else {
        panic!("must be imported")
    };
    assert_eq!(
        (model.info.image, model.info.latent_size),
        (ImageShape::grey(8, 8), 2)
    );
    let mean = questions.iter().find(|question| question.id == "mean");
    let mean = mean.expect("may be changed");
    assert!(mean.doubt.is_none(), "the names tell");
    assert!(mapping.iter().all(|(ours, theirs)| ours == theirs));
    let card = Card::from_json(&model.card).expect("a card");
    weights::load(&card, &model.weights, &Device::flex()).expect("loads");
    let Ok(ImportedModel { mapping, .. }) = imported(&bytes, true) else {
        panic!("must be imported")
    };
    let theirs: Vec<_> = mapping.iter().map(|(_, theirs)| theirs.as_str()).collect();
    assert_eq!(theirs[1..3], ["encoder.log_var", "encoder.mu"]);
}

#[test]
fn import_keeps_the_contents_of_the_weights_own_card() {
    let bytes = stored(64);
    let model = |imported: Result<ImportedModel, RequestError>| imported.expect("imported").model;
    let mut card = Card::from_json(&model(imported(&bytes, false)).card).expect("a card");
    card.name = "before".into();
    card.data.dataset = "my own hand".into();
    let kept = |card: &Card, swap_heads| {
        let imported = model(imported_with(Some(&card.to_json()), &bytes, swap_heads));
        let card = Card::from_json(&imported.card).expect("a card");
        weights::load(&card, &imported.weights, &Device::flex()).expect("loads");
        assert_eq!(card.name, "theirs");
        card.data.dataset
    };
    assert_eq!(kept(&card, false), "my own hand");
    assert!(
        kept(&card, true).contains("unknown"),
        "not the card's weights"
    );
    card.architecture.activation = Activation::Relu;
    assert!(
        kept(&card, false).contains("unknown"),
        "not the requested activation"
    );
    card.architecture.activation = Activation::Tanh;
    card.weights.sha256 = "0".repeat(64);
    assert!(
        kept(&card, false).contains("unknown"),
        "another file's card"
    );
}

#[test]
fn import_rejects_what_is_not_a_model() {
    let rejected = |bytes: &[u8]| match imported(bytes, false) {
        Err(RequestError {
            code: ErrorCode::BadModel,
            message,
        }) => message,
        other => panic!("{other:?}"),
    };
    assert!(rejected(b"PK").contains("safetensors"));
    assert!(rejected(&stored(67)).contains("67 values"));
}

/// With a card, too, the swap changes which values are μ.
#[test]
fn import_swaps_the_heads_of_weights_with_a_card() {
    let (bytes, card) = stored_with(64, 0);
    let card = card.to_json();
    let mu = |swap_heads| {
        let imported = imported_with(Some(&card), &bytes, swap_heads).expect("imported");
        let card = Card::from_json(&imported.model.card).expect("a card");
        let model = weights::load(&card, &imported.model.weights, &Device::flex());
        let parameters = block_on(weights::read_parameters(&model.expect("loads")));
        let values = |name: &str| {
            let found = parameters
                .as_ref()
                .expect("reads")
                .iter()
                .find(|p| p.name == name);
            found.expect("a parameter").values.clone()
        };
        [
            values("encoder.mu.weight"),
            values("encoder.log_var.weight"),
        ]
    };
    let [straight, mut swapped] = [mu(false), mu(true)];
    assert_ne!(straight, swapped);
    swapped.swap(0, 1);
    assert_eq!(straight, swapped);
}

#[test]
fn import_asks_for_the_card_of_convolutional_weights() {
    let convolution = vae::ConvolutionConfig {
        image: ImageShape::grey(8, 8),
        channels: vec![2],
    };
    let config = VaeConfig::convolutional(convolution, vec![4], 2, Likelihood::Bernoulli);
    let model = Vae::init(&config, 1, &Device::flex()).expect("valid");
    let (bytes, _) = block_on(weights::save(&model, StorageType::F32)).expect("saves");
    let error = imported(&bytes, false).expect_err("its order of values is not PyTorch's");
    assert!(error.message.contains("card"), "{}", error.message);
}

/// A file with an average of the weights is asked about, and the answer chooses it.
#[test]
fn import_asks_which_copy_of_the_weights_to_use() {
    let dicts = checkpoints::read(&stored(64)).expect("reads");
    let mut average = dicts[0].clone();
    average.key = "ema".into();
    let mut model = dicts[0].clone();
    model.key = "model".into();
    let bias = average
        .tensors
        .iter_mut()
        .find(|t| t.name == "decoder.output.bias");
    let bias = bias.expect("is there");
    *bias = checkpoints::Tensor::from_values("decoder.output.bias", vec![64], &[0.25; 64]);
    let bytes = checkpoints::to_safetensors(&[model, average]).expect("writes");
    let with = |answers: &[(&str, &str)]| {
        let file = StateDictFile {
            name: "theirs".into(),
            weights: &bytes,
            card: None,
        };
        let pair = |(question, answer): &(&str, &str)| ((*question).into(), (*answer).into());
        let options = ImportOptions {
            answers: answers.iter().map(pair).collect(),
            ..ImportOptions::default()
        };
        let imported = block_on(import(file, options, &Device::flex())).expect("imported");
        let question = imported
            .questions
            .iter()
            .find(|question| question.id == "weights");
        let chosen = question.expect("asked").chosen;
        let again = checkpoints::read(&imported.model.weights).expect("reads");
        let bias = again[0]
            .get("decoder.output.bias")
            .expect("is there")
            .values();
        (chosen, bias[0] == 0.25)
    };
    assert_eq!(with(&[]), (0, false));
    assert_eq!(with(&[("weights", "ema")]), (1, true));
}

mod cases;
mod models;
mod pytorch;
