//! The query of the page's address: keys and values, percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// The decoded keys and values of a query, with or without its question mark.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(query.strip_prefix('?').unwrap_or(query).as_bytes()).into_owned()
}

/// The name of the model in a query, whether or not it exists.
pub(crate) fn model(query: &str) -> Option<String> {
    pairs(query).find_map(|(key, value)| (key == "model").then_some(value))
}

/// The query of the page's address, with its question mark.
pub(crate) fn current_query() -> String {
    web_sys::window()
        .and_then(|window| window.location().search().ok())
        .unwrap_or_default()
}

/// Whether the page's address contains this key with this value: `fast=off`.
pub(crate) fn address_contains(key: &str, value: &str) -> bool {
    contains(&current_query(), key, value)
}

fn contains(query: &str, key: &str, value: &str) -> bool {
    pairs(query).any(|pair| pair.0 == key && pair.1 == value)
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_compares_whole_keys_and_values() {
        for query in ["?tour=on", "?z=0.5,-1.2&tour=on"] {
            assert!(contains(query, "tour", "on") && !contains(query, "fast", "on"));
        }
        assert!(!contains("?tour=off", "tour", "on") && !contains("?detour=on", "tour", "on"));
    }
}
