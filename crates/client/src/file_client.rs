//! The client of the file worker. The worker is started with the first request, and again after a crash.

use crate::platform::{FilePort, Platform};
use futures_channel::oneshot;
use protocol::{
    Envelope, FileMessage, FileRequest, FileResponse, ImageShape, NamedFile, PROTOCOL_VERSION,
    ReadImages, ReadOptions, RequestId, SheetBox, WorkerMessage,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    rc::{Rc, Weak},
};
use worker::{Attachment, Bytes};

/// Handle to the client; clones are the same client. Errors are to be shown to the user.
#[derive(Clone)]
pub struct FileClient(Rc<RefCell<Inner>>);

/// What was read from files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadFiles {
    /// Everything but the pixels.
    pub images: ReadImages,
    /// The pixels, in blocks of whole images, each `[n × height × width × channels]`.
    pub blocks: Vec<Bytes>,
}

impl ReadFiles {
    /// All pixels, `[n × height × width × channels]`.
    pub fn pixels(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(Bytes::to_vec).collect()
    }
}

struct Inner {
    me: Weak<RefCell<Inner>>,
    platform: Rc<dyn Platform>,
    port: Option<FilePort>,
    /// Whether the worker listens.
    is_listening: bool,
    /// Requests to be sent as soon as it listens, with the files attached to each.
    waiting: Vec<(Envelope<FileRequest>, Vec<Attachment>)>,
    in_flight: BTreeMap<RequestId, oneshot::Sender<Result<Reply, String>>>,
    last_request: RequestId,
    /// The sheets that the worker keeps until they are cut.
    sheets: BTreeSet<u32>,
}

/// Size of images in bytes after which the worker is replaced: its memory never shrinks.
const LARGE_BYTES: usize = 16 << 20;

impl FileClient {
    /// A client that starts no worker yet.
    pub fn new(platform: Rc<dyn Platform>) -> Self {
        Self(Rc::new_cyclic(|me| {
            RefCell::new(Inner {
                me: me.clone(),
                platform,
                port: None,
                is_listening: false,
                waiting: Vec::new(),
                in_flight: BTreeMap::new(),
                last_request: 0,
                sheets: BTreeSet::new(),
            })
        }))
    }

    /// Reads images from files that were selected together.
    pub fn read(
        &self,
        files: Vec<NamedFile>,
        options: ReadOptions,
    ) -> impl Future<Output = Result<ReadFiles, String>> + use<> {
        images(self.request(FileRequest::Read {
            files,
            attached: Vec::new(),
            options,
        }))
    }

    /// Reads images from files of the browser that were selected together, each with its name or path. The worker reads
    /// them piece by piece.
    pub fn read_attached(
        &self,
        files: Vec<(String, Attachment)>,
        options: ReadOptions,
    ) -> impl Future<Output = Result<ReadFiles, String>> + use<> {
        let (attached, attachments) = files.into_iter().unzip();
        let request = FileRequest::Read {
            files: Vec::new(),
            attached,
            options,
        };
        images(self.0.borrow_mut().request(request, attachments))
    }

    /// Cuts digits out of a sheet, which is then discarded.
    pub fn cut_sheet(
        &self,
        sheet: u32,
        boxes: Vec<SheetBox>,
    ) -> impl Future<Output = Result<ReadFiles, String>> + use<> {
        images(self.request(FileRequest::CutSheet { sheet, boxes }))
    }

    /// Converts a PyTorch checkpoint to safetensors.
    pub fn convert_checkpoint(
        &self,
        checkpoint: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        file(self.request(FileRequest::ConvertCheckpoint { checkpoint }))
    }

    /// Converts the decoder and the encoder of a model, in any order, to one safetensors file.
    pub fn convert_pair(
        &self,
        files: [NamedFile; 2],
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        file(self.request(FileRequest::ConvertPair { files }))
    }

    /// Writes a model as ONNX: "decoder.onnx", and "encoder.onnx" if it has an encoder.
    pub fn export_onnx(
        &self,
        card: String,
        weights: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<NamedFile>, String>> + use<> {
        files(self.request(FileRequest::ExportOnnx { card, weights }))
    }

    /// Writes a PyTorch project as a ZIP archive, by a [`FileRequest::ExportProject`].
    pub fn export_project(
        &self,
        request: FileRequest,
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        file(self.request(request))
    }

    /// Encodes images, `[n, height, width, channels]`, as an animated GIF, each magnified by `scale` and shown for `delay`
    /// hundredths of a second.
    pub fn encode_gif(
        &self,
        pixels: Vec<u8>,
        shape: ImageShape,
        (scale, delay): (usize, u16),
    ) -> impl Future<Output = Result<Vec<u8>, String>> + use<> {
        file(self.request(FileRequest::EncodeGif {
            pixels,
            shape,
            scale,
            delay,
        }))
    }

    fn request(&self, body: FileRequest) -> PendingResponse {
        self.0.borrow_mut().request(body, Vec::new())
    }
}

/// A response with the bytes that were sent beside it.
type Reply = (FileResponse, Vec<Bytes>);

type PendingResponse = oneshot::Receiver<Result<Reply, String>>;

async fn images(pending: PendingResponse) -> Result<ReadFiles, String> {
    match response(pending).await? {
        (FileResponse::Images(mut images), mut blocks) => {
            let within = std::mem::take(&mut images.blocks).into_iter();
            blocks.extend(within.map(|block| Bytes::from(block.into_vec())));
            Ok(ReadFiles { images, blocks })
        }
        (FileResponse::File { .. } | FileResponse::Files { .. }, _) => Err(unexpected()),
    }
}

async fn file(pending: PendingResponse) -> Result<Vec<u8>, String> {
    match response(pending).await? {
        (FileResponse::File { bytes }, _) => Ok(bytes),
        (FileResponse::Images(_) | FileResponse::Files { .. }, _) => Err(unexpected()),
    }
}

async fn files(pending: PendingResponse) -> Result<Vec<NamedFile>, String> {
    match response(pending).await? {
        (FileResponse::Files { files }, _) => Ok(files),
        (FileResponse::Images(_) | FileResponse::File { .. }, _) => Err(unexpected()),
    }
}

async fn response(pending: PendingResponse) -> Result<Reply, String> {
    // The sender is kept until the response arrives or the worker is lost.
    pending.await.unwrap_or_else(|_| Err(unexpected()))
}

fn unexpected() -> String {
    "the worker sent an unexpected response".to_owned()
}

impl Inner {
    fn request(&mut self, body: FileRequest, attachments: Vec<Attachment>) -> PendingResponse {
        let (sender, pending) = oneshot::channel();
        self.last_request += 1;
        let id = self.last_request;
        if let FileRequest::CutSheet { sheet, .. } = &body {
            self.sheets.remove(sheet);
        }
        self.in_flight.insert(id, sender);
        self.waiting.push((Envelope { id, body }, attachments));
        if self.port.is_none() {
            self.start();
        }
        self.send_waiting();
        pending
    }

    fn start(&mut self) {
        let me = self.me.clone();
        let started = self.platform.start_file_worker(Box::new(move |message| {
            if let Some(inner) = me.upgrade() {
                inner.borrow_mut().handle_message(message);
            }
        }));
        match started {
            Ok(port) => self.port = Some(port),
            Err(reason) => self.lost(&reason),
        }
    }

    fn send_waiting(&mut self) {
        let Some(port) = self.port.as_ref().filter(|_| self.is_listening) else {
            return;
        };
        for (request, attachments) in self.waiting.drain(..) {
            if let Err(reason) = port.post_with(&request, &attachments)
                && let Some(sender) = self.in_flight.remove(&request.id)
            {
                sender.send(Err(reason)).ok();
            }
        }
    }

    fn handle_message(&mut self, message: Result<(FileMessage, Vec<Bytes>), String>) {
        let (message, blocks) = match message {
            Ok((message, blocks)) => (Ok(message), blocks),
            Err(reason) => (Err(reason), Vec::new()),
        };
        match message {
            Ok(WorkerMessage::Hello { protocol, .. }) if protocol == PROTOCOL_VERSION => {
                self.is_listening = true;
                self.send_waiting();
            }
            Ok(WorkerMessage::Hello { .. }) => {
                self.lost("its version differs from the page's; reload the page");
            }
            Ok(WorkerMessage::Response(Envelope { id, body })) => {
                let mut bytes = 0;
                if let Ok(FileResponse::Images(images)) = &body {
                    self.sheets
                        .extend(images.sheets.iter().map(|found| found.sheet));
                    bytes = blocks.iter().map(Bytes::len).sum();
                }
                if let Some(sender) = self.in_flight.remove(&id) {
                    // The receiver may have been dropped.
                    let reply = body.map(|response| (response, blocks));
                    sender.send(reply.map_err(|error| error.message)).ok();
                }
                if bytes > LARGE_BYTES && self.in_flight.is_empty() && self.sheets.is_empty() {
                    self.stop();
                }
            }
            Ok(WorkerMessage::Event(event)) => match event {},
            Ok(WorkerMessage::Failed(error)) => self.lost(&error.message),
            Err(reason) => self.lost(&reason),
        }
    }

    /// The worker can no longer be used; the next request starts another one.
    fn lost(&mut self, reason: &str) {
        self.stop();
        self.sheets.clear();
        self.waiting.clear();
        for (_, sender) in std::mem::take(&mut self.in_flight) {
            let message = format!("reading failed: {reason}. Everything else is unchanged");
            sender.send(Err(message)).ok();
        }
    }
}

impl Inner {
    /// Terminates the worker.
    fn stop(&mut self) {
        if let Some(port) = self.port.take() {
            // Dropped in a later task, because its listener may be running.
            self.platform.spawn(Box::pin(async move { drop(port) }));
        }
        self.is_listening = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_browser::{FakeBrowser, poll};
    use protocol::{RequestError, SheetFound};

    fn listen(browser: &FakeBrowser) {
        let hello = WorkerMessage::Hello {
            protocol: PROTOCOL_VERSION,
            backend: None,
        };
        browser.file_worker().send((hello, vec![]));
    }

    #[test]
    fn file_client_starts_a_worker_with_the_first_request_and_waits_until_it_listens() {
        let browser = Rc::new(FakeBrowser::default());
        let client = FileClient::new(browser.clone());
        let mut gif = Box::pin(client.encode_gif(vec![0; 4], ImageShape::grey(2, 2), (3, 10)));
        assert!(browser.file_worker().take_requests().is_empty());
        listen(&browser);
        let requests = browser.file_worker().take_requests();
        assert!(matches!(
            requests[0].body,
            FileRequest::EncodeGif { scale: 3, .. }
        ));
        assert_eq!(poll(&mut gif), None);
        let body = Ok(FileResponse::File { bytes: vec![1] });
        let id = requests[0].id;
        let response = WorkerMessage::Response(Envelope { id, body });
        browser.file_worker().send((response, vec![]));
        assert_eq!(poll(&mut gif), Some(Ok(vec![1])));
    }

    #[test]
    fn file_client_attaches_files_of_the_browser() {
        let browser = Rc::new(FakeBrowser::default());
        let client = FileClient::new(browser.clone());
        let files = ["7/a.png", "b.zip"].map(|path| (path.to_owned(), Attachment::default()));
        let _read = client.read_attached(files.to_vec(), ReadOptions::default());
        listen(&browser);
        let requests = browser.file_worker().take_requests();
        let FileRequest::Read { attached, .. } = &requests[0].body else {
            panic!("{requests:?}")
        };
        assert_eq!(attached, &["7/a.png", "b.zip"]);
        assert_eq!(browser.file_worker().attachments(), 2);
    }

    #[test]
    fn file_client_replaces_the_worker_after_large_sets_unless_it_keeps_a_sheet() {
        let browser = Rc::new(FakeBrowser::default());
        let client = FileClient::new(browser.clone());
        let respond = |worker: &crate::fake_browser::FileWorker, images| {
            let id = worker.take_requests()[0].id;
            let body = Ok(FileResponse::Images(images));
            let large = Bytes::from(vec![0; LARGE_BYTES + 1]);
            worker.send((WorkerMessage::Response(Envelope { id, body }), vec![large]));
            browser.run();
        };
        let large = ReadImages::default();
        let sheet = SheetFound {
            sheet: 1,
            file: "sheet.jpg".into(),
            width: 1,
            height: 1,
            pixels: vec![0],
            boxes: vec![],
        };
        let with_sheet = ReadImages {
            sheets: vec![sheet],
            ..large.clone()
        };
        let mut read = Box::pin(client.read(vec![], ReadOptions::default()));
        listen(&browser);
        let worker = browser.file_worker();
        respond(&worker, with_sheet);
        assert!(!worker.is_terminated(), "it keeps the sheet");
        let Some(Ok(files)) = poll(&mut read) else {
            panic!("read")
        };
        assert_eq!(files.pixels().len(), LARGE_BYTES + 1);
        let _cut = client.cut_sheet(1, vec![]);
        respond(&worker, large);
        assert!(worker.is_terminated());
        let _again = client.read(vec![], ReadOptions::default());
        listen(&browser);
        assert_eq!(browser.file_worker().take_requests().len(), 1);
    }

    #[test]
    fn file_client_passes_on_errors_and_replaces_a_crashed_worker() {
        let browser = Rc::new(FakeBrowser::default());
        let client = FileClient::new(browser.clone());
        let mut cut = Box::pin(client.cut_sheet(1, vec![]));
        listen(&browser);
        let id = browser.file_worker().take_requests()[0].id;
        let body = Err(RequestError::bad_request("no such sheet"));
        let response = WorkerMessage::Response(Envelope { id, body });
        browser.file_worker().send((response, vec![]));
        assert_eq!(poll(&mut cut), Some(Err("no such sheet".to_owned())));

        let mut read = Box::pin(client.read(vec![], ReadOptions::default()));
        let crashed = browser.file_worker();
        crashed.crash("out of memory");
        browser.run();
        assert!(crashed.is_terminated());
        let Some(Err(message)) = poll(&mut read) else {
            panic!("must fail")
        };
        assert!(message.contains("out of memory"), "{message}");
        let _again = client.read(vec![], ReadOptions::default());
        listen(&browser);
        assert_eq!(browser.file_worker().take_requests().len(), 1);
    }
}
