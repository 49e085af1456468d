//! What the page itself reads: links, and the browser's storage.

use crate::{Target, seeds};
use page::untrusted::{self, Entry};

/// The query of an address.
pub const LINK: Target = Target {
    name: "link",
    run: |bytes| untrusted::link(&String::from_utf8_lossy(bytes)),
    seeds: || {
        let previous =
            seeds::file("tests/fixtures/previous-version/addresses.tsv").unwrap_or_default();
        let mut all: Vec<Vec<u8>> = previous
            .split(|&byte| byte == b'\n' || byte == b'\t')
            .map(<[u8]>::to_vec)
            .filter(|query| !query.is_empty())
            .collect();
        all.extend(
            [
                "?model=https://hub.example/vae.pt%3Fdownload=true&z=1,2,3",
                "?model=mnist-conditional&label=3.25&tab=explore",
                "?pins=1,2;-0.5,0.25&view=0.5,-1,1.5&axes=pca&scale=quantile",
                "?tab=learn&learn=4.2.too-narrow&digit=3.1&seed=7",
                "?z=1%2C2&note=a%26b+c%zz&fast=off",
            ]
            .map(|query| query.as_bytes().to_vec()),
        );
        all
    },
    memory_mb: 16,
    max_bytes: 1 << 10,
    mutations: 3000,
};

/// An entry of the browser's storage: its kind in one byte, its length in two, its bytes, and the images it refers to.
pub const STORED: Target = Target {
    name: "stored",
    run: |bytes| {
        let [kind, low, high, rest @ ..] = bytes else {
            return;
        };
        let kind = Entry::ALL[usize::from(*kind) % Entry::ALL.len()];
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (entry, pixels) = rest.split_at(length);
        untrusted::stored(kind, entry, pixels);
    },
    seeds: stored,
    memory_mb: 64,
    max_bytes: 8 << 10,
    mutations: 2000,
};

fn stored() -> Vec<Vec<u8>> {
    let with = |kind: Entry, entry: &[u8], pixels: usize| {
        let kind = Entry::ALL
            .iter()
            .position(|&other| other == kind)
            .unwrap_or_default();
        let length = (entry.len() as u16).to_le_bytes();
        [&[kind as u8], &length[..], entry, &vec![7; pixels]].concat()
    };
    let record = |json: &str| {
        [
            &(json.len() as u32).to_le_bytes()[..],
            json.as_bytes(),
            b"bytes",
        ]
        .concat()
    };
    let index = r#"{"shape":[8,8],"classes":["cat","dog"],"runs":[[0,0,2],[3,1,1]]}"#;
    let index = [
        &u32::MAX.to_le_bytes()[..],
        &(index.len() as u32).to_le_bytes(),
        index.as_bytes(),
        &[0, 1, 255],
    ];
    let digits = [&2_u32.to_le_bytes()[..], &[3, 255], &[9; 2 * 784]].concat();
    let mut all = vec![
        with(Entry::Dataset, &index.concat(), 256),
        with(Entry::Dataset, &digits, 0),
        with(
            Entry::CourseProgress,
            br#"{"seen":["1.1"],"correct":["a"],"wrong":{"b":2},"last":"1.2"}"#,
            0,
        ),
    ];
    let previous = |name: &str| seeds::file(&format!("tests/fixtures/previous-version/{name}"));
    all.extend(previous("draft.json").map(|form| with(Entry::TrainingForm, &form, 0)));
    // Of the longer ones only the description.
    let description = |bytes: &[u8]| {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let json = rest.get(..u32::from_le_bytes(*length) as usize)?;
        Some(record(std::str::from_utf8(json).ok()?))
    };
    let model = previous("model-bars").and_then(|bytes| description(&bytes));
    all.extend(model.map(|model| with(Entry::Model, &model, 0)));
    let run = previous("run").and_then(|bytes| description(&bytes));
    all.extend(run.map(|run| with(Entry::TrainingRun, &run, 40 * 784)));
    all
}
