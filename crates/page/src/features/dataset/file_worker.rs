//! Asks the intake worker, and puts what it answers where it belongs.

use crate::client::worker::BUILD_ID;
use crate::dom::files;
use crate::features::dataset::file_import::FileImport;
use crate::features::dataset::image_set::ImageSet;
use leptos::prelude::{GetUntracked as _, Set as _, Update as _};
use protocol::{
    Envelope, FileMessage, FileRequest, FileResponse, NamedFile, PROTOCOL_VERSION, ReadImages,
    RequestId, SheetBox, SheetFound, WorkerMessage,
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::{Rc, Weak},
};
use web_sys::File;

/// Handle to the intake; clones are the same one.
#[derive(Clone)]
pub(crate) struct IntakeClient(Rc<RefCell<Inner>>);

struct Inner {
    me: Weak<RefCell<Inner>>,
    view: FileImport,
    digits: ImageSet,
    worker: Option<Box<dyn worker::Port<Envelope<FileRequest>>>>,
    /// Whether the worker has said that it listens.
    listens: bool,
    /// What waits until it does.
    queue: Vec<Envelope<FileRequest>>,
    /// What was asked and by which words an unanswered request is called.
    asked: BTreeMap<RequestId, Asked>,
    last_id: RequestId,
}

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Digits, `[n × 784]`; or a file.
    pub(crate) bytes: Vec<u8>,
    /// A label for each digit.
    pub(crate) labels: Vec<u8>,
}

/// What is done with it, or with the reason why there is none.
type OnTaken = Box<dyn FnOnce(Result<Taken, String>)>;

/// A request that is not answered yet.
struct Asked {
    /// What it is about, for a message.
    what: String,
    /// Who gets what comes of it, in place of the set of digits.
    to: Option<OnTaken>,
}

impl IntakeClient {
    /// An intake that puts digits into `digits`. Starts nothing before it is asked.
    pub(crate) fn new(view: FileImport, digits: ImageSet) -> Self {
        Self(Rc::new_cyclic(|me| {
            RefCell::new(Inner {
                me: me.clone(),
                view,
                digits,
                worker: None,
                listens: false,
                queue: Vec::new(),
                asked: BTreeMap::new(),
                last_id: 0,
            })
        }))
    }

    /// Reads files that were brought together.
    pub(crate) fn bring(&self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        let me = self.clone();
        let view = self.0.borrow().view;
        view.waiting.update(|waiting| *waiting += 1);
        wasm_bindgen_futures::spawn_local(async move {
            let mut read = Vec::new();
            for file in &files {
                match files::read(file).await {
                    Ok(file) => read.push(file),
                    Err(reason) => view.report(file.name(), reason),
                }
            }
            view.waiting.update(|waiting| *waiting -= 1);
            if !read.is_empty() {
                me.read(read);
            }
        });
    }

    /// Reads files whose bytes are here.
    pub(crate) fn read(&self, files: Vec<NamedFile>) {
        let what = match files.as_slice() {
            [file] => file.name.clone(),
            files => format!("{} files", files.len()),
        };
        let asked = Asked::about(what);
        self.0.borrow_mut().ask(asked, FileRequest::Read { files });
    }

    /// Makes digits of a picture for `done`, rather than for the set.
    pub(crate) fn prepare_file(
        &self,
        file: NamedFile,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        self.take(vec![file], |taken| done(taken.map(bytes)));
    }

    /// Reads files for `done`, rather than for the set: digits with their labels.
    pub(crate) fn take(
        &self,
        files: Vec<NamedFile>,
        done: impl FnOnce(Result<Taken, String>) + 'static,
    ) {
        let name = files.first().map(|file| file.name.clone());
        let asked = Asked::to(name.unwrap_or_default(), done);
        self.0.borrow_mut().ask(asked, FileRequest::Read { files });
    }

    /// Adds the digits of a sheet, or dismisses it when there are no boxes.
    pub(crate) fn cut(&self, sheet: &SheetFound, boxes: Vec<SheetBox>) {
        let mut inner = self.0.borrow_mut();
        inner
            .view
            .sheets
            .update(|sheets| sheets.retain(|other| other.sheet != sheet.sheet));
        inner.cut(sheet, boxes);
    }

    /// Makes an animated GIF of pictures, `[n × side × side]` grey values, each of which stands for so many
    /// hundredths of a second.
    pub(crate) fn animate(
        &self,
        pixels: Vec<u8>,
        side: usize,
        (times, delay): (usize, u16),
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let asked = Asked::to("the walk".to_owned(), |taken| done(taken.map(bytes)));
        let request = FileRequest::EncodeGif {
            pixels,
            side,
            scale: times,
            delay,
        };
        self.0.borrow_mut().ask(asked, request);
    }

    /// Turns a PyTorch checkpoint into safetensors.
    pub(crate) fn convert(
        &self,
        file: NamedFile,
        done: impl FnOnce(Result<Vec<u8>, String>) + 'static,
    ) {
        let asked = Asked::to(file.name, |taken| done(taken.map(bytes)));
        let checkpoint = file.bytes;
        self.0
            .borrow_mut()
            .ask(asked, FileRequest::ConvertCheckpoint { checkpoint });
    }
}

impl Asked {
    fn about(what: String) -> Self {
        Self { what, to: None }
    }

    fn to(what: String, done: impl FnOnce(Result<Taken, String>) + 'static) -> Self {
        Self {
            to: Some(Box::new(done)),
            ..Self::about(what)
        }
    }
}

impl Inner {
    fn ask(&mut self, asked: Asked, body: FileRequest) {
        self.last_id += 1;
        self.asked.insert(self.last_id, asked);
        self.view.waiting.update(|waiting| *waiting += 1);
        let id = self.last_id;
        self.queue.push(Envelope { id, body });
        if self.worker.is_none() {
            self.start();
        }
        self.pump();
    }

    fn start(&mut self) {
        let me = self.me.clone();
        let url = format!("./intake-worker.js?v={BUILD_ID}");
        let spawned = worker::spawn(
            &url,
            "intake",
            Box::new(move |message| {
                if let Some(inner) = me.upgrade() {
                    inner.borrow_mut().received(message);
                }
            }),
        );
        match spawned {
            Ok(worker) => self.worker = Some(worker),
            Err(why) => self.broke(&why),
        }
    }

    fn pump(&mut self) {
        if !self.listens {
            return;
        }
        let Some(worker) = &self.worker else { return };
        let posted: Vec<_> = self
            .queue
            .drain(..)
            .map(|request| (request.id, worker.post(&request)))
            .collect();
        for (id, result) in posted {
            if let Err(why) = result {
                self.failed(id, &why);
            }
        }
    }

    fn received(&mut self, message: Result<FileMessage, String>) {
        match message {
            Err(why) => self.broke(&why),
            Ok(WorkerMessage::Hello { protocol, .. }) if protocol == PROTOCOL_VERSION => {
                self.listens = true;
                self.pump();
            }
            Ok(WorkerMessage::Hello { .. }) => {
                self.broke("it is of another version than the page; reload the page");
            }
            Ok(WorkerMessage::Failed(error)) => self.broke(&error.message),
            Ok(WorkerMessage::Event(event)) => match event {},
            Ok(WorkerMessage::Response(Envelope { id, body })) => match body {
                Ok(FileResponse::Images(images)) => self.took(id, images),
                Ok(FileResponse::File { bytes }) => {
                    if let Some(done) = self.answered(id).and_then(|asked| asked.to) {
                        done(Ok(Taken {
                            bytes,
                            ..Taken::default()
                        }));
                    }
                }
                Err(error) => self.failed(id, &error.message),
            },
        }
    }

    fn took(&mut self, id: RequestId, images: ReadImages) {
        let ReadImages {
            pixels,
            labels,
            sheets,
            problems,
        } = images;
        let Some(asked) = self.answered(id) else {
            return;
        };
        if let Some(done) = asked.to {
            for sheet in &sheets {
                // Nobody will cut it.
                self.cut(sheet, Vec::new());
            }
            return done(match problems.into_iter().next() {
                Some(problem) => Err(problem.reason),
                None if !sheets.is_empty() => {
                    Err("there are several digits on it; cut one out".to_owned())
                }
                None if pixels.is_empty() => Err("there is nothing on it".to_owned()),
                None => Ok(Taken {
                    bytes: pixels,
                    labels,
                }),
            });
        }
        self.view.problems.update(|all| all.extend(problems));
        self.view.sheets.update(|all| all.extend(sheets));
        if !labels.is_empty()
            && let Err(reason) = self.digits.add(&pixels, &labels)
        {
            self.view.report(asked.what, reason);
        }
    }

    /// Has these digits cut out of a sheet, which the worker then forgets.
    fn cut(&mut self, sheet: &SheetFound, boxes: Vec<SheetBox>) {
        let number = sheet.sheet;
        let asked = Asked::about(sheet.file.clone());
        self.ask(
            asked,
            FileRequest::CutSheet {
                sheet: number,
                boxes,
            },
        );
    }

    fn answered(&mut self, id: RequestId) -> Option<Asked> {
        let asked = self.asked.remove(&id)?;
        let waiting = self.view.waiting.get_untracked();
        self.view.waiting.set(waiting.saturating_sub(1));
        Some(asked)
    }

    fn failed(&mut self, id: RequestId, reason: &str) {
        let Some(asked) = self.answered(id) else {
            return;
        };
        match asked.to {
            Some(done) => done(Err(reason.to_owned())),
            None => self.view.report(asked.what, reason),
        }
    }

    /// The worker is of no further use; the next request starts another.
    fn broke(&mut self, why: &str) {
        if let Some(worker) = self.worker.take() {
            // Later, because one of its listeners may be what is running just now.
            wasm_bindgen_futures::spawn_local(async move { drop(worker) });
        }
        self.listens = false;
        self.queue.clear();
        let unanswered: Vec<_> = self.asked.keys().copied().collect();
        for id in unanswered {
            self.failed(
                id,
                &format!("reading it failed: {why}. The rest is as it was"),
            );
        }
    }
}

fn bytes(taken: Taken) -> Vec<u8> {
    taken.bytes
}
