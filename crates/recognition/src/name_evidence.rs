//! What names of layers say about their place.

use spec::Spread;

/// A part of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Encoder,
    Decoder,
}

/// The part that a name speaks of; `None` if it says nothing.
pub(crate) fn side(name: &str) -> Option<Side> {
    let name = name.to_lowercase();
    let compact: String = name.chars().filter(|c| *c != '_').collect();
    let first = |words: &[&str]| words.iter().filter_map(|word| name.find(word)).min();
    let encoder = first(&["enc", "inference", "recognition", "recog", "q_net", "qnet"]);
    let decoder = first(&["dec", "generat", "gen_", "gen.", "p_net", "pnet"]);
    match (encoder, decoder) {
        (Some(encoder), Some(decoder)) if encoder < decoder => return Some(Side::Encoder),
        (_, Some(_)) => return Some(Side::Decoder),
        (Some(_), None) => return Some(Side::Encoder),
        (None, None) => {}
    }
    // The halves of a U-Net: "down.0", "up_blocks.1.conv".
    let of_half = |half: &str| {
        compact.split('.').any(|part| {
            part.strip_prefix(half).is_some_and(|rest| {
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                rest.is_empty() || rest.starts_with("block") || rest.starts_with("sampl")
            })
        })
    };
    match (of_half("down"), of_half("up")) {
        (true, false) => return Some(Side::Encoder),
        (false, true) => return Some(Side::Decoder),
        _ => {}
    }
    let last = compact.rsplit('.').next().unwrap_or_default();
    let starts = |words: &[&str]| words.iter().any(|word| last.starts_with(word));
    let ends = |words: &[&str]| words.iter().any(|word| last.ends_with(word));
    if starts(&[
        "z2",
        "zto",
        "latent2",
        "latentto",
        "fromlatent",
        "deconv",
        "convt",
        "up",
        "unflatten",
    ]) || ends(&[
        "2img",
        "2x",
        "2image",
        "toimg",
        "toimage",
        "tox",
        "recon",
        "reconstruction",
    ]) {
        Some(Side::Decoder)
    } else if starts(&["img2", "x2", "image2", "xto", "imgto", "imageto", "down"])
        || ends(&["2z", "toz", "2latent", "tolatent"])
        || is_location(&name)
        || is_spread(&name)
    {
        Some(Side::Encoder)
    } else {
        None
    }
}

/// The words of a name, without digits.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for character in name.chars() {
        let starts_word = character.is_uppercase() && previous_lower;
        previous_lower = character.is_lowercase();
        if !character.is_alphabetic() || starts_word {
            words.push(String::new());
        }
        if character.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a layer's name says that it computes μ.
pub fn is_location(name: &str) -> bool {
    words(name).iter().any(|word| {
        ["mu", "mean", "means", "mus", "loc", "μ"]
            .iter()
            .any(|known| word == known)
            || word.ends_with("mean")
            || word.ends_with("mu")
    })
}

/// Whether a layer's name says that it computes the spread of q(z|x).
pub fn is_spread(name: &str) -> bool {
    words(name).iter().any(|word| {
        let known = [
            "var",
            "sigma",
            "std",
            "stddev",
            "scale",
            "sd",
            "lv",
            "logsig",
            "σ",
            "variance",
            "logvariance",
        ];
        known.contains(&word.as_str())
            || [
                "var", "sigma", "std", "logsd", "stdev", "logsig", "variance",
            ]
            .iter()
            .any(|end| word.ends_with(end))
    })
}

/// Whether a layer's name says that it maps labels to vectors.
pub(crate) fn is_embedding(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("emb")
}

/// Whether a layer's name says that its input is a label: "embed_class", "label_proj"; not "classifier".
pub(crate) fn is_label(name: &str) -> bool {
    let name = name.to_lowercase();
    let speaks = ["class", "label", "cond", "embed_y", "y_emb"]
        .iter()
        .any(|word| name.contains(word));
    speaks && !name.contains("classif")
}

/// What the second head computes by its name, and the doubt that is left.
pub fn spread(name: &str) -> (Spread, Option<&'static str>) {
    let compact: String = name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let contains = |parts: &[&str]| parts.iter().any(|part| compact.contains(part));
    if contains(&["logvar", "lnvar", "logsigma2", "logsigmasq", "logsquared"])
        || compact.ends_with("fc22")
    {
        (Spread::LogVar, None)
    } else if contains(&["logstd", "logsigma", "logsd", "logsig", "logscale"]) {
        (
            Spread::LogSigma,
            Some("a name with log σ is sometimes given to log σ²"),
        )
    } else if contains(&["sigma", "std", "scale"]) {
        (
            Spread::Sigma,
            Some(
                "a layer named after σ may also compute log σ, log σ², or the number whose softplus is σ",
            ),
        )
    } else if contains(&["var"]) || compact.ends_with("lv") {
        (
            Spread::LogVar,
            Some("a layer named after the variance almost always computes its logarithm"),
        )
    } else {
        (
            Spread::LogVar,
            Some("the name does not tell; log σ² is usual"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_follows_from_names() {
        for name in [
            "encoder.0",
            "enc_fc1",
            "img_2hid",
            "hid_2mu",
            "fc_logvar",
            "q_net.1",
            "down2.conv",
        ] {
            assert_eq!(side(name), Some(Side::Encoder), "{name}");
        }
        for name in [
            "decoder.4",
            "dec1",
            "z_2hid",
            "hid_2img",
            "generator.0",
            "decoder_input",
            "deconv1",
            "up.3",
            "up_blocks.0.conv",
        ] {
            assert_eq!(side(name), Some(Side::Decoder), "{name}");
        }
        for name in [
            "fc1", "fc3", "linear2", "layers.0", "block1", "conv2", "upper.0",
        ] {
            assert_eq!(side(name), None, "{name}");
        }
    }

    #[test]
    fn heads_follow_from_whole_words() {
        for name in ["fc_mu", "z_mean", "hid_2mu", "fcMu", "encoder.mean.0"] {
            assert!(is_location(name) && !is_spread(name), "{name}");
        }
        for name in ["fc_var", "logvar", "hid_2sigma", "to_log_std", "zLogVar"] {
            assert!(is_spread(name) && !is_location(name), "{name}");
        }
        for name in ["block1", "module.fc", "variational.fc1", "multi"] {
            assert!(!is_location(name) && !is_spread(name), "{name}");
        }
    }

    #[test]
    fn spread_follows_from_names_with_doubt() {
        assert_eq!(spread("fc_logvar"), (Spread::LogVar, None));
        assert_eq!(spread("fc22"), (Spread::LogVar, None));
        assert_eq!(spread("log_std").0, Spread::LogSigma);
        let (kind, doubt) = spread("hid_2sigma");
        assert_eq!((kind, doubt.is_some()), (Spread::Sigma, true));
        assert_eq!(spread("fc_var").0, Spread::LogVar);
    }
}
