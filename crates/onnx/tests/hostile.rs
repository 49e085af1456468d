//! Files that no exporter writes: each ends in a message.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use onnx::{MAX_BYTES, OnnxError, OnnxModel, convert, is_onnx};
use proptest::prelude::*;

/// A field of a message: a number, or bytes.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn message(fields: &[(u64, Field<'_>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, field) in fields {
        match field {
            Field::Number(value) => {
                varint(tag << 3, &mut out);
                varint(*value, &mut out);
            }
            Field::Bytes(bytes) => {
                varint(tag << 3 | 2, &mut out);
                varint(bytes.len() as u64, &mut out);
                out.extend_from_slice(bytes);
            }
        }
    }
    out
}

fn node(operator: &str, name: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
    let mut fields: Vec<_> = inputs
        .iter()
        .map(|i| (1, Field::Bytes(i.as_bytes())))
        .collect();
    fields.extend(outputs.iter().map(|o| (2, Field::Bytes(o.as_bytes()))));
    fields.push((3, Field::Bytes(name.as_bytes())));
    fields.push((4, Field::Bytes(operator.as_bytes())));
    message(&fields)
}

const FLOAT: u64 = 1;
const INT64: u64 = 7;

fn tensor(name: &str, kind: u64, dims: &[u64], raw: &[u8]) -> Vec<u8> {
    let mut fields: Vec<_> = dims.iter().map(|&dim| (1, Field::Number(dim))).collect();
    fields.push((2, Field::Number(kind)));
    fields.push((8, Field::Bytes(name.as_bytes())));
    fields.push((9, Field::Bytes(raw)));
    message(&fields)
}

fn ints(name: &str, values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    tensor(name, INT64, &[values.len() as u64], &raw)
}

/// A value of any number of rows.
fn value(name: &str, columns: u64) -> Vec<u8> {
    let rows = message(&[(2, Field::Bytes(b"n"))]);
    let columns = message(&[(1, Field::Number(columns))]);
    let shape = message(&[(1, Field::Bytes(&rows)), (1, Field::Bytes(&columns))]);
    let tensor = message(&[(1, Field::Number(FLOAT)), (2, Field::Bytes(&shape))]);
    let kind = message(&[(1, Field::Bytes(&tensor))]);
    message(&[(1, Field::Bytes(name.as_bytes())), (2, Field::Bytes(&kind))])
}

/// A model from "z" with two values to "y".
fn model(nodes: &[Vec<u8>], tensors: &[Vec<u8>]) -> Vec<u8> {
    let (input, output) = (value("z", 2), value("y", 64));
    let mut fields: Vec<_> = nodes.iter().map(|node| (1, Field::Bytes(node))).collect();
    fields.extend(tensors.iter().map(|tensor| (5, Field::Bytes(tensor))));
    fields.push((11, Field::Bytes(&input)));
    fields.push((12, Field::Bytes(&output)));
    let graph = message(&fields);
    let version = message(&[(2, Field::Number(17))]);
    message(&[
        (1, Field::Number(8)),
        (7, Field::Bytes(&graph)),
        (8, Field::Bytes(&version)),
    ])
}

fn error(nodes: &[Vec<u8>], tensors: &[Vec<u8>]) -> String {
    let error = convert(&model(nodes, tensors)).expect_err("must be rejected");
    error.to_string()
}

#[test]
fn convert_names_an_unsupported_operator_and_its_node() {
    let text = error(&[node("LSTM", "/decoder/lstm", &["z"], &["y"])], &[]);
    assert_eq!(
        text,
        "the operator LSTM of the node \"/decoder/lstm\" is not supported"
    );
}

#[test]
fn convert_rejects_cycles() {
    let nodes = [
        node("Add", "a", &["z", "y"], &["x"]),
        node("Exp", "b", &["x"], &["y"]),
    ];
    let text = error(&nodes, &[]);
    assert!(text.contains("\"a\"") && text.contains("cycle"), "{text}");
}

#[test]
fn convert_rejects_exploding_shapes() {
    let pads: Vec<i64> = [0, 0, 0, 4096].to_vec();
    let mut nodes = vec![node("Pad", "first", &["z", "pads"], &["v0"])];
    for at in 0..30 {
        let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
        let mut concat = node("Concat", "double", &[&from, &from], &[&to]);
        let axis = message(&[
            (1, Field::Bytes(b"axis")),
            (3, Field::Number(1)),
            (20, Field::Number(2)),
        ]);
        concat.extend(message(&[(5, Field::Bytes(&axis))]));
        nodes.push(concat);
    }
    nodes.push(node("Exp", "last", &["v30"], &["y"]));
    let text = error(&nodes, &[ints("pads", &pads)]);
    assert!(text.contains("too large"), "{text}");
    let text = error(
        &[
            node("ConstantOfShape", "fill", &["s"], &["c"]),
            node("MatMul", "product", &["z", "c"], &["y"]),
        ],
        &[ints("s", &[2, 1 << 40])],
    );
    assert!(text.contains("\"fill\""), "{text}");
}

#[test]
fn convert_rejects_tensors_that_lie_about_their_size() {
    for (dims, raw) in [
        (vec![1 << 40, 2], vec![0; 8]),
        (vec![u64::MAX], vec![0; 8]),
        (vec![1 << 32, 1 << 32], vec![0; 8]),
        (vec![2, 64], vec![0; 7]),
    ] {
        let text = error(
            &[node("MatMul", "m", &["z", "w"], &["y"])],
            &[tensor("w", FLOAT, &dims, &raw)],
        );
        assert!(text.contains("\"w\""), "{text}");
    }
}

#[test]
fn convert_rejects_too_much() {
    assert_eq!(convert(&vec![8; MAX_BYTES + 1]), Err(OnnxError::Bytes(100)));
    let many: Vec<_> = (0..5000).map(|_| node("Exp", "", &["z"], &["q"])).collect();
    assert!(error(&many, &[]).contains("5000 nodes"));
}

#[test]
fn convert_explains_a_graph_without_a_decoder() {
    let text = error(&[node("Exp", "e", &["z"], &["y"])], &[]);
    assert!(text.contains("torch.onnx.export("), "{text}");
}

fn cases() -> Vec<Vec<u8>> {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("cases.json")).expect("the script writes cases");
    let bytes = |case: &serde_json::Value| {
        let text = case["onnx"].as_str().expect("text");
        BASE64_STANDARD.decode(text).expect("base64")
    };
    cases.iter().map(bytes).collect()
}

/// What a fuzzer calls: any bytes end in a model or an error.
fn read(bytes: &[u8]) {
    let Ok(converted) = convert(bytes) else {
        return;
    };
    let model = OnnxModel::read(&converted).expect("just converted");
    if let Ok(model) = model {
        let _ = model.apply(&recognition::Answers::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn read_survives_changed_bytes(
        case in 0_usize..98,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = cases().swap_remove(case);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        read(&bytes);
        bytes.truncate(cut.index(bytes.len()) + 1);
        read(&bytes);
    }

    #[test]
    fn read_survives_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }
}

#[test]
fn is_onnx_knows_exported_models() {
    assert!(cases().iter().all(|bytes| is_onnx(bytes)));
    assert!(!is_onnx(b"PK\x03\x04") && !is_onnx(b""));
}
