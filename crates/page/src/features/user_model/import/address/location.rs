//! Where a model is: what its address says. Pure text.

use percent_encoding::percent_decode_str;

/// Endings of model files.
const ENDINGS: [&str; 6] = [".safetensors", ".onnx", ".pt", ".pth", ".ckpt", ".bin"];

/// The address of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The address, as `fetch` takes it.
    pub(crate) address: String,
    /// The host with its port; `None` if the file is served with the page.
    pub(crate) host: Option<String>,
    /// The file's name.
    pub(crate) file: String,
}

/// Whether a value of `model` in the page's address is an address rather than a model's name.
pub(crate) fn is_address(value: &str) -> bool {
    value.contains('/') || ENDINGS.iter().any(|ending| value.ends_with(ending))
}

impl Location {
    /// Reads an address, given the page's origin, such as `https://example.org`.
    ///
    /// # Errors
    ///
    /// Says why the browser would not fetch it.
    pub(crate) fn parse(text: &str, page_origin: &str) -> Result<Self, String> {
        let text = text.trim();
        let address = match text.strip_prefix("//") {
            Some(rest) => format!("https://{rest}"),
            None => text.to_owned(),
        };
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let file = percent_decode_str(last).decode_utf8_lossy().into_owned();
        let Some((scheme, rest)) = address.split_once("://") else {
            let has_scheme = path
                .split('/')
                .next()
                .is_some_and(|first| first.contains(':'));
            if has_scheme {
                return Err("only addresses with https:// are fetched".to_owned());
            }
            return Ok(Self {
                file: named(file),
                address,
                host: None,
            });
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.contains('@') {
            return Err("it has no valid host".to_owned());
        }
        let host = host.to_lowercase();
        let scheme = scheme.to_lowercase();
        let is_local = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|local| host == *local || host.starts_with(&format!("{local}:")));
        let is_own = format!("{scheme}://{host}") == page_origin.to_lowercase();
        match scheme.as_str() {
            "https" => {}
            "http" if is_local || is_own => {}
            "http" => {
                return Err(
                    "it begins with http://, and anyone on the way could change the file; use https://"
                        .to_owned(),
                );
            }
            _ => return Err("only addresses with https:// are fetched".to_owned()),
        }
        Ok(Self {
            // Without a path, the host's name would be the file's.
            file: named(if path.ends_with(&host) {
                String::new()
            } else {
                file
            }),
            host: (!is_own).then_some(host),
            address,
        })
    }

    /// The address of the card that may be beside weights: the same with the ending `.json`.
    pub(crate) fn card(&self) -> Option<String> {
        let end = self.address.find(['?', '#']).unwrap_or(self.address.len());
        let (path, query) = self.address.split_at(end);
        let stem = path.strip_suffix(".safetensors")?;
        Some(format!("{stem}.json{query}"))
    }
}

fn named(file: String) -> String {
    match file.is_empty() {
        true => "model".to_owned(),
        false => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://room.example";

    fn parse(text: &str) -> Location {
        Location::parse(text, PAGE).expect("valid")
    }

    #[test]
    fn is_address_tells_addresses_from_names() {
        for name in ["mnist-2d", "my_model-2", "größe"] {
            assert!(!is_address(name), "{name}");
        }
        for address in ["https://a.org/b.pt", "models/vae.onnx", "vae.safetensors"] {
            assert!(is_address(address), "{address}");
        }
    }

    #[test]
    fn parse_reads_host_and_file() {
        let found = parse("https://Hub.example:8443/me/vae%20two.safetensors?download=true");
        assert_eq!(found.host.as_deref(), Some("hub.example:8443"));
        assert_eq!(found.file, "vae two.safetensors");
        assert_eq!(
            found.card().as_deref(),
            Some("https://Hub.example:8443/me/vae%20two.json?download=true")
        );
        assert_eq!(
            parse("//hub.example/a.onnx").address,
            "https://hub.example/a.onnx"
        );
        assert_eq!(parse("https://hub.example").file, "model");
        assert_eq!(parse("https://hub.example/a.onnx").card(), None);
    }

    #[test]
    fn parse_knows_files_of_the_page() {
        for text in [
            "weights/a.safetensors",
            "./a.onnx",
            "https://room.example/x/a.pt",
        ] {
            assert_eq!(parse(text).host, None, "{text}");
        }
    }

    #[test]
    fn parse_rejects_what_is_not_fetched() {
        for text in [
            "http://hub.example/a.pt",
            "ftp://hub.example/a.pt",
            "data:application/octet-stream,x/y",
            "https:///a.pt",
            "https://me:secret@hub.example/a.pt",
        ] {
            assert!(Location::parse(text, PAGE).is_err(), "{text}");
        }
        assert!(Location::parse("http://localhost:8000/a.pt", PAGE).is_ok());
        assert!(Location::parse("http://localhost.example/a.pt", PAGE).is_err());
        assert!(Location::parse("http://lan.example/a.pt", "http://lan.example").is_ok());
    }
}
