//! What is found in state dicts of given names and shapes, and what is asked.

use checkpoints::{StateDict, Tensor};
use recognition::{
    Answers, Candidate, QuestionId, RecognitionError, candidates, candidates_in_order,
};
use spec::{ImageShape, Likelihood, Spread};

/// A state dict of linear layers with values that encode the index of their layer.
fn linear(layers: &[(&str, usize, usize)]) -> StateDict {
    let tensors = layers
        .iter()
        .enumerate()
        .flat_map(|(i, &(name, input, output))| {
            let weight: Vec<f32> = (0..input * output)
                .map(|n| (i * 10_000 + n) as f32)
                .collect();
            [
                Tensor::from_values(format!("{name}.weight"), vec![output, input], &weight),
                Tensor::from_values(
                    format!("{name}.bias"),
                    vec![output],
                    &vec![i as f32; output],
                ),
            ]
        });
    StateDict {
        key: String::new(),
        tensors: tensors.collect(),
    }
}

fn best(dict: &StateDict) -> Candidate {
    candidates(dict).expect("recognized").remove(0)
}

fn roles(candidate: &Candidate) -> Vec<(&str, &str)> {
    let layers = candidate.description.iter();
    layers
        .map(|layer| (layer.role, layer.name.as_str()))
        .collect()
}

fn answers(pairs: &[(QuestionId, &str)]) -> Answers {
    pairs
        .iter()
        .map(|(id, answer)| (*id, (*answer).to_owned()))
        .collect()
}

#[test]
fn candidates_follow_names_where_sizes_are_equal() {
    let dict = linear(&[
        ("decoder.0", 2, 16),
        ("decoder.2", 16, 16),
        ("decoder.4", 16, 64),
        ("encoder.0", 64, 16),
        ("encoder.2", 16, 16),
        ("fc_logvar", 16, 2),
        ("fc_mu", 16, 2),
    ]);
    let found = best(&dict);
    assert_eq!(
        roles(&found),
        [
            ("encoder", "encoder.0"),
            ("encoder", "encoder.2"),
            ("μ", "fc_mu"),
            ("second head", "fc_logvar"),
            ("decoder", "decoder.0"),
            ("decoder", "decoder.2"),
            ("decoder", "decoder.4"),
        ]
    );
    let model = found.apply(&Answers::new()).expect("builds");
    assert_eq!(model.config.encoder_hidden, [16, 16]);
    assert!(
        model.config.network.is_none(),
        "one of those that are trained here"
    );
    assert_eq!(model.mapping[2], ("encoder.mu".into(), "fc_mu".into()));
    assert_eq!(model.parameters[4].values[0], 60_000.0);
}

#[test]
fn candidates_follow_the_order_of_the_file_where_names_do_not_tell() {
    let found = best(&linear(&[
        ("fc1", 64, 16),
        ("fc2", 16, 16),
        ("fc31", 16, 2),
        ("fc32", 16, 2),
        ("fc4", 2, 16),
        ("fc5", 16, 16),
        ("fc6", 16, 64),
    ]));
    let names: Vec<_> = roles(&found).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["fc1", "fc2", "fc31", "fc32", "fc4", "fc5", "fc6"]);
    let mean = found.question(QuestionId::Mean).expect("asked");
    assert!(mean.doubt.is_some(), "the names do not tell");
    let swapped = found
        .apply(&answers(&[(QuestionId::Mean, "second")]))
        .expect("builds");
    assert_eq!(swapped.mapping[2].1, "fc32");
}

/// An order that the user gives is followed even where names and the order of the file contradict it.
#[test]
fn candidates_in_order_follow_the_order() {
    let dict = linear(&[
        ("encoder.0", 64, 16),
        ("encoder.2", 16, 16),
        ("fc_mu", 16, 2),
        ("fc_var", 16, 2),
        ("decoder.0", 2, 16),
        ("decoder.2", 16, 16),
        ("decoder.4", 16, 64),
    ]);
    let names = |found: &Candidate| -> Vec<String> {
        let layers = found.description.iter();
        layers.map(|layer| layer.name.clone()).collect()
    };
    let mut order = names(&best(&dict));
    // The two layers that could change places by their sizes.
    order.swap(1, 5);
    let found = candidates_in_order(&dict, &order).expect("fits").remove(0);
    assert_eq!(names(&found), order);
    let model = found.apply(&Answers::new()).expect("builds");
    assert_eq!(model.mapping[1].1, "decoder.2");
    order.swap(0, 1);
    let error = candidates_in_order(&dict, &order).expect_err("does not fit");
    assert!(matches!(error, RecognitionError::Order(_)), "{error}");
}

#[test]
fn candidates_ask_what_the_second_head_computes() {
    let dict = |head| {
        linear(&[
            ("img_2hid", 64, 8),
            ("hid_2mu", 8, 2),
            (head, 8, 2),
            ("z_2hid", 2, 8),
            ("hid_2img", 8, 64),
        ])
    };
    let found = best(&dict("hid_2sigma"));
    let question = found.question(QuestionId::Head).expect("asked");
    assert_eq!(
        (question.choices[0].value.as_str(), question.doubt.is_some()),
        ("sigma", true)
    );
    let network = found.apply(&Answers::new()).expect("builds").config.network;
    assert_eq!(network.expect("no log σ²").spread, Spread::Sigma);
    // log σ becomes log σ².
    let given = answers(&[(QuestionId::Head, "log-sigma")]);
    let model = found.apply(&given).expect("builds");
    assert!(model.config.network.is_none());
    let log_var = model
        .parameters
        .iter()
        .find(|p| p.name == "encoder.log_var.weight");
    assert_eq!(log_var.expect("is there").values[1], 2.0 * 20_001.0);
    let certain = best(&dict("hid_2logvar"));
    assert!(
        certain
            .question(QuestionId::Head)
            .expect("asked")
            .doubt
            .is_none()
    );
}

#[test]
fn candidates_find_labels_and_shapes() {
    let found = best(&linear(&[
        ("fc1", 560 + 10, 8),
        ("fc21", 8, 2),
        ("fc22", 8, 2),
        ("fc3", 2 + 10, 8),
        ("fc4", 8, 560),
    ]));
    let model = found.apply(&Answers::new()).expect("builds");
    assert_eq!((model.config.classes, model.config.latent_size), (10, 2));
    let shapes = &found.question(QuestionId::Shape).expect("several").choices;
    assert!(
        shapes.iter().any(|choice| choice.value == "28x20"),
        "{shapes:?}"
    );
    let given = answers(&[(QuestionId::Shape, "28x20"), (QuestionId::Output, "none")]);
    let model = found.apply(&given).expect("builds");
    assert_eq!(model.image, ImageShape::grey(28, 20));
    assert_eq!(model.config.likelihood, Likelihood::Gaussian { sigma: 1.0 });
}

#[test]
fn candidates_use_a_decoder_alone_and_say_what_is_not_used() {
    let found = best(&linear(&[
        ("encoder.0", 64, 8),
        ("encoder.2", 8, 3),
        ("decoder.0", 3, 8),
        ("decoder.2", 8, 64),
    ]));
    assert_eq!(
        roles(&found),
        [
            ("decoder", "decoder.0"),
            ("decoder", "decoder.2"),
            ("not used", "encoder.0"),
            ("not used", "encoder.2"),
        ]
    );
    assert!(
        !found
            .apply(&Answers::new())
            .expect("builds")
            .config
            .has_encoder()
    );
    assert!(
        found
            .reasons
            .iter()
            .any(|reason| reason.contains("decoder is used alone"))
    );
}

#[test]
fn candidates_explain_what_is_not_supported() {
    let error = |dict: &StateDict| candidates(dict).expect_err("must be rejected");
    assert!(matches!(
        error(&linear(&[("a", 784, 10)])),
        RecognitionError::NoChain { .. }
    ));
    let mut dict = linear(&[("fc1", 64, 8)]);
    dict.tensors
        .push(Tensor::from_values("norm.weight", vec![8], &[1.0; 8]));
    let message = error(&dict).to_string();
    assert!(
        message.contains("\"norm.weight\"") && message.contains("normalization"),
        "{message}"
    );
    let mut dict = linear(&[
        ("fc1", 64, 8),
        ("fc21", 8, 2),
        ("fc22", 8, 2),
        ("fc3", 2, 8),
        ("fc4", 8, 64),
    ]);
    let nan = vec![f32::NAN; 16];
    dict.tensors[2] = Tensor::from_values("fc21.weight", vec![2, 8], &nan);
    assert_eq!(
        best(&dict).apply(&Answers::new()),
        Err(RecognitionError::NotFinite("fc21".into()))
    );
    let unknown = answers(&[(QuestionId::Output, "relu")]);
    assert!(matches!(
        best(&dict).apply(&unknown),
        Err(RecognitionError::Answer { .. })
    ));
}

/// Many layers of one size fit in many orders: the search ends, and finds the order of the file.
#[test]
fn candidates_of_many_equal_layers_end() {
    let names: Vec<String> = (0..24).map(|i| format!("layers.{i}")).collect();
    let layers: Vec<_> = names.iter().map(|name| (name.as_str(), 64, 64)).collect();
    let found = candidates(&linear(&layers)).expect("ends");
    assert!(
        found.iter().all(|candidate| candidate.score < 0.5),
        "they are no VAE"
    );
}
