//! The messages between page and workers, as JSON: in the browser they are JavaScript values, which serde reads alike.

use crate::Target;
use intake::{FileReader, Outcome};
use protocol::{
    DecoderMessage, DecoderRequest, EngineMessage, Envelope, FileMessage, FileRequest, Request,
};

/// A message of any kind. Requests to the file worker are served.
pub const MESSAGE: Target = Target {
    name: "message",
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let _ = serde_json::from_str::<Envelope<Request>>(text);
        let _ = serde_json::from_str::<EngineMessage>(text);
        let _ = serde_json::from_str::<FileMessage>(text);
        let _ = serde_json::from_str::<DecoderRequest>(text);
        let _ = serde_json::from_str::<DecoderMessage>(text);
        if let Ok(request) = serde_json::from_str::<Envelope<FileRequest>>(text) {
            serve(request.body);
        }
    },
    seeds: || texts().map(|text| text.as_bytes().to_vec()).to_vec(),
    memory_mb: 1024,
    max_bytes: 4 << 10,
    mutations: 2000,
};

fn serve(request: FileRequest) {
    let mut reader = FileReader::default();
    match reader.handle(request, &[]) {
        Err(error) => assert!(!error.message.is_empty()),
        Ok(Outcome::Ready(_)) => {}
        Ok(Outcome::Decode(undecoded)) => {
            let none = undecoded.images.iter().map(|_| None).collect();
            let _ = reader.decoded(*undecoded, none);
        }
    }
    let _ = reader.handle(
        FileRequest::CutSheet {
            sheet: 1,
            boxes: Vec::new(),
        },
        &[],
    );
}

fn texts() -> [&'static str; 14] {
    [
        r#"{"id":1,"body":{"Read":{"files":[{"name":"a.csv","bytes":[49,44,50,10]}],"attached":[],"options":{"conversion":"as-digits","shape":[28,28],"polarity":"detect","transposition":"by-name","subset":null,"room":null}}}}"#,
        r#"{"id":1,"body":{"Read":{"files":[{"name":"a.pgm","bytes":[80,53,32,50,32,50,32,50,53,53,10,0,255,255,0]}],"attached":["b"],"options":{"conversion":"fill","shape":[8,8,3],"polarity":"invert","transposition":"swap","subset":"letters","room":3}}}}"#,
        r#"{"id":2,"body":{"CutSheet":{"sheet":1,"boxes":[{"left":0,"top":0,"width":5,"height":5}]}}}"#,
        r#"{"id":3,"body":{"ConvertCheckpoint":{"checkpoint":[128,2,75,1,46]}}}"#,
        r#"{"id":3,"body":{"ConvertPair":{"files":[{"name":"a","bytes":[8,8]},{"name":"b","bytes":[8,8]}]}}}"#,
        r#"{"id":4,"body":{"EncodeGif":{"pixels":[0,1,2,3,4,5,6,7,8,9,10,11],"shape":[2,2],"scale":3,"delay":5}}}"#,
        r#"{"id":5,"body":{"ExportOnnx":{"card":"{}","weights":[1,2]}}}"#,
        r#"{"id":6,"body":{"ExportProject":{"card":"{}","weights":[],"settings":{"epochs":1,"batch":2,"learning_rate":0.1,"beta":1,"warm_up_steps":0,"binarize":false},"data":{"shape":[8,8],"pixels":[],"labels":[]},"check":{"images":[],"labels":[],"eps":[],"loss":0.5}}}}"#,
        r#"{"id":7,"body":{"Decode":{"z":[0,0,0,63,0,0,128,191],"conditioning":[]}}}"#,
        r#"{"Hello":{"protocol":9,"backend":"flex"}}"#,
        r#"{"Response":{"id":1,"body":{"Ok":{"Decoded":{"pixels":[1,2]}}}}}"#,
        r#"{"Response":{"id":1,"body":{"Err":{"code":"bad-model","message":"m"}}}}"#,
        r#"{"Event":{"Checkpoint":{"step":1,"seconds":2.5,"bytes":[1]}}}"#,
        r#"{"id":3,"z":[1,2.5]}"#,
    ]
}
