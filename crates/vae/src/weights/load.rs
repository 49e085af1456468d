//! Loading: from bytes to a model.

use super::{Card, Parameter, WeightsError, from_parameters, sha256, stored::StoredTensors};
use crate::{Vae, VaeConfig};
use burn::tensor::Device;
use std::collections::{HashMap, HashSet};

/// Loads the weights that belong to a card.
///
/// Length, checksum, names, shapes, types and values are validated before a model is built, so that an invalid file never
/// causes a panic.
///
/// # Errors
/// See [`WeightsError`].
pub fn load(card: &Card, bytes: &[u8], device: &Device) -> Result<Vae, WeightsError> {
    if bytes.len() != card.weights.bytes {
        return Err(WeightsError::Length {
            expected: card.weights.bytes,
            found: bytes.len(),
        });
    }
    if sha256(bytes) != card.weights.sha256 {
        return Err(WeightsError::Checksum);
    }
    let parameters = read_tensors(&card.architecture, bytes)?;
    from_parameters(&card.architecture, &parameters, device)
}

/// The tensors of the architecture in its order. The file must contain exactly these, with finite values.
fn read_tensors(config: &VaeConfig, bytes: &[u8]) -> Result<Vec<Parameter>, WeightsError> {
    let tensors = StoredTensors::new(bytes)?;
    let shapes = config.parameter_shapes();
    let known: HashMap<_, _> = shapes.iter().map(|(name, shape)| (name, shape)).collect();
    let mut found = HashSet::new();
    for (name, shape) in tensors.parameters() {
        let Some(&expected) = known.get(&name) else {
            return Err(WeightsError::Unexpected { name });
        };
        if shape != *expected {
            return Err(WeightsError::Shape {
                name,
                expected: expected.clone(),
                found: shape,
            });
        }
        found.insert(name);
    }
    let missing = shapes.iter().map(|(name, _)| name);
    if let Some(name) = missing.filter(|name| !found.contains(*name)).min() {
        return Err(WeightsError::Missing { name: name.clone() });
    }
    let read = |(name, shape): (String, Vec<usize>)| {
        Ok(Parameter {
            values: tensors.values(&name)?,
            name,
            shape,
        })
    };
    shapes.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Activation, Condition, Likelihood, Noise,
        weights::{DataCard, FORMAT, StorageType, save},
    };
    use burn::tensor::read_sync;
    use safetensors::{Dtype, SafeTensors, tensor::TensorView};

    fn stored(storage: StorageType) -> (Vae, Card, Vec<u8>) {
        stored_with(storage, 0)
    }

    fn stored_with(storage: StorageType, classes: usize) -> (Vae, Card, Vec<u8>) {
        let architecture = VaeConfig {
            input_size: 6,
            convolution: None,
            network: None,
            encoder_hidden: vec![5],
            decoder_hidden: vec![4],
            latent_size: 2,
            classes,
            activation: Activation::Relu,
            likelihood: Likelihood::Gaussian { sigma: 0.5 },
        };
        let model = Vae::init(&architecture, 1, &Device::flex()).expect("valid");
        let (bytes, weights) = read_sync(save(&model, storage)).expect("saves");
        let data = DataCard {
            dataset: "none".into(),
            image: crate::ImageShape::grey(2, 3),
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: "none".into(),
        };
        let name = "tiny".to_owned();
        let card = Card {
            format: FORMAT,
            name,
            architecture,
            data,
            training: None,
            test: None,
            class_means: None,
            weights,
        };
        (model, card, bytes)
    }

    /// A card with the checksum of `bytes`, so that the checks after it are reached.
    fn with_checksum_of(mut card: Card, bytes: &[u8]) -> Card {
        card.weights.bytes = bytes.len();
        card.weights.sha256 = sha256(bytes);
        card
    }

    fn load_error(card: &Card, bytes: &[u8]) -> WeightsError {
        load(card, bytes, &Device::flex()).expect_err("must be rejected")
    }

    #[test]
    fn load_restores_what_save_wrote() {
        let device = Device::flex();
        for classes in [0, 3] {
            let eps = Noise::seeded(2, 0).normal([3, 2], &device);
            let condition = Condition::of_labels(&[2, 0, 1], classes, &device);
            let decode = |model: &Vae| model.decode(eps.clone(), &condition);
            for (storage, tolerance) in [(StorageType::F32, 0.0), (StorageType::F16, 4e-3)] {
                let (model, card, bytes) = stored_with(storage, classes);
                let json = card.to_json();
                assert_eq!(json.contains("classes"), classes > 0);
                let card = Card::from_json(&json).expect("its own card");
                let loaded = load(&card, &bytes, &device).expect("its own weights");
                assert_eq!(loaded.classes(), classes);
                let difference = (decode(&model) - decode(&loaded)).abs().max();
                assert!(difference.into_scalar::<f32>() <= tolerance, "{storage:?}");
            }
        }
    }

    /// A model with tensors that are large enough for eight bits.
    fn stored_in_int8() -> (Vae, Card, Vec<u8>) {
        let (_, mut card, _) = stored(StorageType::I8);
        card.architecture.input_size = 28 * 28;
        card.architecture.encoder_hidden = vec![90];
        card.architecture.decoder_hidden = vec![84];
        card.data.image = crate::ImageShape::MNIST;
        let model = Vae::init(&card.architecture, 4, &Device::flex()).expect("valid");
        let (bytes, weights) = read_sync(save(&model, StorageType::I8)).expect("saves");
        (model, Card { weights, ..card }, bytes)
    }

    #[test]
    fn load_restores_int8_with_a_scale_for_each_row() {
        let device = Device::flex();
        let (model, card, bytes) = stored_in_int8();
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        for (name, shape) in [
            ("encoder.layers.0.weight", vec![90, 784]),
            ("decoder.output.weight", vec![784, 84]),
        ] {
            let view = tensors.tensor(name).expect("stored");
            assert_eq!((view.dtype(), view.shape()), (Dtype::I8, shape.as_slice()));
        }
        let small = tensors.tensor("encoder.mu.weight").expect("stored");
        assert_eq!(small.dtype(), Dtype::F16);
        let parameters = card.weights.parameters;
        assert!(bytes.len() < parameters * 5 / 4, "{} bytes", bytes.len());
        let card = Card::from_json(&card.to_json()).expect("its own card");
        let loaded = load(&card, &bytes, &device).expect("its own weights");
        let named = crate::weights::read_named(&bytes, &card.architecture).expect("the same");
        assert_eq!(
            named,
            read_sync(crate::weights::read_parameters(&loaded)).expect("reads")
        );
        let eps = Noise::seeded(2, 0).normal([3, 2], &device);
        let decode = |model: &Vae| model.decode(eps.clone(), &Condition::none());
        let difference = (decode(&model) - decode(&loaded)).abs().max();
        let difference = difference.into_scalar::<f32>();
        assert!(difference > 0.0 && difference < 2e-2, "{difference}");
    }

    #[test]
    fn load_rejects_int8_without_fitting_scales() {
        let (_, card, bytes) = stored_in_int8();
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let scale = "decoder.output.weight.scale";
        let rest = || {
            let all = tensors.tensors().into_iter();
            all.filter(|(name, _)| name != scale).collect::<Vec<_>>()
        };
        let without = safetensors::serialize(rest(), None).expect("serializes");
        assert_eq!(
            load_error(&with_checksum_of(card.clone(), &without), &without),
            WeightsError::Missing { name: scale.into() }
        );
        let short = [0_u8; 4 * 7];
        let short = TensorView::new(Dtype::F32, vec![7], &short).expect("a view");
        let more = rest().into_iter().chain([(scale.to_owned(), short)]);
        let wrong = safetensors::serialize(more.collect::<Vec<_>>(), None).expect("serializes");
        assert!(matches!(
            load_error(&with_checksum_of(card.clone(), &wrong), &wrong),
            WeightsError::Shape { .. }
        ));
        // Scales of a tensor that has none are no parameter.
        let stray = [0_u8; 4];
        let stray = TensorView::new(Dtype::F32, vec![1], &stray).expect("a view");
        let all = tensors.tensors().into_iter();
        let more = all.chain([("encoder.mu.weight.scale".to_owned(), stray)]);
        let wrong = safetensors::serialize(more.collect::<Vec<_>>(), None).expect("serializes");
        assert!(matches!(
            load_error(&with_checksum_of(card, &wrong), &wrong),
            WeightsError::Unexpected { .. }
        ));
    }

    #[test]
    fn save_uses_the_names_and_shapes_of_a_pytorch_module() {
        let (_, card, bytes) = stored(StorageType::F32);
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let mut found: Vec<_> = tensors
            .tensors()
            .into_iter()
            .map(|(name, t)| (name, t.shape().to_vec()))
            .collect();
        let mut expected = card.architecture.parameter_shapes();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn load_rejects_damaged_weights() {
        let (_, card, bytes) = stored(StorageType::F32);
        assert!(matches!(
            load_error(&card, &bytes[..bytes.len() - 1]),
            WeightsError::Length { .. }
        ));
        let mut flipped = bytes.clone();
        *flipped.last_mut().expect("not empty") ^= 1;
        assert_eq!(load_error(&card, &flipped), WeightsError::Checksum);

        let cut = &bytes[..bytes.len() - 4];
        assert!(matches!(
            load_error(&with_checksum_of(card.clone(), cut), cut),
            WeightsError::NotSafetensors { .. }
        ));
        let html = b"<!doctype html>, as sent by a server for a missing file".as_slice();
        assert!(matches!(
            load_error(&with_checksum_of(card.clone(), html), html),
            WeightsError::NotSafetensors { .. }
        ));
        // The length of the header is the file's first eight bytes.
        let mut malicious = bytes.clone();
        malicious[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(
            load_error(&with_checksum_of(card.clone(), &malicious), &malicious),
            WeightsError::NotSafetensors { .. }
        ));
        let mut infinite = bytes.clone();
        let end = infinite.len();
        infinite[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
        assert!(matches!(
            load_error(&with_checksum_of(card, &infinite), &infinite),
            WeightsError::NotFinite { .. }
        ));
    }

    #[test]
    fn load_rejects_weights_of_another_architecture() {
        let (_, card, bytes) = stored(StorageType::F32);
        let with = |change: fn(&mut VaeConfig)| {
            let mut card = card.clone();
            change(&mut card.architecture);
            load_error(&card, &bytes)
        };
        assert!(matches!(
            with(|c| c.latent_size = 3),
            WeightsError::Shape { .. }
        ));
        assert!(matches!(
            with(|c| c.encoder_hidden = vec![]),
            WeightsError::Shape { .. } | WeightsError::Unexpected { .. }
        ));
        assert!(matches!(
            with(|c| c.classes = 10),
            WeightsError::Shape { .. }
        ));
        let (_, mut unconditional, bytes) = stored_with(StorageType::F32, 3);
        unconditional.architecture.classes = 0;
        assert!(matches!(
            load_error(&unconditional, &bytes),
            WeightsError::Shape { .. }
        ));
        assert_eq!(
            with(|c| c.decoder_hidden = vec![4, 4]),
            WeightsError::Missing {
                name: "decoder.layers.1.bias".into()
            }
        );
    }

    #[test]
    fn card_from_json_rejects_invalid_cards() {
        let (_, card, _) = stored(StorageType::F32);
        let json = card.to_json();
        let rejected = |json: &str| Card::from_json(json).expect_err("must be rejected");
        assert!(matches!(rejected("<html>"), WeightsError::Card { .. }));
        assert!(matches!(
            rejected(&json.replace("\"latent_size\": 2", "\"latent_size\": 0")),
            WeightsError::Config(_)
        ));
        assert!(matches!(
            rejected(&json.replace("\"format\": 1", "\"format\": 9")),
            WeightsError::Format { found: 9 }
        ));
        assert!(matches!(
            rejected(&json.replace("\"input_size\": 6", "\"input_size\": 7")),
            WeightsError::ImageSize { .. }
        ));
        assert!(matches!(
            rejected(&json.replace("\"latent_size\": 2", "\"latent_size\": 2, \"classes\": 257")),
            WeightsError::Config(_)
        ));
        let with = |classes, class_means| {
            let (_, card, _) = stored_with(StorageType::F32, classes);
            let class_means = Some(class_means);
            Card::from_json(
                &Card {
                    class_means,
                    ..card
                }
                .to_json(),
            )
        };
        assert!(with(0, vec![vec![0.5, 1.0]; 10]).is_ok());
        let error = with(0, vec![vec![0.5]; 10]).expect_err("one number for two dimensions");
        assert!(error.to_string().contains("class means"), "{error}");
        assert!(with(3, vec![vec![0.5, 1.0]; 3]).is_err());
    }
}
