//! A worker in memory, for tests.

use crate::{Attachment, Bytes, OnMessage, Port};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// A worker whose messages a test sends, and whose requests a test reads. Clones are the same worker.
pub struct FakeWorker<Request, Message>(Rc<State<Request, Message>>);

struct State<Request, Message> {
    name: String,
    on_message: OnMessage<Message>,
    requests: RefCell<Vec<Request>>,
    attachments: Cell<usize>,
    bytes: RefCell<Vec<Bytes>>,
    port: Rc<()>,
}

/// The port that the code under test owns.
struct FakePort<Request, Message> {
    worker: FakeWorker<Request, Message>,
    _alive: Rc<()>,
}

impl<Request, Message> Clone for FakeWorker<Request, Message> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Request: Clone + 'static, Message: 'static> FakeWorker<Request, Message> {
    /// Starts a worker, and returns it with the port to it.
    pub fn start(name: &str, on_message: OnMessage<Message>) -> (Self, Box<dyn Port<Request>>) {
        let worker = Self(Rc::new(State {
            name: name.to_owned(),
            on_message,
            requests: RefCell::default(),
            attachments: Cell::default(),
            bytes: RefCell::default(),
            port: Rc::new(()),
        }));
        let port = FakePort {
            worker: worker.clone(),
            _alive: worker.0.port.clone(),
        };
        (worker, Box::new(port))
    }

    /// The name that it was started under.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The requests since the last call, oldest first.
    pub fn take_requests(&self) -> Vec<Request> {
        self.0.requests.take()
    }

    /// Number of objects that were attached to the last request.
    pub fn attachments(&self) -> usize {
        self.0.attachments.get()
    }

    /// The bytes that were sent with the last request that had some.
    pub fn bytes(&self) -> Vec<u8> {
        self.0
            .bytes
            .borrow()
            .iter()
            .flat_map(Bytes::to_vec)
            .collect()
    }

    /// Sends a message to the worker's owner, unless the worker was terminated.
    pub fn send(&self, message: Message) {
        if !self.is_terminated() {
            (self.0.on_message)(Ok(message));
        }
    }

    /// Makes the worker fail for this reason.
    pub fn crash(&self, reason: &str) {
        if !self.is_terminated() {
            (self.0.on_message)(Err(reason.to_owned()));
        }
    }

    /// Whether its owner has terminated it.
    pub fn is_terminated(&self) -> bool {
        Rc::strong_count(&self.0.port) == 1
    }
}

impl<Request: Clone + 'static, Message: 'static> Port<Request> for FakePort<Request, Message> {
    fn post(&self, request: &Request) -> Result<(), String> {
        self.worker.0.requests.borrow_mut().push(request.clone());
        Ok(())
    }

    fn post_with(&self, request: &Request, attachments: &[Attachment]) -> Result<(), String> {
        self.worker.0.attachments.set(attachments.len());
        self.post(request)
    }

    fn post_with_bytes(
        &self,
        request: &Request,
        _: &[&str],
        bytes: &[Bytes],
    ) -> Result<(), String> {
        self.worker.0.bytes.replace(bytes.to_vec());
        self.post(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fake_worker_passes_messages_until_its_port_is_dropped() {
        let received = Rc::new(RefCell::new(Vec::new()));
        let sink = received.clone();
        let (worker, port) = FakeWorker::<u8, char>::start(
            "fake",
            Box::new(move |message| sink.borrow_mut().push(message)),
        );
        port.post(&3).expect("sends");
        assert_eq!(worker.take_requests(), [3]);
        worker.send('a');
        worker.crash("broken");
        assert!(!worker.is_terminated());
        drop(port);
        assert!(worker.is_terminated());
        worker.send('b');
        assert_eq!(*received.borrow(), [Ok('a'), Err("broken".to_owned())]);
    }
}
