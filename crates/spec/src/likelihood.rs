//! p(x|z): what the decoder's output means.

use crate::ChannelScales;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The distribution p(x|z) of an image given z. Values of different kinds must not be compared: a Bernoulli
/// gives probabilities, the others densities, and a Bernoulli on grey pixels gives neither.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record", into = "Record")]
pub enum Likelihood {
    /// Each pixel is Bernoulli, and the decoder's output is its logit (notes, Figure 9). On grey pixels this is
    /// the usual objective, but not a likelihood.
    Bernoulli,
    /// N(f(z), σ²I) with the decoder's output as f(z) (notes, Equation 18).
    Gaussian {
        /// σ, in units of the pixel's range.
        sigma: f64,
    },
    /// A density on `[0, 1]` (Loaiza-Ganem & Cunningham 2019); the decoder's output is the logit of its λ.
    ContinuousBernoulli,
    /// A distribution on the 256 levels of an image value: the probability that a logistic distribution gives to the
    /// level's interval, where the lowest and the highest level include the tail (Kingma et al. 2016, section 5.2;
    /// Salimans et al. 2017, Equation 2, with one component). The decoder's output is the logistic's location μ, in
    /// units of the pixel's range.
    DiscretizedLogistic {
        /// The logistic's scale s for each channel, in units of the pixel's range; its standard deviation is πs/√3.
        scales: ChannelScales,
    },
}

impl Likelihood {
    /// Whether log p(x|z) is, up to a term without z, affine in the image, as for an exponential family whose sufficient
    /// statistic is the image. Quadrature needs it: its sums over a grid of z are then matrix products.
    pub const fn is_exponential_family(&self) -> bool {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli | Self::Gaussian { .. } => true,
            Self::DiscretizedLogistic { .. } => false,
        }
    }

    /// One likelihood of each kind, the Gaussian with this σ and the logistic with this scale for a single channel, for
    /// tests of all kinds.
    pub const fn of_each_kind(sigma: f64) -> [Self; 4] {
        [
            Self::Bernoulli,
            Self::Gaussian { sigma },
            Self::ContinuousBernoulli,
            Self::DiscretizedLogistic {
                scales: ChannelScales::equal(sigma, 1),
            },
        ]
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli => f.write_str("Bernoulli"),
            Self::Gaussian { sigma } => write!(f, "Gaussian, σ = {sigma}"),
            Self::ContinuousBernoulli => f.write_str("continuous Bernoulli"),
            Self::DiscretizedLogistic { scales } => {
                f.write_str("discretized logistic, s = ")?;
                for (channel, scale) in scales.as_slice().iter().enumerate() {
                    let separator = if channel > 0 { ", " } else { "" };
                    write!(f, "{separator}{scale}")?;
                }
                Ok(())
            }
        }
    }
}

/// The stored form, `{"kind": "gaussian", "sigma": 0.1}`. Serde's own tagged enum has the same form, but its
/// deserializer buffers arbitrary content, which costs the page several kilobytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sigma: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scales: Option<ChannelScales>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Bernoulli,
    Gaussian,
    ContinuousBernoulli,
    DiscretizedLogistic,
}

impl TryFrom<Record> for Likelihood {
    type Error = &'static str;

    fn try_from(record: Record) -> Result<Self, Self::Error> {
        match record.kind {
            Kind::Bernoulli => Ok(Self::Bernoulli),
            Kind::Gaussian => record
                .sigma
                .map(|sigma| Self::Gaussian { sigma })
                .ok_or("missing field `sigma` of a Gaussian likelihood"),
            Kind::ContinuousBernoulli => Ok(Self::ContinuousBernoulli),
            Kind::DiscretizedLogistic => record
                .scales
                .map(|scales| Self::DiscretizedLogistic { scales })
                .ok_or("missing field `scales` of a discretized logistic likelihood"),
        }
    }
}

impl From<Likelihood> for Record {
    fn from(likelihood: Likelihood) -> Self {
        let (kind, sigma, scales) = match likelihood {
            Likelihood::Bernoulli => (Kind::Bernoulli, None, None),
            Likelihood::Gaussian { sigma } => (Kind::Gaussian, Some(sigma), None),
            Likelihood::ContinuousBernoulli => (Kind::ContinuousBernoulli, None, None),
            Likelihood::DiscretizedLogistic { scales } => {
                (Kind::DiscretizedLogistic, None, Some(scales))
            }
        };
        Self {
            kind,
            sigma,
            scales,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihood_reads_and_writes_the_form_of_cards() {
        for (json, likelihood) in [
            (r#"{"kind":"bernoulli"}"#, Likelihood::Bernoulli),
            (
                r#"{"kind":"gaussian","sigma":0.1}"#,
                Likelihood::Gaussian { sigma: 0.1 },
            ),
            (
                r#"{"kind":"continuous-bernoulli"}"#,
                Likelihood::ContinuousBernoulli,
            ),
            (
                r#"{"kind":"discretized-logistic","scales":[0.1,0.2,0.3]}"#,
                Likelihood::DiscretizedLogistic {
                    scales: ChannelScales::new(&[0.1, 0.2, 0.3]).expect("three"),
                },
            ),
        ] {
            let read: Likelihood = serde_json::from_str(json).expect("parses");
            assert_eq!(read, likelihood);
            assert_eq!(
                serde_json::to_string(&likelihood).expect("plain data"),
                json
            );
        }
    }

    /// Serde's message lists the names of all kinds.
    #[test]
    fn likelihood_of_each_kind_lists_each_variant() {
        let error = serde_json::from_str::<Kind>("\"\"").expect_err("no name");
        let names = Likelihood::of_each_kind(0.1).map(|likelihood| {
            let kind = Record::from(likelihood).kind;
            serde_json::to_string(&kind)
                .expect("plain data")
                .replace('"', "`")
        });
        assert!(error.to_string().contains(&names.join(", ")), "{error}");
    }

    #[test]
    fn likelihood_rejects_what_describes_none() {
        for json in [
            r#"{"kind":"gaussian"}"#,
            r#"{"kind":"poisson"}"#,
            r#"{"kind":"discretized-logistic"}"#,
            r#"{"kind":"discretized-logistic","scales":[0.1,0.2]}"#,
            r#"{"kind":"gaussian","sigma":0.1,"mean":0}"#,
            r#""bernoulli""#,
        ] {
            assert!(serde_json::from_str::<Likelihood>(json).is_err(), "{json}");
        }
    }
}
