//! p(x|z): what the decoder's output means.

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
}

impl Likelihood {
    /// One likelihood of each kind, the Gaussian with this σ, for tests of all kinds.
    pub const fn of_each_kind(sigma: f64) -> [Self; 3] {
        [
            Self::Bernoulli,
            Self::Gaussian { sigma },
            Self::ContinuousBernoulli,
        ]
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli => f.write_str("Bernoulli"),
            Self::Gaussian { sigma } => write!(f, "Gaussian, σ = {sigma}"),
            Self::ContinuousBernoulli => f.write_str("continuous Bernoulli"),
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
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Bernoulli,
    Gaussian,
    ContinuousBernoulli,
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
        }
    }
}

impl From<Likelihood> for Record {
    fn from(likelihood: Likelihood) -> Self {
        let (kind, sigma) = match likelihood {
            Likelihood::Bernoulli => (Kind::Bernoulli, None),
            Likelihood::Gaussian { sigma } => (Kind::Gaussian, Some(sigma)),
            Likelihood::ContinuousBernoulli => (Kind::ContinuousBernoulli, None),
        };
        Self { kind, sigma }
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
            r#"{"kind":"gaussian","sigma":0.1,"mean":0}"#,
            r#""bernoulli""#,
        ] {
            assert!(serde_json::from_str::<Likelihood>(json).is_err(), "{json}");
        }
    }
}
