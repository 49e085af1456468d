//! The user's own models as rows of a table: from their cards to text, sorted. Pure.

use crate::number::format::grouped;
use protocol::{ModelInfo, TrainedModel};
use serde::Deserialize;
use std::cmp::Ordering;

/// A model as a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) latent_size: usize,
    /// The layers between image and z: "784-512-512", "conv 16-32, 64".
    pub(super) network: String,
    pub(super) activation: String,
    pub(super) likelihood: String,
    pub(super) parameters: usize,
    /// Images that it was trained on; 0 if that is not known.
    pub(super) images: usize,
    pub(super) epochs: Option<usize>,
    /// −ELBO on held-out images with its standard error, in nats per image.
    pub(super) test: Option<(f64, f64)>,
    /// When it was added to the list, "2026-03-14".
    pub(super) date: Option<String>,
}

/// What a table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Latent,
    Network,
    Activation,
    Likelihood,
    Parameters,
    Images,
    Epochs,
    Test,
    Date,
}

impl Column {
    pub(super) const ALL: [Self; 10] = [
        Self::Name,
        Self::Latent,
        Self::Network,
        Self::Activation,
        Self::Likelihood,
        Self::Parameters,
        Self::Images,
        Self::Epochs,
        Self::Test,
        Self::Date,
    ];

    /// Its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Name => "Model",
            Self::Latent => "Latent size",
            Self::Network => "Network",
            Self::Activation => "Activation",
            Self::Likelihood => "Likelihood",
            Self::Parameters => "Parameters",
            Self::Images => "Images",
            Self::Epochs => "Epochs",
            Self::Test => "−ELBO (nats)",
            Self::Date => "Added",
        }
    }

    /// The key in tests and the heading of a CSV file.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Latent => "latent_size",
            Self::Network => "network",
            Self::Activation => "activation",
            Self::Likelihood => "likelihood",
            Self::Parameters => "parameters",
            Self::Images => "images",
            Self::Epochs => "epochs",
            Self::Test => "neg_elbo",
            Self::Date => "date",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Card {
    architecture: Architecture,
    data: Data,
    training: Option<Training>,
    test: Option<Test>,
    created: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Architecture {
    encoder_hidden: Vec<usize>,
    decoder_hidden: Vec<usize>,
    activation: String,
    convolution: Option<Convolution>,
    network: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Convolution {
    channels: Vec<usize>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    count: usize,
}

#[derive(Deserialize)]
struct Training {
    epochs: Option<usize>,
}

#[derive(Deserialize)]
struct Test {
    neg_elbo: f64,
    standard_error: f64,
}

impl Row {
    pub(super) fn of(model: &TrainedModel) -> Self {
        let card: Card = serde_json::from_str(&model.card).unwrap_or_default();
        let ModelInfo {
            name,
            latent_size,
            parameters,
            likelihood,
            ..
        } = &model.info;
        let architecture = &card.architecture;
        Self {
            name: name.clone(),
            latent_size: *latent_size,
            network: network(architecture),
            activation: match architecture.network {
                // Its operations have their own.
                Some(_) => "–".to_owned(),
                None => architecture.activation.clone(),
            },
            likelihood: likelihood.to_string(),
            parameters: *parameters,
            images: card.data.count,
            epochs: card.training.and_then(|training| training.epochs),
            test: card.test.map(|test| (test.neg_elbo, test.standard_error)),
            date: card.created,
        }
    }

    /// The text of a cell.
    pub(super) fn text(&self, column: Column) -> String {
        let dash = || "–".to_owned();
        match column {
            Column::Name => self.name.clone(),
            Column::Latent => self.latent_size.to_string(),
            Column::Network => self.network.clone(),
            Column::Activation => self.activation.clone(),
            Column::Likelihood => self.likelihood.clone(),
            Column::Parameters => grouped(self.parameters),
            Column::Images if self.images == 0 => dash(),
            Column::Images => grouped(self.images),
            Column::Epochs => self.epochs.map_or_else(dash, grouped),
            Column::Test => self.test.map_or_else(dash, |(value, error)| {
                crate::number::format::nats_with_error(value, error)
            }),
            Column::Date => self.date.clone().unwrap_or_else(dash),
        }
    }

    fn compare(&self, other: &Self, column: Column) -> Ordering {
        match column {
            Column::Name => self.name.cmp(&other.name),
            Column::Latent => self.latent_size.cmp(&other.latent_size),
            Column::Network => self.network.cmp(&other.network),
            Column::Activation => self.activation.cmp(&other.activation),
            Column::Likelihood => self.likelihood.cmp(&other.likelihood),
            Column::Parameters => self.parameters.cmp(&other.parameters),
            Column::Images => self.images.cmp(&other.images),
            Column::Epochs => self.epochs.cmp(&other.epochs),
            Column::Test => {
                let value = |row: &Self| row.test.map_or(f64::NAN, |(value, _)| value);
                value(self).total_cmp(&value(other))
            }
            Column::Date => self.date.cmp(&other.date),
        }
    }
}

fn network(architecture: &Architecture) -> String {
    let joined = |widths: &[usize]| {
        let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
        widths.join("-")
    };
    if architecture.network.is_some() {
        return "imported".to_owned();
    }
    let (encoder, decoder) = (
        joined(&architecture.encoder_hidden),
        joined(&architecture.decoder_hidden),
    );
    let mirrored = architecture
        .encoder_hidden
        .iter()
        .eq(architecture.decoder_hidden.iter().rev());
    let hidden = match (mirrored, encoder.is_empty() && decoder.is_empty()) {
        (_, true) => "linear".to_owned(),
        (true, _) => encoder,
        (false, _) => format!("{encoder} / {decoder}"),
    };
    match &architecture.convolution {
        Some(convolution) => format!("conv {}, {hidden}", joined(&convolution.channels)),
        None => hidden,
    }
}

/// The rows in the order of a column; those of equal values stay in theirs.
pub(super) fn sorted(mut rows: Vec<Row>, column: Column, descending: bool) -> Vec<Row> {
    rows.sort_by(|a, b| {
        let order = a.compare(b, column);
        if descending { order.reverse() } else { order }
    });
    rows
}

/// The rows as CSV (RFC 4180), numbers without grouping.
pub(super) fn csv(rows: &[Row]) -> String {
    let optional = |value: Option<String>| value.unwrap_or_default();
    let mut lines = vec![
        "name,latent_size,network,activation,likelihood,parameters,images,epochs,neg_elbo,neg_elbo_standard_error,date"
            .to_owned(),
    ];
    for row in rows {
        let known = (row.images > 0).then(|| row.images.to_string());
        let cells = [
            row.name.clone(),
            row.latent_size.to_string(),
            row.network.clone(),
            row.activation.replace('–', ""),
            row.likelihood.clone(),
            row.parameters.to_string(),
            optional(known),
            optional(row.epochs.map(|epochs| epochs.to_string())),
            optional(row.test.map(|(value, _)| value.to_string())),
            optional(row.test.map(|(_, error)| error.to_string())),
            optional(row.date.clone()),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        lines.push(cells.join(","));
    }
    lines.join("\r\n") + "\r\n"
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, latent_size: usize, test: Option<(f64, f64)>) -> Row {
        Row {
            name: name.to_owned(),
            latent_size,
            network: "conv 8-16, 64".to_owned(),
            activation: "relu".to_owned(),
            likelihood: "Bernoulli".to_owned(),
            parameters: 12_345,
            images: 0,
            epochs: Some(20),
            test,
            date: None,
        }
    }

    #[test]
    fn network_names_the_layers() {
        let read = |json: &str| network(&serde_json::from_str(json).expect("an architecture"));
        let plain =
            r#"{"encoder_hidden":[512,256],"decoder_hidden":[256,512],"activation":"gelu"}"#;
        assert_eq!(read(plain), "512-256");
        let unequal = r#"{"encoder_hidden":[512],"decoder_hidden":[64],"activation":"gelu"}"#;
        assert_eq!(read(unequal), "512 / 64");
        let convolution = r#"{"encoder_hidden":[64],"decoder_hidden":[64],
            "convolution":{"image":[28,28],"channels":[8,16]}}"#;
        assert_eq!(read(convolution), "conv 8-16, 64");
        assert_eq!(read(r#"{"network":{"image":[8,8]}}"#), "imported");
    }

    #[test]
    fn sorted_puts_numbers_in_order_and_unknown_ones_last() {
        let rows = vec![
            row("a", 10, None),
            row("b", 9, Some((120.0, 1.0))),
            row("c", 2, Some((99.5, 1.0))),
        ];
        let names = |column, descending| -> String {
            let rows = sorted(rows.clone(), column, descending);
            rows.iter().map(|row| row.name.as_str()).collect()
        };
        assert_eq!(names(Column::Latent, false), "cba");
        assert_eq!(names(Column::Test, false), "cba");
        assert_eq!(names(Column::Name, true), "cba");
    }

    #[test]
    fn csv_quotes_commas() {
        let text = csv(&[row("mine", 2, Some((99.5, 0.25)))]);
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(
            lines[1],
            "mine,2,\"conv 8-16, 64\",relu,Bernoulli,12345,,20,99.5,0.25,"
        );
        assert_eq!(lines[0].split(',').count(), 11);
    }
}
