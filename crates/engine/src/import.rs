//! Converts the state dict of another program to a model with a card.

use crate::training::model_info;
use burn::tensor::Device;
use protocol::{ImportOptions, ImportedModel, RequestError, TrainedModel};
use vae::{
    ImageShape, VaeConfig,
    weights::{self, Card, DataCard, HeadOrder, ImportedVae, StorageType},
};

/// A state dict to import.
pub(crate) struct StateDictFile<'a> {
    /// The name of the resulting model.
    pub(crate) name: String,
    /// A safetensors file.
    pub(crate) weights: &'a [u8],
    /// The card that came with it, if any.
    pub(crate) card: Option<&'a str>,
}

/// Recognizes the layers of a safetensors file and returns a model that can be loaded, saved and exported like
/// one trained here.
///
/// # Errors
/// When the file is not a VAE of fully connected layers, or the device fails.
pub(crate) async fn import(
    file: StateDictFile<'_>,
    options: ImportOptions,
    device: &Device,
) -> Result<ImportedModel, RequestError> {
    let parameters = weights::read_safetensors(file.weights).map_err(RequestError::bad_model)?;
    let mut imported = match conditional(file.card) {
        Some(config) => {
            weights::match_names(&parameters, config).map_err(RequestError::bad_model)?
        }
        None => weights::infer_architecture(&parameters).map_err(RequestError::bad_model)?,
    };
    if options.swap_heads {
        imported.swap_heads();
    }
    imported.config.activation = options.activation;
    imported.config.likelihood = options.likelihood;
    let mapping = imported.mapping.clone();
    let heads_guessed = imported.head_order == HeadOrder::Guessed;
    let (card, text, weights) = match own_card(&file, &imported, options.swap_heads, device) {
        Some((card, text)) => (card, text, file.weights.to_vec()),
        None => {
            let (card, weights) = converted(file.name, imported, device).await?;
            let text = card.to_json();
            (card, text, weights)
        }
    };
    Ok(ImportedModel {
        model: TrainedModel {
            info: model_info(&card),
            card: text,
            weights,
        },
        mapping,
        heads_guessed,
    })
}

/// The architecture of the card of a conditional model. The label widens two layers, by an amount that does not
/// follow from the layers' sizes, so that a conditional model can only be imported with its card.
fn conditional(card: Option<&str>) -> Option<VaeConfig> {
    let card = Card::from_json(card?).ok()?;
    (card.architecture.classes > 0).then_some(card.architecture)
}

/// The card that came with the weights and its JSON, under the new name, if it belongs to them and agrees with the
/// import options: the model then keeps everything that the card contains.
fn own_card(
    file: &StateDictFile<'_>,
    expected: &ImportedVae,
    swapped: bool,
    device: &Device,
) -> Option<(Card, String)> {
    let text = file.card?;
    let card = Card::from_json(text).ok()?;
    if swapped || card.architecture != expected.config {
        return None;
    }
    weights::load(&card, file.weights, device).ok()?;
    if card.name == file.name {
        // The text is kept as it is: numbers that are parsed and printed again may change in the last digit.
        return Some((card, text.to_owned()));
    }
    let renamed = Card {
        name: file.name.clone(),
        ..card
    };
    let text = renamed.to_json();
    Some((renamed, text))
}

/// The weights in our own layout, with a card that says that they were imported.
async fn converted(
    name: String,
    imported: ImportedVae,
    device: &Device,
) -> Result<(Card, Vec<u8>), RequestError> {
    let ImportedVae {
        config, parameters, ..
    } = imported;
    let image = match &config.convolution {
        Some(convolution) => convolution.image,
        None => square_grey(config.input_size)?,
    };
    let model =
        weights::from_parameters(&config, &parameters, device).map_err(RequestError::bad_model)?;
    let saved = weights::save(&model, StorageType::F32);
    let (bytes, weights_card) = saved.await.map_err(RequestError::backend_lost)?;
    let card = Card {
        format: weights::FORMAT,
        name,
        architecture: config,
        data: DataCard {
            dataset: "unknown: the model was imported from PyTorch".into(),
            image,
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: "unknown".into(),
        },
        training: None,
        test: None,
        class_means: None,
        weights: weights_card,
    };
    Ok((card, bytes))
}

/// The shape of a square grey image of this many values.
fn square_grey(values: usize) -> Result<ImageShape, RequestError> {
    let side = values.isqrt();
    if side * side == values {
        Ok(ImageShape::grey(side, side))
    } else {
        Err(RequestError::bad_model(format!(
            "the model outputs {values} values, which is not a square image; only square grey images such as 28×28 = 784 can be shown"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::block_on;
    use protocol::{Activation, ErrorCode, Likelihood};
    use vae::Vae;

    fn options(swap_heads: bool) -> ImportOptions {
        ImportOptions {
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
            swap_heads,
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
    fn import_of_a_conditional_model_needs_its_card() {
        let (bytes, card) = stored_with(9, 4);
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

        assert!(imported(&bytes, false).is_err());
        let mut other = card;
        other.architecture.classes = 5;
        assert!(imported_with(Some(&other.to_json()), &bytes, false).is_err());
    }

    #[test]
    fn import_converts_weights_without_a_card() {
        let bytes = stored(9);
        let Ok(ImportedModel {
            model,
            mapping,
            heads_guessed,
        }) = imported(&bytes, false)
        else {
            panic!("must be imported")
        };
        assert_eq!(
            (model.info.image, model.info.latent_size, heads_guessed),
            (ImageShape::grey(3, 3), 2, false)
        );
        assert!(mapping.iter().all(|(ours, theirs)| ours == theirs));
        assert_eq!(model.weights.len(), bytes.len());
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
        let bytes = stored(9);
        let model =
            |imported: Result<ImportedModel, RequestError>| imported.expect("imported").model;
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
        assert!(rejected(&stored(10)).contains("not a square"));
    }
}
