//! Somebody else's state dict as a model with a card.

use crate::{
    likelihood::{activation_of, likelihood_of},
    refusal::Refusal,
    training::model_info,
};
use burn::tensor::Device;
use protocol::{Event, ImportGuess, RequestId, TrainedModel};
use vae::weights::{self, Card, DataCard, Foreign, Heads, StorageType};

/// Recognises the layers of a safetensors file and answers with a model that can be loaded, kept
/// and exported like our own.
pub(crate) async fn import(
    id: RequestId,
    name: String,
    bytes: &[u8],
    guess: ImportGuess,
    device: &Device,
) -> Result<Event, Refusal> {
    let parameters = weights::read_safetensors(bytes).map_err(Refusal::bad_model)?;
    let mut foreign = weights::recognise(&parameters).map_err(Refusal::bad_model)?;
    if guess.swap_heads {
        foreign.swap_heads();
    }
    let Foreign {
        mut config,
        parameters,
        mapping,
        heads,
    } = foreign;
    config.activation = activation_of(guess.activation);
    config.likelihood = likelihood_of(guess.likelihood);
    let image = image_size(config.input_size)?;
    let model =
        weights::from_parameters(&config, &parameters, device).map_err(Refusal::bad_model)?;
    let saved = weights::save(&model, StorageType::F32);
    let (weights, weights_card) = saved.await.map_err(Refusal::lost)?;
    let card = Card {
        format: weights::FORMAT,
        name,
        architecture: config,
        data: DataCard {
            dataset: "unknown: the model was imported from PyTorch".into(),
            image,
            count: 0,
            convention: "unknown".into(),
        },
        training: None,
        test: None,
        weights: weights_card,
    };
    Ok(Event::Imported {
        id,
        model: TrainedModel {
            info: model_info(&card),
            card: card.to_json(),
            weights,
        },
        mapping,
        heads_guessed: heads == Heads::Guessed,
    })
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
    use protocol::{ActivationKind, ErrorCode, LikelihoodKind};
    use vae::{Activation, Likelihood, VaeConfig};

    fn guess(swap_heads: bool) -> ImportGuess {
        ImportGuess {
            activation: ActivationKind::Tanh,
            likelihood: LikelihoodKind::Bernoulli,
            swap_heads,
        }
    }

    fn imported(bytes: &[u8], swap_heads: bool) -> Event {
        let device = Device::flex();
        block_on(import(
            3,
            "theirs".into(),
            bytes,
            guess(swap_heads),
            &device,
        ))
        .unwrap_or_else(|refusal| refusal.answer(Some(3)))
    }

    fn stored(input_size: usize) -> Vec<u8> {
        let config = VaeConfig {
            input_size,
            encoder_hidden: vec![5],
            decoder_hidden: vec![7],
            latent_size: 2,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        let model = config.init(1, &Device::flex()).expect("valid");
        block_on(weights::save(&model, StorageType::F32))
            .expect("saves")
            .0
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
