//! Somebody else's state dict as a model with a card.

use crate::{refusal::Refusal, training::model_info};
use burn::tensor::Device;
use protocol::{Event, ImportGuess, RequestId, TrainedModel};
use vae::{
    VaeConfig,
    weights::{self, Card, DataCard, HeadOrder, ImportedVae, StorageType},
};

/// What is brought.
pub(crate) struct ImportFile<'a> {
    /// The name that the model is to have.
    pub(crate) name: String,
    /// A safetensors file.
    pub(crate) weights: &'a [u8],
    /// The card that was beside it.
    pub(crate) card: Option<&'a str>,
}

/// Recognises the layers of a safetensors file and answers with a model that can be loaded, kept
/// and exported like our own.
pub(crate) async fn import(
    id: RequestId,
    file: ImportFile<'_>,
    guess: ImportGuess,
    device: &Device,
) -> Result<Event, Refusal> {
    let parameters = weights::read_safetensors(file.weights).map_err(Refusal::bad_model)?;
    let mut foreign = match conditional(file.card) {
        Some(config) => weights::match_names(&parameters, config).map_err(Refusal::bad_model)?,
        None => weights::infer_architecture(&parameters).map_err(Refusal::bad_model)?,
    };
    if guess.swap_heads {
        foreign.swap_heads();
    }
    foreign.config.activation = guess.activation;
    foreign.config.likelihood = guess.likelihood;
    let mapping = foreign.mapping.clone();
    let heads_guessed = foreign.head_order == HeadOrder::Guessed;
    let (card, text, weights) = match own_card(&file, &foreign, guess.swap_heads, device) {
        Some((card, text)) => (card, text, file.weights.to_vec()),
        None => {
            let (card, weights) = converted(file.name, foreign, device).await?;
            let text = card.to_json();
            (card, text, weights)
        }
    };
    Ok(Event::Imported {
        id,
        model: TrainedModel {
            info: model_info(&card),
            card: text,
            weights,
        },
        mapping,
        heads_guessed,
    })
}

/// The architecture of a card whose model is told the label: the label widens two layers, and a chain of
/// sizes does not say by how much, so that such a model comes with its card or not at all.
fn conditional(card: Option<&str>) -> Option<VaeConfig> {
    let card = Card::from_json(card?).ok()?;
    (card.architecture.classes > 0).then_some(card.architecture)
}

/// The card beside the weights and its text, under the new name, if it is theirs and says nothing else
/// than was asked for: then all that it knows of the model stays known.
fn own_card(
    file: &ImportFile<'_>,
    asked: &ImportedVae,
    swapped: bool,
    device: &Device,
) -> Option<(Card, String)> {
    let text = file.card?;
    let card = Card::from_json(text).ok()?;
    if swapped || card.architecture != asked.config {
        return None;
    }
    weights::load(&card, file.weights, device).ok()?;
    if card.name == file.name {
        // As it is: numbers that are read and written anew may change in their last digit.
        return Some((card, text.to_owned()));
    }
    let renamed = Card {
        name: file.name.clone(),
        ..card
    };
    let text = renamed.to_json();
    Some((renamed, text))
}

/// Weights in our own layout, with a card that says where they are from.
async fn converted(
    name: String,
    foreign: ImportedVae,
    device: &Device,
) -> Result<(Card, Vec<u8>), Refusal> {
    let ImportedVae {
        config, parameters, ..
    } = foreign;
    let image = image_size(config.input_size)?;
    let model =
        weights::from_parameters(&config, &parameters, device).map_err(Refusal::bad_model)?;
    let saved = weights::save(&model, StorageType::F32);
    let (bytes, weights_card) = saved.await.map_err(Refusal::lost)?;
    let card = Card {
        format: weights::FORMAT,
        name,
        architecture: config,
        data: DataCard {
            dataset: "unknown: the model was imported from PyTorch".into(),
            image,
            count: 0,
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

/// Height and width of an image of so many values: a square.
fn image_size(values: usize) -> Result<[usize; 2], Refusal> {
    let side = values.isqrt();
    if side * side == values {
        Ok([side, side])
    } else {
        Err(Refusal::bad_model(format!(
            "the model draws {values} values, which is no square image; only grey square images such as 28×28 = 784 can be shown"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::block_on;
    use protocol::{Activation, ErrorCode, Likelihood};
    use vae::Vae;

    fn guess(swap_heads: bool) -> ImportGuess {
        ImportGuess {
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
            swap_heads,
        }
    }

    fn imported(bytes: &[u8], swap_heads: bool) -> Event {
        imported_with(None, bytes, swap_heads)
    }

    fn imported_with(card: Option<&str>, weights: &[u8], swap_heads: bool) -> Event {
        let device = Device::flex();
        let file = ImportFile {
            name: "theirs".into(),
            weights,
            card,
        };
        block_on(import(3, file, guess(swap_heads), &device))
            .unwrap_or_else(|refusal| refusal.answer(Some(3)))
    }

    fn stored(input_size: usize) -> Vec<u8> {
        stored_with(input_size, 0).0
    }

    fn stored_with(input_size: usize, classes: usize) -> (Vec<u8>, Card) {
        let config = VaeConfig {
            input_size,
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
                image: [input_size.isqrt(); 2],
                count: 0,
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
    fn a_conditional_model_comes_with_its_card() {
        let (bytes, card) = stored_with(9, 4);
        let Event::Imported { model, mapping, .. } =
            imported_with(Some(&card.to_json()), &bytes, false)
        else {
            panic!("must be imported")
        };
        assert_eq!((model.info.classes, model.info.latent_size), (4, 2));
        assert!(mapping.iter().all(|(ours, theirs)| ours == theirs));
        let kept = Card::from_json(&model.card).expect("a card");
        assert_eq!(kept.data.dataset, "my own hand");
        weights::load(&kept, &model.weights, &Device::flex()).expect("loads");

        assert!(matches!(imported(&bytes, false), Event::Failed { .. }));
        let mut other = card;
        other.architecture.classes = 5;
        let refused = imported_with(Some(&other.to_json()), &bytes, false);
        assert!(matches!(refused, Event::Failed { .. }), "{refused:?}");
    }

    #[test]
    fn weights_without_their_card_come_back_as_a_model() {
        let bytes = stored(9);
        let Event::Imported {
            model,
            mapping,
            heads_guessed,
            ..
        } = imported(&bytes, false)
        else {
            panic!("must be imported")
        };
        assert_eq!(
            (model.info.image, model.info.latent_size, heads_guessed),
            ([3, 3], 2, false)
        );
        assert!(mapping.iter().all(|(ours, theirs)| ours == theirs));
        assert_eq!(model.weights.len(), bytes.len());
        let card = Card::from_json(&model.card).expect("a card");
        weights::load(&card, &model.weights, &Device::flex()).expect("loads");
        let Event::Imported { mapping, .. } = imported(&bytes, true) else {
            panic!("must be imported")
        };
        let theirs: Vec<_> = mapping.iter().map(|(_, theirs)| theirs.as_str()).collect();
        assert_eq!(theirs[1..3], ["encoder.log_var", "encoder.mu"]);
    }

    #[test]
    fn weights_with_their_own_card_keep_what_it_says() {
        let bytes = stored(9);
        let model = |event: Event| match event {
            Event::Imported { model, .. } => model,
            other => panic!("{other:?}"),
        };
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
            "other weights than the card's"
        );
        card.architecture.activation = Activation::Relu;
        assert!(
            kept(&card, false).contains("unknown"),
            "not what was asked for"
        );
        card.architecture.activation = Activation::Tanh;
        card.weights.sha256 = "0".repeat(64);
        assert!(
            kept(&card, false).contains("unknown"),
            "another file's card"
        );
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let refused = |bytes: &[u8]| match imported(bytes, false) {
            Event::Failed {
                code: ErrorCode::BadModel,
                message,
                ..
            } => message,
            other => panic!("{other:?}"),
        };
        assert!(refused(b"PK").contains("safetensors"));
        assert!(refused(&stored(10)).contains("no square"));
    }
}
